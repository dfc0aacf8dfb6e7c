"""What must hold of the membership whatever the parameters, the seed, the scale and the systems that are off."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partystate import record
from partystate.foundation import calendar, draws
from partystate.mechanisms.power import chances, roll
from partystate.mechanisms.power.membership import Membership
from partystate.model.ledger import BooksDoNotBalance
from tests.laws.party import MECHANISMS, SYSTEMS, books, central, ids, party, recounted, resolved, total

FOUNDED = 528_354  # members and candidates on 1 January 1922


@st.composite
def extreme_parameters(draw):
    """A few parameters of the party, each at an end of its plausible range or far outside it."""
    keys = sorted({key for mechanism in MECHANISMS for key in mechanism.parameters})
    changes = {}
    for key in draw(st.lists(st.sampled_from(keys), max_size=6, unique=True)):
        parameter = record.load().parameters[key]
        if parameter.distribution == "fixed":
            continue
        wild = 1.0 if parameter.unit.startswith("share") else parameter.high * 3
        changes[key] = draw(st.sampled_from([parameter.low, parameter.high, 0.0, wild]))
    return tuple(sorted(changes.items()))


@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**64 - 1),
    off=st.sets(st.sampled_from(SYSTEMS)),
    scale=st.integers(40, 20_000),
    months=st.integers(1, calendar.MONTHS),
    changes=extreme_parameters(),
)
def test_people_are_conserved_to_the_person(seed, off, scale, months, changes):
    simulation = party(seed, off, scale, changes)
    opening = sum(simulation.ledger.accounts["people"].values())
    simulation.run(months)  # each month the roll and the ledger must agree, or the run stops
    people, now = simulation.ledger.accounts["people"], simulation.world.now
    assert sum(people.values()) == opening
    assert min(people.values()) >= 0
    assert scale * int(now["member.rows"].sum()) == people["candidates"] + people["members"]
    for kept, counted in zip(books(simulation), recounted(simulation), strict=True):
        np.testing.assert_array_equal(kept, counted)
    entered = sum(row.amount for row in simulation.ledger.rows if row.source == "outside")
    left = sum(row.amount for row in simulation.ledger.rows if row.target == "outside")
    assert founded(scale) + entered - left == opening - people["outside"]


def founded(scale: int) -> int:
    """Members and candidates with which a run at this scale begins."""
    return scale * (round(410_430 / scale) + round(117_924 / scale))


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32), off=st.sets(st.sampled_from(SYSTEMS)), changes=extreme_parameters())
def test_what_is_shown_stays_within_bounds(seed, off, changes):
    simulation = party(seed, off, 1000, changes)
    simulation.run(120)
    now = simulation.world.now
    for name in ("schooling", "old_guard", "unscreened", "trained", "mood_weight", "recruits"):
        assert np.all((now[f"party.{name}"] >= 0) & (now[f"party.{name}"] <= 1)), name
    assert 0 <= now["leadership.insecurity"] <= 1
    assert np.all(now["enrolment.sought"] >= 0)
    assert now["party.by_region"].sum() == pytest.approx(now["party.by_class"].sum())
    for series, values in simulation.recorder.series.items():
        assert np.nanmin(values) >= 0, series
        if series[0].endswith("_share"):
            assert np.nanmax(values) <= 100, series


def test_the_same_run_twice_and_in_pieces():
    whole, pieces = party(7), party(7)
    whole.run(80)
    for _ in range(80):
        pieces.step()
    np.testing.assert_array_equal(ids(whole), ids(pieces))
    for one, other in zip(books(whole), books(pieces), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_order_of_rows_carries_no_meaning():
    straight, shuffled = party(11), party(11)
    straight.run(60)
    shuffled.run(24)
    now = shuffled.world.now
    for leaf, rows in enumerate(now["member.rows"]):
        order = np.argsort(draws.uniform(5, "test.order", leaf, now["member.id"][leaf][:rows]))
        now["member.id"][leaf][:rows] = now["member.id"][leaf][:rows][order]
        now["member.traits"][leaf][:, :rows] = now["member.traits"][leaf][:, :rows][:, order]
    shuffled.run(60)
    np.testing.assert_array_equal(ids(straight), ids(shuffled))
    for one, other in zip(books(straight), books(shuffled), strict=True):
        np.testing.assert_array_equal(one, other)


def test_entrants_keep_their_ids_in_another_scenario():
    fewer = central()
    more = tuple((key, value * 2 if key == "enrolment.routine" else value) for key, value in fewer)
    one, other = party(3, ("S02", "S09"), changes=fewer), party(3, ("S02", "S09"), changes=more)
    for simulation in (one, other):
        simulation.run(1)
    few, many = ids(one), ids(other)
    assert few.size < many.size
    shared = np.isin(few, many).mean()
    assert shared > 0.99  # the rounding of regions may differ by one row


def test_a_higher_chance_only_adds_cases():
    gone = []
    for factor in (1, 2):
        changes = {**dict(central()), "membership.leave_worker": 0.001 * factor}
        simulation = party(2, SYSTEMS, changes=tuple(changes.items()))
        before = set(ids(simulation).tolist())
        simulation.run(chances.TURNS)
        gone.append(before - set(ids(simulation).tolist()))
    assert gone[0] < gone[1]


def test_scale_does_not_change_the_expected_party():
    """National totals at scale 50 and 500 agree within the Monte-Carlo error of their paired differences."""
    differences = []
    for seed in range(24):
        fine, coarse = (party(seed, ("S09",), scale, central()) for scale in (50, 500))
        for simulation in (fine, coarse):
            simulation.run(24)
        at = "1923-12"
        differences.append(total(coarse, at) / total(fine, at) - 1)
    error = np.std(differences, ddof=1) / np.sqrt(len(differences))
    assert abs(np.mean(differences)) < 3 * error + 0.001
    assert error < 0.01


def test_founding_is_the_record_to_within_a_row():
    for scale in (1000, 200, 50):
        simulation = party(1, scale=scale)
        people = simulation.ledger.accounts["people"]
        assert abs(people["candidates"] + people["members"] - FOUNDED) <= scale
        assert sum(people.values()) == 136_000_000
        _entry, _unschooled, standing, cohort, tally = books(simulation)
        rows = standing.sum()
        assert standing[:, chances.WORKER].sum() / rows == pytest.approx(0.444, abs=1 / rows)
        assert tally[roll.WOMEN] / rows == pytest.approx(0.078, abs=1 / rows)
        assert cohort[roll.FULL, roll.UNDERGROUND] * scale == pytest.approx(10_431, abs=scale)


def test_a_strict_run_touches_only_what_is_declared():
    simulation = party(5, strict=True)
    simulation.run()


def test_a_roll_that_disagrees_with_the_ledger_stops_the_run():
    simulation = party(5)
    simulation.run(3)
    simulation.ledger.accounts["people"]["members"] -= 200
    simulation.ledger.accounts["people"]["outside"] += 200
    with pytest.raises(BooksDoNotBalance, match="members on the roll"):
        simulation.step()


def test_the_roll_doubles_when_it_is_full():
    ids_, traits = np.arange(6, dtype=np.uint64).reshape(2, 3), np.ones((2, 4, 3), dtype=np.int16)
    assert Membership._grown(ids_, traits, 3) is None
    more, wider = Membership._grown(ids_, traits, 7)
    assert more.shape == (2, 12)
    assert wider.shape == (2, 4, 12)
    np.testing.assert_array_equal(more[:, :3], ids_)
    assert wider[:, :, :3].min() == 1


def test_without_any_change_nothing_changes():
    one, other = party(9), party(9, changes=())
    one.run(100)
    other.run(100)
    for key, values in one.recorder.series.items():
        np.testing.assert_array_equal(values, other.recorder.series[key])


@pytest.mark.slow
def test_one_row_for_each_person():
    """1:1: the founding is exact, a year is conserved to the person, and the sample agrees with it."""
    simulation = party(4, scale=1, changes=central())
    people = simulation.ledger.accounts["people"]
    assert (people["members"], people["candidates"]) == (410_430, 117_924)
    simulation.run(13)
    for kept, counted in zip(books(simulation), recounted(simulation), strict=True):
        np.testing.assert_array_equal(kept, counted)
    samples = []
    for seed in range(8):
        sample = party(seed, scale=200, changes=central())
        sample.run(13)
        samples.append(total(sample, "1923-01"))
    assert total(simulation, "1923-01") == pytest.approx(np.mean(samples), rel=0.01)


def test_ranges_of_the_party_are_registered():
    settings_ = resolved()
    keys = {key for mechanism in MECHANISMS for key in mechanism.parameters}
    assert keys <= set(settings_)
