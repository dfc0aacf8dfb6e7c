"""The study of the countryside: its description fits the model, its rule can go either way, its page says what came."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from partystate import record
from partystate.analysis import rural_checks, rural_measures, rural_terms, study, study_kinds, study_runs
from partystate.analysis.rural_checks import Check
from partystate.analysis.rural_results import FAILS, HOLDS, UNDECIDED, UNSCORED, Results, judged, ratio_of_means
from partystate.foundation import calendar
from partystate.foundation.problems import Problem
from partystate.model import catalogue
from partystate.runs.parts import Part
from partystate.runs.recipe import BARE, Recipe
from partystate.views import rural_page

ABOUT = {"date": "2026-12-01", "command": "partystate study countryside", "model": "m" * 64, "record": "r" * 64,
         "platform": {"python": "3.12"}}  # fmt: skip
RUNS = 60


@pytest.fixture(scope="module")
def rural() -> study.Study:
    return study.load("countryside")


@pytest.fixture(scope="module")
def asked(rural) -> rural_checks.Asked:
    return rural_checks.of(rural)


# The description --------------------------------------------------------------------------------------------------


def test_it_runs_the_whole_period_on_seeds_of_its_own(rural):
    assert rural.months == calendar.MONTHS
    assert rural.first_seed >= 400_000 + 8  # eight seeds were looked at while the page was made
    assert rural.runs >= 400
    assert all(100 <= arm.runs <= 200 for arm in rural.arms[1:])


def test_every_system_of_the_sector_is_switched_off_alone(rural):
    assert {arm.name for arm in rural.group(study.OFF)} == {
        f"{name}-off" for name in catalogue.systems(("countryside",))
    }


def test_every_arm_can_be_built_and_is_another_history(rural):
    keys = {Recipe(arm.scenario, months=rural.months, only=rural.sector).built().key(1).digest for arm in rural.arms}
    assert len(keys) == len(rural.arms)


def test_single_figures_belong_to_the_window_that_the_record_gives_them(asked):
    for check in (check for check in asked.checks if check.level):
        (series,) = rural_terms.series_of(check.value)
        assert check.use == record.load().series[series].window(check.value.split()[1]), check.id


def test_what_is_kept_back_has_no_figure(asked):
    assert {each.answers_to for each in asked.kept_back} == {
        "pigs_jan", "sheep_goats_jan", "grain_exports", "births_adk", "rural_population",
    }  # fmt: skip
    assert all(check.figure is None for check in asked.checks if check.use == "withheld")
    assert rural_terms.in_record("pigs_jan 1933-01") is None


def test_a_wrong_description_is_refused(rural):
    with pytest.raises(Problem, match="expected an arm of the study; came S99-off"):
        rural_checks.of(study.parse("x", rural.text.replace('arm = "S22-off"', 'arm = "S99-off"')))
    with pytest.raises(Problem, match="expected one of median, share"):
        rural_checks.of(study.parse("x", rural.text.replace('rule = "ratio"', 'rule = "ration"')))


def test_a_quantity_that_cannot_be_read_is_refused():
    for text in ("cattle_jan", "mean cattle_jan 1931", "cattle_jan 1931..1932", "cattle_jan 1931 * 2"):
        with pytest.raises(Problem, match="expected terms such as"):
            rural_terms.parse(text)


# Quantities -------------------------------------------------------------------------------------------------------


def test_the_record_is_read_as_histories_are():
    assert rural_terms.in_record("cattle_jan 1933-01 / cattle_jan 1928-01").value == pytest.approx(33.5 / 60.1)
    assert rural_terms.in_record("mean grain_harvest_dw 1934..1938").value == pytest.approx(74)
    peak = rural_terms.in_record("month_of_max collectivised_households 1929-10..1930-09")
    assert calendar.label(int(peak.value)) == "1930-03"
    ratio = rural_terms.in_record("grain_procurement 1931 / grain_procurement 1928")
    assert (ratio.low, ratio.high) == pytest.approx((22 / 10.8, 23.2 / 9.4))
    assert ratio.grade == "B"
    assert rural_terms.in_record("mean grain_harvest_dw 1926..1928") is None  # one year of three
    assert rural_terms.in_record("mean scissors_ratio 1924-07..1924-12") is None  # no figure in half a year


def test_quantities_of_a_history():
    values = np.full(234, np.nan)
    values[11::12] = np.arange(19.0)  # December of 1922 … 1940
    series = {("x", None): values, ("zero", None): np.zeros(234)}

    def of(text, months=234):
        return rural_terms.in_history(text, series, months)

    assert of("x 1924 - x 1926 / x 1924") == 2 - 4 / 2
    assert of("sum x 1924..1926") == 9
    assert of("month_of_max x 1924..1926") == calendar.index("1926-12")
    assert math.isnan(of("x 1924 / zero 1924"))
    assert math.isnan(of("month_of_max zero 1924..1926"))  # no month is the worst where nobody died
    assert math.isnan(of("sum x 1924..1926", months=59))  # December 1926 was not worked
    assert math.isnan(of("unknown 1924"))


def test_rank_correlation():
    a = np.array([1.0, 2.0, 3.0, 4.0])
    assert rural_measures.rank_correlation(a, np.exp(a)) == pytest.approx(1)
    assert rural_measures.rank_correlation(a, -a) == pytest.approx(-1)
    assert rural_measures.rank_correlation(a, np.array([1.0, 1.0, 2.0, 2.0])) == pytest.approx(0.894, abs=1e-3)
    assert math.isnan(rural_measures.rank_correlation(a, np.ones(4)))


# The rule ---------------------------------------------------------------------------------------------------------


def check(rule: str, **more) -> Check:
    return Check("x", "x", "x 1924", rule, **{"within": (0.4, 0.6), **more})


SPREAD = np.linspace(-0.05, 0.05, 100)


@pytest.mark.parametrize(("middle", "verdict"), [(0.5, HOLDS), (0.7, FAILS), (0.2, FAILS), (0.6, UNDECIDED)])
def test_a_median_is_held_against_its_band(middle, verdict):
    values = middle + SPREAD
    assert judged(check("median"), values, values, 20).verdict == verdict


@pytest.mark.parametrize(("inside", "verdict"), [(90, HOLDS), (20, FAILS), (60, UNDECIDED)])
def test_a_share_is_held_against_the_share_asked_for(inside, verdict):
    values = np.repeat([0.5, 0.9], [inside, 100 - inside])
    line = judged(check("share", least=0.6), values, values, 20)
    assert (line.verdict, line.share) == (verdict, inside / 100)


def test_a_share_may_be_too_large():
    values = np.full(100, 0.5)
    assert judged(check("share", least=0.2, most=0.8), values, values, 20).verdict == FAILS


@pytest.mark.parametrize(("factor", "verdict"), [(0.5, HOLDS), (1.0, FAILS), (0.6, UNDECIDED)])
def test_a_ratio_of_pairs_is_held_against_its_band(factor, verdict):
    a = 10 + 20 * SPREAD
    b = factor * a + np.resize([0.3, -0.3], 100)
    assert judged(check("ratio"), a, b, 20).verdict == verdict


def test_nothing_that_never_happens_is_halved():
    """Where the reference has none of it, a ratio of means says nothing."""
    none = np.zeros(100)
    assert judged(check("ratio", within=(-math.inf, 0.5)), none, none, 20).verdict == UNDECIDED


@pytest.mark.parametrize(("elasticity", "verdict"), [(0.5, HOLDS), (1.1, FAILS)])
def test_a_response_is_recovered(elasticity, verdict):
    low = 10 * np.exp(SPREAD)
    high = low * (1.1 / 0.9) ** elasticity
    line = judged(check("response", prices=(1.1, 0.9)), low, high, 20)
    assert line.estimate == pytest.approx(elasticity)
    assert line.verdict == verdict


def test_an_overlap_and_too_few_histories():
    values = 0.65 + 2 * SPREAD
    assert judged(check("overlap"), values, values, 20).verdict == HOLDS
    assert judged(check("overlap"), values + 0.2, values + 0.2, 20).verdict == FAILS
    assert judged(check("overlap"), values[:19], values[:19], 20).verdict == UNDECIDED


def test_the_interval_of_a_ratio_covers():
    """Of 400 samples about 95 % have the true ratio in Fieller's interval."""
    places = np.random.default_rng(5)
    covered = 0
    for _ in range(400):
        a = places.normal(10, 4, 50)
        b = 0.7 * a + places.normal(0, 3, 50)
        _, low, high = ratio_of_means(a, b)
        covered += low <= 0.7 <= high
    assert 0.92 <= covered / 400 <= 0.98
    assert math.isnan(ratio_of_means(np.array([1.0, -1.0, 2.0, -2.1]), np.ones(4))[1])


