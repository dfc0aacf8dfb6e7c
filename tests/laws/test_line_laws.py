"""The line on the peasants and what is reported of it: success carries it on, and each edge of that loop can be cut.

The loop: pressure brings households into kolkhozy; growth beyond the plan is reported as success; success moves
officials and leaders, presses for decisions and makes movers bold; the line goes on, and pressure with it. In the
power sector alone success is given by the record, from the middle of 1929.
"""

from __future__ import annotations

from functools import lru_cache
from types import SimpleNamespace

import numpy as np
import pytest

from partystate.foundation import calendar
from partystate.mechanisms.countryside.village_reports import VillageReports
from partystate.mechanisms.power.motions import Motions
from partystate.model.formulas import credited
from partystate.runs.recipe import BARE, Recipe
from tests.laws import power

SEEDS = range(1, 9)
BEGINS = calendar.index("1929-06")  # the first month in which the record knows of success
ENDS = calendar.index("1931-12")
EDGES = ("mood.joining", "stances.joining", "issues.joining_on_peasants", "motions.boldness")
PRESSED = calendar.index("1928-01")


@lru_cache(maxsize=64)
def ruled(seed: int, given: float = 1.0, off: str = "", cut: tuple[str, ...] = ()) -> dict[str, np.ndarray]:
    """Series of the power sector to the end of 1931. given: factor on reported success. cut: parameters at nought."""
    case = power.Case(
        seed,
        frozenset(off.split()),
        changes=dict.fromkeys(cut, 0.0),
        scaled={"joining_success": given},
        scale=20_000,
    )
    simulation = case.start(details=False)
    result = simulation.run(ENDS + 1)
    return {name: values[: ENDS + 1] for (name, region), values in result.series.items() if region is None}


def gained(name: str, **change) -> np.ndarray:
    """(seed,) mean of a series from the first success on, less what it is with the change."""
    return np.array([np.mean(ruled(s)[name][BEGINS:] - ruled(s, **change)[name][BEGINS:]) for s in SEEDS])


def test_success_is_put_down_to_the_line_only_where_it_presses():
    assert credited(0.7, 0.1) == 0.7
    assert credited(0.7, 0.0) == credited(0.7, -0.5) == 0.0
    assert credited(1.8, 0.5) == 1.0
    assert credited(-0.3, 0.5) == 0.0


@pytest.mark.parametrize("name", ["line_peasants", "mood_officials_peasants", "salience_peasants"])
def test_reported_success_carries_the_line_on(name):
    differences = gained(name, given=0.0)
    assert differences.mean() > 0, differences
    assert (differences >= 0).sum() >= len(SEEDS) - 1, differences


def test_without_reports_of_success_nothing_is_changed():
    for seed in SEEDS:
        one, other = ruled(seed), ruled(seed, given=0.0)
        assert all(np.array_equal(one[name][:BEGINS], other[name][:BEGINS], equal_nan=True) for name in one)
    assert any(not np.array_equal(ruled(s)["line_peasants"], ruled(s, given=0.0)["line_peasants"]) for s in SEEDS)


def test_where_the_village_is_no_question_success_changes_nothing():
    for seed in SEEDS[:3]:
        one, other = ruled(seed, off="S17"), ruled(seed, given=0.0, off="S17")
        assert all(np.array_equal(one[name], other[name], equal_nan=True) for name in one)


def test_with_every_edge_cut_success_changes_nothing():
    for seed in SEEDS[:3]:
        one, other = ruled(seed, cut=EDGES), ruled(seed, given=0.0, cut=EDGES)
        assert all(np.array_equal(one[name], other[name], equal_nan=True) for name in one)


@pytest.mark.parametrize(
    ("edge", "name"),
    [
        ("mood.joining", "mood_officials_peasants"),
        ("issues.joining_on_peasants", "salience_peasants"),
        ("stances.joining", "line_peasants"),
        ("motions.boldness", "line_peasants"),
    ],
)
def test_each_edge_works_upwards(edge, name):
    assert gained(name, cut=(edge,)).mean() > 0


def test_the_bold_go_on_and_nobody_is_bold_on_the_way_back():
    look = SimpleNamespace(p=SimpleNamespace(boldness=0.5), driver=lambda name: 0.8)
    assert Motions._bold(look, 0.4, 0.6) == pytest.approx(0.4)
    assert Motions._bold(look, 0.6, 0.4) == 0.0
    assert Motions._bold(look, -0.2, 0.4) == 0.0


# --- what is reported of the village ----------------------------------------------------------------------------
class Seen(dict):
    """What the mechanism of reports looks at, and nothing else."""

    def __init__(self, off: str = "", **columns) -> None:
        super().__init__(columns)
        self.p = SimpleNamespace(news=0.25, planned=0.04)
        self.off = off

    def on(self, system: str) -> bool:
        return system != self.off


def success(known: float, joined: float, off: str = "") -> float:
    look = Seen(off, **{"seen.joined": np.array(known)})
    return float(VillageReports._success(look, joined)["joining_success"])


def test_growth_beyond_the_plan_is_success():
    assert success(0.1, 0.1 * 1.32) == pytest.approx(0.5)  # 8 per cent a month where 4 were planned
    assert success(0.1, 0.1 * 1.16) == pytest.approx(0.0)
    assert success(0.1, 0.1) == success(0.3, 0.2) == success(0.0, 0.0) == 0.0
    assert 0 < success(0.1, 0.2) < success(0.1, 0.3) < 1
    assert success(0.1, 0.3, off="S22") == 0.0


def test_what_is_known_is_no_news():
    look = Seen(**{"seen.joined": np.array(0.0)})
    for _ in range(48):
        look["seen.joined"] = VillageReports._success(look, 0.5)["seen.joined"]
    assert float(look["seen.joined"]) == pytest.approx(0.5, abs=1e-4)
    assert success(float(look["seen.joined"]), 0.5) == 0.0


@pytest.mark.slow
def test_pressure_is_reported_as_success_until_growth_ends():
    def reported(line: float) -> np.ndarray:
        kept: list[float] = []

        def press(simulation):
            world = simulation.world
            world.drivers["peasant_line"][PRESSED:] = line
            kept.append(float(world.now["joining_success"]))

        Recipe(only="countryside", months=ENDS + 1).built().simulate(1, press, BARE)
        return np.array(kept)

    first = slice(PRESSED, PRESSED + 12)
    weak, strong = reported(-0.2), reported(0.8)
    assert np.array_equal(weak[:PRESSED], strong[:PRESSED])
    assert strong[first].mean() > weak[first].mean()
    assert strong[first].max() > 0.3
    assert strong[-12:].mean() < strong[first].mean()


@pytest.mark.slow
def test_the_loop_through_the_village_can_be_cut():
    """Coupled: without the drive nothing is reported, and the line is taken less far."""
    most: dict[tuple[str, ...], list[float]] = {}
    told: dict[tuple[str, ...], list[float]] = {}
    for off in ((), ("S22",)):
        built = Recipe(only="power,countryside", months=calendar.index("1933-12"), off=off).built()
        for seed in SEEDS:
            line: list[float] = []
            heard: list[float] = []

            def watch(simulation, line=line, heard=heard):
                line.append(float(simulation.world.now["peasant_line"]))
                heard.append(float(simulation.world.now["joining_success"]))

            built.simulate(seed, watch, BARE)
            most.setdefault(off, []).append(max(line))
            told.setdefault(off, []).append(max(heard))
    assert max(told[()]) > 0
    assert max(told["S22",]) == 0
    assert np.mean(most[()]) > np.mean(most["S22",])
