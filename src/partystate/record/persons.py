"""People: lives, offices with their dates, codings, and measured evidence of standing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from partystate.foundation.problems import Collector
from partystate.record.dates import Span
from partystate.record.files import first_column
from partystate.record.schema import SOURCE, Table, choice, date, grade, number, ref, remark, text, unit, whole

SCORES = (
    "oratory_prestige", "theoretical_standing", "organisational_skill", "administrative_base", "old_bolshevik_standing",
    "alienation", "consistency",
)  # fmt: skip
POSITIONS = ("tempo", "world_revolution")
DIMENSIONS = ("prestige", "office", "patronage", "position", "vote")
CODING_ERROR = 2.0  # half-width of a judgement score, on its scale of 0 to 10
POSITION_ERROR = 0.4  # the same on the scale of -1 to +1


@dataclass(frozen=True, slots=True)
class Coding:
    """A judgement, grade C: a score from 0 to 10 (plus or minus 2) or a position from -1 to +1 in a given year.

    `alienation` runs the other way: 10 is most alienating. `tempo` +1 is forced industrial tempo, -1 conciliatory NEP;
    `world_revolution` +1 is permanent revolution, -1 socialism in one country.
    """

    person: str
    coding: str
    year: int | None
    value: float
    reason: str

    @property
    def bounds(self) -> tuple[float, float]:
        """(low, high) on the scale of the coding."""
        if self.coding in POSITIONS:
            return max(-1.0, self.value - POSITION_ERROR), min(1.0, self.value + POSITION_ERROR)
        return max(0.0, self.value - CODING_ERROR), min(10.0, self.value + CODING_ERROR)


@dataclass(frozen=True)
class Person:
    """Someone who held an office. Years are empty where the record has none."""

    name: str
    full_name: str
    born: int | None
    died: Span | None
    fate: str
    joined_party: int | None
    before_1917: str
    remark: str
    source: str
    codings: tuple[Coding, ...] = ()


@dataclass(frozen=True, slots=True)
class Tenure:
    """One person in one office, from `start` to `end`."""

    person: str
    office: str
    start: Span
    end: Span | None
    how_ended: str
    source: str
    grade: str

    def holds(self, month: int) -> bool:
        """Whether the office was held at some time in `month` (0 = January 1922)."""
        return self.start.first <= month and (self.end is None or month <= self.end.last)


@dataclass(frozen=True, slots=True)
class LeaderEvidence:
    """Something measured about a leader: `value` in `unit`, out of `out_of` where that is given."""

    leader: str
    date: Span
    dimension: str
    measure: str
    value: float
    unit: str
    out_of: float | None
    source: str
    grade: str
    note: str


@dataclass(frozen=True, slots=True)
class ReportSlot:
    """Formal reports a leader gave at a congress or conference."""

    meeting: str
    date: Span
    leader: str
    topic: str
    reports: int
    source: str
    grade: str


PERSONS = Table(
    "persons.csv",
    Person,
    (
        text("name"), text("full_name"), whole("born", False), date("died", False), remark("fate"),
        whole("joined_party", False), remark("before_1917"), remark("remark"), SOURCE,
    ),
    ("name",),
)  # fmt: skip
CODINGS = Table(
    "codings.csv",
    Coding,
    (
        ref("person", "persons"), choice("coding", *SCORES, *POSITIONS), whole("year", False), number("value"),
        text("reason"),
    ),
    ("person", "coding", "year"),
)  # fmt: skip
OFFICES = Table(
    "offices.csv",
    Tenure,
    (
        ref("person", "persons"), text("office"), date("start"), date("end", False), remark("how_ended"), SOURCE,
        grade(),
    ),
    ("person", "office", "start"),
)  # fmt: skip
EVIDENCE = Table(
    "leader_evidence.csv",
    LeaderEvidence,
    (
        ref("leader", "persons"), date("date"), choice("dimension", *DIMENSIONS), text("measure"), number("value"),
        unit(), number("out_of", False), SOURCE, grade(), remark("note"),
    ),
    ("leader", "date", "measure"),
)  # fmt: skip
SLOTS = Table(
    "report_slots.csv",
    ReportSlot,
    (
        text("meeting"), date("date"), ref("leader", "persons"), text("topic"), whole("reports"), SOURCE, grade(),
    ),
    ("date", "leader", "topic"),
)  # fmt: skip


def read_persons(folder: Path, faults: Collector, known: Mapping) -> dict[str, Person]:
    """All persons by name, with their codings."""
    persons = {}
    for where, person in PERSONS.read(folder, faults, known):
        if person.born and person.died and person.died.first < (person.born - 1922) * 12:
            faults.add(where, "died", f"a death after the birth in {person.born}", person.died.text)
        persons[person.name] = person
    codings: dict[str, list[Coding]] = {}
    for where, coding in CODINGS.read(folder, faults, {"persons": first_column(folder, PERSONS.file)}):
        low, high = (-1, 1) if coding.coding in POSITIONS else (0, 10)
        if not low <= coding.value <= high:
            faults.add(where, "value", f"{coding.coding} between {low} and {high}", f"{coding.value:g}")
        if (coding.year is None) == (coding.coding in POSITIONS):
            expected = "a year for a position" if coding.year is None else "no year for a score"
            faults.add(where, "year", expected, "" if coding.year is None else str(coding.year))
        codings.setdefault(coding.person, []).append(coding)
    return {name: replace(person, codings=tuple(codings.get(name, ()))) for name, person in persons.items()}


def read_offices(folder: Path, faults: Collector, known: Mapping) -> tuple[Tenure, ...]:
    """All tenures. One person may not hold one office twice at a time; an end on the day of a start is a renewal."""
    placed = OFFICES.read(folder, faults, known)
    held: dict[tuple[str, str], list[tuple[str, Tenure]]] = {}
    for where, tenure in placed:
        if tenure.end and tenure.end.last < tenure.start.first:
            faults.add(where, "end", f"an end not before the start {tenure.start}", tenure.end.text)
        held.setdefault((tenure.person, tenure.office), []).append((where, tenure))
    for (person, office), tenures in held.items():
        tenures.sort(key=lambda pair: (pair[1].start.first, pair[1].start.text))
        for (_, before), (where, after) in pairwise(tenures):
            if _overlap(before, after):
                until = before.end.text if before.end else "today"
                came = f"{after.start}, while the tenure from {before.start} lasts to {until}"
                faults.add(where, f"{person}, {office}", "tenures that do not overlap", came, "Correct one of the two.")
    return tuple(tenure for _, tenure in placed)


def _overlap(before: Tenure, after: Tenure) -> bool:
    """Whether `after` begins before `before` has ended; the month decides unless both give a day."""
    if before.end is None:
        return True
    if before.end.last == after.start.first and len(before.end.text) == len(after.start.text) == len("1926-10-23"):
        return after.start.text < before.end.text
    return after.start.first < before.end.last


def read_leader_evidence(folder: Path, faults: Collector, known: Mapping) -> tuple[LeaderEvidence, ...]:
    made = []
    for where, one in EVIDENCE.read(folder, faults, known):
        if one.out_of is not None and abs(one.value) > one.out_of:
            faults.add(where, "value", f"no more than out_of ({one.out_of:g})", f"{one.value:g}")
        made.append(one)
    return tuple(made)


def read_report_slots(folder: Path, faults: Collector, known: Mapping) -> tuple[ReportSlot, ...]:
    return tuple(slot for _, slot in SLOTS.read(folder, faults, known))
