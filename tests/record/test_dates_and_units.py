"""Dates of the record and units of everything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partystate.foundation import calendar, units
from partystate.foundation.problems import Problem
from partystate.record.dates import span


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("1922", 0, 11), ("1922-01", 0, 0), ("1921-12", -1, -1), ("1926-10-23", 57, 57), ("1925/26", 45, 56),
        ("1930-01/1930-06", 96, 101), ("1928/1932", 72, 131), ("1924-02-29", 25, 25), ("1941-06", 233, 233),
    ],
)  # fmt: skip
def test_a_date_spans_its_months(text: str, first: int, last: int):
    assert (span(text).first, span(text).last) == (first, last)


@pytest.mark.parametrize(
    "text",
    ["", "1922-00", "1922-13", "1923-02-29", "1922-1", "22", "1925/27", "1930/1929", "spring 1922", "1922-01-32"],
)
def test_what_is_not_a_date_is_refused(text: str):
    with pytest.raises(ValueError, match=r"a date: 1926|a period that ends after it begins"):
        span(text)


@given(st.integers(0, calendar.MONTHS - 1))
def test_a_month_of_the_calendar_is_that_month_in_the_record(month: int):
    assert span(calendar.label(month)).first == month


@pytest.mark.parametrize(
    ("unit", "dimension"),
    [
        ("share", "share"), ("percent", "share"), ("share per month", "share/time"), ("million t", "mass"),
        ("1928=100", "index 1928"), ("1927/28=100", "index 1927/28"), ("thousand persons per year", "persons/time"),
        ("million t per billion t-km", "mass/freight"), ("per mille", "share"), ("logit", "logit"),
    ],
)  # fmt: skip
def test_units_have_dimensions(unit: str, dimension: str):
    assert units.dimension(unit) == dimension


@pytest.mark.parametrize(
    ("value", "from_", "to", "result"),
    [
        (12, "percent per year", "share per month", 0.01), (1, "million t", "t", 1e6), (16.38, "kg", "poods", 1),
        (2, "thousand persons", "persons", 2000), (1, "years", "months", 12), (1, "TWh", "billion kWh", 1),
    ],
)  # fmt: skip
def test_conversion_keeps_the_quantity(value: float, from_: str, to: str, result: float):
    assert units.convert(value, from_, to) == pytest.approx(result)
    assert units.convert(units.convert(value, from_, to), to, from_) == pytest.approx(value)


@pytest.mark.parametrize(
    ("from_", "to"),
    [("roubles", "gold roubles"), ("1928=100", "1913=100"), ("persons", "persons per year"), ("t", "ha")],
)
def test_unlike_things_are_not_converted(from_: str, to: str):
    with pytest.raises(Problem, match="expected units of one dimension"):
        units.convert(1, from_, to)


def test_an_unknown_unit_names_the_nearest():
    with pytest.raises(Problem, match=r"expected a known unit; came milion t\. Did you mean million t"):
        units.check("milion t")
