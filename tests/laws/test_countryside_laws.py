"""What must hold of the whole countryside in every month of every history, whatever the scenario."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partystate import record
from partystate.foundation import calendar
from partystate.mechanisms.countryside.procurement import Procurement, Steps, rung
from partystate.mechanisms.countryside.table import NUMBER
from partystate.mechanisms.countryside.weather import Weather
from partystate.model import catalogue
from partystate.model.ledger import BooksDoNotBalance
from tests.laws.countryside import (
    ALONE,
    KINDS,
    MEMBER,
    NOTICED,
    SECTOR,
    STEPS,
    Case,
    Recount,
    broken,
    column,
    drivers,
    extremes,
    held,
    identities,
    land,
    mechanisms,
    number,
    parameters,
    shift,
    systems,
    within,
)

VARIANTS = {name: kind.variants for name, kind in mechanisms().items() if kind.variants}
PRICES = ("grain_price", "industrial_price", "meat_price")  # whose logarithms the market takes


@st.composite
def fixed_parameters(draw) -> dict[str, float]:
    """A few anywhere in their ranges or as far again beyond either end, or all at one end."""
    if draw(st.integers(0, 3)) == 0:
        return extremes(draw(st.sampled_from(["low", "high"])))
    chosen = draw(st.lists(st.sampled_from(parameters()), max_size=12, unique=True))
    return {key: within(key, draw(st.sampled_from([-0.5, 0.0, 0.25, 0.75, 1.0, 1.5]))) for key in chosen}


@st.composite
def scaled_drivers(draw) -> dict[str, float]:
    chosen = draw(st.lists(st.sampled_from(drivers()), max_size=4, unique=True))
    return {name: draw(st.sampled_from([0.5, 2.0])) for name in chosen}


cases = st.builds(
    Case,
    seed=st.integers(0, 2**64 - 1),
    off=st.one_of(st.frozensets(st.sampled_from(systems()), max_size=5), st.just(frozenset(systems()))),
    variants=st.fixed_dictionaries({}, optional={name: st.sampled_from(kinds) for name, kinds in VARIANTS.items()}),
    changes=fixed_parameters(),
    scaled=scaled_drivers(),
)
starts = st.sampled_from(["1922-01", "1928-10", "1931-12"])


def keep_the_laws(case: Case, months: int, begins: str = "1922-01") -> None:
    """Run a history and check every law at the end of each of its months.

    begins: the month of which the drivers are taken to begin with, so that a short history sees the drive as well.
    """
    case = Case(case.seed, case.off, case.variants, {**case.changes, NOTICED: 0.0}, case.scaled, case.households)
    simulation = case.start(details=False)
    shift(simulation, calendar.index(begins))
    recount = Recount(simulation)

    def check(simulation):
        assert not recount(simulation), calendar.label(simulation.month - 1)

    simulation.run(months, hook=check)
    assert recount.flows_explain(simulation)


@settings(max_examples=10)
@given(case=cases, months=st.integers(6, 24), begins=starts)
def test_the_laws_hold_in_any_scenario(case, months, begins):
    keep_the_laws(case, months, begins)


@pytest.mark.slow
@settings(max_examples=500)
@given(case=cases, months=st.integers(6, 20), begins=starts)
def test_the_laws_hold_in_five_hundred_short_scenarios(case, months, begins):
    keep_the_laws(case, months, begins)


@pytest.mark.slow
@settings(max_examples=30)
@given(case=cases, months=st.sampled_from([60, 96, 132]))
def test_the_laws_hold_in_long_scenarios(case, months):
    keep_the_laws(case, months)


@pytest.mark.slow
@pytest.mark.parametrize("end", ["low", "high"])
def test_the_laws_hold_with_every_parameter_at_one_end(end):
    keep_the_laws(Case(3, changes=extremes(end)), 150)


@pytest.mark.slow
def test_the_laws_hold_with_every_system_off():
    keep_the_laws(Case(4, off=frozenset(systems())), 150)


@pytest.mark.slow
def test_the_laws_hold_in_a_large_table():
    """Some 200 chunks, several to a region, through the months in which the drive turns."""
    keep_the_laws(Case(5, households=150), 14, "1929-09")


@pytest.mark.slow
def test_no_region_dies_out():
    for seed in range(6):
        assert number(Case(seed, households=2_500).run(calendar.MONTHS).world.now).min() > 0, seed


@pytest.mark.slow
@pytest.mark.parametrize("driver", [name for name in drivers() if name not in PRICES])
def test_a_driver_may_be_silenced(driver):
    keep_the_laws(Case(6, scaled={driver: 0.0}), 14, "1929-09")


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("driver", PRICES)
def test_a_price_may_be_nothing(driver):
    keep_the_laws(Case(6, scaled={driver: 0.0}), 1)


# --- defects, each in its smallest case -------------------------------------------------------------------------
OUTSIDE = {"grain": "fields", "money": "towns", "people": "dead", **dict.fromkeys(KINDS, "dead")}


def village(*rows: tuple[int, int], month: int = 0, **changes: float):
    """A history in which the first chunk holds these rows alone, each (status, land), without anything sown.

    The first of them is one old person who has starved and will die this month.
    """
    sure = {"people.hunger": 1.0, "people.frail": 2.0, **{k.replace("__", "."): v for k, v in changes.items()}}
    simulation = Case(1, changes=sure).start()
    now, accounts = simulation.world.now, simulation.ledger.accounts
    now["household.rows"][0] = len(rows)
    now["household.sown"][0] = 0
    for place, (status, area) in enumerate(rows):
        now["household.status"][0, place], now["household.land"][0, place] = status, area
        now["household.people"][0, place] = [2, 2, 1]
    now["household.people"][0, 0], now["household.reserve"][0, 0] = [0, 0, 1], 0
    now["household.grain"][0, 0], now["household.cash"][0, 0], now["household.herd"][0, 0] = 0, 0, 0
    now["area.garden"] = np.zeros_like(now["area.garden"])
    for (stock, account), amount in held(now).items():
        accounts[stock][OUTSIDE[stock]] -= amount - accounts[stock][account]
        accounts[stock][account] = amount
    simulation.month = month
    return simulation


def lost(simulation) -> int:
    """Land that is gone after a month, in 1/100 ha; the first household must be gone as well."""
    now = simulation.world.now
    before, first = land(now), int(now["household.id"][0, 0])
    simulation.step()
    assert first not in identities(now)
    return int((before - land(now)).sum())


def test_land_goes_to_a_neighbour():
    assert lost(village((ALONE, 500), (ALONE, 700))) == 0


def test_no_member_inherits_land():
    simulation = village((ALONE, 500), (MEMBER, 0))
    assert lost(simulation) == 0
    now = simulation.world.now
    assert not column(now, "land")[column(now, "status") == MEMBER].any()


def test_a_large_inheritance_is_not_cut():
    assert lost(village((ALONE, 40_000), (ALONE, 40_000))) == 0


def test_the_last_household_leaves_its_land_to_somebody():
    assert lost(village((ALONE, 500))) == 0


def test_dealing_loses_no_land():
    month = int(record.load().parameters["fields.autumn"].value) - 1
    simulation = village((ALONE, 1), (ALONE, 60_000), (ALONE, 60_000), month=month, fields__repartition=1.0)
    simulation.world.now["household.people"][0, :3] = [[0, 0, 1], [0, 1, 0], [0, 20, 0]]
    people = int(held(simulation.world.now)["people", "village"])
    accounts = simulation.ledger.accounts["people"]
    accounts["dead"] -= people - accounts["village"]
    accounts["village"] = people
    assert lost(simulation) == 0


def test_no_rung_of_the_ladder_is_above_the_highest():
    p = {key.partition(".")[2]: record.load().parameters[key].value for key in Procurement.parameters}
    steps = Steps(*(p[name] for name in Steps._fields))
    assert p["above"] > 1
    assert rung(1.0, 0.0, 1.0, 1.0, p["climb_race"], p["above"], steps) == 1


def test_members_are_counted_as_they_are():
    simulation = Case(1).start()
    shift(simulation, calendar.index("1929-10"))
    simulation.run(20)
    now = simulation.world.now
    members = (column(now, "status") == MEMBER).astype(np.int64)
    rows = np.bincount(np.repeat(now["household.place"], now["household.rows"]), members, now["household.weight"].size)
    counted = now["village.counts"][:, NUMBER["members"]]
    np.testing.assert_array_equal(counted, rows * now["household.weight"])


def test_no_more_households_are_struck_than_there_are():
    most = []
    for seed in range(8):
        simulation = Case(seed, frozenset({"S22"}), changes=extremes("low")).start()
        shift(simulation, calendar.index("1931-12"))
        simulation.run(12, hook=lambda s: most.append(s.world.now["area.struck"].max()))
    assert max(most) <= 1


# --- the laws can be broken -------------------------------------------------------------------------------------
def _first(now, name, value):
    now[name] = np.array(now[name])
    now[name].flat[0] = value


SPOILT = {
    "finite: area.weather": lambda now: _first(now, "area.weather", np.nan),
    "bounds: market.open": lambda now: _first(now, "market.open", 1.1),
    "bounds: plan.delivered": lambda now: _first(now, "plan.delivered", -5.0),
    "bounds: kolkhoz.herd": lambda now: _first(now, "kolkhoz.herd", -1),
    "rows:": lambda now: _first(now, "household.rows", now["household.id"].shape[1] + 1),
    "bytes: household.reserve": lambda now: _first(now, "household.reserve", STEPS + 1),
    "bytes: household.herder": lambda now: _first(now, "household.herder", 2),
    "people: a household": lambda now: now["household.people"].__setitem__((0, 0), 0),
    "ids: 1": lambda now: _first(now, "household.id", now["household.id"][0, 1]),
    "sown: ": lambda now: _first(now, "household.sown", now["household.land"][0, 0] * 2),
    "grain: ": lambda now: _first(now, "household.hidden", now["household.hidden"][0, 0] + 1),
    "money: ": lambda now: _first(now, "household.cash", now["household.cash"][0, 0] + 1),
    "horses: ": lambda now: _first(now, "household.herd", now["household.herd"][0, 0, 0] + 1),
    "people: ": lambda now: _first(now, "household.people", now["household.people"][0, 0, 0] + 1),
}


@pytest.fixture
def begun():
    simulation = Case(1).start()
    simulation.step()
    assert not broken(simulation)
    return simulation


@pytest.mark.parametrize("law", SPOILT)
def test_a_broken_law_is_seen(begun, law):
    SPOILT[law](begun.world.now)
    assert any(fault.startswith(law) for fault in broken(begun)), broken(begun)


def test_households_that_come_from_nowhere_are_seen():
    simulation = Case(1, changes={NOTICED: 0.0}).start()
    recount = Recount(simulation)
    simulation.step()
    now = simulation.world.now
    now["household.id"][0, 0] ^= np.uint64(1)
    assert any(fault.startswith("households: ") for fault in recount(simulation))


def test_a_signal_that_says_more_than_was_posted_is_seen():
    simulation = Case(1).start()
    recount = Recount(simulation)
    simulation.step()
    _first(simulation.world.now, "people.born", simulation.world.now["people.born"][0] + 1)
    assert [fault.split()[1] for fault in recount(simulation)] == ["people.born"]


def test_a_missing_flow_is_seen():
    simulation = Case(1).start()
    recount = Recount(simulation)
    simulation.run(2)
    assert recount.flows_explain(simulation)
    simulation.ledger.rows.pop()
    assert not recount.flows_explain(simulation)


class Manna(Weather):
    """Puts a kilogram into the first barn and books nothing."""

    tables = ("household.grain",)

    def step(self, now, look, draw, post, emit):
        look["household.grain"][0, 0] += 1
        return super().step(now, look, draw, post, emit)


def test_a_mechanism_that_books_nothing_stops_the_run():
    model = catalogue.assemble(sectors=(SECTOR,))
    forged = [Manna() if m.name == Manna.name else m for m in model.mechanisms]
    simulation = Case(1).start(model=catalogue.Model(catalogue.in_order(forged), sectors=(SECTOR,)))
    with pytest.raises(BooksDoNotBalance, match="of grain with the households by count"):
        simulation.run(2)


def test_a_history_knows_hunger_drive_and_deportation():
    """The laws are tried on months in which much happens, and not on quiet ones alone."""
    simulation = Case(1).start(details=False)
    shift(simulation, calendar.index("1928-10"))
    simulation.run(20)
    now = simulation.world.now
    assert (column(now, "status") == MEMBER).any()
    assert now["settlement.persons"] > 0
    assert now["area.ever_labelled"].max() > 0
    assert len({row.stock for row in simulation.ledger.rows}) == len(("grain", "people", "money", *KINDS))
