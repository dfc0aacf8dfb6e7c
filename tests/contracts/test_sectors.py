"""Does a sector run by itself, touch nothing that it has not declared, and use what it has declared?"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from partystate.app.cli import run_command
from partystate.engine.runner import RunSetting, Simulation
from partystate.foundation import calendar
from partystate.foundation.problems import Problem
from partystate.model import catalogue
from partystate.model.catalogue import CatalogueFault, Model
from partystate.model.ledger import Ledger
from partystate.model.mechanism import Mechanism, Post, UndeclaredAccess
from partystate.runs.recipe import Recipe, Watching
from tests.contracts.source import load_record, mechanisms, said

LONG = calendar.index("1934-12")
FEWEST = 10**9  # rows of a table stand for so many that each region has as few as it may


def in_sector(sector: str) -> dict[str, type[Mechanism]]:
    return {name: kind for name, kind in mechanisms().items() if catalogue.sector_of(kind) == sector}


def recipe(sector: str, months: int = LONG, **how) -> Recipe:
    return Recipe(months=months, only=sector, scale=FEWEST if sector == "countryside" else 20_000, **how)


def declared_flows(kinds) -> set[tuple[str, str]]:
    return {(name, flow) for name, kind in kinds.items() for flow in kind.flows}


def written_tables(kinds) -> list[str]:
    """Columns that some change in place as common stocks and some mechanism sets or keeps."""
    tables = {column for kind in kinds.values() for column in kind.tables}
    return [
        f"{column}: {name} writes it alone, and it is a common stock"
        for name, kind in kinds.items()
        for column in (*kind.sets, *kind.keeps)
        if column in tables
    ]


# --- flows ------------------------------------------------------------------------------------------------------
@pytest.mark.slow
def test_every_declared_flow_is_posted_in_some_history():
    wanted = declared_flows(in_sector("countryside"))
    for seed in (1, 2, 3):
        rows = recipe("countryside").built().simulate(seed).ledger.rows
        wanted -= {(row.mechanism, f"{row.stock}: {row.source} -> {row.target}") for row in rows}
        if not wanted:
            return
    assert not wanted, said([f"{name}: declares {flow!r} and never posts it" for name, flow in sorted(wanted)])


def test_a_flow_that_was_not_declared_is_refused():
    """For every mechanism of the countryside: each flow of the sector is open to those alone that declare it."""
    kinds = in_sector("countryside")
    flows = {flow for _, flow in declared_flows(kinds)}
    accounts: dict[str, dict[str, int]] = {}
    for flow in flows:
        stock, _, path = flow.partition(": ")
        accounts.setdefault(stock, {}).update(dict.fromkeys(path.split(" -> "), 10))
    for kind in kinds.values():
        post = Post(kind(), Ledger(accounts))
        for flow in flows:
            if flow in kind.flows:
                assert post(flow, 1) == 1
                continue
            with pytest.raises(UndeclaredAccess, match=f"{kind.name} posts"):
                post(flow, 1)


# --- what is read and written -----------------------------------------------------------------------------------
@pytest.mark.slow
def test_the_countryside_touches_only_what_it_declares():
    recipe("countryside", LONG).built().simulate(1, watching=Watching(details=False, strict=True))


@pytest.mark.slow
def test_every_switch_that_is_declared_is_asked_for():
    """Somebody asks for every system that a mechanism carries, and nobody for one that it does not."""
    asked: set[tuple[str, str]] = set()
    simulation = recipe("countryside").built().start(1)
    for mechanism, _, look, *_ in simulation._handles:
        look.on = lambda system, name=mechanism.name, on=look.on: asked.add((name, system)) or on(system)
    simulation.run(LONG)
    carried = {(name, system) for name, kind in in_sector("countryside").items() for system in kind.systems}
    assert asked <= carried
    # Mechanisms that carry a system and do not ask for it say in `when_off` that they go on as they do.
    assert {system for _, system in asked} == {system for _, system in carried}


def test_common_stocks_have_no_single_writer():
    faults = written_tables(mechanisms())
    assert not faults, said(faults)


def test_common_stocks_are_changed_inside_one_sector():
    """A sector that rests must not leave another's stocks without those who keep them."""
    sectors: dict[str, set[str]] = {}
    for kind in mechanisms().values():
        for column in kind.tables:
            sectors.setdefault(column, set()).add(catalogue.sector_of(kind))
    assert {column for column, by in sectors.items() if len(by) > 1} == set()


