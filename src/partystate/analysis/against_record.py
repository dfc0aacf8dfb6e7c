"""A run, or an ensemble, beside the record: figure by figure, and the dates at which people lost their seats.

A series that drove the run is never compared with the record it came from: that would score the record against
itself. Such series are refused, by name and with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from partystate.foundation import calendar

from .history import History

BAND = (0.05, 0.95)  # of an ensemble: the middle 90 % of histories
# Sizes of elected bodies, which the statutory calendar gives to every run.
STATUTORY = frozenset({"cc_size", "cc_candidates", "politburo_full_members", "politburo_candidates"})
SEAT = "Politburo full"
LEFT_ALIVE = ("died", "assassinated", "death", "suicide")


@dataclass(frozen=True)
class Row:
    """One figure of the record and the model's value for the same date.

    `low` and `high` are the ensemble's band, None for a single run. `inside` is None where the record gives no range
    and there is no band, so that nothing could be inside or outside.
    """

    series: str
    title: str
    unit: str
    date: str
    month: int
    model: float
    low: float | None
    high: float | None
    record: float
    record_low: float | None
    record_high: float | None
    grade: str
    source: str
    window: str
    inside: bool | None

    @property
    def difference(self) -> float | None:
        """How far the model is from the record, as a share of the record."""
        return (self.model - self.record) / self.record if self.record else None


@dataclass(frozen=True)
class Removal:
    """When a person lost the full seat in the Politburo: in the record, and in the run or the runs.

    For a run `model` is the month or None. For an ensemble it is the median over the runs in which it happened, `low`
    and `high` the middle 80 %, and `share` the share of runs in which it happened. `died` is the month in which, in a
    single run, death or a lever of the scenario came first.
    """

    person: str
    record_date: str | None
    record_month: int | None
    how: str
    grade: str
    source: str
    model: float | None
    low: float | None = None
    high: float | None = None
    share: float | None = None
    died: int | None = None

    @property
    def difference(self) -> int | None:
        """Months by which the model is later than the record."""
        if self.model is None or self.record_month is None:
            return None
        return round(self.model - self.record_month)


@dataclass(frozen=True)
class Refusal:
    """A series that is not compared, and why."""

    series: str
    title: str
    reason: str


@dataclass(frozen=True)
class Comparison:
    """What agrees and what does not."""

    rows: tuple[Row, ...]
    removals: tuple[Removal, ...]
    refused: tuple[Refusal, ...]

    def of(self, series: str) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.series == series)

    @property
    def series(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row.series for row in self.rows))


def of_run(history: History) -> Comparison:
    """A stored run beside the record."""
    values = {name: history.series(name)[np.newaxis, :] for name in history.run.series_ids()}
    # Where the struggle was not modelled nobody could lose a seat, which is no result.
    people = history.leaders if "power" in history.manifest["sectors"] else ()
    removed = {person: [history.removed(person)] for person in people}
    found = compare(values, removed, history.manifest, history.known)
    told = (replace(line, died=history.died(line.person)) if line.model is None else line for line in found.removals)
    return replace(found, removals=tuple(told))


def compare(
    values: Mapping[str, np.ndarray],
    removed: Mapping[str, Sequence[int | None]],
    manifest: Mapping[str, Any],
    known: Any,
) -> Comparison:
    """Runs beside the record. values: series -> (runs, months); removed: person -> month or None, run by run.

    manifest: what drove the runs (`drivers`, `forced`) and how far they went (`months`).
    """
    shared = [name for name in sorted(values) if name in known.series]
    refused = [refusal for refusal in refusals(manifest, known) if refusal.series in values]
    barred = {refusal.series for refusal in refused}
    rows = [row for name in shared if name not in barred for row in rows_of(known.series[name], values[name])]
    return Comparison(tuple(rows), tuple(removals(removed, known, manifest["months"])), tuple(refused))


def rows_of(series: Any, values: np.ndarray) -> Iterable[Row]:
    """One row for each point of the record at which the model has a value. values: (runs, months)."""
    many = len(values) > 1
    for point in series.points:
        model = at(values, point.date, series.definition)
        if model is None:
            continue
        low, high = (float(q) for q in np.quantile(model, BAND)) if many else (None, None)
        middle = float(np.median(model))
        record_low, record_high = bounds(point)
        yield Row(
            series=series.id,
            title=series.title,
            unit=series.unit,
            date=point.date.text,
            month=point.date.first,
            model=middle,
            low=low,
            high=high,
            record=point.value,
            record_low=record_low,
            record_high=record_high,
            grade=point.grade,
            source=point.source,
            window=series.window(point.date),
            inside=within((middle, middle) if low is None else (low, high), point.value, record_low, record_high, many),
        )


def bounds(point: Any) -> tuple[float | None, float | None]:
    """The record's range, (None, None) where it is a bare figure."""
    low, high = point.bounds
    return (None, None) if low == high else (low, high)


