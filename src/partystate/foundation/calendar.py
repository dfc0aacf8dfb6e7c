"""The calendar of the model: 234 months, January 1922 (0) to June 1941 (233)."""

from __future__ import annotations

import re

from partystate.foundation.problems import Fault, Problem

FIRST = "1922-01"
LAST = "1941-06"
MONTHS = 234
MONTHS_PER_YEAR = 12
_FIRST_YEAR = 1922
_DATE = re.compile(r"^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$")


def months_since_founding(date: str) -> int:
    """Months from January 1922 to ``date`` (YYYY, YYYY-MM or YYYY-MM-DD); negative before it, unbounded after."""
    match = _DATE.match(date.strip())
    if not match or not 1 <= int(match.group(2) or 1) <= MONTHS_PER_YEAR:
        raise Problem([Fault("date", date, "a date as YYYY, YYYY-MM or YYYY-MM-DD", repr(date))], exit_code=2)
    year, month = int(match.group(1)), int(match.group(2) or 1)
    return (year - _FIRST_YEAR) * MONTHS_PER_YEAR + month - 1


def index(date: str) -> int:
    """The number of a month inside the model's period; raises ``Problem`` outside it."""
    number = months_since_founding(date)
    if not 0 <= number < MONTHS:
        raise Problem([Fault("date", date, f"a month from {FIRST} to {LAST}", repr(date))], exit_code=2)
    return number


def label(month: int) -> str:
    """``label(57) == "1926-10"``. Works beyond the last month too, for ends of tenure."""
    return f"{year(month):04d}-{month_of_year(month):02d}"


def year(month: int) -> int:
    return _FIRST_YEAR + month // MONTHS_PER_YEAR


def month_of_year(month: int) -> int:
    """1 for January … 12 for December."""
    return month % MONTHS_PER_YEAR + 1
