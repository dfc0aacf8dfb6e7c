"""What must hold of the whole sector in every month of every history, whatever the scenario."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partystate import record
from partystate.foundation import calendar
from partystate.mechanisms.power.appointments import Appointments
from partystate.model import catalogue
from partystate.model.decisions import Directive
from partystate.model.ledger import BooksDoNotBalance
from partystate.model.schema import CANDIDATE, COMMITTEE, FULL, OUT
from tests.laws.power import (
    EXPELLED,
    OFFICE,
    Case,
    beyond,
    broken,
    drivers,
    extremes,
    flows_explain,
    parameters,
    secretaries,
)

SYSTEMS = sorted(catalogue.systems())
VARIANTS = {name: kind.variants for name, kind in catalogue.mechanisms().items() if kind.variants}
LEADERS = [row["person"] for row in record.load().founding["leaders"]]
COARSE = (1_000, 5_000, 20_000)


@st.composite
def fixed_parameters(draw) -> dict[str, float]:
    """None, a few anywhere in their ranges, or all at one end."""
    if draw(st.integers(0, 3)) == 0:
        return extremes(draw(st.sampled_from(["low", "high"])))
    known = record.load().parameters
    chosen = draw(st.lists(st.sampled_from(parameters()), max_size=8, unique=True))
    return {key: known[key].low + draw(st.floats(0, 1)) * (known[key].high - known[key].low) for key in chosen}


@st.composite
def scaled_drivers(draw) -> dict[str, float]:
    chosen = draw(st.lists(st.sampled_from(drivers()), max_size=4, unique=True))
    return {name: draw(st.sampled_from([0.0, 0.5, 2.0])) for name in chosen}


cases = st.builds(
    Case,
    seed=st.integers(0, 2**64 - 1),
    off=st.one_of(st.frozensets(st.sampled_from(SYSTEMS), max_size=5), st.just(frozenset(SYSTEMS))),
    variants=st.fixed_dictionaries({}, optional={name: st.sampled_from(kinds) for name, kinds in VARIANTS.items()}),
    holder=st.one_of(st.none(), st.sampled_from(LEADERS)),
    identical=st.booleans(),
    changes=fixed_parameters(),
    scaled=scaled_drivers(),
    scale=st.sampled_from(COARSE),
)


def keep_the_laws(case: Case, months: int) -> None:
    """Run a history and check every law at the end of each of its months."""
    simulation = case.start(details=False)
    opening = {stock: dict(held) for stock, held in simulation.ledger.accounts.items()}

    def check(simulation):
        assert not broken(simulation), calendar.label(simulation.month - 1)

    simulation.run(months, hook=check)
    assert flows_explain(simulation, opening)
    assert secretaries(simulation).max() <= 1
    assert not beyond(simulation)


@settings(max_examples=25)
@given(case=cases, months=st.integers(3, 48))
def test_the_laws_hold_in_any_scenario(case, months):
    keep_the_laws(case, months)


@pytest.mark.slow
@settings(max_examples=500)
@given(case=cases, months=st.sampled_from([*range(36, 109, 12)] * 3 + [calendar.MONTHS]))
def test_the_laws_hold_in_five_hundred_scenarios(case, months):
    keep_the_laws(case, months)


@pytest.mark.parametrize("end", ["low", "high"])
def test_the_laws_hold_with_every_parameter_at_one_end(end):
    keep_the_laws(Case(3, changes=extremes(end), scale=1_000), 72)


def test_the_laws_hold_with_every_system_off():
    keep_the_laws(Case(4, off=frozenset(SYSTEMS), scale=1_000), 72)


def test_members_are_conserved_one_for_one():
    """At the scale of 1:1 the books agree to the person."""
    keep_the_laws(Case(5, scale=1), 3)


@pytest.mark.parametrize("driver", drivers())
def test_a_driver_may_be_silenced(driver):
    keep_the_laws(Case(6, scaled={driver: 0.0}, scale=20_000), 14)


# --- the hard corners of the laws -------------------------------------------------------------------------------
def test_the_committee_keeps_to_its_statute():
    simulation = Case(1, scale=20_000).start()
    simulation.run(calendar.index("1922-03") + 1)
    assert not faults_of("statute: committee_size", simulation)


def test_candidates_keep_to_their_statute():
    simulation = at("1923-04", sitting=8, seat=CANDIDATE, opposed=True)
    simulation.step()
    assert not faults_of("statute: politburo_candidates", simulation)


def test_the_politburo_keeps_to_its_statute():
    simulation = at("1939-03", sitting=10, seat=FULL, opposed=False)
    simulation.step()
    assert not faults_of("statute: politburo_size", simulation)


def test_whoever_is_removed_holds_no_office():
    simulation = Case(1, scale=20_000).start()
    simulation.run(6)
    simulation.world.send(Directive("sanction", 2, {"rung": OFFICE}, (), "test"))
    simulation.world.send(Directive("office", 2, {"office": 0}, (), "test"))
    simulation.step()
    assert simulation.world.now["leader.rung"][2] == OFFICE
    assert not faults_of("removed", simulation)


def at(month: str, sitting: int, seat: int, opposed: bool):
    """January 1922 moved to a later month; the first few leaders have one seat, nobody else sits in the Politburo."""
    simulation = Case(1, scale=20_000).start()
    simulation.month = calendar.index(month)
    now = simulation.world.now
    chosen = np.arange(now["leader.seat"].size) < sitting
    now["leader.seat"] = np.where(chosen, seat, np.minimum(now["leader.seat"], COMMITTEE)).astype(np.int8)
    now["leader.opposed"] = (chosen & opposed).astype(np.int8)
    return simulation


def faults_of(law: str, simulation) -> list[str]:
    return [fault for fault in broken(simulation) if fault.startswith(law)]


# --- the laws can be broken -------------------------------------------------------------------------------------
def _first(now, column, value):
    now[column] = np.array(now[column])
    now[column].flat[0] = value


SPOILT = {
    "finite: leader.prestige": lambda now: _first(now, "leader.prestige", np.nan),
    "bounds: leader.position": lambda now: _first(now, "leader.position", 1.5),
    "bounds: discussion.tiers": lambda now: _first(now, "discussion.tiers", -0.1),
    "bounds: leader.bloc": lambda now: _first(now, "leader.bloc", 3),
    "reference: post.patron": lambda now: _first(now, "post.patron", len(LEADERS)),
    "whole: leader.power_seen": lambda now: _first(now, "leader.power_seen", 0.9),
    "posts:": lambda now: _first(now, "post.appointed", 1 - now["post.appointed"][0]),
    "members:": lambda now: _first(now, "member.rows", now["member.rows"][0] + 1),
    "statute: politburo_size": lambda now: now.update({"leader.seat": np.full_like(now["leader.seat"], FULL)}),
    "twice:": lambda now: _first(now, "committee.person", now["committee.person"][1]),
    "dead:": lambda now: _first(now, "leader.alive", 0),
    "rung: Lenin is expelled": lambda now: _first(now, "leader.rung", EXPELLED),
    "rung: Lenin is out of the party": lambda now: _first(now, "leader.seat", OUT),
    "office: Lenin": lambda now: now.update(
        {"office.holder": np.zeros_like(now["office.holder"]), "leader.alive": np.zeros_like(now["leader.alive"])}
    ),
}


@pytest.mark.parametrize("law", SPOILT)
def test_a_broken_law_is_seen(law):
    simulation = Case(1, scale=20_000).start()
    simulation.step()
    assert not broken(simulation)
    SPOILT[law](simulation.world.now)
    assert any(fault.startswith(law) for fault in broken(simulation)), broken(simulation)


def test_a_missing_flow_is_seen():
    simulation = Case(1, scale=20_000).start()
    opening = {stock: dict(held) for stock, held in simulation.ledger.accounts.items()}
    simulation.run(2)
    assert flows_explain(simulation, opening)
    simulation.ledger.rows.pop()
    assert not flows_explain(simulation, opening)


def test_a_series_out_of_bounds_is_seen():
    simulation = Case(1, scale=20_000).start()
    simulation.run(2)
    assert not beyond(simulation)
    simulation.recorder.measure("line_doctrine", 1, -1.1)
    simulation.recorder.measure("opposition_cells_share", 1, 33.0)
    assert [fault.split(":")[0] for fault in beyond(simulation)] == ["line_doctrine", "opposition_cells_share"]


class Minting(Appointments):
    """Names one secretary more from above than it books."""

    def step(self, now, look, draw, post, emit):
        results = super().step(now, look, draw, post, emit)
        free = np.flatnonzero(results["post.appointed"] == 0)
        results["post.appointed"][free[0]] = 1
        return results


def test_a_mechanism_that_keeps_false_books_stops_the_run():
    model = catalogue.assemble()
    forged = [Minting() if m.name == Minting.name else m for m in model.mechanisms]
    simulation = Case(1, scale=20_000).start(model=catalogue.Model(tuple(forged)))
    with pytest.raises(BooksDoNotBalance, match="posts named from above"):
        simulation.run(2)
