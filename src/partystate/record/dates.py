"""Dates of the record: days, months, years, economic years and periods, each as a span of months."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from partystate.foundation import calendar

EXPECTED = "a date: 1926, 1926-10, 1926-10-23, 1925/26 or a period such as 1930-01/1930-06"
SINGLE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
ECONOMIC_YEAR = re.compile(r"(\d{4})/(\d{2})")
ORIGIN = 1922 * 12  # month 0 of the model's calendar


@dataclass(frozen=True, slots=True)
class Span:
    """A date as written, with its first and last month (0 = January 1922; earlier months are negative)."""

    text: str
    first: int
    last: int

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=4096)
def span(text: str) -> Span:
    """`text` as a Span; ValueError says what was expected. An economic year runs from October to September."""
    if economic := ECONOMIC_YEAR.fullmatch(text):
        year, ending = int(economic[1]), int(economic[2])
        if (year + 1) % 100 != ending:
            raise ValueError(EXPECTED)
        start = year * 12 + 9 - ORIGIN
        return Span(text, start, start + 11)
    start, slash, end = text.partition("/")
    first, last = _single(start)
    if slash:
        _, until = _single(end)
        if until < last:
            raise ValueError("a period that ends after it begins")
        last = until
    return Span(text, first, last)


def _single(text: str) -> tuple[int, int]:
    match = SINGLE.fullmatch(text)
    if not match:
        raise ValueError(EXPECTED)
    year, month, day = int(match[1]), int(match[2] or 0), int(match[3] or 1)
    if not 1800 <= year <= 2100 or (match[2] and not 1 <= month <= 12) or not 1 <= day <= _days(year, month):
        raise ValueError(EXPECTED)
    start = year * 12 - ORIGIN
    return (start + month - 1, start + month - 1) if month else (start, start + 11)


def _days(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def monthly(points: Sequence[tuple[Span, float]], kind: str = "step"):
    """`points` (in order of date) as float64[234], one value for each month from January 1922.

    ``step`` holds the latest value that has begun, NaN before the first. ``linear`` joins the middles of the spans and
    holds the ends flat.
    """
    import numpy as np

    months = np.arange(calendar.MONTHS, dtype=np.float64)
    values = np.array([value for _, value in points], dtype=np.float64)
    if kind == "linear":
        return np.interp(months, [(when.first + when.last) / 2 for when, _ in points], values)
    if kind != "step":
        raise ValueError(f"kind must be step or linear, not {kind}")
    latest = np.searchsorted([when.first for when, _ in points], months, side="right") - 1
    return np.where(latest >= 0, values[np.maximum(latest, 0)], np.nan)
