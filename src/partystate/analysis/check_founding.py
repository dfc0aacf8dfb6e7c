"""What an INPUT clause may ask of January 1922 as the model begins: traits, ties, positions, offices, parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from partystate.foundation.problems import nearest
from partystate.record.founding import bounds

from .check_facts import DATE, NUMBER, TEXT, Fact, days, truth

SCORE = 10.0  # codings run from 0 to 10
CODED = ("oratory", "organisation", "old_bolshevik", "alienation", "consistency")
COUNTED = ("joined", "reports", "politburo_years", "stain", "networks")
DERIVED = ("heir", "standing")
CODING_ERROR = "founding.coding_error"
STANDING = {"reports": "founding.weight_reports", "politburo_years": "founding.weight_years",
            "oratory": "founding.weight_oratory"}  # fmt: skip


class FoundingFacts:
    """The functions of INPUT clauses by name. Each raises LookupError, with what was expected, for what is not there.

    Ranges are those within which the model draws: codings with their error, views and ties between their bounds.
    """

    def __init__(self, record: Any) -> None:
        self.record = record

    @property
    def functions(self) -> dict[str, Callable[..., Fact]]:
        return {
            "trait": self._trait, "rank": self._rank, "bond": self._bond, "position": self._position,
            "group": self._group, "holder": self._holder, "given": self._given, "parameter": self._parameter,
            "system": self._system, "issue": self._issue, "last": self._last,
        }  # fmt: skip

    def _row(self, table: str, **wanted: str):
        for row in self.record.founding[table]:
            if all(row[key] == value for key, value in wanted.items()):
                return row
        first = next(iter(wanted))
        near = nearest(wanted[first], (row[first] for row in self.record.founding[table]))
        raise LookupError(f"a row of founding/{table}.csv" + (f" such as {', '.join(near)}" if near else ""))

    @property
    def contenders(self) -> list[str]:
        return [row["person"] for row in self.record.founding["leaders"] if row["contender"] == "1"]

    def number_of(self, person: str, trait: str) -> tuple[float, float, float]:
        """(low, central, high) of a trait as the model takes it."""
        row = self._row("traits", person=person)
        slack = self.record.parameters[CODING_ERROR].value

        def coded(name: str, by: float) -> float:
            return min(max(float(row[name]) + by, 0.0), SCORE) / SCORE

        if trait in CODED:
            return coded(trait, -slack), coded(trait, 0), coded(trait, slack)
        if trait == "heir":
            return tuple(2 * coded("old_bolshevik", by) - 1 - float(row["stain"]) for by in (-slack, 0, slack))
        if trait == "standing":
            most = {name: max(float(other[name]) for other in self.record.founding["traits"]) for name in STANDING}
            weight = {name: self.record.parameters[key].value for name, key in STANDING.items()}
            fixed = sum(weight[name] * float(row[name]) / most[name] for name in STANDING if name != "oratory")
            return tuple(
                (fixed + weight["oratory"] * coded("oratory", by)) / sum(weight.values()) for by in (-slack, 0, slack)
            )
        if trait not in ("joined", "reports", "politburo_years", "stain", "networks"):
            known = (*CODED, "heir", "standing", "joined", "reports", "politburo_years", "stain", "networks")
            raise LookupError("a trait: one of " + ", ".join(known))
        return (float(row[trait]),) * 3

    def _trait(self, person: str, trait: str) -> Fact:
        """trait(PERSON, trait): its value, codings from 0 to 1 with their error."""
        low, value, high = self.number_of(person, trait)
        row = self._row("traits", person=person)
        span = "" if low == high else f" ({low:.2g} to {high:.2g})"
        return Fact(NUMBER, low, high, f"{person}, {trait.replace('_', ' ')}: {value:.4g}{span}", row["grade"])

    def _rank(self, person: str, trait: str) -> Fact:
        """rank(PERSON, trait): place among the contenders by central values, 1 the highest; equals share the best."""
        if person not in self.contenders:
            raise LookupError("a contender: one of " + ", ".join(self.contenders))
        values = {other: self.number_of(other, trait)[1] for other in self.contenders}
        rank = 1 + sum(value > values[person] for value in values.values())
        order = ", ".join(f"{p} {v:.2g}" for p, v in sorted(values.items(), key=lambda pair: -pair[1]))
        grade = self._row("traits", person=person)["grade"]
        return Fact(NUMBER, rank, rank, f"{trait.replace('_', ' ')}: {order}", grade)

    def _bond(self, one: str, other: str) -> Fact:
        """bond(PERSON, PERSON): personal tie of 1922, -1 to 1; bond(PERSON, contenders): mean of those to the rest."""
        if other == "contenders":
            ties = [self._tie(one, person) for person in self.contenders if person != one]
            low, value, high = (sum(column) / len(ties) for column in zip(*ties, strict=True))
        else:
            low, value, high = self._tie(one, other)
        return Fact(NUMBER, low, high, f"tie of {one} and {other}: {value:.2g} ({low:.2g} to {high:.2g})", "C")

    def _tie(self, one: str, other: str) -> tuple[float, float, float]:
        self._row("leaders", person=one), self._row("leaders", person=other)
        for row in self.record.founding["bonds"]:
            if {row["person"], row["other"]} == {one, other}:
                low, high = bounds(row)
                return low, float(row["value"]), high
        return 0.0, 0.0, 0.0

    def _position(self, who: str, issue: str) -> Fact:
        """position(PERSON or group, issue): private view of 1922, -1 to 1; a group by its mean."""
        members = [r["person"] for r in self.record.founding["leaders"] if r["group"] == who and r["contender"] == "1"]
        rows = [self._row("positions", person=person, issue=issue) for person in members or [who]]
        low, high = (sum(bounds(row)[side] for row in rows) / len(rows) for side in (0, 1))
        value = sum(float(row["value"]) for row in rows) / len(rows)
        shown = f"{who} on {issue}: {value:.2g} ({low:.2g} to {high:.2g})"
        return Fact(NUMBER, low, high, shown, max(row["grade"] for row in rows), rows[0]["source"])

    def _group(self, person: str) -> Fact:
        """group(PERSON): left, right or none."""
        row = self._row("leaders", person=person)
        group = row["group"] or "none"
        return Fact(TEXT, group, group, f"{person}: {group}", row["grade"], row["source"])

    def _holder(self, office: str) -> Fact:
        """holder(office): who holds it in January 1922."""
        row = self._row("offices", office=office)
        return Fact(TEXT, row["holder"], row["holder"], f"{row['title']}: {row['holder']}", row["grade"], row["source"])

    def _given(self, person: str, what: str, number: str = "1") -> Fact:
        """given(PERSON, kind or office[, which]): when the calendar of the model gives it."""
        given = self.record.founding["given"]
        rows = [row for row in given if row["person"] == person and what in (row["kind"], row["office"])]
        if not rows or not 0 < int(number) <= len(rows):
            raise LookupError("something that founding/given.csv gives this person")
        row = rows[int(number) - 1]
        shown = f"{person}, {what}: given for {row['date']}"
        return Fact(DATE, *days(row["date"]), shown, row["grade"], row["source"])

    def _parameter(self, key: str) -> Fact:
        """parameter(KEY): its plausible range."""
        if key not in self.record.parameters:
            raise LookupError("a parameter: " + ", ".join(nearest(key, self.record.parameters)))
        p = self.record.parameters[key]
        return Fact(NUMBER, p.low, p.high, f"{p.title}: {p.value:g} ({p.low:g} to {p.high:g})", p.grade)

    def _system(self, system: str) -> Fact:
        """system(Sxx): whether the model carries it; it is then on in the reference history."""
        from partystate.model import catalogue

        built = system in catalogue.systems()
        name = self.record.systems[system].name if system in self.record.systems else system
        return truth(built, f"{system}, {name}: {'on' if built else 'not built'} in the reference history")

    def _issue(self, issue: str) -> Fact:
        """issue(name): whether the leadership can quarrel about it."""
        from partystate.model.schema import ISSUES

        return truth(issue in ISSUES, f"issues of the model: {', '.join(ISSUES)}")

    def _last(self) -> Fact:
        """last(): the last month of the model."""
        from partystate.foundation import calendar

        return Fact(DATE, *days(calendar.LAST), f"the model ends with {calendar.LAST}")
