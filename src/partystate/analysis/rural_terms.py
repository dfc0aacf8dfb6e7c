"""Quantities written as text, evaluated alike in a history and in the record.

`cattle_jan 1933-01 / cattle_jan 1928-01`: terms joined by " / " and " - ", division first. A term is `SERIES DATE`, or
`HOW SERIES DATE..DATE` with HOW one of mean, sum, max, min or month_of_max (a month counted from January 1922).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from partystate import record
from partystate.foundation import calendar
from partystate.foundation.problems import problem
from partystate.record.dates import span

TERM = re.compile(r"(?:(mean|sum|max|min|month_of_max) )?(\w+) ([\d/-]+)(?:\.\.([\d-]+))?")
Together = Callable[[np.ndarray], float]
HOW: Mapping[str, Together] = {
    "mean": np.mean, "sum": np.sum, "max": np.max, "min": np.min,
}  # fmt: skip
GRADES = "ABCP"


@dataclass(frozen=True)
class Term:
    """One figure of a series: months first … last (0 = January 1922), `how` they are put together ("" for one)."""

    how: str
    series: str
    first: int
    last: int
    date: str


@dataclass(frozen=True)
class Figure:
    """What the record says of a quantity, with its range, the worst of its grades, and its sources."""

    value: float
    low: float
    high: float
    grade: str
    sources: tuple[str, ...]


@lru_cache(maxsize=1024)
def parse(text: str) -> tuple[tuple[Term, ...], ...]:
    """Differences of quotients: ((a, b), (c,)) is a / b - c. Raises Problem (exit 2) for what is no quantity."""
    return tuple(tuple(_term(part, text) for part in quotient.split(" / ")) for quotient in text.split(" - "))


def _term(part: str, text: str) -> Term:
    match = TERM.fullmatch(part)
    how, series, first, last = match.groups() if match else ("", "", "", "")
    if not match or bool(how) != bool(last):
        raise problem("value", text, "terms such as SERIES 1928-01 or mean SERIES 1931..1934", part)
    return Term(
        how or "", series, span(first).first, span(last or first).last, first if not last else f"{first}..{last}"
    )


def last_month(text: str) -> int:
    """The last month that a quantity speaks of."""
    return max(term.last for quotient in parse(text) for term in quotient)


def series_of(text: str) -> set[str]:
    return {term.series for quotient in parse(text) for term in quotient}


def in_history(text: str, series: Mapping[tuple[str, str | None], np.ndarray], months: int) -> float:
    """The quantity in a history of so many months; NaN where a term has no value or its months were not all worked."""

    def value(term: Term) -> float:
        if term.last >= months:
            return math.nan
        values = series.get((term.series, None), np.empty(0))[term.first : term.last + 1]
        known = values[np.isfinite(values)]
        if not known.size:
            return math.nan
        if term.how == "month_of_max":
            return float(term.first + np.nanargmax(values)) if known.max() > 0 else math.nan
        return float(HOW[term.how](known)) if term.how else float(known[-1])

    return _join(text, value)


def _join(text: str, value: Callable[[Term], float]) -> float:
    parts = []
    for quotient in parse(text):
        numbers = [value(term) for term in quotient]
        for divisor in numbers[1:]:
            numbers[0] = numbers[0] / divisor if divisor else math.nan
        parts.append(numbers[0])
    return parts[0] - sum(parts[1:])


def in_record(text: str) -> Figure | None:
    """The quantity in the record; None where a term is kept back, unknown, or has too few figures."""
    told = {term: _recorded(term) for quotient in parse(text) for term in quotient}
    known = {term: figure for term, figure in told.items() if figure is not None}
    if len(known) < len(told):
        return None
    low = high = middle = 0.0
    for place, quotient in enumerate(parse(text)):
        figures = [known[term] for term in quotient]
        m, a, b = figures[0].value, figures[0].low, figures[0].high
        for by in figures[1:]:
            m, a, b = m / by.value, a / by.high, b / by.low
        middle, low, high = (m, a, b) if place == 0 else (middle - m, low - b, high - a)
    grade = max((figure.grade for figure in known.values()), key=GRADES.index)
    sources = tuple(dict.fromkeys(source for figure in known.values() for source in figure.sources))
    return Figure(middle, low, high, grade, sources)


def _recorded(term: Term) -> Figure | None:
    series = record.load().series.get(term.series)
    if series is None or series.withheld:
        return None
    how: tuple[Together, ...]
    if not term.how:
        points = [point for point in series.points if point.date.text == term.date]
        if not points:
            return None
        # Several sources for one date are rivals: the middle one, and the range over all.
        values, how = [point.value for point in points], (np.median, np.min, np.max)
    else:
        points = [point for point in series.points if term.first <= point.date.first and point.date.last <= term.last]
        # A mean or a sum needs every year; a highest month is taken from the months there are.
        yearly = term.how in ("mean", "sum")
        years = (term.last - term.first + 1) // calendar.MONTHS_PER_YEAR
        if len(points) < (max(years, 1) if yearly else 2):
            return None
        values = [point.value for point in points]
        if term.how == "month_of_max":
            top = points[int(np.argmax(values))]
            month = float(top.date.first)
            return Figure(month, month, month, top.grade, (top.source,))
        how = (HOW[term.how],) * 3
    lows, highs = zip(*(point.bounds for point in points), strict=True)
    middle, low, high = (float(how[k](np.array(row))) for k, row in enumerate((values, lows, highs)))
    grade = max((point.grade for point in points), key=GRADES.index)
    return Figure(middle, low, high, grade, tuple(dict.fromkeys(point.source for point in points)))
