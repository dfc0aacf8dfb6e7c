"""What happened when: events at home, treaties, and events abroad, each with source and grade."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from partystate.foundation.problems import Collector
from partystate.record.dates import Span
from partystate.record.schema import SOURCE, Table, choice, date, grade, remark, text, words

KINDS = ("power_struggle", "terror", "foreign", "policy", "congress", "economy", "constitution", "propaganda")


@dataclass(frozen=True, slots=True)
class RecordEvent:
    """A dated event. Grade A covers the date and the counts, not every word of the outcome."""

    event_id: str
    date: Span
    title: str
    kind: str
    actors: tuple[str, ...]
    outcome: str
    source: str
    grade: str


@dataclass(frozen=True, slots=True)
class Treaty:
    """An agreement with other states; `end` is empty where the record has none."""

    date: Span
    parties: tuple[str, ...]
    kind: str
    terms: str
    ussr_aim: str
    outcome: str
    end: Span | None
    source: str
    grade: str


@dataclass(frozen=True, slots=True)
class ForeignEvent:
    """An event abroad and what it meant for the USSR."""

    date: Span
    title: str
    actors: tuple[str, ...]
    kind: str
    summary: str
    effect_on_ussr: str
    source: str
    grade: str


EVENTS = Table(
    "events.csv",
    RecordEvent,
    (
        text("event_id"), date("date"), text("title"), choice("kind", *KINDS), words("actors"), remark("outcome"),
        SOURCE, grade(),
    ),
    ("event_id",),
)  # fmt: skip
TREATIES = Table(
    "treaties.csv",
    Treaty,
    (
        date("date"), words("parties"), text("kind"), text("terms"), remark("ussr_aim"), remark("outcome"),
        date("end", False), SOURCE, grade(),
    ),
    ("date", "parties", "kind"),
)  # fmt: skip
FOREIGN = Table(
    "foreign_events.csv",
    ForeignEvent,
    (
        date("date"), text("title"), words("actors"), text("kind"), text("summary"), remark("effect_on_ussr"), SOURCE,
        grade(),
    ),
    ("date", "title"),
)  # fmt: skip


def read_events(folder: Path, faults: Collector, known: Mapping) -> tuple[RecordEvent, ...]:
    return tuple(event for _, event in EVENTS.read(folder, faults, known))


def read_treaties(folder: Path, faults: Collector, known: Mapping) -> tuple[Treaty, ...]:
    made = []
    for where, treaty in TREATIES.read(folder, faults, known):
        if treaty.end and treaty.end.last < treaty.date.first:
            faults.add(where, "end", f"an end not before {treaty.date}", treaty.end.text)
        made.append(treaty)
    return tuple(made)


def read_foreign_events(folder: Path, faults: Collector, known: Mapping) -> tuple[ForeignEvent, ...]:
    return tuple(event for _, event in FOREIGN.read(folder, faults, known))
