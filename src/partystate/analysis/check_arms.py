"""Which arms a clause compares: the reference, without a system, at both ends of a range, under a reading, alike.

Runs go to December 1930, the last month that any measure of a claim looks at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import combinations
from typing import Any

from partystate.foundation import calendar
from partystate.foundation.problems import nearest
from partystate.runs.design import REFERENCE_ARM, without
from partystate.runs.recipe import Recipe
from partystate.runs.scenario import ALIKE

from .check_founding import FoundingFacts
from .check_language import Clause, Misread

BASE = Recipe(months=calendar.index("1931-01"))
TRAIT, DRIVER = "trait.", "driver."
PAGES = ("reading", "page")


@dataclass(frozen=True)
class Names:
    """Arms by what they are for: a and b are compared; alike: levelled players, joined by +, -> arm."""

    a: str
    b: str
    alike: Mapping[str, str] = field(default_factory=dict)

    @property
    def all(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.a, self.b, *self.alike.values())))


@lru_cache(maxsize=1)
def built() -> frozenset[str]:
    """Systems that some mechanism carries."""
    from partystate.model import catalogue

    return frozenset(catalogue.systems())


class Arms:
    """Names and recipes of the arms of clauses, against a record."""

    def __init__(self, record: Any) -> None:
        self.record = record
        self.founding = FoundingFacts(record)

    def check(self, clause: Clause) -> None:
        """Raises Misread when the head of a clause, or the page it tells of, is not there."""
        at = len(clause.kind) + 1
        if clause.kind == "ABL":
            self._known(clause.head, built(), "a system that is built", at)
        elif clause.kind == "VAR":
            self.ends(clause)
        elif clause.kind == "READ":
            readings = {name for name, reading in self.record.readings.items() if reading.runs}
            self._known(clause.head, readings, "a reading that changes how the model runs", at)
        elif clause.kind == "SHAPLEY":
            self._known(clause.head, ALIKE, "two of what contenders can have in common", at)
        elif clause.kind == "WAIT":
            self._known(clause.head, {*self.record.systems, *self.record.metrics}, "a system or metric", at)
        elif clause.kind == "TXT":
            self.page(clause)

    @staticmethod
    def _known(names, known, expected: str, at: int) -> None:
        for name in names:
            if name not in known:
                near = nearest(name, known)
                raise Misread(at, expected + (f" such as {', '.join(near)}" if near else ""), name)

    def of(self, clause: Clause) -> dict[str, Recipe]:
        """Arm -> recipe of everything a clause needs beside the reference; none for clauses about the evidence."""
        match clause.kind:
            case "REF":
                return {REFERENCE_ARM: BASE}
            case "ABL":
                return {self.sides(clause).b: without(BASE, clause.head)}
            case "READ":
                return {self.sides(clause).b: replace(BASE, text=f'reading = "{clause.head[0]}"\n', where="reading")}
            case "VAR":
                low, high = self.ends(clause)
                return {self._end(clause, value): self._at(clause.head[0], value) for value in (low, high)}
            case "SHAPLEY":
                return {
                    arm: replace(BASE, text=f"[founding]\nalike = {player.split('+')}\n", where="alike")
                    for player, arm in self.sides(clause).alike.items()
                }
        return {}

    def sides(self, clause: Clause) -> Names:
        """The arms by name."""
        match clause.kind:
            case "ABL":
                return Names(REFERENCE_ARM, "without " + " and ".join(clause.head))
            case "READ":
                return Names(REFERENCE_ARM, clause.head[0])
            case "VAR":
                low, high = self.ends(clause)
                return Names(self._end(clause, low), self._end(clause, high))
            case "SHAPLEY":
                players = [*clause.head, *("+".join(pair) for pair in combinations(clause.head, 2))]
                return Names(REFERENCE_ARM, REFERENCE_ARM, {p: f"alike in {p.replace('+', ' and ')}" for p in players})
        return Names(REFERENCE_ARM, REFERENCE_ARM)

    def ends(self, clause: Clause) -> tuple[float, float]:
        """Low and high end of what VAR varies.

        As the clause gives them; else the plausible range of a parameter, and of a trait what the contenders least and
        most endowed with it have. Raises Misread for what cannot be varied.
        """
        at, (name, *given) = len(clause.kind) + 1, clause.head
        try:
            numbers = [float(number) for number in given]
        except ValueError:
            raise Misread(at, "low and high as numbers", ", ".join(given)) from None
        if len(numbers) not in (0, 2) or numbers != sorted(numbers):
            raise Misread(at, "what is varied, and low and high or neither", ", ".join(clause.head))
        if name.startswith(TRAIT):
            own = self._trait_ends(name, at)
        elif name.startswith(DRIVER):
            drivers = {row["driver"] for row in self.record.founding.drivers}
            self._known([name.removeprefix(DRIVER)], drivers, "a driver of this model", at)
            own = (0.0, 2.0)
        else:
            self._known([name], self.record.parameters, "a parameter, trait.PERSON.TRAIT or driver.NAME", at)
            own = (self.record.parameters[name].low, self.record.parameters[name].high)
        return (numbers[0], numbers[1]) if numbers else own

    def _trait_ends(self, name: str, at: int) -> tuple[float, float]:
        from partystate.model.founding import TRAITS

        person, _, trait = name.removeprefix(TRAIT).rpartition(".")
        people = [row["person"] for row in self.record.founding["leaders"]]
        self._known([person], people, "a leader of January 1922", at)
        self._known([trait], TRAITS, "a trait that a scenario can set", at)
        values = [self.founding.number_of(other, trait)[1] for other in self.founding.contenders]
        return min(values), max(values)

    @staticmethod
    def _end(clause: Clause, value: float) -> str:
        return f"{clause.head[0]} = {value:g}"

    @staticmethod
    def _at(name: str, value: float) -> Recipe:
        if name.startswith(TRAIT):
            text = f'[founding.traits]\n"{name.removeprefix(TRAIT)}" = {value!r}\n'
            return replace(BASE, text=text, where="trait")
        if name.startswith(DRIVER):
            text = f"[drivers]\n{name.removeprefix(DRIVER)} = {{ scale = {value!r} }}\n"
            return replace(BASE, text=text, where="driver")
        return replace(BASE, overrides=((name, value),))

    def page(self, clause: Clause) -> str:
        """What a TXT clause tells, and where. Raises Misread when there is no such reading."""
        kind, _, name = clause.words.partition(" ")
        if kind not in PAGES or not name:
            raise Misread(len(clause.kind) + 1, "reading V.… or page docs/….md", clause.words)
        if kind == "page":
            return name
        self._known([name], self.record.readings, "a reading of readings.toml", len(clause.kind) + 1)
        reading = self.record.readings[name]
        return f"{reading.title}: {reading.encoding}"
