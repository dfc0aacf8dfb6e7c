"""Do intervals hold the truth as often as they say? Synthetic worlds whose truth is planted, at 95 % and at 80 %."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from partystate.analysis import attribution, contributions, effects
from partystate.analysis.attribution import Attribution, Game, all_coalitions
from partystate.analysis.intervals import Z80, Z95

HELD = {Z95: (0.92, 0.98), Z80: (0.75, 0.85)}
LEVELS = pytest.mark.parametrize("z", [Z95, Z80], ids=["95", "80"])
WORLDS = 400
RUNS = 80

PLAYERS = ("A", "B", "idle")
# The chance of the outcome: a base, two effects, what the two bring together, and a player who changes only the luck.
BASE, A, B, AB = 0.1, 0.2, 0.1, 0.15
TOTAL = A + B + AB
SHAPLEY = {"A": A + AB / 2, "B": B + AB / 2, "idle": 0.0}
NECESSITY = {"A": A + AB, "B": B + AB, "idle": 0.0}
SUFFICIENCY = {"A": A, "B": B, "idle": 0.0}
INTERACTIONS = {("A", "B"): AB, ("A", "idle"): 0.0, ("B", "idle"): 0.0}


def chance_of(on: frozenset[str]) -> float:
    return BASE + A * ("A" in on) + B * ("B" in on) + AB * ({"A", "B"} <= on)


def world(number: int, chance=chance_of, shared: float = 0.5, runs: int = RUNS) -> Game:
    """A stochastic game: in each run and coalition the draw is the run's own, or a new one."""
    rng = np.random.default_rng([1922, number])
    common = rng.random(runs)
    values = {}
    for on in all_coalitions(PLAYERS):
        draw = np.where(rng.random(runs) < shared, common, rng.random(runs))
        values[on] = dict(enumerate((draw < chance(on)).astype(float).tolist()))
    return Game(PLAYERS, values)


@cache
def exact_answers() -> list[Attribution]:
    return [attribution.exact(world(number)) for number in range(WORLDS)]