# Results and page -------------------------------------------------------------------------------------------------


def world(rural, arms, good: bool) -> Results:
    """Histories that were never run. good: every quantity in the middle of what is asked of it; else far above."""
    found = rural_checks.of(rural)
    return Results(rural, {arm: _ensemble(arm, _outcomes(found, arm, good)) for arm in arms})


def _outcomes(found: rural_checks.Asked, arm: str, good: bool) -> dict[str, float]:
    values = dict.fromkeys(found.values, 10.0)
    for asked in found.checks:
        low, high = asked.within
        if not asked.paired and asked.arm == arm:
            inside = high if math.isinf(low) else low if math.isinf(high) else (low + high) / 2
            values[asked.value] = inside if good else 1000.0 if math.isfinite(high) else low - 1000.0
    return values


def _ensemble(arm: str, outcomes: dict[str, float]) -> SimpleNamespace:
    seeds = range(400_000, 400_000 + RUNS)
    facts = {"arm": "reference", "facts": {"recipe": {"scale": None}, "sectors": ["countryside"], "off": {}}}
    parts = [Part(Path("x"), str(seed), seed, 234, f"{arm}{seed}", outcomes) for seed in seeds]
    return SimpleNamespace(
        folder=Path(arm), facts={"months": 234, "arms": [facts]}, parts=lambda name="reference": parts
    )  # fmt: skip


