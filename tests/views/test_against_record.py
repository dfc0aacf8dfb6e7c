"""Beside the record: values at dates, ranges, bands, removals, and the series that may not be compared."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from partystate.analysis import against_record
from partystate.analysis.intervals import quantiles, wilson
from partystate.record.dates import span
from partystate.record.series import Point, Series, Window
from partystate.views import narrative


def a_series(points, definition="Stock at 1 January", identity="cattle", sector="party") -> Series:
    made = tuple(Point(span(date), value, low, high, "carr1958", grade) for date, value, low, high, grade in points)
    windows = (Window("calibration", -(10**6), 23), Window("validation", 24, 10**6))
    return Series(identity, "Cattle", "head", definition, sector, "", "", made, windows)


def a_record(*series, offices=()):
    return SimpleNamespace(series={one.id: one for one in series}, offices=offices)


STEPS = np.arange(48, dtype=float)[None, :]


def test_a_stock_is_read_in_the_month_of_its_date():
    (row,) = against_record.rows_of(a_series([("1923-01", 24.0, None, None, "A")]), STEPS)
    assert (row.model, row.month, row.window, row.inside) == (12.0, 12, "calibration", None)
    assert row.difference == -0.5


def test_a_flow_of_a_year_is_read_at_its_last_month_with_a_value():
    values = STEPS.copy()
    values[0, 20:24] = np.nan
    (row,) = against_record.rows_of(a_series([("1923", 10.0, None, None, "B")], "Flow in year"), values)
    assert row.model == 19.0


@pytest.mark.parametrize(
    ("point", "inside"),
    [
        (("1924-01", 30.0, 20.0, 40.0, "B"), True),
        (("1924-01", 30.0, 28.0, 40.0, "B"), False),
        (("1924-01", 26.0, None, None, "C"), True),  # ±15 % where a C figure has no range
        (("1924-01", 30.0, None, None, "C"), False),
        (("1924-01", 24.0, None, None, "A"), None),
    ],
)
def test_inside_needs_a_range(point, inside):
    (row,) = against_record.rows_of(a_series([point]), STEPS)
    assert row.inside is inside
    assert row.window == "validation"


def test_an_ensemble_is_inside_when_its_band_meets_the_record():
    many = STEPS + np.linspace(-10, 10, 41)[:, None]
    rows = list(
        against_record.rows_of(a_series([("1924-01", 30.0, None, None, "A"), ("1924-02", 90.0, 80, 99, "C")]), many)
    )
    assert rows[0].low == pytest.approx(15)
    assert rows[0].high == pytest.approx(33)
    assert [row.inside for row in rows] == [True, False]
    assert rows[0].model == 24.0


@pytest.mark.parametrize("date", ["1921-01", "1930-01", "1919"])
def test_dates_outside_the_run_are_left_out(date):
    assert list(against_record.rows_of(a_series([(date, 1.0, None, None, "A")]), STEPS)) == []


def test_bodies_of_statutory_size_are_refused():
    known = a_record(a_series([("1924-01", 1.0, None, None, "A")], identity="cc_size"))
    found = against_record.compare({"cc_size": STEPS}, {}, {"drivers": [], "forced": [], "months": 48}, known)
    assert found.rows == ()
    assert "the calendar gives" in found.refused[0].reason


def test_a_driver_and_a_forced_sector_are_refused_with_the_reason():
    known = a_record(
        a_series([("1924-01", 1.0, None, None, "A")], identity="scissors_ratio"),
        a_series([("1924-01", 1.0, None, None, "A")], identity="steel", sector="industry"),
        a_series([("1924-01", 1.0, None, None, "A")], identity="members"),
    )
    manifest = {"drivers": ["scissors_ratio"], "forced": ["industry"], "months": 48}
    values = dict.fromkeys(known.series, STEPS)
    found = against_record.compare(values, {}, manifest, known)
    assert found.series == ("members",)
    assert {refusal.series: refusal.reason for refusal in found.refused} == {
        "scissors_ratio": "it drove this run, so comparing it would score the record against itself",
        "steel": "the sector “industry” was held to the record in this run",
    }


def tenure(person, end, how, office="Politburo full"):
    return SimpleNamespace(person=person, office=office, start=span("1919"), end=span(end) if end else None,
                           how_ended=how, grade="A", source="izvtsk1990")  # fmt: skip


OFFICES = (
    tenure("Trotsky", "1926-10-23", "expelled from the Politburo by plenum"),
    tenure("Kirov", "1934-12-01", "assassinated"),
    tenure("Stalin", "1953-03-05", "died in office"),
    tenure("Lenin", "1924-01-21", "died natural"),
    tenure("Rykov", "1924-06-02", "not re-elected", "Orgburo full"),
)


def test_removals_set_dates_beside_each_other():
    removed = {"Trotsky": [60], "Kirov": [None], "Stalin": [None], "Lenin": [None], "Rykov": [80]}
    lines = against_record.removals(removed, a_record(offices=OFFICES))
    assert [(line.person, line.record_date, line.model, line.difference) for line in lines] == [
        ("Trotsky", "1926-10-23", 60, 3),
        ("Rykov", None, 80, None),
    ]


def test_the_record_after_the_end_of_a_run_is_not_asked_of_it():
    assert against_record.removals({"Trotsky": [None]}, a_record(offices=OFFICES), until=57) == []
    assert len(against_record.removals({"Trotsky": [None]}, a_record(offices=OFFICES), until=58)) == 1


def test_removals_of_an_ensemble_are_medians_with_shares():
    (line,) = against_record.removals({"Trotsky": [50, None, 60, 70, None]}, a_record(offices=OFFICES))
    assert (line.model, line.share, line.difference) == (60.0, 0.6, 3)
    assert (line.low, line.high) == (52.0, 68.0)
    (never,) = against_record.removals({"Trotsky": [None, None]}, a_record(offices=OFFICES))
    assert (never.model, never.share, never.difference) == (None, 0.0, None)


def test_a_stored_run_is_compared_and_its_drivers_are_not(history):
    found = against_record.of_run(history)
    assert {"party_members", "party_candidates"} <= set(found.series)
    assert [refusal.series for refusal in found.refused] == ["scissors_ratio"]
    row = next(row for row in found.of("party_members") if row.date == "1927-01")
    assert row.model == history.series("party_members")[60]
    point = next(p for p in history.known.series["party_members"].points if p.date.text == "1927-01")
    assert (row.record, row.grade, row.source) == (point.value, point.grade, point.source)


def test_a_death_is_no_removal(history):
    assert history.removed("Kamenev") == 57
    assert history.removed("Stalin") is None
    assert (history.died("Kamenev"), history.died("Stalin")) == (110, None)


def test_who_died_first_did_not_keep_the_seat(history, monkeypatch):
    monkeypatch.setattr(type(history), "removed", lambda self, person: None)
    line = next(line for line in against_record.of_run(history).removals if line.person == "Kamenev")
    assert (line.model, line.died) == (None, 110)
    assert narrative.removal_words(line) == "gone March 1931"


# Wilson's interval for 8 of 10, 0 of 20 and 20 of 20, worked out by hand from the formula of 1927.
@pytest.mark.parametrize(
    ("happened", "runs", "low", "high"), [(8, 10, 0.4902, 0.9433), (0, 20, 0.0, 0.1611), (20, 20, 0.8389, 1.0)]
)
def test_wilsons_interval(happened, runs, low, high):
    assert wilson(happened, runs) == pytest.approx((low, high), abs=1e-4)


def test_quantiles_leave_out_what_is_missing():
    assert quantiles([1.0, float("nan"), 3.0], (0.0, 0.5, 1.0)) == (1.0, 2.0, 3.0)
    assert np.isnan(quantiles([float("nan")], (0.5,))[0])
