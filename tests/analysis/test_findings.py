"""What is said of a question's histories follows from their values, on worlds whose truth is known."""

import numpy as np
import pytest

from partystate.analysis import measures, plausibility, question
from partystate.analysis.answer_words import in_arms, in_groups, percent, signed
from partystate.analysis.findings import Findings
from partystate.analysis.plausibility import rewriting
from tests.analysis.worlds import World

RUNS = 400
ARMS = """
main = "leads"
outcomes = ["leads", "rivals_out", "one_man_rule"]
until = "1930-01"
orders = ["Trotsky", "Zinoviev", "Bukharin"]
[[arms]]
name = "none"
title = "Nothing"
systems.off = ["S03"]
[[arms]]
name = "first"
title = "First"
systems.off = ["S01"]
[[arms]]
name = "both"
title = "Both"
systems.off = ["S01", "S03"]
[[together]]
whole = "both"
parts = ["first", "none"]
title = "Both beyond each"
[decompose]
outcome = "leads"
arms = { "something" = "first" }
[under]
arm = "first"
readings = []
[limits]
texts = ["A limit."]
"""


def chances(share: float, seed: int) -> np.ndarray:
    return (np.random.default_rng(seed).random(RUNS) < share).astype(float)


@pytest.fixture
def asked():
    return question.parse("Q06", ARMS)


@pytest.fixture
def found(asked):
    reference = chances(0.6, 1)
    arms = {
        "reference": {"leads": reference},
        "none": {"leads": reference},
        "first": {"leads": reference * chances(0.5, 2)},
        "both": {"leads": reference * 0},
    }
    return Findings(asked, World(asked, arms, RUNS))


def test_a_planted_effect_and_a_planted_null_are_found(found):
    effect = found.line("first", "leads").effect
    assert effect.low <= -0.3 <= effect.high
    nothing = found.line("none", "leads").effect
    assert (nothing.difference, nothing.changed) == (0, 0)
    assert not nothing.clear


def test_what_changes_do_together_is_measured_beyond_their_sum(found):
    beyond = found.together("both", ["first", "none"], "leads")
    assert beyond.low <= -0.3 <= beyond.high
    assert beyond.clear


def test_the_share_of_variance_of_a_factor_that_does_nothing_is_zero(asked):
    same = chances(0.5, 3)
    values = {"reference": {"leads": same}, "first": {"leads": same}}
    share = Findings(asked, World(asked, values, RUNS)).variance_share("first", "leads")
    assert (share.value, share.low, share.high) == (0, 0, 0)


def test_a_factor_that_decides_everything_has_all_of_the_variance(asked):
    values = {"reference": {"leads": np.zeros(RUNS)}, "first": {"leads": np.ones(RUNS)}}
    share = Findings(asked, World(asked, values, RUNS)).variance_share("first", "leads")
    assert share.value == pytest.approx(1)


def test_two_factors_of_known_weight_get_the_shares_of_the_analysis_of_variance(asked):
    chance = np.random.default_rng(4).normal(0, 2, RUNS)
    values = {"reference": {"leads": chance}, "first": {"leads": chance + 3}}
    share = Findings(asked, World(asked, values, RUNS)).variance_share("first", "leads")
    expected = 1.5**2 / (1.5**2 + chance.var())
    assert share.value == pytest.approx(expected)
    assert share.low <= expected <= share.high


def test_orders_join_those_who_go_in_the_same_month_and_leave_out_who_stays(asked):
    never = np.full(RUNS, np.nan)
    values = {
        "reference": {
            "leads": np.ones(RUNS),
            "removed.Trotsky": np.full(RUNS, 40.0),
            "removed.Zinoviev": np.full(RUNS, 40.0),
            "removed.Bukharin": np.where(np.arange(RUNS) < RUNS / 4, 90.0, never),
        }
    }
    first, second = Findings(asked, World(asked, values, RUNS)).orders()
    assert first.people == ("Trotsky and Zinoviev",)
    assert first.level.mean == 0.75
    assert second.people == ("Trotsky and Zinoviev", "Bukharin")
    assert second.level.low <= 0.25 <= second.level.high


# Sentences ---------------------------------------------------------------------------------------------------------


