"""The struggle as charts and tables: seats and offices, who lost what to whom, votes by tier, patronage and power."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from partystate.analysis.against_record import Comparison
from partystate.analysis.history import History
from partystate.foundation import calendar
from partystate.model.chronicle import Event

from . import charts, narrative, svg
from .charts import Caption, Chart, Climb, Line, Rung, Table
from .lanes import Lane, Mark, Span, lanes

MOST_LANES = 12
MOST_AREAS = 4
RULING = ("core of the ruling coalition", "follows the ruling coalition", "outside it", "in open opposition")
TIERS = ("cells", "districts", "provinces", "congress")
OFFICES_NOTE = (
    "Bars are seats: full members of the Politburo thickest, then candidates, Central Committee, party members. "
    "Thin lines below are offices. Numbered circles are sanctions: 1 censured, 2 an office lost, 3 out of the "
    "Politburo, 4 out of the Central Committee, 5 expelled, 6 exiled. Open triangles: when the person left the "
    "Politburo in the record. † died."
)


def spans(rows: Sequence[Mapping[str, Any]], of) -> list[Span]:
    """Runs of months in which `of(row)`, a (label, group), stays the same."""
    found: list[Span] = []
    for row in rows:
        label, group = of(row)
        if found and (found[-1].label, found[-1].group) == (label, group):
            found[-1] = replace(found[-1], end=row["month"] + 1)
        else:
            found.append(Span(row["month"], row["month"] + 1, label, group))
    return found


def group_of(row: Mapping[str, Any]) -> int:
    """Place in RULING of a leader in one month."""
    if row["opposed"]:
        return 3
    return {2: 0, 1: 1}.get(int(row["bloc"]), 2)


def offices_of(rows: Sequence[Mapping[str, Any]]) -> list[Span]:
    """Every office a leader held, with its months."""
    names = dict.fromkeys(office for row in rows for office in filter(None, row["offices"].split(";")))
    found = []
    for name in names:
        held = spans(rows, lambda row, name=name: ("held" if name in row["offices"].split(";") else "", -1))
        found += [Span(s.start, s.end, narrative.office_words(name)) for s in held if s.label]
    return sorted(found, key=lambda s: (s.start, s.label))


def people_of(history: History) -> list[str]:
    """The leaders to draw: those who ever were full members of the Politburo or lost an office; the most powerful."""

    def weight(person: str) -> float:
        return max(row["power"] for row in history.leaders[person])

    chosen = [
        person for person, rows in history.leaders.items() if any(r["seat"] == "full" or r["rung"] >= 2 for r in rows)
    ]
    kept = set(sorted(chosen, key=weight, reverse=True)[:MOST_LANES])
    return [person for person in chosen if person in kept]


def sanctions(history: History, person: str) -> list[Mark]:
    """The sanctions that were carried against a leader, each with its step of the ladder."""
    rows = {row["month"]: row for row in history.leaders[person]}
    found = []
    for event in history.events:
        if narrative.loser(event) == person and narrative.carried(event):
            step = int(event.numbers.get("rung") or rows[event.month]["rung"])
            words = f"{narrative.month_words(event.month)}: {narrative.sentence(event)}"
            found.append(Mark(event.month, words, str(step)))
    return found


def offices_chart(history: History, comparison: Comparison, caption: Caption) -> Chart:
    """Seats, offices, coalitions and sanctions by leader, with the record's date of leaving the Politburo."""
    drawn, rows = [], []
    record = {r.person: r for r in comparison.removals if r.record_month is not None}
    for person in people_of(history):
        months = history.leaders[person]
        seats = spans(
            months, lambda row: (row["seat"], group_of(row) if row["seat"] in ("full", "candidate", "cc") else -1)
        )
        marks = sanctions(history, person)
        kept = record.get(person)
        shown = (
            (Mark(kept.record_month, f"{person} left the Politburo in {narrative.date_words(kept.record_date)}"),)
            if kept
            else ()
        )
        offices = offices_of(months)
        drawn.append(Lane(person, tuple(seats), tuple(offices), tuple(marks), shown))
        for span in seats:
            held = f"{narrative.SEATS[span.label]}{f', {RULING[span.group]}' if span.group >= 0 else ''}"
            rows.append((person, held, calendar.label(span.start), calendar.label(span.end - 1)))
        rows += [(person, f"office: {s.label}", calendar.label(s.start), calendar.label(s.end - 1)) for s in offices]
        rows += [(person, f"sanction, step {m.text}", calendar.label(int(m.month)), "") for m in marks]
    removed = [r for r in comparison.removals if r.model is not None]
    fell = narrative.listing([f"{r.person} ({narrative.month_words(int(r.model))})" for r in removed]) or "nobody"
    alt = f"A lane for each of {len(drawn)} leaders, {caption.period}. Who left the Politburo in this run: {fell}."
    table = Table(("Leader", "Seat, office or sanction", "From", "To"), tuple(rows))
    return lanes(
        "offices",
        "Seats, offices and coalitions",
        drawn,
        RULING,
        (0, history.months),
        caption=replace(caption, note=OFFICES_NOTE, unit="months in a seat or office"),
        alt=alt,
        table=table,
    )


