"""The keyed draws: the published generator, uniform and independent along every part of the key."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partystate import record
from partystate.foundation import draws
from partystate.model import catalogue
from tests.laws.power import Case

MANY = 1 << 16
IDS = np.arange(MANY, dtype=np.uint64)
WORDS = st.integers(0, 2**32 - 1)
ONES = 0xFFFFFFFF
# The known-answer tests published with Philox4x32-10: counter, key, result.
PUBLISHED = (
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((ONES,) * 4, (ONES,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
)
FIVE_SIGMA = 5.0  # the keys below are fixed, so that a test passes always or never


def by_hand(counter, key) -> tuple[int, ...]:
    """Philox4x32-10 in plain whole numbers, written from the paper."""
    c, (k0, k1) = list(counter), key
    for _ in range(10):
        high0, low0 = divmod(0xD2511F53 * c[0], 1 << 32)
        high1, low1 = divmod(0xCD9E8D57 * c[2], 1 << 32)
        c = [high1 ^ c[1] ^ k0, low1, high0 ^ c[3] ^ k1, low0]
        k0, k1 = (k0 + 0x9E3779B9) & ONES, (k1 + 0xBB67AE85) & ONES
    return tuple(c)


def compiled(counter, key) -> tuple[int, ...]:
    return tuple(int(word) for word in draws.philox(*(np.uint64(word) for word in (*counter, *key))))


@pytest.mark.parametrize(("counter", "key", "result"), PUBLISHED)
def test_published_answers(counter, key, result):
    assert by_hand(counter, key) == result
    assert compiled(counter, key) == result


@given(counter=st.tuples(WORDS, WORDS, WORDS, WORDS), key=st.tuples(WORDS, WORDS))
def test_the_kernel_is_the_published_function(counter, key):
    assert compiled(counter, key) == by_hand(counter, key)


@given(
    seed=st.integers(0, 2**64 - 1),
    month=st.integers(0, 2**16 - 1),
    entity=st.integers(0, 2**64 - 1),
    k=st.integers(0, 2**16 - 1),
)
def test_every_part_of_the_key_has_bits_of_its_own(seed, month, entity, k):
    """Seed is the key; decision, month with k, and entity are the counter, none cut off and none overlapping."""
    counter = (draws.decision_code("test.key"), month | k << 16, entity & ONES, entity >> 32)
    a, b, c, d = by_hand(counter, (seed & ONES, seed >> 32))
    assert draws.uniform(seed, "test.key", month, entity, k)[0] == ((a << 32 | b) >> 11) / 2**53
    stream = draws.stream(seed, "test.key", month)
    assert int(draws.bits(stream, np.uint64(entity), k)) == c << 32 | d


def test_draws_do_not_depend_on_their_company():
    together = draws.uniform(3, "test.company", 7, IDS)
    backwards = draws.uniform(3, "test.company", 7, IDS[::-1])
    np.testing.assert_array_equal(together, backwards[::-1])
    np.testing.assert_array_equal(together[100:200], draws.uniform(3, "test.company", 7, IDS[100:200]))
    assert together[41] == draws.uniform(3, "test.company", 7, 41)[0]


def chi_square(counts: np.ndarray) -> float:
    """Chi-square of equal chances, in standard deviations from its expectation."""
    expected = counts.sum() / counts.size
    freedom = counts.size - 1
    return float((np.square(counts - expected).sum() / expected - freedom) / np.sqrt(2 * freedom))


@pytest.mark.parametrize("seed", [0, 1, 2**32, 2**64 - 1])
@pytest.mark.parametrize("decision", ["appointments.vacancy", "membership.member", "parameters"])
def test_uniforms_are_uniform(seed, decision):
    u = draws.uniform(seed, decision, 100, IDS)
    assert u.min() >= 0
    assert u.max() < 1
    assert abs(chi_square(np.bincount((u * 256).astype(int), minlength=256))) < FIVE_SIGMA
    last = (u * 2**53).astype(np.uint64) & np.uint64(255)
    assert abs(chi_square(np.bincount(last.astype(int), minlength=256))) < FIVE_SIGMA
    assert abs(u.mean() - 0.5) < FIVE_SIGMA / np.sqrt(12 * MANY)


def test_the_test_of_uniformity_can_fail():
    u = draws.uniform(0, "test.squared", 0, IDS) ** 1.05
    assert chi_square(np.bincount((u * 256).astype(int), minlength=256)) > FIVE_SIGMA


def streams() -> dict[str, np.ndarray]:
    """One draw for each entity, and the same with one part of the key moved by the smallest step."""
    base = {"seed": 1, "decision": "test.one", "month": 5, "entities": IDS, "k": 0}
    moved = {
        "seed": 2,
        "seed beyond 32 bits": {"seed": 1 + 2**32},
        "decision": "test.two",
        "month": 6,
        "entities": IDS + np.uint64(MANY),
        "entities beyond 32 bits": {"entities": IDS + np.uint64(2**32)},
        "k": 1,
        "k for month": {"month": 4, "k": 1},
    }
    changes = {name: change if isinstance(change, dict) else {name: change} for name, change in moved.items()}
    return {"base": draws.uniform(**base)} | {name: draws.uniform(**{**base, **c}) for name, c in changes.items()}


@pytest.mark.parametrize(("one", "other"), list(combinations(streams(), 2)))
def test_draws_with_different_keys_are_independent(one, other):
    u, v = streams()[one], streams()[other]
    assert (u != v).all()
    assert abs(correlation(u, v)) < FIVE_SIGMA
    square = np.bincount((u * 16).astype(int) * 16 + (v * 16).astype(int), minlength=256)
    assert abs(chi_square(square)) < FIVE_SIGMA


@pytest.mark.parametrize("lag", [1, 2, 7, 12])
def test_neighbours_in_time_and_number_are_independent(lag):
    along_entities = draws.uniform(1, "test.lag", 0, IDS)
    along_months = np.array([draws.uniform(1, "test.lag", month, 9)[0] for month in range(4096)])
    along_k = np.array([draws.uniform(1, "test.lag", 0, 9, k)[0] for k in range(4096)])
    for u in (along_entities, along_months, along_k):
        assert abs(correlation(u[:-lag], u[lag:])) < FIVE_SIGMA


def correlation(u: np.ndarray, v: np.ndarray) -> float:
    """Correlation in standard deviations under independence."""
    return float(np.corrcoef(u, v)[0, 1] * np.sqrt(u.size))


def test_one_changed_bit_of_an_id_changes_half_of_the_bits():
    stream = draws.stream(1, "test.avalanche", 0)
    changed = []
    for place in range(64):
        for entity in range(200):
            one = int(draws.bits(stream, np.uint64(entity), 0))
            other = int(draws.bits(stream, np.uint64(entity ^ 1 << place), 0))
            changed.append((one ^ other).bit_count())
    assert np.mean(changed) == pytest.approx(32, abs=FIVE_SIGMA * 4 / np.sqrt(len(changed)))


@given(low=st.floats(0, 1), high=st.floats(0, 1), seed=st.integers(0, 2**64 - 1))
def test_a_higher_chance_only_adds_successes(low, high, seed):
    u = draws.uniform(seed, "test.coupling", 3, IDS[:512])
    low, high = sorted((low, high))
    assert not ((u < low) & ~(u < high)).any()
    assert not (u < 0).any()
    assert (u < 1).all()


def test_a_higher_chance_of_vacancy_only_adds_vacancies():
    """The same in the model: one month, one seed, two rates."""
    vacated = []
    for rate in (0.01, 0.03):
        simulation = Case(8, changes={"appointments.vacancy": rate}, scale=20_000).start()
        simulation.step()
        vacated.append(set(np.flatnonzero(simulation.world.now["post.since"] == 0).tolist()))
    assert vacated[0] < vacated[1]


def test_ids_are_distinct():
    tables = record.load().founding
    named = [row["person"] for row in tables["leaders"]]
    named += [row["office"] for row in tables["offices"]] + [row["region"] for row in tables["organisations"]]
    named += list(record.load().parameters)
    assert len({draws.entity_id(name) for name in named}) == len(set(named))
    now = Case(1, scale=1_000).start().world.now
    for column in ("leader.id", "post.id"):
        assert np.unique(now[column]).size == now[column].size


def test_ids_of_those_who_come_later_are_distinct():
    simulation = Case(1).start(details=False)
    simulation.run(30)
    now = simulation.world.now
    members = np.concatenate([leaf[:n] for leaf, n in zip(now["member.id"], now["member.rows"], strict=True)])
    everybody = np.concatenate([members, now["post.holder"], now["leader.id"]])
    assert np.unique(everybody).size == everybody.size


def test_no_two_decisions_share_a_code():
    names = [f"{m.name}.{decision}" for m in catalogue.mechanisms().values() for decision in m.draws]
    assert len(names) > 20
    assert len({draws.decision_code(name) for name in names}) == len(names)


# --- orders for stratified draws --------------------------------------------------------------------------------
SHUFFLES = 300


def ranks(keys, n: int) -> np.ndarray:
    """(key, n) the order that each key makes."""
    return np.array([[draws.order(np.uint64(key), n, i) for i in range(n)] for key in keys])


def keys(seed: int) -> list[int]:
    stream = draws.stream(seed, "test.order", 0)
    return [int(draws.bits(stream, np.uint64(k), 0)) for k in range(SHUFFLES)]


@given(st.integers(0, 2**64 - 1), st.integers(1, 700))
def test_an_order_takes_each_place_once(key, n):
    assert sorted(draws.order(np.uint64(key), n, i) for i in range(n)) == list(range(n))


@pytest.mark.parametrize("n", [45, 64, 250])
def test_orders_of_different_keys_are_independent(n):
    """Correlations spread as those of shuffles do, by the root of n - 1, between keys and from place to place."""
    made = ranks(keys(1), n)
    between = np.corrcoef(made)[np.triu_indices(SHUFFLES, 1)]
    assert between.std() * np.sqrt(n - 1) == pytest.approx(1, abs=0.05)
    assert np.abs(between).max() * np.sqrt(n - 1) < 6
    along = np.array([np.corrcoef(order[:-1], order[1:])[0, 1] for order in made])
    assert abs(along.mean()) * np.sqrt(n * SHUFFLES) < 5


@pytest.mark.parametrize("n", [45, 64, 250])
def test_no_place_of_an_order_is_favoured(n):
    mean = ranks(keys(2), n).mean(axis=0)
    error = n / np.sqrt(12 * SHUFFLES)
    assert np.abs(mean - (n - 1) / 2).max() < 5 * error