def at(values: np.ndarray, date: Any, definition: str) -> np.ndarray | None:
    """The model's value, per run, for a date (a Span) of the record; None where it has none.

    See `month_of` for the month at which it is read.
    """
    month = month_of(np.isfinite(values).all(axis=0), date, definition)
    return None if month is None else values[:, month]


def month_of(known: np.ndarray, date: Any, definition: str) -> int | None:
    """The month at which a series that has a value in the months `known` (months,) is read for a date of the record.

    A stock is read in the first month of its date. A flow over a year is read at the year's last month with a value,
    and so is any figure for a whole year in whose first month there is none.
    """
    if date.last < 0:
        return None
    first = max(date.first, 0)
    full = np.flatnonzero(known[first : date.last + 1])
    if not len(full):
        return None
    return first + int(full[0] if full[0] == 0 and "flow" not in definition.lower() else full[-1])


def within(model: tuple[float, float], value: float, low: float | None, high: float | None, band: bool) -> bool | None:
    """Whether the model's value or band meets the record's value or range; None when neither has any width."""
    if not band and low is None:
        return None
    return model[0] <= (value if high is None else high) and model[1] >= (value if low is None else low)


def removals(removed: Mapping[str, Sequence[int | None]], known: Any, until: int = calendar.MONTHS) -> list[Removal]:
    """A line for each person who went out before month `until` in either, those who left first in the record ahead."""
    lines = [_removal(person, list(months), known, until) for person, months in removed.items()]
    lines = [line for line in lines if line.record_month is not None or line.model is not None]
    return sorted(lines, key=lambda line: (line.record_month is None, line.record_month or 0, line.person))


def _removal(person: str, months: list[int | None], known: Any, until: int) -> Removal:
    end = next((t for t in known.offices if t.person == person and t.office == SEAT and _lost(t, until)), None)
    happened = [month for month in months if month is not None]
    record_month = end.end.first if end else None
    about = (end.end.text, record_month, end.how_ended, end.grade, end.source) if end else (None, None, "", "", "")
    if len(months) == 1:
        return Removal(person, *about, happened[0] if happened else None)
    if not happened:
        return Removal(person, *about, None, share=0.0)
    low, middle, high = (float(q) for q in np.quantile(happened, (0.1, 0.5, 0.9)))
    return Removal(person, *about, middle, low, high, len(happened) / len(months))


def _lost(tenure: Any, until: int) -> bool:
    """Whether a tenure ended, between January 1922 and month `until`, with its holder alive."""
    if not tenure.end or any(word in tenure.how_ended for word in LEFT_ALIVE):
        return False
    return 0 <= tenure.end.first < until


def refusals(manifest: Mapping[str, Any], known: Any) -> list[Refusal]:
    """Series of the record that drove this run: drivers of its mechanisms, and every series of a forced sector."""
    drivers, forced = set(manifest["drivers"]), set(manifest["forced"])
    found = []
    for name, series in known.series.items():
        if name in drivers:
            reason = "it drove this run, so comparing it would score the record against itself"
        elif name in STATUTORY:
            reason = "congresses fill it to a size that the calendar gives, so it is not the model’s result"
        elif series.sector in forced:
            reason = f"the sector “{series.sector}” was held to the record in this run"
        else:
            continue
        found.append(Refusal(name, series.title, reason))
    return found