@cache
def sampled_answers(reverse: bool) -> list[Attribution]:
    """One order a run, or in half as many worlds one and its reverse."""
    walked = attribution.orders(PLAYERS, range(RUNS), reverse)
    return [attribution.sampled(world(number), walked) for number in range(WORLDS // (2 if reverse else 1))]


def held(intervals, truth: float) -> float:
    """The share of intervals that hold the truth."""
    return float(np.mean([one.low <= truth <= one.high for one in intervals]))


def within(share: float, z: float = Z95) -> bool:
    low, high = HELD[z]
    return low <= share <= high


# Two arms ---------------------------------------------------------------------------------------------------------


@LEVELS
@pytest.mark.parametrize(("runs", "p", "q"), [(150, 0.3, 0.42), (200, 0.5, 0.5), (60, 0.2, 0.45)])
def test_paired_chances(z, runs, p, q):
    rng = np.random.default_rng(1)

    def one() -> effects.Effect:
        u = rng.random(runs)
        v = np.where(rng.random(runs) < 0.4, u, rng.random(runs))
        return effects.chance((u < p).astype(float), (v < q).astype(float), z)

    assert within(held([one() for _ in range(WORLDS)], q - p), z)


@LEVELS
@pytest.mark.parametrize(("runs", "shared"), [(5, 0.5), (20, 0.9), (100, 0.0)])
def test_paired_quantities(z, runs, shared):
    rng = np.random.default_rng(2)

    def one() -> effects.Effect:
        common, own = rng.normal(size=runs), rng.normal(size=(2, runs))
        a, b = shared * common + (1 - shared) * own
        return effects.quantity(a, b + 0.7, z)

    assert within(held([one() for _ in range(WORLDS)], 0.7), z)


@LEVELS
def test_levels_of_an_arm(z):
    rng = np.random.default_rng(3)
    shares = [effects.share((rng.random(120) < 0.3).astype(float), z) for _ in range(WORLDS)]
    means = [effects.amount(rng.normal(5, 2, size=30), z) for _ in range(WORLDS)]
    assert within(held(shares, 0.3), z)
    assert within(held(means, 5.0), z)


@pytest.mark.parametrize(("freedom", "narrow", "wide"), [
    (1, 3.0777, 127.321), (2, 1.8856, 14.0890), (4, 1.5332, 5.5976), (9, 1.3830, 3.6897), (29, 1.3114, 3.0380),
])  # fmt: skip
def test_students_deviate_at_other_levels(freedom, narrow, wide):
    """Published tables: two-sided 80 % and 99.5 %."""
    assert effects.student(freedom, Z80) == pytest.approx(narrow, rel=0.001)
    assert effects.student(freedom, 2.807034) == pytest.approx(wide, rel=0.025)


# Attribution ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("player", PLAYERS)
def test_shapley_values_of_planted_effects(player):
    found = [answer.share(player).shapley for answer in exact_answers()]
    assert within(held(found, SHAPLEY[player]))
    assert np.mean([one.mean for one in found]) == pytest.approx(SHAPLEY[player], abs=0.01)
    place = PLAYERS.index(player)
    narrow = [contributions.estimate(answer.contributions[place], Z80) for answer in exact_answers()]
    assert within(held(narrow, SHAPLEY[player]), Z80)


@pytest.mark.slow
@pytest.mark.parametrize("player", PLAYERS)
def test_necessity_and_sufficiency(player):
    shares = [answer.share(player) for answer in exact_answers()]
    assert within(held([share.necessity for share in shares], NECESSITY[player]))
    assert within(held([share.sufficiency for share in shares], SUFFICIENCY[player]))


@pytest.mark.slow
def test_necessity_at_another_level():
    def one(number: int) -> effects.Effect:
        values = world(number).values
        without, everyone = (np.array([*values[frozenset(on)].values()]) for on in (("B", "idle"), PLAYERS))
        return effects.chance(without, everyone, Z80)

    assert within(held([one(number) for number in range(WORLDS)], NECESSITY["A"]), Z80)


@pytest.mark.slow
@LEVELS
def test_parts_of_the_total(z):
    parts = [
        contributions.proportion(answer.contributions[0], answer.contributions.sum(axis=0), True, z)
        for answer in exact_answers()
    ]
    assert within(held(parts, SHAPLEY["A"] / TOTAL), z)
    if z == Z95:
        told = [answer.share("A").of_total for answer in exact_answers()]
        assert [one.low for one in told] == pytest.approx([one.low for one in parts])


@pytest.mark.slow
def test_totals_and_interactions():
    assert within(held([answer.total for answer in exact_answers()], TOTAL))
    for pair, truth in INTERACTIONS.items():
        assert within(held([answer.interactions[pair] for answer in exact_answers()], truth))


@pytest.mark.slow
def test_planted_effects_are_found_and_idle_players_seldom_are():
    answers = exact_answers()
    assert np.mean([found.share("A").shapley.clear for found in answers]) > 0.99
    assert np.mean([found.share("idle").shapley.clear for found in answers]) <= 0.07
    assert np.mean([found.share("idle").necessity.clear for found in answers]) <= 0.07
    assert np.mean([found.interactions["A", "idle"].clear for found in answers]) <= 0.07
    assert all(found.share("idle").moved for found in answers)


@pytest.mark.slow
@pytest.mark.parametrize("reverse", [False, True], ids=["one order", "and its reverse"])
def test_sampled_orders_cover_the_truth(reverse):
    """Balanced orders leave less error than Student's interval allows for: it may hold the truth more often."""
    answers = sampled_answers(reverse)
    for player in PLAYERS:
        shapley = [found.share(player).shapley for found in answers]
        assert HELD[Z95][0] <= held(shapley, SHAPLEY[player]) <= 0.99
        assert np.mean([one.mean for one in shapley]) == pytest.approx(SHAPLEY[player], abs=0.01)
        parts = [found.share(player).of_total for found in answers]
        assert HELD[Z95][0] <= held(parts, SHAPLEY[player] / TOTAL) <= 0.99
    assert np.mean([found.share("idle").shapley.clear for found in answers]) <= 0.07
    for pair, truth in INTERACTIONS.items():
        index = [found.interactions[pair] for found in answers]
        assert HELD[Z95][0] <= held(index, truth) <= 0.99
        assert np.mean([one.mean for one in index]) == pytest.approx(truth, abs=0.02)


def test_equal_players_are_seldom_told_apart():
    """All comparisons of five players taken together, whatever the contributions have in common."""
    rng = np.random.default_rng(4)
    names = tuple("ABCDE")

    def apart(size: float) -> tuple[bool, int]:
        added = rng.normal(size=60) + rng.normal(size=(5, 60)) + size * np.arange(5)[:, None]
        between = contributions.differences(names, added, Z95)
        groups = contributions.told_apart(names, added, between)
        return any(one.clear for one in between.values()), len(groups)

    alike, unlike = ([apart(size) for _ in range(WORLDS)] for size in (0.0, 1.2))
    assert np.mean([clear for clear, _ in alike]) <= 0.07
    assert np.mean([groups > 1 for _, groups in alike]) <= 0.03
    assert np.mean([groups == 5 for _, groups in unlike]) > 0.95


@pytest.mark.slow
def test_a_player_who_only_changes_the_luck_comes_last():
    assert np.mean([answer.groups[-1] == ("idle",) for answer in exact_answers()]) > 0.9


def test_an_effect_that_is_only_an_interaction_is_shared():
    def together(on: frozenset[str]) -> float:
        return 0.1 + 0.5 * ({"A", "B"} <= on)

    share = attribution.exact(world(0, together, runs=5000)).share("A")
    assert share.shapley.mean == pytest.approx(0.25, abs=0.02)
    assert share.sufficiency.difference == pytest.approx(0, abs=0.02)
    assert share.necessity.difference == pytest.approx(0.5, abs=0.02)
