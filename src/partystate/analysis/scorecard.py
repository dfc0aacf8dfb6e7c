"""The scorecard of an ensemble: each figure of the record it may be judged by, each series, and the dates of removals.

A figure is judged when the model had no part of it beforehand. So nothing is scored that drove the runs, that statute
fixes, or that a history begins with; and where a coding made with hindsight has been at work, the model's value is set
beside the record but earns no score (decision 7). A naive forecast knows what the record knew before the date of the
figure, which is more than the runs know: those go on from January 1922 without being told anything.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from partystate.foundation import calendar, draws
from partystate.foundation.problems import did_you_mean, problem
from partystate.record.series import Point, Series
from partystate.runs import store
from partystate.runs.design import REFERENCE_ARM
from partystate.runs.ensemble import Ensemble

from . import against_record, scoring
from .against_record import Refusal
from .score_events import Departures, departures
from .score_series import (
    BANDS,
    EQUAL_WEIGHTS,
    GRADE_WEIGHTS,
    HINDSIGHT,
    SECTORS_TOGETHER,
    Figure,
    Line,
    Total,
    lines_of,
    severity,
    totals_of,
)

FEWEST, FEW = 2, 50  # runs: below the first nothing can be scored, below the second a warning is due

# Drivers coded by people who knew how it went on, and how the names of the series begin that they move.
MEMBERSHIP = ("party_", "candidates_admitted")
MOVED_WITH_HINDSIGHT = {"security_alarm": MEMBERSHIP, "mass_operations": MEMBERSHIP}
EVERYTHING = ("",)
WITHHELD = "it is kept back for an independent check"
DISPUTED = {("party_civilwar_or_earlier_share", "1934"): "it cannot be squared with the figure of 1927"}


@dataclass(frozen=True)
class Card:
    """What an ensemble scores, and what it is not scored on. `given` counts figures of January 1922."""

    ensemble: Ensemble
    arm: str
    facts: Mapping[str, Any]
    seeds: tuple[int, ...]
    record_version: str
    lines: tuple[Line, ...]
    totals: tuple[Total, ...]
    departures: Departures | None
    refused: tuple[Refusal, ...]
    given: int
    notes: tuple[str, ...]

    def of(self, use: str) -> list[Line]:
        """The series of one use, worst first."""
        return sorted((line for line in self.lines if line.use == use), key=severity)

    def total(self, use: str, sector: str = SECTORS_TOGETHER, weights: str = "grade") -> Total | None:
        wanted = (use, sector, weights)
        return next((one for one in self.totals if (one.use, one.sector, one.weights) == wanted), None)


# The card ---------------------------------------------------------------------------------------------------------


def score(ensemble: Ensemble, arm: str | None = None, series: str | None = None, known: Any = None) -> Card:
    """The scorecard of one arm of a stored ensemble, or of one series of it.

    Raises Problem: exit 2 for an unknown arm, fewer than FEWEST runs, or a series that cannot be scored, with the
    reason; 3 for a damaged part.
    """
    if known is None:
        from partystate import record

        known = record.load()
    arm = arm if arm is not None else _first_arm(ensemble)
    facts = next((entry["facts"] for entry in ensemble.facts["arms"] if entry["arm"] == arm), {})
    parts = ensemble.parts(arm)
    if len(parts) < FEWEST:
        do = "One history has no distribution to be judged; `partystate report` sets it beside the record."
        raise problem(str(ensemble.folder), "runs", f"{FEWEST} or more", str(len(parts)), do)
    values = _values(parts, known, ensemble.months)
    refused = _refusals(facts, known, values)
    if series is not None:
        check_series(series, known, values, refused)
        values, refused = {series: values[series]}, []
    hindsight = begun(facts["drivers"], known)
    figures, given = {}, 0
    for name in sorted(values.keys() - {refusal.series for refusal in refused}):
        figures[name], first = _figures(known.series[name], values[name], hindsight)
        given += first
    if series is not None and not figures[series]:
        expected = "a figure of the record after January 1922 at whose date the runs have a value"
        raise problem("--series", series, expected, "none", "`partystate record` shows the figures of a series.")
    refused += [_disputed(*key, known) for key in DISPUTED if key[0] in figures]
    lines = lines_of(figures, known, GRADE_WEIGHTS)
    totals = totals_of(lines, "grade") + totals_of(lines_of(figures, known, EQUAL_WEIGHTS), "equal")
    return Card(
        ensemble, arm, facts, tuple(part.seed for part in parts), known.version, tuple(lines), tuple(totals),
        departures(ensemble.outcomes(arm), known, ensemble.months) if series is None else None,
        tuple(refused), given, tuple(_notes(ensemble, arm, facts, len(parts), known)),
    )  # fmt: skip


def _first_arm(ensemble: Ensemble) -> str:
    return ensemble.arms[0] if len(ensemble.arms) == 1 else REFERENCE_ARM


def _values(parts: Sequence[Any], known: Any, months: int) -> dict[str, np.ndarray]:
    """Series of the record that the runs hold -> (runs, months). Each part is read once."""
    nothing = np.full(months, np.nan)
    rows = [store.series_of(part.table([("series", "in", list(known.series))]), part.months) for part in parts]
    names = {name for row in rows for name, region in row if region is None}
    return {name: np.array([row.get((name, None), nothing) for row in rows]) for name in names}


def _refusals(facts: Mapping[str, Any], known: Any, values: Mapping[str, Any]) -> list[Refusal]:
    """Drivers of the runs, statute, forced sectors (`against_record.refusals`), and what is withheld from everybody."""
    refused = against_record.refusals({"drivers": facts["drivers"], "forced": facts.get("forced", ())}, known)
    barred = {refusal.series for refusal in refused}
    withheld = [name for name in sorted(values) if _kept_back(known.series[name]) and name not in barred]
    return refused + [Refusal(name, known.series[name].title, WITHHELD) for name in withheld]


def _kept_back(series: Series) -> bool:
    """Whether every figure of a series is withheld; of one that is withheld in part the rest is scored."""
    return series.withheld and not series.points


def _disputed(name: str, date: str, known: Any) -> Refusal:
    return Refusal(name, known.series[name].title, f"the figure of {date} is not scored: {DISPUTED[name, date]}")


def check_series(name: str, known: Any, values: Mapping[str, Any], refused: Sequence[Refusal]) -> None:
    """Raises Problem (exit 2) when one series that was asked for cannot be scored, and says why."""
    reasons = {refusal.series: refusal.reason for refusal in refused}
    open_names = sorted(values.keys() - reasons.keys())
    if name not in known.series:
        do = did_you_mean(name, open_names) or did_you_mean(name, known.series)
        raise problem("--series", name, "a series of the record", name, do)
    if reason := reasons.get(name) or (WITHHELD if _kept_back(known.series[name]) else ""):
        raise problem("--series", name, "a series that may be scored", f"one that may not: {reason}")
    if name not in values:
        do = did_you_mean(name, open_names) or f"These runs hold: {', '.join(open_names)}."
        raise problem("--series", name, "a series that these runs hold", "one of the record alone", do)


def begun(drivers: Iterable[str], known: Any) -> dict[str, int]:
    """Driver coded with hindsight -> first month in which it is at work, of those that the runs followed.

    At work means: not any more at its value of January 1922.
    """
    found = {}
    for name in drivers:
        if name in known.drivers:
            if not known.drivers[name].hindsight:
                continue
            path = [(point.date.first, point.value) for point in known.drivers[name].points]
        elif name in MOVED_WITH_HINDSIGHT:
            rows = [row for row in known.founding.drivers if row["driver"] == name]
            path = [(calendar.months_since_founding(row["date"]), float(row["value"])) for row in rows]
        else:
            continue
        at_first = [value for month, value in path if month <= 0][-1:]
        found[name] = min((max(month, 0) for month, value in path if [value] != at_first), default=calendar.MONTHS)
    return found


def _notes(ensemble: Ensemble, arm: str, facts: Mapping[str, Any], runs: int, known: Any) -> Iterable[str]:
    """What a reader must know before the numbers."""
    planned = len(ensemble.keys(arm))
    if runs < planned:
        yield f"{runs} of {planned} runs have been made so far."
    if runs < FEW:
        yield f"{runs} runs are few: ends of bands rest on one or two histories. Make {FEW} or more."
    if ensemble.facts.get("record") != known.version:
        yield "The ensemble was made with another version of the record than the one it is scored with."
    if facts["off"] or facts["variants"] or facts["scenario"]["declares"] or facts["recipe"].get("overrides"):
        yield "These are not reference histories: another scenario or other settings are held against what did happen."


# Figures ----------------------------------------------------------------------------------------------------------


def _figures(series: Series, values: np.ndarray, hindsight: Mapping[str, int]) -> tuple[list[Figure], int]:
    """Every figure of a series at which all runs have a value, and how many fall on the given first month."""
    found, given = [], 0
    moving = {driver: month for driver, month in hindsight.items() if series.id.startswith(_moved(driver))}
    for point in series.points:
        members = against_record.at(values, point.date, series.definition)
        if members is None or (series.id, point.date.text) in DISPUTED:
            continue
        flow = "flow" in series.definition.lower()
        if point.date.first <= 0 and not flow:
            given += 1
            continue
        until = point.date.last if flow else point.date.first
        at_work = tuple(sorted(driver for driver, month in moving.items() if month <= until))
        found.append(_figure(series, point, members, at_work))
    return found, given


def _moved(driver: str) -> tuple[str, ...]:
    return MOVED_WITH_HINDSIGHT.get(driver, EVERYTHING)


def _figure(series: Series, point: Point, members: np.ndarray, hindsight: tuple[str, ...]) -> Figure:
    low, high = point.bounds
    errors = scoring.recording_errors(point.value, low, high)
    aware = scoring.dressed(members, errors)
    one = f"{series.id}/{point.date.text}/{point.source}"
    u = draws.uniform(0, "score.rank", 0, draws.entity_id(one))[0]
    naive = {} if hindsight else naive_members(series.points, point)
    fair, plain = partial(scoring.crps, observed=point.value), partial(scoring.crps, observed=point.value, fair=False)
    return Figure(
        series=series.id,
        date=point.date.text,
        month=point.date.first,
        use=HINDSIGHT if hindsight else series.window(point.date),
        grade=point.grade,
        source=point.source,
        record=point.value,
        low=low,
        high=high,
        quantiles=tuple(scoring.quantiles(members).tolist()),
        inside={band: scoring.inside(members, point.value, band / 100) for band in BANDS},
        inside_aware={band: scoring.inside(aware, point.value, band / 100) for band in BANDS},
        rank=float(scoring.rank(members, point.value, u)),
        crps=math.nan if hindsight else fair(members),
        crps_aware=math.nan if hindsight else fair(members, errors=errors),
        naive={name: plain(its) for name, its in naive.items()},
        naive_aware={name: plain(its, errors=errors) for name, its in naive.items()},
        hindsight=hindsight,
    )


def naive_members(points: Sequence[Point], point: Point) -> dict[str, np.ndarray]:
    """Members of each naive forecast of `point`, from figures whose time had ended before its own began."""
    earlier = [one for one in points if one.date.last < point.date.first]
    spans = [(one.date.first, one.date.last) for one in earlier]
    months, values = scoring.by_date(spans, [one.value for one in earlier])
    when = (point.date.first + point.date.last) / 2
    made = {name: forecast(months, values, when) for name, forecast in scoring.NAIVE.items()}
    return {name: members for name, members in made.items() if len(members)}