def test_the_check_of_common_stocks_can_fail():
    good = SimpleNamespace(tables=("village.grain",), sets=("food.fed",), keeps=())
    assert not written_tables({"one": good, "other": good})
    for change in ({"sets": ("village.grain",)}, {"keeps": ("village.grain",)}):
        bad = SimpleNamespace(**{**vars(good), **change})
        assert written_tables({"one": good, "other": bad})

    class Sets(Mechanism):
        name, phase, sets = "sets", "life", ("village.grain",)

    class Changes(Mechanism):
        name, phase, tables = "changes", "life", ("village.grain",)

    with pytest.raises(CatalogueFault, match=r"changes changes the stocks village.grain, but sets sets or keeps them"):
        catalogue.in_order([Sets(), Changes()])


# --- sectors apart ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("sector", catalogue.SECTORS)
def test_a_sector_alone_leaves_out_the_others(sector):
    model = recipe(sector).built().start(1).model
    assert {catalogue.sector_of(type(m)) for m in model.mechanisms} <= {sector, ""}
    assert {m.name for m in model.mechanisms} >= in_sector(sector).keys()
    forced = {catalogue.FORCED[other] for other in catalogue.SECTORS if other != sector}
    assert forced <= set(model.forced())
    assert catalogue.FORCED[sector] not in model.forced()


def test_the_standard_run_is_of_the_standard_sectors():
    model = Recipe(months=1).built().start(1).model
    assert {catalogue.sector_of(type(m)) for m in model.mechanisms} - {""} == set(catalogue.STANDARD)


@pytest.mark.parametrize("system", sorted({s for kind in in_sector("countryside").values() for s in kind.systems}))
def test_the_door_tells_what_off_means(system, capsys):
    """``partystate systems`` and ``partystate mechanisms`` print what every carrier declares."""
    assert run_command(["systems", system]) == 0
    told = " ".join(capsys.readouterr().out.split())
    carriers = [kind for kind in in_sector("countryside").values() if system in kind.systems]
    for kind in carriers:
        assert kind.name in told
        assert kind.when_off[system] in told
        assert set(kind.moves[system]) <= set(told.replace(",", "").split())
    assert run_command(["mechanisms", carriers[0].name]) == 0
    assert f"Without {system}: {carriers[0].when_off[system]}" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(("sector", "off", "others"), [("countryside", "S01", "S18"), ("power", "S18", "S01")])
def test_a_system_that_does_not_run_cannot_be_off(sector, off, others):
    for how in ({"off": (off,)}, {"text": f'[systems]\noff = ["{off}"]\n', "where": "one.toml"}):
        with pytest.raises(Problem) as caught:
            Recipe(only=sector, **how).built()
        assert f"expected a system that is built; came {off}" in str(caught.value)
        assert others in str(caught.value)


def test_the_sector_of_a_system_that_does_not_run_is_named():
    with pytest.raises(Problem) as caught:
        Recipe(only="power", off=("S18",)).built()
    assert "countryside" in str(caught.value)


def test_a_sector_that_does_not_exist_is_refused():
    with pytest.raises(Problem):
        Recipe(only="kolkhozy").built()


# --- drivers that a mechanism supplies --------------------------------------------------------------------------
class Supplying(Mechanism):
    """Gives the harvest's weather in place of the record, a little more of it every month."""

    name, phase = "supplying", "life"
    supplies = ("weather_index",)

    def step(self, now, look, draw, post, emit):
        return {"weather_index": np.array(100.0 + now)}


class Following(Mechanism):
    name, phase = "following", "account"
    drivers = ("weather_index",)

    def step(self, now, look, draw, post, emit):
        emit.measure("followed", look.driver("weather_index"))


def pair(*kinds: type[Mechanism], strict: bool) -> Simulation:
    record = load_record()
    setting = RunSetting(1, record.parameters.resolve(None, None, None), record.founding, strict=strict)
    simulation = Simulation(Model(catalogue.in_order([kind() for kind in kinds])), setting)
    simulation.run(3)
    return simulation


@pytest.mark.parametrize("strict", [False, True])
def test_a_driver_that_is_supplied_is_the_one_that_is_followed(strict):
    simulation = pair(Following, Supplying, strict=strict)
    assert simulation.recorder.series["followed", None][:3].tolist() == [100.0, 101.0, 102.0]


def test_a_driver_that_nobody_supplies_is_that_of_the_record():
    simulation = pair(Following, strict=True)
    given = simulation.world.drivers["weather_index"][:3]
    assert simulation.recorder.series["followed", None][:3].tolist() == given.tolist()
    assert given.max() < 100


def test_what_is_not_declared_cannot_be_supplied():
    class Smuggling(Supplying):
        supplies = ()

    with pytest.raises(ValueError, match=r"supplying returned \['weather_index'\], not declared"):
        pair(Following, Smuggling, strict=False)


def test_drivers_that_are_supplied_are_drivers():
    record = load_record()
    known = {*record.drivers, *(row["driver"] for row in record.founding.drivers)}
    assert {name for kind in mechanisms().values() for name in kind.supplies} <= known
