"""Which figures may be fitted, which only test, which are kept back."""

from __future__ import annotations

import pytest

from partystate import record
from partystate.record.series import CALIBRATION, USES, VALIDATION, WITHHELD

KEPT_BACK = {
    "cc_newcomer_share", "gulag_population", "labour_colonies_population", "camps_and_colonies", "officers_dismissed",
    "officers_dismissed_share", "radio_sets", "pigs_jan", "sheep_goats_jan", "sheep_goats_mid", "pigs_mid",
    "grain_exports", "grain_exports_alt", "electricity", "pig_iron", "cement", "births_adk", "urban_population",
    "rural_population", "employees_total",
}  # fmt: skip


@pytest.fixture(scope="module")
def series():
    return record.load().series


def test_fitting_ends_with_1933_and_testing_begins(series):
    party = series["party_total"]
    assert party.window("1933-12") == CALIBRATION
    assert party.window("1934-01") == VALIDATION
    assert {point.date.text[:4] for point in party.calibration()} == {"1917", "1918", "1919"} | {
        str(year) for year in range(1920, 1934)
    }
    assert min(point.date.text for point in party.validation()) == "1934-01"


def test_a_period_belongs_to_the_window_of_its_last_month(series):
    party = series["party_total"]
    assert party.window("1932/1933") == CALIBRATION
    assert party.window("1933/1934") == VALIDATION
    assert party.window("1933/34") == VALIDATION


def test_calibration_and_validation_never_share_a_point(series):
    for one in series.values():
        fitted, tested = set(one.calibration()), set(one.validation())
        assert not fitted & tested, one.id
        assert len(fitted | tested) == len(one.points), one.id
        assert {one.window(point.date) for point in one.points} <= set(USES), one.id


def test_what_is_kept_back_is_named_and_absent(series):
    whole = {one.id for one in series.values() if all(window.use == WITHHELD for window in one.windows)}
    assert whole == KEPT_BACK
    assert all(not series[name].points for name in KEPT_BACK)


def test_the_opposition_vote_is_kept_back_after_1925(series):
    votes = series["opposition_vote_share"]
    assert votes.withheld
    assert votes.window("1925-12") == CALIBRATION
    assert votes.window("1927") == WITHHELD
    assert max(point.date.text for point in votes.points) == "1925-12"


def test_windows_say_themselves_in_words(series):
    assert [str(window) for window in series["party_total"].windows] == [
        "calibration to 1933-12",
        "validation from 1934-01",
    ]
