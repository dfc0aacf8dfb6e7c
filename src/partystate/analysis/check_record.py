"""What a REC clause may ask of the record: dates of events, offices, figures, agreements, plans."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from partystate.foundation.problems import nearest
from partystate.record.series import WITHHELD, Point

from .check_facts import NUMBER, Fact, Withheld, dated, days, said, truth


class RecordFacts:
    """The functions of REC clauses by name. Each raises LookupError, with what was expected, for what is not there."""

    def __init__(self, record: Any) -> None:
        self.record = record

    @property
    def functions(self) -> dict[str, Callable[..., Fact]]:
        return {
            "date": self._date, "says": self._says, "acts": self._acts, "start": self._start, "end": self._end,
            "ends": self._ends, "holds": self._holds, "figure": self._figure, "count": self._count,
            "treaty": self._treaty, "terms": self._terms, "abroad": self._abroad, "told": self._told,
            "died": self._died, "plan": self._plan,
        }  # fmt: skip

    def _event(self, name: str):
        found = next((event for event in self.record.events if event.event_id == name), None)
        if found is None:
            near = nearest(name, (event.event_id for event in self.record.events))
            raise LookupError("an event of events.csv" + (f" such as {', '.join(near)}" if near else ""))
        return found

    def _date(self, event: str) -> Fact:
        """date(EVENT): when it happened."""
        found = self._event(event)
        return dated(found.date.text, f"{found.date.text}: {found.title}", found)

    def _says(self, event: str, words: str) -> Fact:
        """says(EVENT, "words"): whether its title or outcome says so."""
        found = self._event(event)
        return said(words, f"{found.title}: {found.outcome}", found)

    def _acts(self, event: str, *persons: str) -> Fact:
        """acts(EVENT, PERSON, …): whether all of them had a part in it."""
        found = self._event(event)
        present = all(person in found.actors for person in persons)
        return truth(present, f"{found.title}: {', '.join(found.actors)}", found)

    def _tenure(self, person: str, office: str, since: str = ""):
        held = [t for t in self.record.offices if t.person == person and office.lower() in t.office.lower()]
        if since:
            held = [t for t in held if t.start.text.startswith(since)]
        if len(held) != 1:
            known = sorted({t.office for t in self.record.offices if t.person == person})
            raise LookupError(f"one office of {person} that holds these words, of {'; '.join(known) or 'none'}")
        return held[0]

    def _start(self, person: str, office: str, since: str = "") -> Fact:
        """start(PERSON, "office"[, since]): when the tenure began."""
        t = self._tenure(person, office, since)
        return dated(t.start.text, f"{person}, {t.office}: from {t.start.text}", t)

    def _end(self, person: str, office: str, since: str = "") -> Fact:
        """end(PERSON, "office"[, since]): when it ended."""
        t = self._tenure(person, office, since)
        if t.end is None:
            raise LookupError("an office with an end")
        return dated(t.end.text, f"{person}, {t.office}: until {t.end.text} ({t.how_ended})", t)

    def _ends(self, person: str, office: str, words: str) -> Fact:
        """ends(PERSON, "office", "words"): whether the record says that it ended so."""
        t = self._tenure(person, office)
        return said(words, f"{person}, {t.office}: {t.how_ended}", t)

    def _holds(self, person: str, office: str, when: str) -> Fact:
        """holds(PERSON, "office", date): whether it was held all that time."""
        first, last = days(when)
        held = [t for t in self.record.offices if t.person == person and office.lower() in t.office.lower()]
        if not held:
            raise LookupError(f"an office of {person} that holds these words")
        at = [t for t in held if days(t.start.text)[0] <= first and (t.end is None or last <= days(t.end.text)[1])]
        t = at[0] if at else held[0]
        shown = f"{person}, {t.office}: {t.start.text} to {t.end.text if t.end else 'the end'}"
        return truth(bool(at), shown, t)

    def _figure(self, series: str, when: str, source: str = "") -> Fact:
        """figure(SERIES, date[, source]): what the record gives, rivals of one date together; ranges are only shown."""
        if series not in self.record.series:
            near = nearest(series, self.record.series)
            raise LookupError("a series of series.csv" + (f" such as {', '.join(near)}" if near else ""))
        one = self.record.series[series]
        if one.window(when) == WITHHELD:
            raise Withheld(f"{one.title}, {when}")
        points: list[Point] = [p for p in one.points if p.date.text == when and source in ("", p.source)]
        if not points:
            raise LookupError(f"a date of {series}, such as {', '.join(p.date.text for p in one.points[:4])}")
        low, high = min(p.bounds[0] for p in points), max(p.bounds[1] for p in points)
        values = [p.value for p in points]
        span = "" if low == high else f" ({_plain(low)} to {_plain(high)})"
        shown = f"{one.title}, {when}: {' or '.join(map(_plain, values))}{span} {one.unit}"
        grade, source = max(p.grade for p in points), ", ".join(p.source for p in points)
        return Fact(NUMBER, min(values), max(values), shown, grade, source)

    def _count(self, series: str, first: str, last: str) -> Fact:
        """count(SERIES, first, last): how many of its dates lie in these years."""
        one = self.record.series[series]
        points = [p for p in one.points if first <= p.date.text[:4] <= last]
        if not points:
            raise LookupError(f"figures of {series} in these years")
        grade = max(p.grade for p in points)
        return Fact(NUMBER, len(points), len(points), f"{one.title}: {len(points)} figures", grade, points[0].source)

    def _agreement(self, party: str, when: str):
        found = [t for t in self.record.treaties if t.date.text == when and any(party in p for p in t.parties)]
        if len(found) != 1:
            known = [t.date.text for t in self.record.treaties if any(party in p for p in t.parties)]
            raise LookupError(f"an agreement with {party}, of {', '.join(known) or 'none'}")
        return found[0]

    def _treaty(self, party: str, kind: str) -> Fact:
        """treaty("party", "kind of agreement"): its date, where there is one such agreement."""
        found = [t for t in self.record.treaties if any(party in p for p in t.parties) and t.kind == kind]
        if len(found) != 1:
            kinds = sorted({t.kind for t in self.record.treaties if any(party in p for p in t.parties)})
            raise LookupError(f"one agreement of this kind with {party}, of {', '.join(kinds) or 'none'}")
        t = found[0]
        return dated(t.date.text, f"{t.date.text}: {t.kind}, {t.terms}", t)

    def _terms(self, party: str, when: str, words: str) -> Fact:
        """terms("party", date, "words"): whether the agreement of that day says so."""
        t = self._agreement(party, when)
        return said(words, f"{t.terms}; {t.outcome}", t)

    def _foreign(self, title: str):
        found = next((e for e in self.record.foreign_events if e.title == title), None)
        if found is None:
            near = nearest(title, (e.title for e in self.record.foreign_events))
            raise LookupError("an event of foreign_events.csv" + (f" such as {'; '.join(near)}" if near else ""))
        return found

    def _abroad(self, title: str) -> Fact:
        """abroad("title"): when an event abroad happened."""
        e = self._foreign(title)
        return dated(e.date.text, f"{e.date.text}: {e.title}", e)

    def _told(self, title: str, words: str) -> Fact:
        """told("title", "words"): whether the record says so of an event abroad."""
        e = self._foreign(title)
        return said(words, f"{e.title}: {e.summary}; {e.effect_on_ussr}", e)

    def _died(self, person: str) -> Fact:
        """died(PERSON): the day of death."""
        found = self.record.persons.get(person)
        if found is None or found.died is None:
            raise LookupError("a person of persons.csv with a date of death")
        return dated(found.died.text, f"{found.full_name}: {found.died.text}, {found.fate}", found)

    def _plan(self, plan: str, product: str, column: str) -> Fact:
        """plan(PLAN, "product", column): a target or result of a plan."""
        found = [p for p in self.record.plans if p.plan == plan and p.product == product]
        value = getattr(found[0], column, None) if len(found) == 1 else None
        if value is None:
            raise LookupError("a plan, a product of it and a column of plans.csv with a value")
        p = found[0]
        return Fact(NUMBER, value, value, f"{plan}, {product}: {column} {value:g} {p.unit}", p.grade, p.source)


def _plain(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:g}"
