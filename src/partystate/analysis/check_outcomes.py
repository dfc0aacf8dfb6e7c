"""Outcomes and statistics that checks may name, and what makes a clause about histories unusable before any run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from partystate.foundation.problems import nearest

from . import check_arms, claim_measures, claim_rural, compare, measures, outcomes
from .check_language import (
    Between,
    Call,
    Clause,
    Compare,
    Given,
    Logic,
    Minus,
    Misread,
    Name,
    Node,
    Reported,
    Sum,
    inside,
)

CHANGES = ("change", "ratio", "increases", "decreases")
STATISTICS = ("chance", "mean", "median", "corr", *CHANGES)
OF_RUNS = {"min": 2, "max": 2, "abs": 1, "came": 1, "sequence": 2, "contribution": 2}  # least number of arguments
TRUTHS = ("came", "sequence")
PERSONAL = {
    "removed": "Month in which {person} went out of the Politburo.",
    "censured": "Month in which {person} was first censured.",
    "first": "{person} was the first contender to be censured.",
}


@dataclass(frozen=True)
class Kinds:
    """Which outcomes are chances (1 or 0) and which are dates (months, NaN where they did not come); the rest numbers.

    definitions: outcome -> meaning, of all that there are; no two sectors give one name to different things.
    """

    chances: frozenset[str]
    dates: frozenset[str]
    definitions: Mapping[str, str]


@lru_cache(maxsize=1)
def kinds() -> Kinds:
    """The outcomes that claims may use, of histories of any sectors."""
    power = _of_power()
    defined = dict(power)
    for sectors in check_arms.BASES:
        defined |= claim_rural.definitions(sectors)
    chances = frozenset((*outcomes.CHANCES, *measures.CHANCES, *claim_measures.CHANCES, *claim_rural.CHANCES))
    dates = {*measures.DATES, *claim_measures.DATES, *claim_rural.DATES}
    dates |= {name for name in power if name.startswith(compare.DATES)}
    return Kinds(chances, frozenset(dates), defined)


@lru_cache(maxsize=8)
def held(sectors: check_arms.Sectors) -> frozenset[str]:
    """Names of the outcomes that histories of these sectors hold."""
    power = _of_power() if check_arms.POWER in sectors else {}
    return frozenset((*power, *claim_rural.definitions(sectors)))


def _of_power() -> dict[str, str]:
    from partystate import record

    rows = record.load().founding["leaders"]
    people = [row["person"] for row in rows if row["contender"] == "1"]
    personal = {
        f"{kind}.{person}": meaning.format(person=person) for kind, meaning in PERSONAL.items() for person in people
    }
    return {**outcomes.DEFINITIONS, **measures.DEFINITIONS, **claim_measures.definitions(people), **personal}


def is_date(name: str) -> bool:
    return name in kinds().dates


def is_chance(node: Node) -> bool:
    """Whether a value of one history is 1 or 0."""
    if isinstance(node, Name):
        return node.name in kinds().chances
    if isinstance(node, Call):
        return node.name in TRUTHS
    return isinstance(node, Compare | Between | Logic)


def check(clause: Clause) -> None:
    """Raises Misread when a clause about histories names what there is not, or mixes histories and statistics."""
    body = clause.body
    if not isinstance(body, Compare | Between | Reported) and not is_call(body, "increases", "decreases"):
        raise Misread(len(clause.kind), "a relation to a target, `reported`, or increases(…)", clause.text)
    for node in inside(body):
        if isinstance(node, Call) and node.name in STATISTICS:
            _check_statistic(clause, node)
    for node in _outside(body):
        if isinstance(node, Name):
            raise Misread(node.at, f"a statistic of it: one of {', '.join(STATISTICS)}", node.name)
        if isinstance(node, Call):
            raise Misread(node.at, f"one of {', '.join(STATISTICS)}", node.name)


def _check_statistic(clause: Clause, call: Call) -> None:
    wanted = 2 if call.name == "corr" else 1
    if len(call.arguments) != wanted:
        raise Misread(call.at, f"{call.name} of {wanted}", f"{len(call.arguments)}")
    if call.name in CHANGES and clause.kind == "REF":
        raise Misread(call.at, f"{call.name} in a clause that changes something", clause.kind)
    for node in (part for argument in call.arguments for part in inside(argument)):
        if isinstance(node, Given) and (call.name != "chance" or node is not call.arguments[0]):
            raise Misread(call.at, "a condition after | in chance(…) alone", call.name)
        if isinstance(node, Call):
            if node.name not in OF_RUNS:
                raise Misread(node.at, f"one of {', '.join(OF_RUNS)} inside a statistic", node.name)
            if len(node.arguments) < OF_RUNS[node.name]:
                raise Misread(node.at, f"at least {OF_RUNS[node.name]} arguments", str(len(node.arguments)))
    sectors = check_arms.sectors_of(clause)
    for name in names_of(call):
        if name.name not in held(sectors):
            near = nearest(name.name, held(sectors))
            expected = "a measured outcome" + (f" such as {', '.join(near)}" if near else "")
            if name.name in kinds().definitions:
                expected = f"an outcome of histories of {', '.join(sectors)}"
            raise Misread(name.at, expected, name.name)


def names_of(node: Node) -> list[Name]:
    """Names of outcomes in a tree; the player of a contribution is none."""
    calls = [part for part in inside(node) if isinstance(part, Call) and part.name == "contribution"]
    players = {id(call.arguments[0]) for call in calls}
    return [part for part in inside(node) if isinstance(part, Name) and id(part) not in players]


def _outside(node: Node | None) -> Iterator[Node]:
    """The nodes that stand in no statistic."""
    if isinstance(node, Call) and node.name in STATISTICS:
        return
    yield node
    match node:
        case Minus(of) | Reported(of):
            yield from _outside(of)
        case Sum(_, left, right) | Compare(_, left, right):
            yield from _outside(left)
            yield from _outside(right)
        case Between(of, low, high):
            for part in (of, low, high):
                yield from _outside(part)


def is_call(node: Node | None, *names: str) -> bool:
    return isinstance(node, Call) and node.name in names
