"""Switching one thing in the countryside: every system moves what it is said to move, and the loops close as drawn.

Histories are paired: with and without the change, the same seeds. Loops L3 (low price, hoarding, force, less sowing),
L4 (pressure, resistance, retreat) and L5 (exports, hunger, fewer horses, lower yields) are cut at one edge at a time.
What lies beyond the sector cannot be tested here: that machines are bought with the grain exported, that tractors then
replace horses, and that the leadership's line answers to a shortfall. Those edges are drivers of the record.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from partystate.foundation import calendar
from partystate.model import catalogue
from tests.laws.countryside import SECTOR, Case, central, mechanisms, systems

SEEDS = range(1, 7)
LAST = calendar.index("1934-12") + 1
MOVED = 0.002  # root of the mean square of the differences, of the level: the null changes exactly nothing
SIGNS = {
    ("S19", "grain_procurement"): 1,
    ("S21", "dekulak_deported_year"): -1,
    ("S22", "collectivised_households"): -1,
    ("S26", "grain_exports"): -1,
    ("S26", "rural_excess_deaths_year"): -1,
    ("S27", "rural_excess_deaths_year"): 1,
    ("S36", "rural_population"): 1,
    ("S37", "rural_population"): -1,
}


class Told:
    """What is kept of a history: national series, and sums by month of the columns and flows that the loops ask for."""

    COLUMNS = ("area.coercion", "area.unrest", "rural.retreats", "plots.allowed")

    def __init__(self, case: Case, months: int) -> None:
        simulation = case.start(details=False)
        kept: dict[str, list[float]] = {name: [] for name in self.COLUMNS}

        def keep(simulation):
            for name, values in kept.items():
                values.append(float(np.mean(simulation.world.now[name])))

        result = simulation.run(months, hook=keep)
        self.columns = {name: np.array(values) for name, values in kept.items()}
        self.series = {name: values[:months] for (name, region), values in result.series.items() if region is None}
        self.flows: dict[tuple[str, str], np.ndarray] = {}
        for row in result.flows:
            path = (row.mechanism, f"{row.stock}: {row.source} -> {row.target}")
            self.flows.setdefault(path, np.zeros(months))[row.month] += row.amount / 1e9

    def mean(self, name: str, first: str = "1922-01", last: str = "1941-06") -> float:
        """Mean of a series over the months in which it was measured, both ends included."""
        values = self.series[name][calendar.index(first) : calendar.index(last) + 1]
        return float(np.nanmean(values))

    def sold(self, first: str, last: str) -> float:
        """Million tonnes that households sold to the state and in the village markets."""
        paths = [("market", f"grain: households -> {to}") for to in ("state", "villages")]
        window = slice(calendar.index(first), calendar.index(last) + 1)
        return sum(self.flows[path][window].sum() for path in paths if path in self.flows)


@lru_cache(maxsize=256)
def told(seed: int, off: str = "", change: tuple = (), scaled: tuple = (), months: int = LAST, fixed: bool = False):
    """One history. change: parameter, value pairs. fixed: all other parameters at their central values."""
    changes = {**(central() if fixed else {}), **dict(change)}
    return Told(Case(seed, frozenset(off.split()), changes=changes, scaled=dict(scaled)), months)


def against(measure, **change) -> np.ndarray:
    """(seed,) what ``measure`` gives with the change, less what it gives without; parameters are the central ones."""
    return np.array([measure(told(s, fixed=True, **change)) - measure(told(s, fixed=True)) for s in SEEDS])


def lean(differences: np.ndarray) -> int:
    """Sign in which the paired differences lean: all but one of the seeds or more, and their mean; else 0."""
    sign = int(np.sign(differences.mean()))
    return sign if (differences * sign >= 0).sum() >= len(SEEDS) - 1 else 0


def declared(system: str) -> list[str]:
    """Observables that the sector's mechanisms declare the system to move."""
    return sorted({name for kind in mechanisms().values() for name in kind.moves.get(system, ())})


# --- systems ----------------------------------------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.parametrize("system", systems())
def test_a_system_that_is_off_moves_what_it_declares(system):
    moved = {}
    for name in declared(system):
        pairs = [(told(seed).series, told(seed, system).series) for seed in SEEDS]
        if all(name in one and name in other for one, other in pairs):
            square = np.nanmean([np.nanmean((other[name] - one[name]) ** 2) for one, other in pairs])
            moved[name] = np.sqrt(square) / np.mean([np.nanmean(one[name]) for one, _ in pairs])
    assert max(moved.values()) > MOVED, moved


@pytest.mark.slow
@pytest.mark.parametrize(("system", "name"), SIGNS)
def test_a_system_that_is_off_moves_it_the_right_way(system, name):
    differences = np.array([told(seed, system).mean(name) - told(seed).mean(name) for seed in SEEDS])
    assert lean(differences) == SIGNS[system, name], differences


def test_every_system_says_what_it_is_to_be_without_it():
    for system in systems():
        model = catalogue.assemble(frozenset({system}), sectors=(SECTOR,))
        assert model.meaning_of_off()[system].strip(), system
        assert declared(system), system


def test_what_a_system_moves_is_measured():
    measured = told(1, months=24).series.keys()
    assert {name for system in systems() for name in declared(system)} <= measured


# --- L3: price, sales, force, sowing ----------------------------------------------------------------------------
CHEAP = (("grain_price", 0.7),)