def test_sentences_name_the_largest_clear_effect_and_what_is_not_clear(found, asked):
    lines = {arm.title: found.line(arm.name, "leads") for arm in asked.arms}
    first, second = in_arms("leads", found.level("leads"), lines)
    level = found.line("none", "leads").effect.a
    assert f"leads in December 1929 in {percent(level.mean)} of histories" in first
    assert "the largest change is made by “Both”: −" in first
    assert second.startswith("Also clear: “First” −")
    assert second.endswith("not to be told from chance: “Nothing”.")


def test_nothing_clear_is_said_to_be_nothing(asked):
    same = chances(0.5, 5)
    values = {arm: {"leads": same} for arm in ("reference", "none", "first", "both")}
    nothing = Findings(asked, World(asked, values, RUNS))
    lines = {arm.title: nothing.line(arm.name, "leads") for arm in asked.arms}
    _, second = in_arms("leads", nothing.level("leads"), lines)
    assert second.startswith("Of 3 changes tried, none of them changes that in a way that can be told from chance")


def test_an_effect_of_groups_is_divided_only_when_it_is_clear():
    asked = question.load("Q07")
    players = tuple(asked.attribution.players)
    seeds = range(1, RUNS + 1)
    chance = dict(zip(seeds, np.random.default_rng(6).random(RUNS), strict=True))

    def world(weights):
        arms = {}
        for on in question.coalition_seeds(asked.attribution, seeds):
            share = 0.2 + sum(weights[name] for name in on)
            values = np.array([float(chance[seed] < share) for seed in seeds])
            arms[question.coalition(asked.attribution, on)] = {"left_out_1927": values}
        arms["reference"] = arms["all on"]
        return Findings(asked, World(asked, arms, RUNS))

    def off(found):
        return found.line("all off", "left_out_1927").effect

    found = world(dict(zip(players, (0.5, 0.1, 0.0), strict=True)))
    strong = found.attributed()
    first, second = in_groups(asked.attribution, strong, off(found))
    assert "a change of −" in first
    assert "stands apart" in second
    assert strong.share(players[2]).shapley.mean == 0.0
    found = world(dict.fromkeys(players, 0.0))
    _, second = in_groups(asked.attribution, found.attributed(), off(found))
    assert second == "That cannot be told from no difference, so it is not divided among its parts."


def test_numbers_in_sentences_have_true_signs():
    assert signed(-2.4, 0) == "−2"
    assert signed(0.04, 1) == "0.0"
    assert signed(1.25, 1) == "+1.2"


# How far a rewriting goes ------------------------------------------------------------------------------------------


def state_world(asked, shift: float, seed: int = 7):
    generator = np.random.default_rng(seed)
    date = measures.STATE_DATES[0]
    names = [f"{measures.STATE}{date}.{series}" for series in measures.STATE_SERIES]
    mixing = generator.normal(size=(len(names), len(names)))
    arms = {}
    for arm, away in (("reference", 0.0), ("first", shift)):
        rows = generator.normal(size=(RUNS, len(names)))
        rows[:, 0] += away
        arms[arm] = dict(zip(names, (rows @ mixing).T, strict=True))
    return Findings(asked, World(asked, arms, RUNS))


def test_a_state_like_any_other_lies_at_the_middle_of_the_reference(asked):
    alike = rewriting(state_world(asked, 0.0), "first")
    assert alike.percentile == pytest.approx(50, abs=8)
    assert alike.beyond == pytest.approx(0.05, abs=0.03)
    assert alike.mark == "A"


def test_a_state_far_away_is_another_world_whatever_the_units(asked):
    far = rewriting(state_world(asked, 9.0), "first")
    assert far.percentile > plausibility.FAR
    assert (far.mark, far.words.partition(":")[0]) == ("D", "another world")
    assert rewriting(state_world(asked, 3.0), "first").mark in ("B", "C")


def test_a_rewriting_that_changes_nothing_has_no_distance(asked):
    world = state_world(asked, 0.0).stored
    same = {"reference": world.values["reference"], "first": world.values["reference"]}
    dates, zeros = measures.STATE_DATES[1:], np.zeros(RUNS)
    later = {f"{measures.STATE}{date}.{name}": zeros for date in dates for name in measures.STATE_SERIES}
    same = {arm: {**values, **later} for arm, values in same.items()}
    nothing = rewriting(Findings(asked, World(asked, same, RUNS)), "first")
    assert nothing.words == "not measured"
