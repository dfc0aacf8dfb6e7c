"""Common random numbers: what is not changed by a scenario stays as it was, to the last bit.

Histories are compared whole: every column of the state, the ledger and its flows, the chronicle, the roll-calls, the
measured series and the leaders by month.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from partystate import record
from partystate.analysis import outcomes
from partystate.engine import snapshot
from partystate.engine.runner import draw_parameters
from partystate.foundation import calendar
from partystate.model import catalogue
from partystate.model.decisions import Directive
from partystate.model.mechanism import PHASES, Mechanism
from partystate.model.schema import RUNGS
from partystate.runs import shuffle
from partystate.runs.recipe import Recipe
from tests.laws.power import Case, drivers

MONTHS = calendar.index("1929-12") + 1
SHORT = 60
SCALE = 2_000
USUAL = Case(11, scale=SCALE)
NUDGE = calendar.index("1924-01")


def finished(case: Case = USUAL, months: int = MONTHS, **how):
    simulation = case.start(**how)
    simulation.run(months)
    return simulation


@pytest.fixture(scope="module")
def usual():
    return finished()


@pytest.fixture(scope="module")
def short():
    return finished(months=SHORT)


def differences(one, other) -> list[str]:
    """Names of everything in which two histories differ by as much as a bit."""
    a, b = snapshot.freeze(one), snapshot.freeze(other)
    if snapshot.same(a, b):
        return []
    arrays = [name for name in a.arrays.keys() | b.arrays.keys() if not _equal(a.arrays, b.arrays, name)]
    return sorted(arrays) + sorted(name for name in a.rest if a.rest[name] != b.rest[name])


def _equal(one, other, name: str) -> bool:
    return name in one and name in other and one[name].tobytes() == other[name].tobytes()


def effects(one, other) -> dict[str, float]:
    """Outcomes that differ: name -> difference; a value that is missing on one side only counts as infinite."""
    a, b = outcomes.measure(one.result()), outcomes.measure(other.result())
    known = {name for name in a if not (np.isnan(a[name]) and np.isnan(b[name]))}
    return {name: float(np.nan_to_num(a[name] - b[name], nan=np.inf)) for name in known if a[name] != b[name]}


def as_drawn(case: Case) -> dict[str, float]:
    """Every parameter fixed at the value that the history draws anyway."""
    return draw_parameters(record.load().parameters.resolve(None, None, None), case.seed)


NULLS = {
    "nothing": {},
    "the holder whom the record gives": {"holder": "Stalin"},
    "drivers scaled by one": {"scaled": dict.fromkeys(drivers(), 1.0)},
    "parameters fixed as drawn": {"changes": as_drawn(USUAL)},
}


@pytest.mark.parametrize("change", NULLS)
def test_the_null_counterfactual_is_exactly_zero(usual, change):
    other = finished(replace(USUAL, **NULLS[change]))
    assert differences(usual, other) == []
    assert effects(usual, other) == {}


def test_a_scenario_that_only_says_something_changes_nothing(short):
    text = 'title = "Nothing"\nquestion = "What if nothing were different?"\n[systems]\noff = []\n'
    recipe = Recipe(text, "nothing.toml", months=SHORT, scale=SCALE, only="power")
    assert differences(short, recipe.built().simulate(USUAL.seed)) == []


def test_a_real_counterfactual_is_not_zero(usual):
    other = finished(replace(USUAL, off=frozenset({"S01"})))
    assert "world/leader.clients" in differences(usual, other)
    assert "clients_1925" in effects(usual, other)


def idle(phase: str) -> Mechanism:
    """A mechanism that draws in its phase and does nothing with it."""

    class Idle(Mechanism):
        name = f"idle_{phase}"
        draws = ("nothing", "more")

        def step(self, now, look, draw, post, emit):
            draw("nothing", range(100))
            draw("more", now, k=1)

    Idle.phase = phase
    return Idle()


def test_idle_mechanisms_that_draw_change_nothing(short):
    model = catalogue.assemble()
    larger = replace(model, mechanisms=catalogue.in_order([*model.mechanisms, *map(idle, PHASES)]))
    assert len(larger.mechanisms) == len(model.mechanisms) + len(PHASES)
    assert differences(short, finished(months=SHORT, model=larger)) == []


def test_recording_everything_is_recording_nothing(usual):
    bare = finished(details=False)
    assert usual.recorder.votes
    assert not bare.recorder.votes
    assert differences(usual, bare) == ["votes"]
    assert effects(usual, bare) == {}


def test_strict_checks_change_nothing(short):
    assert differences(short, finished(months=SHORT, strict=True)) == []


def test_watching_changes_nothing(short):
    seen = []
    simulation = USUAL.start()
    simulation.run(SHORT, hook=lambda s: seen.append(snapshot.freeze(s).month))
    assert seen == list(range(1, SHORT + 1))
    assert differences(short, simulation) == []


@pytest.mark.parametrize("number", range(4))
def test_mechanisms_that_commute_may_change_places(usual, number):
    model = catalogue.assemble()
    other = shuffle.shuffled(model, number)
    assert [m.name for m in other.mechanisms] != [m.name for m in model.mechanisms]
    shuffled = finished(model=other)
    # Events of one month stand in the order in which they were written; what they say must be the same.
    assert set(differences(usual, shuffled)) <= {"chronicle", "flows", "votes", "series", "leader_months", "pending"}
    assert told(usual) == told(shuffled)
    assert sorted(map(str, usual.ledger.rows)) == sorted(map(str, shuffled.ledger.rows))
    assert usual.recorder.series.keys() == shuffled.recorder.series.keys()
    for key, values in usual.recorder.series.items():
        np.testing.assert_array_equal(values, shuffled.recorder.series[key], err_msg=str(key))


def test_decisions_on_one_person_commute():
    """Whether the motion on a man's removal or that on his promotion is written first must not decide."""
    removal = Directive("sanction", 2, {"rung": RUNGS.index("out of Politburo")}, (), "test")
    promotion = Directive("office", 2, {"office": 0}, (), "test")
    holders = []
    for decisions in ((removal, promotion), (promotion, removal)):
        simulation = finished(months=6)
        for decision in decisions:
            simulation.world.send(decision)
        simulation.step()
        holders.append(simulation.world.now["office.holder"].tolist())
    assert holders[0] == holders[1]