@dataclass(frozen=True)
class Loss:
    """One line of "who lost what, when, to whom and why". `event` is what took it away, where the run says so."""

    month: int
    person: str
    lost: str
    to: str
    why: str
    record: str
    event: Event | None


RANK = {"full": 4, "candidate": 3, "cc": 2, "party": 1, "out": 0}


def losses(history: History, comparison: Comparison) -> list[Loss]:
    """Every seat and office that a leader, alive, lost against the will of the rest, in order of time."""
    record = {removal.person: removal for removal in comparison.removals}
    found = []
    for person in people_of(history):
        for before, after in pairwise(history.leaders[person]):
            lost, offices = what_fell(before, after)
            if not lost:
                continue
            month = after["month"]
            event = taken_by(history, before, after)
            heirs = [(office, holder(history, office, month)) for office in offices]
            to = [f"{heir} ({narrative.office_words(office)})" for office, heir in heirs if heir and heir != person]
            removal = record.get(person)
            beside = narrative.beside_record(removal) if removal and removal.model == month else ""
            why = why_lost(history, event, person) if event else ""
            found.append(Loss(month, person, "; ".join(lost), "; ".join(to), why, beside, event))
    return sorted(found, key=lambda loss: (loss.month, loss.person))


def why_lost(history: History, event: Event, person: str) -> str:
    """What the event came from, and the event itself where it is not the leader's own sanction."""
    causes = narrative.cause_words(history, event)
    if narrative.loser(event) == person:
        return causes
    return "; ".join(part for part in (narrative.sentence(event).rstrip("."), causes) if part)


