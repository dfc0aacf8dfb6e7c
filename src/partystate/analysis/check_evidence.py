"""What a check says of the evidence: REC of the record's figures, dates, offices and texts, INPUT of the founding.

A REC clause asks for the figure that the record holds; rivals of one date must agree on it, and ranges are only shown.
An INPUT clause asks about the whole range within which the model draws: it is undecided where that lies across the
target. A figure that is withheld makes the clause wait. That an INPUT clause holds says that the model assumes what
the note says; it is no test of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from partystate.foundation.problems import nearest

from .check_facts import DATE, NUMBER, TEXT, TRUTH, Fact, days
from .check_founding import FoundingFacts
from .check_histories import FAILS, HOLDS, verdict
from .check_language import Between, Call, Clause, Compare, Date, Minus, Misread, Name, Node, Number, Text
from .check_record import RecordFacts

DAYS_OF_A_MONTH = 31


@dataclass(frozen=True)
class Finding:
    """A judged clause: what was found, what was asked, and the verdict."""

    fact: Fact
    target: str
    status: str


class Evidence:
    """Reads clauses against a record."""

    def __init__(self, record: Any) -> None:
        self.functions = {"REC": RecordFacts(record).functions, "INPUT": FoundingFacts(record).functions}

    def judge(self, clause: Clause) -> Finding:
        """The finding of a REC or INPUT clause. Raises Misread for what is not there, Withheld for what is kept back"""
        match clause.body:
            case Compare(relation, left, right, slack, unit):
                fact = self._fact(clause, left)
                return self._compared(clause, fact, relation, self._target(clause, right), slack, unit)
            case Between(of, low, high):
                fact, first, last = self._fact(clause, of), self._target(clause, low), self._target(clause, high)
                target = Fact(first.kind, first.low, last.high, f"{first.shown} to {last.shown}")
                return self._compared(clause, fact, "in", target, 0.0, "")
            case Call():
                fact = self._fact(clause, clause.body)
                if fact.kind != TRUTH:
                    raise Misread(clause.body.at, "a relation to a target", clause.text)
                return Finding(fact, "that it is so", HOLDS if fact.low else FAILS)
        raise Misread(len(clause.kind) + 1, "one fact, and a relation to its target", clause.text)

    # reading ------------------------------------------------------------------------------------------------------
    def _fact(self, clause: Clause, node: Node) -> Fact:
        known = self.functions[clause.kind]
        if not isinstance(node, Call) or node.name not in known:
            came = getattr(node, "name", clause.text)
            near = nearest(came, known) or list(known)
            at = getattr(node, "at", len(clause.kind) + 1)
            raise Misread(at, f"one of {', '.join(near)}", came)
        try:
            return known[node.name](*(_word(argument) for argument in node.arguments))
        except LookupError as error:
            raise Misread(node.at, str(error.args[0]), clause.text[node.at :].split(")")[0] + ")") from None
        except TypeError:
            raise Misread(node.at, f"the arguments of {node.name}", str(len(node.arguments))) from None

    def _target(self, clause: Clause, node: Node) -> Fact:
        match node:
            case Number(value):
                return Fact(NUMBER, value, value, f"{value:,.15g}" if value >= 10_000 else f"{value:g}")
            case Minus(Number(value)):
                return Fact(NUMBER, -value, -value, f"{-value:g}")
            case Date(text):
                return Fact(DATE, *days(text), text)
            case Name(text) | Text(text):
                return Fact(TEXT, text, text, text)
            case Call():
                return self._fact(clause, node)
        raise Misread(len(clause.kind) + 1, "a number, a date or a name as the target", clause.text)

    @staticmethod
    def _compared(clause: Clause, fact: Fact, relation: str, target: Fact, slack: float, unit: str) -> Finding:
        if fact.kind == DATE and target.kind == NUMBER:  # a year alone
            target = Fact(DATE, days(f"{target.low:.0f}")[0], days(f"{target.high:.0f}")[1], target.shown)
        if fact.kind != target.kind:
            raise Misread(len(clause.kind) + 1, f"a {fact.kind} to compare with", f"a {target.kind}")
        told = f"{relation} {target.shown}" + (f" within {slack:g} {unit}" if unit else "")
        if fact.kind == TEXT:
            same = fact.low == target.low
            return Finding(fact, told, HOLDS if same == (relation == "=") else FAILS)
        low, high = _widened(target, slack, unit)
        if relation in ("=", "in"):
            return Finding(fact, told, verdict("in", low, high, fact.low, fact.high))
        return Finding(fact, told, verdict(relation, low, high, fact.low, fact.high))


def _word(node: Node) -> str:
    match node:
        case Name(text) | Date(text) | Text(text):
            return text
        case Number(value):
            return f"{value:.15g}"
    raise LookupError("names, dates or texts in quotes")


def _widened(target: Fact, slack: float, unit: str) -> tuple[float, float]:
    """The target's range, widened by what the clause allows."""
    if unit == "%":
        return target.low - slack / 100 * abs(target.low), target.high + slack / 100 * abs(target.high)
    if unit.startswith("month"):
        slack *= DAYS_OF_A_MONTH
    return target.low - slack, target.high + slack
