"""Designs: the right arms on the right seeds, under keys that depend on nothing but what is run."""

from dataclasses import replace

import numpy as np
import pytest

from partystate.foundation.problems import Problem
from partystate.runs import design, ensemble
from partystate.runs.design import ALL, NONE, Arm
from partystate.runs.recipe import Recipe
from tests.runs.helpers import count_events as few

BRIEF = Recipe(months=3)
GROUPS = {"appointments": ("S01",), "ban": ("S03",), "rules": ("S04", "S05")}


def test_a_system_off_in_the_recipe_is_off_as_in_a_scenario():
    named = replace(BRIEF, text='[systems]\noff = ["S01"]\n')
    assert replace(BRIEF, off=("S01",)).built().key(3).digest == named.built().key(3).digest
    assert BRIEF.built().key(3).digest != named.built().key(3).digest


def test_a_factorial_has_every_coalition_on_the_same_seeds():
    found = design.factorial(BRIEF, GROUPS, 2, first_seed=5)
    assert len(found.arms) == 8
    assert found.runs == 16
    assert {tuple(arm.seeds) for arm in found.arms} == {(5, 6)}
    off = {arm.name: arm.recipe.off for arm in found.arms}
    assert off[ALL] == ()
    assert off[NONE] == ("S01", "S03", "S04", "S05")
    assert off["appointments+rules"] == ("S03",)


def test_coalitions_run_only_the_seeds_that_are_asked_for():
    wanted = {frozenset(GROUPS): [1, 2, 3], frozenset(): [3, 1], frozenset({"ban"}): []}
    found = design.coalitions(BRIEF, GROUPS, wanted)
    assert [(arm.name, list(arm.seeds)) for arm in found.arms] == [(ALL, [1, 2, 3]), (NONE, [1, 3])]


def test_a_latin_hypercube_puts_each_parameter_once_into_each_part_of_its_range():
    names, count = ["motions.rate", "agenda.control"], 10
    found = design.latin_hypercube(BRIEF, names, count, (1,))
    settings = BRIEF.built().parameters
    for name in names:
        values = np.array([dict(arm.recipe.overrides)[name] for arm in found.arms])
        low, high = settings[name].low, settings[name].high
        assert sorted(((values - low) / (high - low) * count).astype(int)) == list(range(count))
    again = design.latin_hypercube(BRIEF, names, count, (1,))
    other = design.latin_hypercube(BRIEF, names, count, (1,), number=1)
    assert again == found != other


@pytest.mark.parametrize(
    ("arms", "words"),
    [
        ([], "at least one run"),
        ([Arm("a", BRIEF, ())], "at least one run"),
        ([Arm("a", BRIEF, (1,)), Arm("a", BRIEF, (2,))], "a more than once"),
        ([Arm("a", BRIEF, (1, 1))], "a seed more than once"),
        ([Arm("a", BRIEF, (1,)), Arm("b", Recipe(months=4), (1,))], "arms of equal length"),
        ([Arm("a", replace(BRIEF, off=("S99",)), (1,))], "a system that is built"),
    ],
)
def test_designs_that_cannot_be_run_are_refused(arms, words):
    with pytest.raises(Problem, match=words):
        design.of(arms).table()


def test_ensembles_that_share_their_parts_make_no_run_twice(tmp_path):
    first = design.of([Arm("all", BRIEF, (1, 2))])
    second = design.of([Arm("all", BRIEF, (2, 3)), Arm("ban off", replace(BRIEF, off=("S03",)), (2,))])
    _, made = ensemble.run(first, tmp_path / "first", few, parts=tmp_path / "parts")
    stored, more = ensemble.run(second, tmp_path / "second", few, parts=tmp_path / "parts")
    assert (made.done, more.found, more.done) == (2, 1, 2)
    assert [part.seed for part in stored.parts("all")] == [2, 3]
    assert list(stored.by_seed("events", "ban off")) == [2]
    assert len(list((tmp_path / "parts").glob("*.parquet"))) == 4


def test_two_arms_that_are_the_same_history_share_its_part(tmp_path):
    same = design.of([Arm("one", BRIEF, (1,)), Arm("other", replace(BRIEF, where="elsewhere"), (1,))])
    stored, progress = ensemble.run(same, tmp_path, few)
    assert (progress.total, progress.done) == (1, 1)
    assert stored.parts("one")[0].key == stored.parts("other")[0].key


def test_founding_may_be_changed_person_by_person():
    """A trait, a date of death, or what the contenders have in common is changed, and nothing else of January 1922."""
    usual = BRIEF.built().start(1).world
    person = usual.labels["leader"].index("Trotsky")
    given = replace(BRIEF, text='[founding]\ntraits = { "Trotsky.organisation" = 0.25 }\n').built().start(1).world
    assert given.now["trait.organisation"][person] == 0.25
    others = np.arange(len(usual.labels["leader"])) != person
    assert np.array_equal(given.now["trait.organisation"][others], usual.now["trait.organisation"][others])
    dies = Recipe(months=8, text='[founding]\ndeaths = { Lenin = "1922-06" }\n').built().simulate(1)
    assert [e.month for e in dies.chronicle.events if e.kind == "death"] == [5]
    lives = Recipe(months=30, text='[founding]\ndeaths = { Lenin = "never" }\n').built().simulate(1)
    assert not [e for e in lives.chronicle.events if e.kind == "death"]


def test_being_alike_in_everything_is_being_identical():
    parts = replace(BRIEF, text='[founding]\nalike = ["bonds", "offices", "positions", "traits"]\n').built()
    whole = replace(BRIEF, text="[founding]\nidentical_leaders = true\n").built()
    assert parts.key(1).digest == whole.key(1).digest
    positions = replace(BRIEF, text='[founding]\nalike = ["positions"]\n').built().start(1).world
    contender = positions.now["trait.contender"] == 1
    assert np.ptp(positions.now["leader.position"][contender], axis=0).max() < 1e-12
    assert np.ptp(positions.now["trait.organisation"][contender]) > 0.1
