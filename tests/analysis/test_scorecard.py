"""The scorecard on invented ensembles: what is scored and what is not, what a naive forecast knows, what adds up."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from partystate import record
from partystate.analysis import score_series, scorecard
from partystate.analysis.score_events import departures
from partystate.foundation.problems import USAGE, Problem
from partystate.record.dates import span
from partystate.record.series import BEGINNING, END, Point, Series, Window
from partystate.runs import tables
from partystate.runs.ensemble import Ensemble
from partystate.runs.parts import Part

MONTHS, RUNS = 234, 60
SPLIT = (Window("calibration", BEGINNING, 143), Window("validation", 144, END))
YEARS = tuple(range(1921, 1942))


def a_series(identity, points, sector="party", definition="Stock at 1 January", windows=SPLIT) -> Series:
    made = tuple(Point(span(date), value, low, high, "carr1958", grade) for date, value, low, high, grade in points)
    return Series(identity, identity.title(), "head", definition, sector, "", "", made, windows)


def yearly(value, grade="A"):
    """One figure each January; value: a number, or a function of the year."""
    return [(f"{year}-01", value(year) if callable(value) else value, None, None, grade) for year in YEARS]


def a_record(*series, offices=(), drivers=(), coded=()):
    return SimpleNamespace(
        series={one.id: one for one in series},
        offices=offices,
        drivers={one.id: one for one in drivers},
        founding=SimpleNamespace(drivers=coded),
        version="r" * 64,
    )


@dataclass(frozen=True)
class Kept(Part):
    """A part that was never written: its series are kept in memory."""

    series: Mapping = field(default_factory=dict)

    def table(self, filters=None):
        ((_, _, names),) = filters
        return tables.series_table({(name, None): self.series[name] for name in names if name in self.series})


class Invented(Ensemble):
    """An ensemble whose parts stand in its facts."""

    def parts(self, arm="reference"):
        self.keys(arm)
        return self.facts["invented"][arm]


def an_ensemble(arms, drivers=(), months=MONTHS, planned=None, **facts):
    """arms: arm -> (series -> (runs, months), outcomes: name -> (runs,)); planned: runs of the design, made or not."""
    said = {"drivers": list(drivers), "off": {}, "variants": {}, "recipe": {"overrides": []},
            "scenario": {"name": "reference", "declares": {}}} | facts  # fmt: skip
    entries, invented = [], {}
    for arm, (series, outcomes) in arms.items():
        runs = len(next(iter(series.values())))
        entries.append({"arm": arm, "keys": [f"{arm}{run}" for run in range(planned or runs)], "facts": said})
        invented[arm] = [
            Kept(Path(arm), f"{arm}{run}", run + 1, months, "", {name: float(v[run]) for name, v in outcomes.items()},
                 {name: values[run] for name, values in series.items()})
            for run in range(runs)
        ]  # fmt: skip
    design = {"model": "m" * 64, "record": "r" * 64, "months": months, "arms": entries, "invented": invented}
    return Invented(Path("invented"), design)


def one_arm(series, outcomes=None, **about):
    return an_ensemble({"reference": (series, outcomes or {})}, **about)


def around(centre, spread=1.0, runs=RUNS, months=MONTHS):
    """(runs, months): the same spread about `centre`, (months,) or a number, in every month."""
    return np.broadcast_to(centre, (months,)) + spread * np.linspace(-2, 2, runs)[:, None]


def figures(card, series):
    return {figure.date: figure for line in card.lines if line.series == series for figure in line.figures}


# What is scored ---------------------------------------------------------------------------------------------------


def test_figures_are_scored_by_window_and_january_1922_is_given():
    card = scorecard.score(one_arm({"cattle": around(10.0)}), known=a_record(a_series("cattle", yearly(10.0))))
    assert {line.use: len(line.figures) for line in card.lines} == {"calibration": 11, "validation": 8}
    assert card.given == 1
    assert min(figures(card, "cattle")) == "1923-01"
    (line,) = card.of("validation")
    assert {band: count for band, (count, _, _) in line.within.items()} == {50: 8, 80: 8, 95: 8}
    assert line.bias == pytest.approx(0)
    assert line.width == pytest.approx(3.2, abs=0.2)


def test_a_flow_of_1922_is_not_given():
    known = a_record(a_series("admitted", [("1922", 10.0, None, None, "A")], definition="Flow in year"))
    card = scorecard.score(one_arm({"admitted": around(10.0)}), known=known)
    assert (card.given, list(figures(card, "admitted"))) == (0, ["1922"])


def test_only_dates_before_the_end_of_the_runs_are_scored():
    known = a_record(a_series("cattle", yearly(10.0)))
    card = scorecard.score(one_arm({"cattle": around(10.0, months=30)}, months=30), known=known)
    assert list(figures(card, "cattle")) == ["1923-01", "1924-01"]


def test_a_month_that_some_run_lacks_is_not_scored():
    values = around(10.0)
    values[3, :40] = np.nan
    card = scorecard.score(one_arm({"cattle": values}), known=a_record(a_series("cattle", yearly(10.0))))
    assert min(figures(card, "cattle")) == "1926-01"


WITHHELD = (Window("withheld", BEGINNING, END),)


@pytest.mark.parametrize(("identity", "drivers", "about", "windows", "reason"), [
    ("rain", ["rain"], {}, SPLIT, "it drove this run"),
    ("cc_size", [], {}, SPLIT, "the calendar gives"),
    ("steel", [], {"forced": ["industry"]}, SPLIT, "the sector “industry” was held to the record"),
    ("horses", [], {}, WITHHELD, "it is kept back for an independent check"),
])  # fmt: skip
def test_what_the_model_had_part_of_is_refused_with_the_reason(identity, drivers, about, windows, reason):
    points = [] if windows is WITHHELD else yearly(10.0)
    barred = a_series(identity, points, "industry", windows=windows)
    known = a_record(barred, a_series("cattle", yearly(10.0)))
    ensemble = one_arm({identity: around(10.0), "cattle": around(10.0)}, drivers=drivers, **about)
    card = scorecard.score(ensemble, known=known)
    assert {line.series for line in card.lines} == {"cattle"}
    (refusal,) = card.refused
    assert refusal.series == identity
    assert reason in refusal.reason
    with pytest.raises(Problem, match=reason) as told:
        scorecard.score(ensemble, series=identity, known=known)
    assert told.value.exit_code == USAGE


@pytest.mark.parametrize(("name", "said"), [
    ("catle", "Did you mean cattle?"),
    ("sheep", "a series that these runs hold; came one of the record alone"),
    ("late", "a figure of the record after January 1922 at whose date the runs have a value; came none"),
])  # fmt: skip
def test_a_series_that_cannot_be_scored_is_explained(name, said):
    late = a_series("late", [("1950-01", 1.0, None, None, "A")])
    known = a_record(a_series("cattle", yearly(10.0)), a_series("sheep", yearly(1.0)), late)
    with pytest.raises(Problem) as told:
        scorecard.score(one_arm({"cattle": around(10.0), "late": around(1.0)}), series=name, known=known)
    assert said in str(told.value)


def test_one_series_is_scored_alone():
    known = a_record(a_series("cattle", yearly(10.0)), a_series("sheep", yearly(5.0)))
    ensemble = one_arm({"cattle": around(10.0), "sheep": around(5.0)}, {"removed.Trotsky": np.full(RUNS, 57.0)})
    card = scorecard.score(ensemble, series="sheep", known=known)
    assert {line.series for line in card.lines} == {"sheep"}
    assert card.departures is None


def test_disputed_figures_are_left_out_and_named():
    (name, date), _ = next(iter(scorecard.DISPUTED.items()))
    points = [("1927", 30.0, None, None, "B"), (date, 24.0, None, None, "C")]
    card = scorecard.score(one_arm({name: around(30.0)}), known=a_record(a_series(name, points)))
    assert list(figures(card, name)) == ["1927"]
    assert [(refusal.series, date in refusal.reason) for refusal in card.refused] == [(name, True)]


def test_disputed_figures_are_in_the_record():
    known = record.load()
    for name, date in scorecard.DISPUTED:
        assert any(point.date.text == date for point in known.series[name].points)


# Hindsight --------------------------------------------------------------------------------------------------------

ALARM = ({"driver": "security_alarm", "date": "1922-01", "value": "0"},
         {"driver": "security_alarm", "date": "1935-06", "value": "0.6"})  # fmt: skip


def test_nothing_earns_a_score_once_hindsight_is_at_work():
    known = a_record(a_series("party_total", yearly(10.0)), a_series("cattle", yearly(10.0)), coded=ALARM)
    ensemble = one_arm({"party_total": around(10.0), "cattle": around(10.0)}, drivers=["security_alarm"])
    card = scorecard.score(ensemble, known=known)
    moved = figures(card, "party_total")
    assert (moved["1935-01"].use, moved["1936-01"].use) == ("validation", "hindsight")
    assert moved["1936-01"].hindsight == ("security_alarm",)
    assert math.isnan(moved["1936-01"].crps)
    assert moved["1936-01"].naive == {}
    assert moved["1936-01"].inside[80]
    assert {figure.use for figure in figures(card, "cattle").values()} == {"calibration", "validation"}
    assert card.total("validation").figures == 2 + 8
    assert card.total("hindsight").skill == {}


def test_a_driver_that_the_runs_did_not_follow_does_not_matter():
    known = a_record(a_series("party_total", yearly(10.0)), coded=ALARM)
    card = scorecard.score(one_arm({"party_total": around(10.0)}), known=known)
    assert card.of("hindsight") == []


def test_a_flagged_driver_that_nobody_described_bars_everything():
    points = (SimpleNamespace(date=span("1930-01"), value=1.0),)
    known = a_record(
        a_series("cattle", yearly(10.0)),
        drivers=[
            SimpleNamespace(id="posture", hindsight=True, points=points),
            SimpleNamespace(id="rain", hindsight=False, points=points),
        ],
    )
    assert scorecard.begun(["posture", "rain"], known) == {"posture": 96}
    card = scorecard.score(one_arm({"cattle": around(10.0)}, drivers=["posture", "rain"]), known=known)
    assert {line.use: len(line.figures) for line in card.lines} == {"calibration": 7, "hindsight": 12}


def test_every_driver_the_record_calls_coded_with_hindsight_is_known_here():
    known = record.load()
    noted = {row["driver"] for row in known.founding.drivers if "hindsight" in row["note"]}
    assert noted
    assert noted <= set(scorecard.MOVED_WITH_HINDSIGHT)
    assert scorecard.begun(sorted(noted), known) == {"mass_operations": 182, "security_alarm": 155}
    for starts in scorecard.MOVED_WITH_HINDSIGHT.values():
        assert all(any(name.startswith(start) for name in known.series) for start in starts)


# Naive forecasts --------------------------------------------------------------------------------------------------


def test_naive_forecasts_do_not_look_ahead():
    ensemble = one_arm({"cattle": around(10.0)})
    points = yearly(lambda year: 10.0 + (year % 5) + 0.1 * (year - 1921))
    before = figures(scorecard.score(ensemble, known=a_record(a_series("cattle", points))), "cattle")
    changed = [(date, value + 500 * (date >= "1926-01"), *rest) for date, value, *rest in points]
    after = figures(scorecard.score(ensemble, known=a_record(a_series("cattle", changed))), "cattle")
    assert set(before["1925-01"].naive) == {"persistence", "trend", "climatology"}
    for date in ("1923-01", "1924-01", "1925-01"):
        assert after[date] == before[date]
    for name in ("persistence", "trend", "climatology"):
        assert after["1927-01"].naive[name] != before["1927-01"].naive[name]


def test_a_figure_of_the_same_time_is_not_known_beforehand():
    series = a_series(
        "cattle",
        [("1923-01", 1.0, None, None, "A"), ("1924", 7.0, None, None, "A"), ("1924-06", 9.0, None, None, "B"),
         ("1924-06", 11.0, None, None, "B"), ("1925-01", 12.0, None, None, "A")],
    )  # fmt: skip
    year, june, other, january = series.points[1:]
    known = {point: scorecard.naive_members(series.points, point) for point in series.points}
    assert [known[point]["persistence"].tolist() for point in (year, june, other)] == [[1.0]] * 3
    assert known[january]["climatology"].tolist() == [1.0, 10.0, 7.0]  # the middle of 1924 is after June


def test_series_that_fail_are_said_to_fail_and_stand_first():
    steady = around(10.0, spread=0.1)
    known = a_record(*(a_series(name, yearly(lambda year: 10.0 + 0.01 * (year % 2))) for name in "abc"))
    card = scorecard.score(one_arm({"a": steady, "b": steady + 9, "c": steady + 4}), known=known)
    lines = card.of("validation")
    assert [line.series for line in lines] == ["b", "c", "a"]
    assert [line.fails for line in lines] == [True, True, True]
    assert lines[0].against["climatology"].skill < -10
    total = card.total("validation")
    assert (total.fails, total.compared, total.skill["persistence"].worse) == (3, 3, 3)


def test_a_perfect_naive_forecast_is_the_worst_that_can_befall():
    known = a_record(a_series("cattle", yearly(10.0)))
    (line,) = scorecard.score(one_arm({"cattle": around(10.0)}), known=known).of("validation")
    assert line.against["persistence"].skill == -math.inf
    assert line.fails


# Totals -----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_an_honest_ensemble_is_calibrated_and_better_than_naive():
    rng = np.random.default_rng(1922)
    names = [f"s{number:02d}" for number in range(40)]
    truth = {name: 50 + np.cumsum(rng.normal(size=MONTHS)) for name in names}
    runs = {name: truth[name] + rng.normal(size=(RUNS, MONTHS)) for name in names}

    def observed(name):
        return yearly(lambda year: truth[name][max(year - 1922, 0) * 12] + rng.normal())

    known = a_record(*(a_series(name, observed(name), sector=f"sector{name[-1]}") for name in names))
    card = scorecard.score(one_arm(runs), known=known)
    for use, n in (("validation", 320), ("calibration", 440)):
        total = card.total(use)
        assert (total.figures, total.series) == (n, 40)
        share, low, high = total.within[80]
        assert 0.75 <= share <= 0.85
        assert low < 0.8 < high
        assert 0.92 <= total.within[95][0] <= 0.99
        assert max(total.fifths) < 1.35 * n / 5
        assert total.skill["persistence"].low > 0
    assert {total.sector for total in card.totals} == {"all", *(f"sector{digit}" for digit in range(10))}


def test_totals_add_up_relative_scores_by_grade_each_series_once():
    known = a_record(
        a_series("tons", yearly(lambda year: 1000.0 + 100 * (year % 2))),
        a_series("shares", yearly(lambda year: 10.0 + (year % 3), grade="C"), sector="apparatus"),
    )
    ensemble = one_arm({"tons": around(1050.0, 60), "shares": around(11.0)})
    card = scorecard.score(ensemble, known=known)
    tons, shares = (next(one for one in card.of("validation") if one.series == name) for name in ("tons", "shares"))
    for weights, (first, second) in {"grade": (1, 1 / 3), "equal": (1, 1)}.items():
        a, b = (line.against["trend"] for line in (tons, shares))
        crps = first * a.crps / a.level + second * b.crps / b.level
        naive = first * a.naive / a.level + second * b.naive / b.level
        assert card.total("validation", weights=weights).skill["trend"].value == pytest.approx(1 - crps / naive)
    alone = card.total("validation", "apparatus")
    assert alone.skill["trend"].value == pytest.approx(shares.against["trend"].skill)
    assert math.isnan(alone.skill["trend"].low)


def test_within_a_series_figures_count_by_grade():
    known = a_record(a_series("cattle", [("1934-01", 10.0, None, None, "A"), ("1935-01", 20.0, None, None, "C")]))
    (found,) = known.series.values()
    made = [scorecard._figure(found, point, np.arange(30.0), ()) for point in found.points]
    (line,) = score_series.lines_of({"cattle": made}, known, score_series.GRADE_WEIGHTS)
    first, second = (figure.crps for figure in made)
    assert line.crps == pytest.approx((first + second / 3) / (4 / 3))
    assert line.grades == {"A": 1, "C": 1}
    assert line.bias == pytest.approx(np.median([14.5 / 10 - 1, 14.5 / 20 - 1]))
    assert line.bias_in_ranges == pytest.approx((14.5 - 20) / 6)  # 15 % either side of a C figure without a range


def test_a_share_has_an_interval_where_all_are_inside():
    known = a_record(*(a_series(name, yearly(10.0)) for name in "ab"))
    total = scorecard.score(one_arm({"a": around(10.0), "b": around(10.0)}), known=known).total("validation")
    share, low, high = total.within[80]
    assert (share, high) == (1, pytest.approx(1))
    assert low == pytest.approx(0.806, abs=0.001)  # Wilson's of 16 of 16


def test_the_range_of_the_record_is_allowed_for():
    known = a_record(a_series("cattle", [("1934-01", 14.0, 9.0, 14.5, "C")]))
    (figure,) = figures(scorecard.score(one_arm({"cattle": around(10.0)}), known=known), "cattle").values()
    assert (figure.inside[95], figure.inside_aware[95]) == (False, True)
    assert figure.crps_aware < figure.crps
    assert (figure.low, figure.record, figure.high) == (9.0, 14.0, 14.5)


# Arms, runs, notes ------------------------------------------------------------------------------------------------


def test_one_arm_of_several_is_scored():
    arms = {"reference": ({"cattle": around(10.0)}, {}), "off": ({"cattle": around(30.0)}, {})}
    ensemble = an_ensemble(arms)
    known = a_record(a_series("cattle", yearly(10.0)))
    biases = {arm: scorecard.score(ensemble, arm, known=known).of("validation")[0].bias for arm in (None, *arms)}
    assert biases == {None: pytest.approx(0), "reference": pytest.approx(0), "off": pytest.approx(2)}
    with pytest.raises(Problem, match="Did you mean off"):
        scorecard.score(ensemble, "of", known=known)


def test_the_only_arm_needs_no_name():
    ensemble = an_ensemble({"another": ({"cattle": around(10.0)}, {})})
    assert scorecard.score(ensemble, known=a_record(a_series("cattle", yearly(10.0)))).arm == "another"


def test_few_runs_are_warned_of_and_a_single_one_is_refused():
    known = a_record(a_series("cattle", yearly(10.0)))

    def ensemble(runs, **about):
        values = {"cattle": around(10.0, runs=runs)}
        return an_ensemble({"reference": (values, {})}, **about)

    assert scorecard.score(ensemble(50), known=known).notes == ()
    (few,) = scorecard.score(ensemble(49), known=known).notes
    assert "49 runs are few" in few
    unfinished, _ = scorecard.score(ensemble(2, planned=9), known=known).notes
    assert unfinished == "2 of 9 runs have been made so far."
    (other,) = scorecard.score(ensemble(50, off={"S01": "local"}), known=known).notes
    assert "not reference histories" in other
    with pytest.raises(Problem, match="2 or more; came 1"):
        scorecard.score(ensemble(1), known=known)


def test_another_version_of_the_record_is_told():
    known = a_record(a_series("cattle", yearly(10.0)))
    known.version = "another"
    (note,) = scorecard.score(one_arm({"cattle": around(10.0)}), known=known).notes
    assert "another version of the record" in note


# Removals ---------------------------------------------------------------------------------------------------------


def tenure(person, start, end, how="expelled", grade="A"):
    return SimpleNamespace(person=person, office="Politburo full", start=span(start), end=span(end) if end else None,
                           how_ended=how, grade=grade, source="izvtsk1990")  # fmt: skip


OFFICES = (
    tenure("Trotsky", "1919", "1926-10-23"),
    tenure("Stalin", "1919", "1953-03-05", "died in office", "B"),
    tenure("Rykov", "1922-04", "1930-12-21"),
    tenure("Kirov", "1930-07", "1934-12-01", "assassinated"),
)


def months(*values):
    return np.array(values, dtype=float)


def test_removals_are_scored_against_their_dates():
    outcomes = {
        "removed.Trotsky": months(57, 57, 57, np.nan),
        "removed.Stalin": months(np.nan, np.nan, np.nan, 100),
        "removed.Rykov": months(107, 90, 110, 130),
        "leads": months(1, 0, 1, 0),
    }
    found = departures(outcomes, a_record(offices=OFFICES), 234)
    trotsky, rykov, stalin = found.persons
    assert (trotsky.person, trotsky.record_month, trotsky.median, trotsky.gone[0]) == ("Trotsky", 57, 57, 0.75)
    assert (stalin.person, stalin.record_month, stalin.median, stalin.grade) == ("Stalin", None, math.inf, "B")
    assert trotsky.aimed_at
    assert not rykov.aimed_at
    # F is ¾ from the 57th month on: ¼ of the runs are 177 months too late; fairness takes off what pairs differ.
    assert trotsky.crps == pytest.approx(177 / 4 - 177 * 2 * 3 / (4 * 3) / 2)
    assert rykov.crps < rykov.naive
    assert [one.date for one in found.out_by] == ["1926-12", "1928-12", "1930-12"]
    assert found.out_by[0].chances == {"Trotsky": (0.75, True), "Rykov": (0.0, False), "Stalin": (0.0, False)}
    assert found.out_by[2].chances["Rykov"] == (0.5, True)
    assert found.skill[1] <= found.skill[0] <= found.skill[2]


def test_a_date_after_the_end_of_the_runs_is_none():
    outcomes = {"removed.Rykov": months(np.nan, np.nan, 40)}
    found = departures(outcomes, a_record(offices=OFFICES), 60)
    (rykov,) = found.persons
    assert (rykov.record_month, rykov.record_date) == (None, None)
    assert [one.date for one in found.out_by] == ["1926-12"]


def test_the_dead_and_the_unknown_are_left_out_with_the_reason():
    outcomes = {f"removed.{person}": months(100, 120) for person in ("Trotsky", "Kirov", "Nobody")}
    found = departures(outcomes, a_record(offices=OFFICES), 234)
    assert [one.person for one in found.persons] == ["Trotsky"]
    assert found.left_out == {
        "Kirov": "he died with his seat before the runs end",
        "Nobody": "the record has no full seat of his",
    }
    assert departures({"leads": months(1, 0)}, a_record(offices=OFFICES), 234) is None


def test_the_record_knows_when_the_contenders_went():
    people = ("Trotsky", "Zinoviev", "Kamenev", "Bukharin", "Rykov", "Tomsky", "Stalin")
    outcomes = {f"removed.{person}": months(np.nan, 50, 90) for person in people}
    found = departures(outcomes, record.load(), 234)
    assert {one.person: one.record_month for one in found.persons} == {
        "Kamenev": 48, "Zinoviev": 54, "Trotsky": 57, "Bukharin": 94, "Tomsky": 102, "Rykov": 107, "Stalin": None,
    }  # fmt: skip
    assert found.left_out == {}


def test_ranks_do_not_depend_on_what_else_is_scored():
    known = a_record(a_series("cattle", yearly(10.0)), a_series("sheep", yearly(5.0)))
    ensemble = one_arm({"cattle": np.round(around(10.0)), "sheep": around(5.0)})
    together = figures(scorecard.score(ensemble, known=known), "cattle")
    assert figures(scorecard.score(ensemble, series="cattle", known=known), "cattle") == together
    fewer = replace(known.series["cattle"], points=known.series["cattle"].points[5:8])
    alone = figures(scorecard.score(ensemble, known=a_record(fewer)), "cattle")
    assert {date: figure.rank for date, figure in alone.items()} == {date: together[date].rank for date in alone}
