"""The description of the published study fits the model, and its parts hold what is asked and no more."""

from __future__ import annotations

import pytest

from partystate import record
from partystate.analysis import study, study_measures, study_runs
from partystate.foundation import calendar
from partystate.foundation.problems import Problem
from partystate.model import catalogue
from partystate.runs import design, ensemble
from partystate.runs.recipe import BARE, Recipe

TUNING = range(100_000)


@pytest.fixture(scope="module")
def power() -> study.Study:
    return study.load("power")


@pytest.fixture(scope="module")
def measured(power):
    """What the study measures in one history."""
    result = Recipe(months=power.months).built().simulate(7, watching=BARE).result()
    return study_measures.measure_power(result)


def test_every_system_is_switched_off_alone(power):
    assert {arm.name for arm in power.group(study.OFF)} == {f"{system}-off" for system in catalogue.systems()}
    assert len({arm.name for arm in power.arms}) == len(power.arms)


def test_it_runs_to_the_end_of_1930_on_seeds_kept_for_publication(power):
    assert calendar.label(power.months - 1) == "1930-12"
    assert power.first_seed not in TUNING
    assert power.runs >= 1000


def test_every_arm_can_be_built_and_is_another_history(power):
    keys = {Recipe(text=arm.scenario, months=power.months).built().key(1).digest for arm in power.arms}
    assert len(keys) == len(power.arms)


def test_what_it_asks_is_measured(power, measured):
    asked = [*power.conditions, *power.checks]
    names = {x.outcome for x in asked} | {x.among for x in asked} | {power.dates.among} - {""}
    assert names - {""} <= measured.keys()
    assert {f"removed.{person}" for person in power.dates.persons} <= measured.keys()
    assert set(power.totals) <= study_measures.kept()
    for arm in power.group(study.HOLDER):
        assert f"last_standing.{arm.name.removeprefix('holder-')}" in measured


def test_its_checks_are_figures_of_the_record(power):
    for check in power.checks:
        assert check.date in {point.date.text for point in record.load().series[check.series].points}


def test_totals_count_and_means_do_not(measured):
    assert measured["mean.secretariat_challenges"] == measured["challenges"]
    assert 0 <= measured["mean.client_share_of_holder"] <= 1
    assert 0 < measured["post_moved_1923_24"] < 1


def test_the_reference_is_always_among_the_arms(power):
    assert [arm.name for arm in study.chosen(power, ["S01-off"])] == ["reference", "S01-off"]
    assert study.chosen(power, []) == power.arms
    with pytest.raises(Problem, match="expected an arm of the study"):
        study.chosen(power, ["S01"])


def test_parts_may_hold_some_series_only(tmp_path):
    recipe = Recipe(months=6)
    kept = frozenset({"bloc_size", "party_total"})
    whole, _ = ensemble.run(design.replicates(recipe, 1), tmp_path / "whole", _nothing)
    some, _ = ensemble.run(design.replicates(recipe, 1), tmp_path / "some", _nothing, keep=kept)
    assert set(some.parts()[0].table().column("series").to_pylist()) == kept
    assert set(some.parts()[0].table().column("region").to_pylist()) == {None}
    assert some.parts()[0].fingerprint == whole.parts()[0].fingerprint
    with pytest.raises(Problem, match="another scenario or other settings"):
        ensemble.run(design.replicates(recipe, 2), tmp_path / "some", _nothing)


def _nothing(result) -> dict[str, float]:
    return {}


def test_a_study_knows_what_its_results_depend_on(power):
    changed = study.parse("power", power.text.replace("runs = 1000", "runs = 1001"))
    assert study_runs.identity(changed) != study_runs.identity(power)
    assert study_runs.identity(study.parse("power", power.text)) == study_runs.identity(power)