@pytest.mark.slow
def test_a_low_price_lowers_sales_to_the_state():
    def sold(run):
        return run.flows["market", "grain: households -> state"][: calendar.index("1928-01")].sum()

    assert lean(against(sold, scaled=CHEAP)) == -1
    # Without the edge from prices to sales (S19) a low price does not lower what is sold.
    cut = [sold(told(s, "S19", scaled=CHEAP, fixed=True)) - sold(told(s, "S19", fixed=True)) for s in SEEDS]
    assert abs(np.mean(cut)) < abs(against(sold, scaled=CHEAP).mean()) / 2


@pytest.mark.slow
def test_a_low_price_is_answered_by_force():
    def force(run):
        return run.columns["area.coercion"][: calendar.index("1930-01")].mean()

    assert lean(against(force, scaled=CHEAP)) == 1
    assert against(force, off="S20").max() <= 0
    assert all(force(told(s, "S20", scaled=CHEAP, fixed=True)) == 0 for s in SEEDS)


@pytest.mark.slow
def test_force_lowers_what_is_sown():
    """The edge from the memory of confiscation to sowing, cut and made strong, where much is taken."""

    def sown(run):
        return run.mean("sown_area_grain", "1928-01", "1931-12")

    def effect(off):
        pairs = [
            [told(s, off, (("fields.deterrence", part),), CHEAP, fixed=True) for part in (0.9, 0.0)] for s in SEEDS
        ]
        return np.array([sown(strong) - sown(none) for strong, none in pairs])

    assert lean(effect("")) == -1
    # Where nothing is taken there is nothing to remember.
    assert not effect("S20").any()


@pytest.mark.slow
def test_without_force_the_market_comes_back():
    """L3: without extraordinary measures more grain is sold in the two harvest years after 1927/28."""
    differences = against(lambda run: run.sold("1928-07", "1930-06"), off="S20", scaled=CHEAP) - against(
        lambda run: run.sold("1928-07", "1930-06"), scaled=CHEAP
    )
    assert lean(differences) == 1, differences


# --- L4: pressure, resistance, retreat --------------------------------------------------------------------------
def falls(run: Told) -> int:
    """Months in which the collectivised share falls by more than a point."""
    return int((np.diff(run.series["collectivised_households"]) < -1).sum())


@pytest.mark.slow
def test_pressure_raises_unrest():
    assert lean(against(lambda run: run.columns["area.unrest"].max(), off="S22")) == -1


@pytest.mark.slow
def test_unrest_brings_the_retreat_and_the_retreat_the_fall():
    usual = [told(seed, fixed=True) for seed in SEEDS]
    assert sum(run.columns["rural.retreats"][-1] > 0 for run in usual) >= len(SEEDS) / 2
    for run in usual:
        retreats, plots = run.columns["rural.retreats"], run.columns["plots.allowed"]
        # A retreat concedes plots at once; wide hunger may have done so before.
        assert not ((retreats > 0) & ~(plots > 0)).any()
    # Without open discontent, and without a leadership that heeds it, nobody retreats.
    for system in ("S23", "S24"):
        cut = [told(seed, system, fixed=True) for seed in SEEDS]
        assert not any(run.columns["rural.retreats"].any() for run in cut)
        assert sum(map(falls, cut)) < sum(map(falls, usual))


@pytest.mark.slow
def test_a_leadership_that_never_retreats_holds_more_households_in_the_year_after():
    """Later shares differ little, for pressure comes back: what the retreat moves is the year that follows it."""
    share = against(lambda run: run.mean("collectivised_households", "1930-04", "1931-03"), off="S24")
    assert lean(share) == 1, share


@pytest.mark.slow
def test_pressure_comes_back_after_the_retreat():
    for seed in SEEDS:
        run = told(seed, fixed=True)
        if run.columns["rural.retreats"][-1] == 0:
            continue
        share = run.series["collectivised_households"]
        begun = int(np.argmax(run.columns["rural.retreats"] > 0))
        assert share[-1] > share[begun:].min() + 1


# --- L5: exports, hunger, horses, yields ------------------------------------------------------------------------
def deaths(run: Told) -> float:
    return run.mean("rural_excess_deaths_year", "1930-01", "1934-12")


@pytest.mark.slow
def test_exports_are_paid_for_in_the_village():
    more = (("export_target", 1.5),)
    assert lean(against(lambda run: run.mean("grain_exports"), scaled=more)) == 1
    assert lean(against(deaths, scaled=more)) == 1
    assert lean(against(deaths, off="S26")) == -1


@pytest.mark.slow
def test_hunger_kills_horses_and_fewer_horses_lower_the_harvest():
    spared = (("herds.hungry_horses", 0.0),)
    assert lean(against(lambda run: run.mean("horses_jan", "1932-01", "1934-12"), change=spared)) == 1
    assert lean(against(lambda run: run.mean("grain_harvest_dw", "1931-01", "1934-12"), change=spared)) == 1
    # The edge from draught power to the fields, cut for households and kolkhozy alike.
    alike = (("fields.timeliness", 0.0), ("fields.sowing_power", 0.0), ("fields.commanded_power", 0.0))

    def harvest(run):
        return run.mean("grain_harvest_dw", "1931-01", "1934-12")

    cut = [harvest(told(s, "", alike + spared, fixed=True)) - harvest(told(s, "", alike, fixed=True)) for s in SEEDS]
    assert abs(np.mean(cut)) < abs(against(harvest, change=spared).mean())


@pytest.mark.slow
def test_exports_give_way_when_stocks_run_low():
    """The loop limits itself: of a threefold target less than three times as much is exported."""
    threefold = [told(s, scaled=(("export_target", 3.0),), fixed=True).mean("grain_exports") for s in SEEDS]
    usual = [told(s, fixed=True).mean("grain_exports") for s in SEEDS]
    assert np.mean(threefold) < 3 * np.mean(usual)