def what_fell(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """What a leader had one month and not the next, in words, and the offices among it; nothing on death."""
    if after["seat"] == "dead" or before["seat"] == "dead":
        return [], []
    held, kept = (set(filter(None, row["offices"].split(";"))) for row in (before, after))
    offices = sorted(held - kept)
    lost = [narrative.office_words(office) for office in offices]
    if RANK[after["seat"]] < RANK[before["seat"]]:
        lost.insert(0, f"{narrative.SEATS_LOST[before['seat']]}, now {narrative.SEATS[after['seat']]}")
    return lost, offices


def taken_by(history: History, before: Mapping[str, Any], after: Mapping[str, Any]) -> Event | None:
    """The event that cost a leader something: a sanction, a motion, a base lost, an election, another’s sanction."""
    person, month = after["person"], after["month"]
    seat, implicated = before["seat"] != after["seat"], after["rung"] > before["rung"]
    # A base is taken at the end of one month and its office passes on in the next.
    now = [e for e in history.events if month - (e.kind == "organisation") <= e.month <= month and narrative.carried(e)]

    def first(test) -> Event | None:
        return next((event for event in now if test(event)), None)

    return (
        first(lambda e: narrative.loser(e) == person)
        or first(lambda e: e.kind == "motion" and person in e.actors[1:] and "carried" in e.numbers)
        or first(lambda e: e.kind == "organisation" and person in e.actors)
        or (first(lambda e: e.kind == "election") if seat else first(lambda e: e.kind == "sanction" and implicated))
    )


def holder(history: History, office: str, month: int, within: int = 6) -> str | None:
    """Who holds an office in `month` or, if it stands empty, first in the half year after."""
    for now in range(month, min(month + within, history.months)):
        for person, rows in history.leaders.items():
            row = next((r for r in rows if r["month"] == now), None)
            if row and office in row["offices"].split(";"):
                return person
    return None


def shares_charts(history: History, caption: Caption) -> list[Chart]:
    """Patronage, seats in the Central Committee and power, each person in one colour throughout."""
    shown = [Share(history, *what) for what in SHARES]
    people = list(
        dict.fromkeys(
            person for rank in range(MOST_AREAS) for share in shown for person in share.largest[rank : rank + 1]
        )
    )
    labels = [narrative.person_words(person) for person in people]
    tones = dict(zip(labels, svg.TONES, strict=False)) | {OTHERS: svg.GREY}
    return [share.chart(caption, tones) for share in shown]


OTHERS = "other leaders"
NOBODY = "clients of no leader"
POWER_NOTE = "Power adds up offices, standing, patronage and seats, as the model’s mechanism of perception weighs them."
# (column of the leaders' table, title, unit, what no leader has, note)
SHARES = (
    ("clients", "Who held the posts: shares of patronage", "share of posts, by weight", NOBODY, ""),
    ("committee_clients", "Clients in the Central Committee", "share of Central Committee seats", NOBODY, ""),
    ("power", "Shares of power", "share of power", "", POWER_NOTE),
)


@dataclass(frozen=True)
class Share:
    """One column of the leaders' table as shares of a whole."""

    history: History
    column: str
    title: str
    unit: str
    rest: str
    note: str

    @property
    def by_person(self) -> dict[str, list[float]]:
        return {person: [max(row[self.column], 0.0) for row in rows] for person, rows in self.history.leaders.items()}

    @property
    def largest(self) -> list[str]:
        """The leaders drawn apart: those whose share was ever largest."""
        shares = self.by_person
        return sorted(shares, key=lambda person: (-max(shares[person]), person))[:MOST_AREAS]

    def areas(self, months: Sequence[int]) -> list[Line]:
        """From the bottom up: the largest, all other leaders, what no leader has."""
        shares, largest = self.by_person, self.largest
        found = [Line(narrative.person_words(person), tuple(months), tuple(shares[person])) for person in largest]
        others = [sum(shares[p][k] for p in shares if p not in largest) for k in range(len(months))]
        found.append(Line(OTHERS, tuple(months), tuple(others)))
        left = [max(1 - sum(area.values[k] for area in found), 0.0) for k in range(len(months))]
        return [*found, Line(self.rest, tuple(months), tuple(left))] if self.rest else found

    def chart(self, caption: Caption, tones: Mapping[str, str]) -> Chart:
        months = [row["month"] for row in next(iter(self.history.leaders.values()))]
        areas = self.areas(months)
        rows = [
            (calendar.label(month), *(svg.number(area.values[k], "share") for area in areas))
            for k, month in enumerate(months)
            if month % 6 == 0 or month == months[-1]
        ]
        labels = [area.label for area in areas]
        last = narrative.listing([f"{area.label} {svg.number(area.values[-1], 'share')}" for area in areas])
        return charts.stack(
            self.column.replace("_", "-"),
            self.title,
            months,
            areas,
            tones,
            caption=replace(caption, unit=self.unit, note=self.note),
            alt=f"{self.title} through time. At the end, {narrative.month_words(months[-1])}: {last}.",
            table=Table(("Month", *labels), tuple(rows), frozenset(labels)),
        )


def tiers_chart(history: History, caption: Caption) -> Chart | None:
    """Opposition share from cell to congress in each discussion of the run, with the record's figures."""
    climbs = []
    for event in history.events:
        rungs = tuple(Rung(tier, float(event.numbers[tier])) for tier in TIERS if _is_share(event.numbers.get(tier)))
        if len(rungs) >= 2:
            label = f"{event.title.split(':')[0]} ({calendar.year(event.month)})"
            climbs.append((max(r.value for r in rungs), event.month, Climb(label, rungs)))
    if not climbs:
        return None
    largest = sorted(climbs, key=lambda c: -c[0])[:MOST_AREAS]
    shown = [climb for _, _, climb in sorted(largest, key=lambda c: c[1])]
    record = record_climbs(history.known)
    rows = [(c.label, r.tier, svg.number(r.value, "share"), "model") for c in shown for r in c.rungs]
    rows += [(c.label, r.tier, svg.number(r.value, "share"), f"record, {r.grade}") for c in record for r in c.rungs]
    words = "; ".join(
        f"{c.label}: " + ", ".join(f"{r.tier} {svg.number(r.value, 'share')}" for r in c.rungs) for c in shown
    )
    note = f"Each discussion is a line, from the first vote to the last. {charts.GRADES}"
    if len(climbs) > len(shown):
        note = f"The {len(shown)} discussions with the largest opposition of {len(climbs)} in the run. {note}"
    table = Table(("Discussion", "Tier", "Opposition share", "From"), tuple(rows), frozenset({"Opposition share"}))
    return charts.ladder(
        "tiers",
        "The opposition’s share of votes, from cell to congress",
        TIERS,
        shown,
        record,
        caption=replace(caption, unit="share of votes", note=note),
        alt=f"Shares by tier. {words}.",
        table=table,
    )


def _is_share(value: object) -> bool:
    return isinstance(value, (int, float)) and value == value


# Tier to which a dated figure of the record's vote shares belongs.
RECORD_TIERS = {"1923-12": "cells", "1924-01": "congress", "1925-12": "congress"}


def record_climbs(known: Any) -> list[Climb]:
    """The record's opposition shares, one climb for each discussion."""
    series = known.series.get("opposition_vote_share")
    if series is None:
        return []
    found: dict[str, list[Rung]] = {}
    for point in series.points:
        tier = RECORD_TIERS.get(point.date.text)
        if tier:
            discussion = "1923–24" if point.date.first < 36 else point.date.text[:4]
            low, high = (None if v is None else v / 100 for v in (point.low, point.high))
            found.setdefault(discussion, []).append(Rung(tier, point.value / 100, low, high, point.grade))
    return [Climb(label, tuple(rungs)) for label, rungs in found.items()]


def secretariat(history: History) -> str:
    """Who was General Secretary, in one sentence."""
    held = sorted(
        (s.start, s.end, person)
        for person, rows in history.leaders.items()
        for s in offices_of(rows)
        if s.label == narrative.OFFICES["secretariat"]
    )
    if not held:
        return ""
    start, end, first = held[0]
    if len(held) == 1:
        months = f"from {narrative.month_words(start)} to {narrative.month_words(end - 1)}"
        return f"In this run {first} was General Secretary {months}."
    after = narrative.listing(list(dict.fromkeys(person for _, _, person in held[1:])))
    return (
        f"In this run {first} was General Secretary until {narrative.month_words(end - 1)}; then {after} held the post."
    )
