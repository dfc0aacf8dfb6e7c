"""The end of `partystate run`: one screen on who lost what, on grain and herds, and how the run sits by the record."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator

from partystate.analysis import against_record
from partystate.analysis.against_record import Comparison
from partystate.analysis.history import History
from partystate.foundation import calendar
from partystate.runs.store import Run

from . import beside, countryside, narrative, struggle, svg
from .facts import Facts

WIDTH = 100
MOST_LOSSES = 12
YEARS = (1926, 1928, 1930, 1931, 1932, 1933, 1935, 1937)  # of the table of the countryside
RURAL = (
    ("Grain harvest, million t", countryside.HARVEST, ""),
    ("Grain procured, million t", countryside.PROCUREMENT, ""),
    ("Plan for it, million t", countryside.PLAN, ""),
    ("In kolkhozy, % (July)", countryside.SHARE, "-07"),
    *(
        (f"{name}, million (1 Jan)", series, "-01")
        for name, series in zip(("Horses", "Cattle", "Pigs", "Sheep, goats"), countryside.HERDS, strict=True)
    ),
    ("Deaths beyond usual, million", countryside.DEATHS, ""),
)  # title, series, month at which it is read (empty: the year's)
ANCHORS = ("1924-01", "1927-01", "1930-01", "1934-01", "1939-01")  # when membership is shown, where the record has it


def summary(run: Run) -> str:
    """What happened in a stored run, and beside the record, on one screen of 100 columns."""
    history = History(run)
    comparison = against_record.of_run(history)
    parts = [list(head(Facts.of(history)))]
    if "power" in history.manifest["sectors"]:
        parts += [
            ["Who lost what, when, to whom and why, in this run", *lost(history, comparison)],
            ["Seats in the Politburo, beside the record", *dates(comparison)],
            ["Membership, beside the record", *membership(comparison)],
        ]
    if history.has(countryside.SHARE):
        parts += [
            ["The countryside, beside the record", *rural(history, comparison)],
            ["Deaths are not established", *textwrap.wrap(countryside.WARNING, WIDTH)],
        ]
    return "\n\n".join("\n".join(lines) for lines in parts if len(lines) > 1 or lines is parts[0])


def head(facts: Facts) -> Iterator[str]:
    yield f"{facts.title}, {facts.period}, seed {facts.seed} ({facts.versions})"
    if facts.forced:
        yield f"Partial run: {narrative.listing(facts.forced)} held to the record."
    for system, name, meaning in facts.off:
        yield from textwrap.wrap(f"{system} {name} is off: {meaning}", WIDTH)


def lost(history: History, comparison: Comparison) -> Iterator[str]:
    """One line a loss, seats before offices when there are too many for a screen."""
    losses = struggle.losses(history, comparison)
    if not losses:
        yield "  Nobody lost a seat or an office."
    seats = [loss for loss in losses if " seat" in loss.lost]
    shown = losses if len(losses) <= MOST_LOSSES else seats[:MOST_LOSSES]
    for loss in shown:
        taken = loss.lost.split(", now ")[0] + (f", to {loss.to}" if loss.to else "")
        person = narrative.person_words(loss.person)
        line = f"  {narrative.month_words(loss.month):<14} {person:<14} {narrative.person_words(taken)}"
        yield cut(f"{line}: {loss.why}" if loss.why else line)
    if len(shown) < len(losses):
        yield f"  and {len(losses) - len(shown)} more; the report lists them all."


def cut(line: str) -> str:
    """`line`, ended with … where it is wider than the screen."""
    return line if len(line) <= WIDTH else line[: WIDTH - 1].rstrip(" ,;:") + "…"


def dates(comparison: Comparison) -> Iterator[str]:
    """One line a leader: month in the run, date and grade in the record, months between."""
    for line in comparison.removals:
        ran = narrative.removal_words(line)
        record = f"{narrative.date_words(line.record_date)} ({line.grade})" if line.record_date else "no such date"
        apart = narrative.months_apart(line.difference) if line.difference is not None else "does not agree"
        yield f"  {narrative.person_words(line.person):<14} run {ran:<15} record {record:<22} {apart}"


def membership(comparison: Comparison) -> Iterator[str]:
    """Two lines a series: the run's figures at the anchor dates, and the record's with grade and difference."""
    names = [name for name in beside.MEMBERSHIP if any(row.date in ANCHORS for row in comparison.of(name))]
    if names:
        yield f"  {'thousands':<37}" + "".join(f"{date:>12}" for date in ANCHORS)
    for name in names:
        rows = {row.date: row for row in reversed(comparison.of(name))}
        found = [rows.get(date) for date in ANCHORS]
        title = next(row.title for row in found if row)
        yield f"  {title:<30}{'run':<7}" + "".join(f"{_thousands(r.model) if r else '–':>12}" for r in found)
        records = (f"({r.grade}) {_thousands(r.record)}" if r else "–" for r in found)
        yield f"  {'':<30}{'record':<7}" + "".join(f"{shown:>12}" for shown in records)


def rural(history: History, comparison: Comparison) -> Iterator[str]:
    """Two lines a series: the run's figures by year, and the record's with their grades; deaths without a record."""
    years = [year for year in YEARS if calendar.index(f"{year}-07") < history.months]
    yield f"  {'':<37}" + "".join(f"{year:>7}" for year in years)
    for title, name, month in RURAL:
        ran = [
            countryside.value_at(history, name, f"{year}{month}") if month else countryside.yearly(history, name, year)
            for year in years
        ]
        if all(math.isnan(value) for value in ran):
            continue
        yield f"  {title:<30}{'run':<7}" + "".join(f"{svg.number(value):>7}" for value in ran)
        known = history.known.series.get(name)
        if known is None:
            continue
        if known.withheld:
            yield f"  {'':<30}record kept back for an independent check"
            continue
        rows = {row.date: row for row in comparison.of(name)}
        found = [rows.get(f"{year}{month}") for year in years]
        shown = (f"{row.grade} {svg.number(row.record)}" if row else "–" for row in found)
        yield f"  {'':<30}{'record':<7}" + "".join(f"{words:>7}" for words in shown)


def _thousands(persons: float) -> str:
    return f"{persons / 1000:,.0f}"
