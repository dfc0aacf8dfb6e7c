"""Common random numbers in the countryside: what nothing has changed stays as it was, to the last bit.

Snapshots and forks go on as the history itself would, and threads share the work without a trace.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from partystate import record
from partystate.engine import snapshot
from partystate.engine.runner import draw_parameters
from partystate.foundation import calendar, kernels
from partystate.model import catalogue
from partystate.model.mechanism import PHASES
from partystate.runs import shuffle
from partystate.runs.recipe import BARE, Fork, Recipe, Watching
from tests.contracts.source import ROOT
from tests.laws.countryside import FEWEST, SECTOR, Case, drivers, identities
from tests.laws.test_common_random_numbers import before, differences, idle, told

MONTHS = 30
SEED = 11
USUAL = Case(SEED)
NUDGE = calendar.index("1923-08")  # what June says of the harvest year is written under the December before


def recipe(text: str = "", months: int = MONTHS, **how) -> Recipe:
    return Recipe(text, "test.toml", months=months, scale=FEWEST, only=SECTOR, **how)


@pytest.fixture(scope="module")
def usual():
    return USUAL.run(MONTHS)


NULLS = {
    "nothing": {},
    "drivers scaled by one": {"scaled": dict.fromkeys(drivers(), 1.0)},
    "parameters fixed as drawn": {"changes": draw_parameters(record.load().parameters.resolve(None, None, None), SEED)},
}


@pytest.mark.parametrize("change", NULLS)
def test_the_null_counterfactual_is_exactly_zero(usual, change):
    assert differences(usual, replace(USUAL, **NULLS[change]).run(MONTHS)) == []


def test_a_real_counterfactual_is_not_zero(usual):
    for change in ({"seed": SEED + 1}, {"off": frozenset({"S18"})}, {"scaled": {"grain_price": 0.9}}):
        assert "world/household.grain" in differences(usual, replace(USUAL, **change).run(MONTHS)), change


def test_a_recipe_and_a_case_are_one_history(usual):
    assert differences(usual, recipe().built().simulate(SEED)) == []


# Under strict watching the kernels are compiled once more, for arrays that cannot be written to.
@pytest.mark.parametrize("watching", [BARE, pytest.param(Watching(strict=True), marks=pytest.mark.slow)])
def test_recording_and_watching_change_nothing(usual, watching):
    seen = []
    simulation = recipe().built().simulate(SEED, lambda s: seen.append(snapshot.freeze(s).month), watching)
    assert seen == list(range(1, MONTHS + 1))
    assert differences(usual, simulation) == []


def test_idle_mechanisms_that_draw_change_nothing(usual):
    model = USUAL.model()
    larger = replace(model, mechanisms=catalogue.in_order([*model.mechanisms, *map(idle, PHASES)]))
    assert len(larger.mechanisms) == len(model.mechanisms) + len(PHASES)
    assert differences(usual, USUAL.run(MONTHS, model=larger)) == []


def test_histories_interleaved_in_one_process_do_not_meet(usual):
    other = replace(USUAL, off=frozenset({"S19"}))
    alone, together = [usual, other.run(MONTHS)], [USUAL.start(), other.start()]
    for _ in range(MONTHS):
        for simulation in together:
            simulation.step()
    assert [differences(*pair) for pair in zip(alone, together, strict=True)] == [[], []]


def test_scenarios_share_the_draws_that_both_make():
    """Who is founded, and who of them dies, leaves or splits in the first month, hangs on nothing that came before."""
    others = (replace(USUAL, off=frozenset({"S19", "S26"})), replace(USUAL, scaled={"grain_price": 2.0}))
    usual = USUAL.run(1)
    for other in others:
        simulation = other.run(1)
        assert differences(usual, simulation)
        assert identities(usual.world.now).keys() == identities(simulation.world.now).keys()
        for name in ("people.born", "people.died", "people.left"):
            np.testing.assert_array_equal(usual.world.now[name], simulation.world.now[name])


NUDGES = {
    "a driver": f'[drivers]\ngrain_price = {{ values = {{ "{calendar.label(NUDGE)}" = 0.3 }} }}\n',
    "a parameter": f'[[levers]]\nat = "{calendar.label(NUDGE)}"\nparameter = "market.safety"\nvalue = 0.5\n',
    "a system": f'[[levers]]\nat = "{calendar.label(NUDGE)}"\nsystems_off = ["S36"]\n',
}


@pytest.mark.parametrize("nudge", NUDGES)
def test_a_nudge_changes_nothing_before_it(usual, nudge):
    other = recipe(NUDGES[nudge]).built().simulate(SEED)
    assert before(usual, NUDGE) == before(other, NUDGE)
    assert before(usual, NUDGE + 3) != before(other, NUDGE + 3)


@pytest.mark.parametrize("number", range(2))
def test_mechanisms_that_commute_may_change_places(usual, number):
    """Among those that change the same stocks the order is part of the model, and the shuffle must leave it."""
    other = shuffle.shuffled(USUAL.model(), number)
    shuffled = USUAL.run(MONTHS, model=other)
    assert set(differences(usual, shuffled)) <= {"chronicle", "flows", "series"}
    assert told(usual) == told(shuffled)
    assert sorted(map(str, usual.ledger.rows)) == sorted(map(str, shuffled.ledger.rows))


# --- snapshots and forks ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("at", [1, 7, MONTHS - 1])
def test_a_thawed_history_goes_on_bit_for_bit(usual, at, tmp_path):
    built = recipe().built()
    frozen = snapshot.freeze(built.go_on(built.start(SEED), at))
    copy = {name: values.copy() for name, values in frozen.arrays.items()}
    assert differences(usual, built.go_on(built.resume(SEED, frozen), MONTHS)) == []
    # What the history changes in place afterwards must not be what was frozen.
    assert all(np.array_equal(copy[name], values, equal_nan=True) for name, values in frozen.arrays.items())
    snapshot.save(frozen, tmp_path / "one.npz", "key")
    kept = snapshot.load(tmp_path / "one.npz", "key")
    assert differences(usual, built.go_on(built.resume(SEED, kept), MONTHS)) == []


def test_a_fork_with_nothing_changed_is_its_parent(usual):
    assert differences(usual, recipe(fork=Fork(recipe(), NUDGE)).built().simulate(SEED)) == []


def test_a_fork_shares_the_past_and_not_the_future(usual):
    child = recipe('[systems]\noff = ["S19", "S36"]\n', fork=Fork(recipe(), NUDGE)).built().simulate(SEED)
    assert before(usual, NUDGE) == before(child, NUDGE)
    assert "world/household.people" in differences(usual, child)


# --- threads ----------------------------------------------------------------------------------------------------
TWICE = """
import hashlib
import numba
from partystate.engine import snapshot
from tests.laws.countryside import Case, shift

for threads in (1, 2):
    numba.set_num_threads(threads)
    simulation = Case(7, households=100).start(details=False)
    shift(simulation, {begins})
    simulation.run(10)
    frozen, digest = snapshot.freeze(simulation), hashlib.sha256()
    for name in sorted(frozen.arrays):
        digest.update(name.encode() + frozen.arrays[name].tobytes())
    digest.update(repr(frozen.rest).encode())
    rows = simulation.world.now["household.rows"]
    members = int(simulation.world.now["village.counts"].sum() > 0)
    print(numba.get_num_threads(), rows.size, members, digest.hexdigest())
"""


@pytest.mark.slow
def test_one_thread_and_two_give_the_same_bits():
    """Ten months from sowing to sowing, in the thick of the drive, with more chunks than one thread takes alone."""
    code = TWICE.format(begins=calendar.index("1929-11"))
    environment = {**os.environ, "NUMBA_NUM_THREADS": "2"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (one, chunks, members, alone), (two, *rest) = (line.split() for line in done.stdout.splitlines())
    assert (one, two, members) == ("1", "2", "1")
    assert int(chunks) >= kernels.MANY
    assert rest == [chunks, members, alone]
