"""Facts of the evidence that checks are about: numbers, dates, texts and truths, each with its range and grade."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import Any

DATE, NUMBER, TEXT, TRUTH = "date", "number", "text", "truth"


class Withheld(Exception):
    """A figure that the record keeps back for an independent check."""


@dataclass(frozen=True)
class Fact:
    """Something the record or the founding says: a number, a date (as day numbers), a text or a truth.

    low, high: its range. shown: in words. grade and source: of the row it comes from, empty where it has none.
    """

    kind: str
    low: Any
    high: Any
    shown: str
    grade: str = ""
    source: str = ""


def truth(holds: bool, shown: str, row: Any = None) -> Fact:
    """Whether something is so, with the grade and source of a row of the record."""
    return Fact(TRUTH, holds, holds, shown, getattr(row, "grade", ""), getattr(row, "source", ""))


def said(words: str, text: str, row: Any) -> Fact:
    """Whether a text of the record holds these words."""
    return truth(words.lower() in text.lower(), text, row)


def dated(date: str, shown: str, row: Any) -> Fact:
    """A date as the record writes it."""
    return Fact(DATE, *days(date), shown, getattr(row, "grade", ""), getattr(row, "source", ""))


def days(text: str) -> tuple[int, int]:
    """First and last day of a date as the record writes it, as proleptic day numbers."""
    if economic := re.fullmatch(r"(\d{4})/(\d{2})", text):
        year = int(economic[1])
        return datetime.date(year, 10, 1).toordinal(), datetime.date(year + 1, 9, 30).toordinal()
    start, _, end = text.partition("/")
    return _single(start)[0], _single(end or start)[1]


def _single(text: str) -> tuple[int, int]:
    year, month, day = (*map(int, text.split("-")), None, None)[:3]
    first = datetime.date(year, month or 1, day or 1)
    if day:
        return first.toordinal(), first.toordinal()
    after = datetime.date(year + 1, 1, 1) if month in (None, 12) else datetime.date(year, month + 1, 1)
    return first.toordinal(), after.toordinal() - 1