def told(simulation) -> list[str]:
    events = simulation.chronicle.events
    return sorted(str((e.month, e.kind, e.title, e.actors, e.place, dict(e.numbers), e.mechanism)) for e in events)


def before(simulation, month: int) -> tuple:
    """All that was written down before a month."""
    recorder = simulation.recorder
    series = {key: values[:month].tobytes() for key, values in recorder.series.items() if _measured(values[:month])}
    leaders = [{name: np.asarray(value).tobytes() for name, value in row.items()} for row in recorder.rows[:month]]
    events = [event for event in simulation.chronicle.events if event.month < month and event.kind != "lever"]
    return series, leaders, events, [row for row in simulation.ledger.rows if row.month < month]


def _measured(values: np.ndarray) -> bool:
    return not np.isnan(values).all()


NUDGES = {
    "a driver": f'[drivers]\nindustrial_unrest = {{ values = {{ "{calendar.label(NUDGE)}" = 0.9 }} }}\n',
    "a parameter": f'[[levers]]\nat = "{calendar.label(NUDGE)}"\nparameter = "appointments.vacancy"\nvalue = 0.05\n',
    "a system": f'[[levers]]\nat = "{calendar.label(NUDGE)}"\nsystems_off = ["S01"]\n',
    "a person": f'[[levers]]\nat = "{calendar.label(NUDGE)}"\nremove = "Zinoviev"\n',
}


@pytest.mark.parametrize("nudge", NUDGES)
def test_a_nudge_changes_nothing_before_it(short, nudge):
    recipe = Recipe(NUDGES[nudge], "nudge.toml", months=SHORT, scale=SCALE, only="power")
    other = recipe.built().simulate(USUAL.seed)
    assert before(short, NUDGE) == before(other, NUDGE)
    assert before(short, NUDGE + 2) != before(other, NUDGE + 2)


def test_a_letter_that_is_not_read_changes_nothing_before_it_would_be(short):
    """A system that acts on one date alone, switched off from the start, leaves all draws before it as they were."""
    read = calendar.index("1924-05")
    other = finished(replace(USUAL, off=frozenset({"S13"})), SHORT)
    assert before(short, read) == before(other, read)
    assert before(short, read + 1) != before(other, read + 1)


def test_scenarios_share_the_draws_that_both_make(short):
    """Who of the founding members dies or leaves in the first month does not depend on the struggle above them."""
    other = finished(replace(USUAL, off=frozenset({"S01", "S03", "S10"}), holder="Trotsky"), 1)
    usual = finished(months=1)
    assert differences(usual, other)
    for name in ("member.id", "member.rows", "party.by_class"):
        np.testing.assert_array_equal(usual.world.now[name], other.world.now[name])


def test_histories_interleaved_in_one_process_do_not_meet(short):
    others = [replace(USUAL, seed=12), replace(USUAL, off=frozenset({"S01", "S14"})), replace(USUAL, holder="Zinoviev")]
    alone = [short, *(finished(case, SHORT) for case in others)]
    together = [case.start() for case in (USUAL, *others)]
    for _ in range(SHORT):
        for simulation in together:
            simulation.step()
    for one, other in zip(alone, together, strict=True):
        assert differences(one, other) == []
    assert differences(together[0], together[2])
