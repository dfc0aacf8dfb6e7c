"""The standing tests of runs: looking, recording, checking and idle company change nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from partystate.model.catalogue import in_order
from partystate.model.mechanism import Mechanism
from partystate.runs import shuffle, tables, verify
from partystate.runs.recipe import BARE, Watching
from tests.runs.conftest import MONTHS


def fingerprint(simulation) -> str:
    return tables.fingerprint(simulation.result().series, MONTHS)


@pytest.fixture(scope="module")
def usual(short):
    return fingerprint(short.built().simulate(1))


@pytest.mark.parametrize("watching", [BARE, Watching(strict=True)])
def test_how_a_run_is_watched_does_not_change_it(short, usual, watching):
    assert fingerprint(short.built().simulate(1, watching=watching)) == usual


def test_looking_on_does_not_change_a_run(short, usual):
    seen = []
    assert fingerprint(short.built().simulate(1, hook=lambda simulation: seen.append(simulation.month))) == usual
    assert seen == list(range(1, MONTHS + 1))


class Idle(Mechanism):
    """Draws every month and does nothing with it."""

    name = "idle"
    phase = "report"
    draws = ("nothing",)

    def step(self, now, look, draw, post, emit):
        draw("nothing", range(1000))


def test_an_idle_mechanism_that_draws_changes_nothing(short, usual):
    built = short.built()
    model = built.model(built.course)
    larger = replace(model, mechanisms=in_order([*model.mechanisms, Idle()]))
    assert fingerprint(built.go_on(built.start(1, model=larger), MONTHS)) == usual


def test_a_history_does_not_depend_on_the_one_before(short, usual):
    built = short.built()
    built.simulate(2)
    assert fingerprint(built.simulate(1)) == usual


def test_two_histories_at_once_do_not_meet(short, usual):
    built = short.built()
    one, two = built.start(1), built.start(2)
    for _ in range(MONTHS):
        one.step()
        two.step()
    assert fingerprint(one) == usual


def test_other_orders_keep_to_what_is_bound(short):
    built = short.built()
    model = built.model(built.course)
    orders = set()
    for number in range(5):
        other = shuffle.shuffled(model, number).mechanisms
        orders.add(tuple(mechanism.name for mechanism in other))
        assert [m.phase for m in other] == [m.phase for m in model.mechanisms]
        place = {mechanism.name: number for number, mechanism in enumerate(other)}
        for i, first in enumerate(model.mechanisms):
            for second in model.mechanisms[i + 1 :]:
                if first.phase == second.phase and shuffle.bound(first, second):
                    assert place[first.name] < place[second.name]
    assert len(orders) > 1


@pytest.mark.slow
def test_the_published_fingerprints_hold():
    from partystate.runs import store

    made, here = verify.published()["platform"], store.made_on()
    if any(made[name] != here[name] for name in ("numpy", "numba", "machine")):
        pytest.skip(f"published on {made}")
    other = [verdict.name for verdict in verify.verdicts() if not verdict.same]
    assert not other, f"{', '.join(other)}: results have changed; if that is meant, run `partystate verify --update`"
