"""Charts of the model beside the record, for one run and for an ensemble."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from partystate.analysis import outcomes
from partystate.analysis.against_record import Comparison, bounds, month_of
from partystate.analysis.history import History
from partystate.analysis.intervals import quantiles, wilson
from partystate.foundation import calendar

from . import charts, narrative, svg
from .charts import Band, Caption, Chart, Line, Point, Table
from .spreads import Chance, Spread, chances, histograms

MEMBERSHIP = ("party_total", "party_members", "party_candidates")
BANDS = ((0.05, 0.95, "90 % of histories"), (0.25, 0.75, "50 % of histories"))


def points_of(series: Any, last: int = calendar.MONTHS, known: np.ndarray | None = None) -> list[Point]:
    """The record's figures from January 1922 to month `last`, with the ranges it gives.

    known (months,): where the run has a value, so that a figure for a year stands where the run's for that year does.
    """
    found = []
    for p in series.points:
        month = None if known is None else month_of(known, p.date, series.definition)
        month = p.date.first if month is None else month
        if 0 <= p.date.first < last:
            found.append(Point(p.date.text, month, p.value, *bounds(p), p.grade, p.source))
    return found


def series_chart(history: History, name: str, caption: Caption, ensemble: np.ndarray | None = None) -> Chart:
    """One series of the run with the record's figures; with an ensemble (runs, months), its bands behind."""
    known = history.known.series[name]
    values = history.series(name)
    months = tuple(int(m) for m in np.flatnonzero(np.isfinite(values)))
    line = Line("this run", months, tuple(float(values[m]) for m in months))
    record = points_of(known, history.months, np.isfinite(values))
    bands = [] if ensemble is None else bands_of(ensemble)
    runs = caption.runs if ensemble is None else f"{caption.runs}; bands: {len(ensemble)} runs"
    rows = [
        (p.date, _model(values, p), svg.number(p.value, known.unit), _range(p, known.unit), p.grade, p.source)
        for p in record
    ]
    table = Table(
        ("Date", "This run", "Record", "Range", "Grade", "Source"), tuple(rows), frozenset({"This run", "Record"})
    )
    near = [
        f"{p.date} run {_model(values, p)}, record {svg.number(p.value, known.unit)} (grade {p.grade})" for p in record
    ]
    alt = (
        f"{known.title}, {known.unit}. " + ("; ".join(near[:: max(len(near) // 6, 1)]) if near else "No record.") + "."
    )
    placed = " Figures of a year stand where the run has its own." if any(p.month > _first(p) for p in record) else ""
    about = f"{known.definition}." if known.definition else ""
    note = f"{about}{placed} {charts.GRADES if record else _silence(known)}".strip()
    return charts.timeline(
        f"series-{name.replace('_', '-')}",
        known.title,
        known.unit,
        [line],
        bands,
        record,
        caption=replace(caption, unit=known.unit, runs=runs, note=note),
        alt=alt,
        table=table,
        span=(0, history.months),
    )


def _first(point: Point) -> int:
    """The first month of a figure's date."""
    return calendar.index(point.date[:7] if len(point.date) > 4 else f"{point.date}-01")


def _silence(series: Any) -> str:
    if series.withheld:
        return "The record’s figures are kept back for an independent check and are not in this package."
    return "The record has no figures."


def bands_of(ensemble: np.ndarray) -> list[Band]:
    """The middle 90 % and 50 % of (runs, months), over months in which every run has a value."""
    months = np.flatnonzero(np.isfinite(ensemble).all(axis=0))
    if not len(months):
        return []
    found = []
    for low, high, label in BANDS:
        edges = np.quantile(ensemble[:, months], (low, high), axis=0)
        found.append(Band(label, tuple(int(m) for m in months), tuple(edges[0].tolist()), tuple(edges[1].tolist())))
    return found


def _model(values: np.ndarray, point: Point) -> str:
    month = int(point.month)
    return svg.number(float(values[month]) if month < len(values) else math.nan)


def _range(point: Point, unit: str) -> str:
    return "" if point.low is None else f"{svg.number(point.low, unit)}–{svg.number(point.high, unit)}"


def removals_chart(
    comparison: Comparison, removed: Mapping[str, Sequence[int | None]], caption: Caption, run: History
) -> Chart:
    """When each leader lost the full seat over an ensemble, against the record's date and the run shown."""
    rows, table = [], []
    for line in comparison.removals:
        months = tuple(float(m) for m in removed[line.person] if m is not None)
        rows.append(
            Spread(
                narrative.person_words(line.person),
                months,
                len(removed[line.person]),
                line.record_month,
                narrative.date_words(line.record_date) if line.record_date else "",
                run.removed(line.person),
            )
        )
        low, middle, high = quantiles(months, (0.1, 0.5, 0.9)) if months else (math.nan,) * 3
        table.append(
            (
                line.person,
                f"{len(months)} of {len(removed[line.person])}",
                _month(low),
                _month(middle),
                _month(high),
                line.record_date or "no such date",
            )
        )
    words = "; ".join(
        f"{person} in {share} runs, median {middle}, record {record}" for person, share, _, middle, _, record in table
    )
    note = (
        "Bars count runs by quarter in which the leader went out of the Politburo. The line below spans the middle "
        "80 % of them, its tick is the median. Open triangle: the record. Filled triangle: the run shown here."
    )
    return histograms(
        "removal-dates",
        "When leaders went out of the Politburo",
        rows,
        (0, run.months),
        caption=replace(caption, unit="runs in each quarter", note=note),
        alt=f"Removal dates over the ensemble. {words}.",
        table=Table(("Leader", "Runs", "10 %", "Median", "90 %", "Record"), tuple(table)),
    )


def _month(month: float) -> str:
    return calendar.label(round(month)) if math.isfinite(month) else "–"


@dataclass(frozen=True)
class Outcome:
    """One outcome of an ensemble: a probability with Wilson's interval, or a median with the middle 90 %."""

    title: str
    definition: str
    value: str
    low: str
    high: str
    chance: Chance | None
    runs: int


def outcomes_of(values: Mapping[str, np.ndarray]) -> list[Outcome]:
    """Every outcome that is defined for some run, in the order in which they are defined. values: name -> (runs,)."""
    found = []
    for name, title in outcomes.TITLES.items():
        known = values.get(name, np.array([]))
        known = known[np.isfinite(known)]
        if not len(known):
            continue
        definition = outcomes.DEFINITIONS[name]
        if name in outcomes.CHANCES:
            share, (low, high) = float(known.mean()), wilson(int(known.sum()), len(known))
            shown = (svg.number(v, "share") for v in (share, low, high))
            found.append(Outcome(title, definition, *shown, Chance(title, share, low, high), len(known)))
        else:
            unit = "share" if "share" in definition.lower() or definition.startswith("Patronage") else ""
            shown = (svg.number(v, unit) for v in quantiles(known, (0.5, 0.05, 0.95)))
            found.append(Outcome(title, definition, *shown, None, len(known)))
    return found


def outcomes_chart(found: Sequence[Outcome], caption: Caption) -> Chart | None:
    """The probabilities among the outcomes, each with its interval."""
    rows = [outcome.chance for outcome in found if outcome.chance]
    if not rows:
        return None
    table = tuple((o.title, o.value, o.low, o.high, str(o.runs)) for o in found if o.chance)
    alt = "; ".join(f"{title}: {value}, 95 % interval {low} to {high}" for title, value, low, high, _ in table)
    note = "Dots are shares of runs, lines Wilson’s 95 % intervals. They hold chance, not doubt of the model."
    return chances(
        "outcomes",
        "How often it ended so",
        rows,
        caption=replace(caption, unit="share of runs", note=note),
        alt=f"{alt}.",
        table=Table(("Outcome", "Share", "Low", "High", "Runs"), table, frozenset({"Share", "Low", "High", "Runs"})),
    )