@pytest.mark.parametrize("good", [True, False])
def test_the_page_follows_the_histories(rural, good):
    results = world(rural, ["reference", "coded-index", "S22-off"], good)
    page = rural_page.page(results, ABOUT)
    (retreat,) = (line for line in results.checks if line.check.id == "retreat")
    assert retreat.verdict == (HOLDS if good else FAILS)
    why = retreat.check.why_it_may_fail
    assert why
    assert (why in page) != good
    assert "Not run: S19-off" in page
    assert "no result (holds)" in page if good else "no result (fails)" in page
    assert "nan" not in page.replace("finance", "")
    assert "seeds 400000 to 400059" in page
    assert "the level and the timing of the famine are not established" in " ".join(
        page.lower().replace("*", "").split()
    )


def test_harvests_are_not_scored_where_the_weather_knew_them(rural):
    results = world(rural, ["reference", "measured-rain", "coded-index"], True)
    for arm, lines in results.weather().items():
        harvests = {line.verdict for line in lines if line.check.harvest}
        assert (harvests == {UNSCORED}) == (arm == "coded-index")
        assert UNSCORED not in {line.verdict for line in lines if not line.check.harvest}


def test_what_is_no_result_is_not_counted(rural):
    results = world(rural, ["reference"], True)
    shown = sum(not line.check.no_result for line in results.checks)
    rows = [row for row in rural_page.counts(results)[0].splitlines() if row.startswith("| ")][1:]
    assert sum(int(row.split("|")[2]) for row in rows if "---" not in row) == shown < len(results.checks)


def test_kept_back_figures_are_shown_without_the_record(rural):
    part = rural_page.page(world(rural, ["reference"], True), ABOUT).partition("put out before anyone")[2]
    section = part.partition("## ")[0]
    assert "Pigs, 1 January, million head" in section
    assert "answers to births_adk" in section
    assert "record" not in section.partition("| series")[2]


def test_all_of_it_is_plain_data(rural):
    data = world(rural, ["reference", "S22-off"], True).as_dict()
    assert data["runs"] == {"reference": RUNS, "S22-off": RUNS}
    assert {row["check"]["id"] for row in data["checks"]} >= {"retreat", "cattle_1933", "cattle_jan 1933-01"}


# Runs -------------------------------------------------------------------------------------------------------------


def test_two_short_arms_are_run_resumed_and_told(rural, tmp_path):
    few = {"reference": 2, "S22-off": 1}
    short = replace(rural, months=24, arms=tuple(replace(arm, runs=few.get(arm.name)) for arm in rural.arms))
    chosen = study.chosen(short, ["S22-off"])
    made, progress = study_runs.run(short, tmp_path / "s", chosen, None, 1)
    assert not progress.faults
    assert {name: len(stored.parts()) for name, stored in made.items()} == few
    made, progress = study_runs.run(short, tmp_path / "s", chosen, None, 1)
    assert (progress.found, progress.done) == (3, 0)
    results = Results(short, made)
    told = {line.check.id: line for line in results.checks}
    assert told["cattle_jan 1923-01"].runs == 2
    assert told["cattle_jan 1923-01"].verdict == UNDECIDED
    assert told["cattle_jan 1933-01"].verdict == "not measured"
    assert "nan" not in rural_page.page(results, ABOUT).replace("finance", "")


def test_parts_hold_what_quantities_are_made_of(asked):
    kind = study_kinds.KINDS["countryside"]
    assert {"grain_exports", "collectivised_households", "rural_excess_deaths"} <= kind.kept()


@pytest.mark.slow
def test_arms_change_what_they_say(rural):
    """The plan of 1932 is a fifth lower and nothing before it differs; no grain is exported from 1931 to 1933."""

    def history(name):
        recipe = Recipe(rural.arm(name).scenario, name, months=rural.months, only=rural.sector)
        result = recipe.built().simulate(400_999, watching=BARE).result()
        plans = [event for event in result.chronicle if event.place == "grain plan"]
        return result.series, {event.month: event.numbers["million_tonnes"] for event in plans}

    def year(series, name, number):
        return rural_terms.in_history(f"{name} {number}", series, rural.months)

    (reference, planned), (cut, lowered), (kept, _) = map(history, ("reference", "quota-cut", "no-exports"))
    before = calendar.index("1932-06")
    for name in ("state_grain_stock", "rural_population", "collectivised_households"):
        assert np.array_equal(reference[name, None][:before], cut[name, None][:before])
    july = calendar.index("1932-07")
    assert lowered[july] / planned[july] == pytest.approx(0.8)
    assert [year(kept, "grain_exports", number) for number in (1931, 1932, 1933)] == [0, 0, 0]
    assert year(kept, "grain_exports", 1930) == year(reference, "grain_exports", 1930) > 0
