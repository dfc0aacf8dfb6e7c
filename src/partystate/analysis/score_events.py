"""When people went out of the Politburo, scored: the month of each removal, and who was out by given dates.

What happened happened once. A score says how much of the runs' chance lay near it; whether a chance of 30 % is right
cannot be tested with one history.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from partystate.foundation import calendar, draws

from . import against_record, scoring
from .intervals import wilson

REMOVED = "removed."
BY = ("1926-12", "1928-12", "1930-12")
COIN = 0.25  # Brier score of a chance of one half
# Dates that were looked at while rules and priors were set (docs/forking-paths.md, "What was aimed at").
AIMED_AT = frozenset({"Trotsky", "Zinoviev", "Bukharin"})


@dataclass(frozen=True)
class Departure:
    """One person. record_month None: did not go out before the end of the runs.

    gone: share of runs in which he went, with Wilson's interval; median: over all runs, infinite where fewer than half
    went. crps, naive: months, of the ensemble and of somebody who knows nothing. rank: share of runs with an earlier
    month, ties broken by lot. aimed_at: the date was looked at while the model was made.
    """

    person: str
    record_date: str | None
    record_month: int | None
    grade: str
    source: str
    gone: tuple[float, float, float]
    median: float
    crps: float
    naive: float
    rank: float
    aimed_at: bool

    @property
    def skill(self) -> float:
        return 1 - self.crps / self.naive


@dataclass(frozen=True)
class OutBy:
    """Who was out by the end of a month: mean Brier score over persons, with 95 % interval by resampling persons.

    skill: against a chance of one half for everybody. chances: person -> (share of runs, whether it happened).
    """

    date: str
    brier: float
    low: float
    high: float
    chances: Mapping[str, tuple[float, bool]]

    @property
    def out(self) -> int:
        """How many were out in the record."""
        return sum(happened for _, happened in self.chances.values())

    @property
    def skill(self) -> float:
        return 1 - self.brier / COIN


@dataclass(frozen=True)
class Departures:
    """All persons, the dates by which, mean CRPS skill with interval, and who cannot be scored and why."""

    persons: tuple[Departure, ...]
    out_by: tuple[OutBy, ...]
    skill: tuple[float, float, float]
    left_out: Mapping[str, str]


def departures(outcomes: Mapping[str, np.ndarray], known: Any, months: int) -> Departures | None:
    """Every person whose removal the runs measured; None when they measured none.

    outcomes: name -> (runs,), NaN where it did not come before the end; months: length of the runs.
    """
    measured = {name.removeprefix(REMOVED): values for name, values in outcomes.items() if name.startswith(REMOVED)}
    lines = against_record.removals({person: [None, None] for person in measured}, known, months)
    record = {line.person: line for line in lines}
    seats = {person: _seats(person, known) for person in measured}
    left_out = {person: why for person in measured if person not in record and (why := _unknown(seats[person], months))}
    times = {person: scoring.cut(values, months) for person, values in measured.items() if person not in left_out}
    if not times:
        return None
    persons = sorted(
        (_departure(person, values, record.get(person), seats[person][-1], months) for person, values in times.items()),
        key=lambda one: (one.record_month is None, one.record_month or 0, one.person),
    )
    value, low, high = scoring.ratio([one.crps for one in persons], [one.naive for one in persons])
    dates = [date for date in BY if calendar.index(date) < months]
    return Departures(
        tuple(persons), tuple(_out_by(date, times, persons) for date in dates), (1 - value, 1 - high, 1 - low), left_out
    )


def _seats(person: str, known: Any) -> list[Any]:
    """His tenures of a full seat, in order."""
    mine = (tenure for tenure in known.offices if (tenure.person, tenure.office) == (person, against_record.SEAT))
    return sorted(mine, key=lambda tenure: tenure.start.first)


def _unknown(seats: Sequence[Any], months: int) -> str:
    """Why nothing can be said of somebody who was not removed; nothing if he is known to have stayed to the end."""
    if not seats:
        return "the record has no full seat of his"
    end = seats[-1].end
    return "he died with his seat before the runs end" if end and end.first < months else ""


def _departure(person: str, times: np.ndarray, line: Any, seat: Any, months: int) -> Departure:
    gone, month = int((times < months).sum()), line.record_month if line else None
    observed = math.inf if month is None else float(month)
    at = scoring.cut(np.array([observed]), months)[0]
    u = draws.uniform(0, "score.rank", 0, draws.entity_id(f"{REMOVED}{person}"))[0]
    middle = float(np.sort(times)[math.ceil(len(times) / 2) - 1])
    return Departure(
        person=person,
        record_date=line.record_date if line else None,
        record_month=month,
        grade=line.grade if line else seat.grade,
        source=line.source if line else seat.source,
        gone=(gone / len(times), *wilson(gone, len(times))),
        median=middle if middle < months else math.inf,
        crps=scoring.months_crps(times, observed, months),
        naive=scoring.ignorant_months_crps(observed, months),
        rank=float(scoring.rank(times, at, u)),
        aimed_at=person in AIMED_AT,
    )


def _out_by(date: str, times: Mapping[str, np.ndarray], persons: Sequence[Departure]) -> OutBy:
    month = calendar.index(date)
    happened = {one.person: one.record_month is not None and one.record_month <= month for one in persons}
    out = {one.person: (times[one.person] <= month).astype(float) for one in persons}
    scores = [scoring.brier(out[person], happened[person]) for person in out]
    value, low, high = scoring.ratio(scores, np.ones(len(scores)))
    return OutBy(date, value, low, high, {person: (float(out[person].mean()), happened[person]) for person in out})
