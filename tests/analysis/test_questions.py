"""Questions: their files say what they must, and their designs hold the runs that their answers need."""

import pytest

from partystate import record
from partystate.analysis import attribution, compare, measures, question
from partystate.foundation.problems import DATA, Problem
from partystate.runs.design import REFERENCE_ARM

SMALL = """
main = "leads"
outcomes = ["leads"]
until = "1922-07"
[[arms]]
name = "no ban"
title = "No ban"
systems.off = ["S03"]
[[rotations]]
name = "another"
title = "Another"
turns = [{ founding = { holder = "Trotsky" } }, { founding = { holder = "Rykov" } }]
[under]
arm = "another"
readings = ["V.structural"]
"""


@pytest.mark.parametrize("name", question.ids())
def test_a_question_file_names_only_what_exists(name):
    asked = question.load(name)
    known = record.load()
    recipes = [arm.recipe for arm in question.laid_out(asked, 3).arms]
    assert all(recipe.built() for recipe in recipes)
    for outcome in asked.outcomes:
        assert compare.DEFINITIONS.get(outcome) or outcome.partition(".")[0] in ("first", "removed", "censured")
    assert asked.main in measures.PHRASES
    if asked.attribution:
        assert asked.attribution.outcome in measures.PHRASES
    for reading in asked.readings:
        assert known.readings[reading].runs, f"{reading} changes nothing in the built sectors"
    assert asked.under
    assert asked.limits


def test_twelve_questions_can_be_answered_and_the_others_say_what_they_wait_for():
    known = record.load().questions
    assert len(question.ids()) >= 12
    assert len(known) == 38
    for name in known:
        if name not in question.ids():
            assert question.waiting(name), name
            with pytest.raises(Problem, match=f"waits for {question.waiting(name)[0][:3]}"):
                question.load(name)


def test_all_arms_share_their_seeds_and_turns_divide_them():
    asked = question.parse("Q01", SMALL)
    arms = {arm.name: list(arm.seeds) for arm in question.laid_out(asked, 6, first_seed=10).arms}
    assert arms[REFERENCE_ARM] == arms["no ban"] == [10, 11, 12, 13, 14, 15]
    assert arms["another 1"] == [10, 12, 14]
    assert arms["another 2"] == [11, 13, 15]
    assert arms["V.structural: reference"] == sorted(arms["V.structural: another 1"] + arms["V.structural: another 2"])


def test_an_attribution_runs_every_coalition_that_its_orders_walk():
    asked = question.load("Q01")
    arms = {arm.name: arm for arm in question.laid_out(asked, 40).arms}
    players = tuple(asked.attribution.players)
    walked = attribution.coalitions_of(attribution.orders(players, range(200_000, 200_016)))
    for on, seeds in walked.items():
        if 0 < len(on) < len(players):
            assert list(arms[question.coalition(asked.attribution, on)].seeds) == seeds
    # The whole effect is measured on all seeds, its division on four in ten of them.
    assert [len(arms[name].seeds) for name in ("all on", "all off")] == [40, 40]
    assert arms["all on"].recipe.built().key(1).digest == arms[REFERENCE_ARM].recipe.built().key(1).digest
    off = {system for _, change in asked.attribution.players.values() for system in change["systems"]["off"]}
    assert arms["all off"].recipe.built().scenario.systems_off == off


def test_changes_are_laid_over_each_other():
    one = {"systems": {"off": ["S01"]}, "drivers": {"a": {"scale": 0}}}
    other = {"systems": {"off": ["S01", "S05"]}, "drivers": {"b": {"scale": 0}}, "reading": "V.structural"}
    assert question.merged(one, other) == {
        "systems": {"off": ["S01", "S05"]},
        "drivers": {"a": {"scale": 0}, "b": {"scale": 0}},
        "reading": "V.structural",
    }


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('main = "leads"', 'min = "leads"', "came min. Did you mean main?"),
        ('arm = "another"', 'arm = "anothr"', "expected the name of an arm; came anothr. Did you mean another?"),
        ('outcomes = ["leads"]', 'outcomes = ["rivals_out"]', "main: expected one of outcomes; came leads"),
        ('main = "leads"', "main = leads", "expected valid TOML"),
    ],
)
def test_a_broken_question_file_is_named(old, new, words):
    with pytest.raises(Problem) as caught:
        question.parse("Q01", SMALL.replace(old, new, 1))
    assert words in str(caught.value)
    assert "questions/Q01.toml" in str(caught.value)
    assert caught.value.exit_code == DATA
