"""Which arms a clause compares: the reference, without a system, at both ends of a range, under a reading, alike.

The histories of a clause work the sectors that it names, the standard ones where it names none, and run to the last
month that any measure of theirs looks at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import combinations
from typing import Any

from partystate.foundation import calendar
from partystate.foundation.problems import Problem, nearest
from partystate.model import catalogue
from partystate.runs.design import REFERENCE_ARM, without
from partystate.runs.recipe import Recipe
from partystate.runs.scenario import ALIKE

from .check_founding import FoundingFacts
from .check_language import Clause, Misread

Sectors = tuple[str, ...]
POWER, COUNTRYSIDE = "power", "countryside"
COUPLED: Sectors = (POWER, COUNTRYSIDE)
MONTHS: Mapping[Sectors, int] = {
    catalogue.STANDARD: calendar.index("1931-01"),
    (COUNTRYSIDE,): calendar.MONTHS,
    COUPLED: calendar.index("1933-01"),
}
BASES: Mapping[Sectors, Recipe] = {
    sectors: Recipe(months=months, only=None if sectors == catalogue.STANDARD else ",".join(sectors))
    for sectors, months in MONTHS.items()
}
BASE = BASES[catalogue.STANDARD]
TRAIT, DRIVER = "trait.", "driver."
LEADERS = "sectors in which leaders decide, power among them"
WINDOW = re.compile(r"(\d{4}-\d{2})\.\.(\d{4}-\d{2})")
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


@dataclass(frozen=True)
class Varied:
    """What VAR varies, and its ends.

    low: None where the reference stands in for it. window: first and last month of a driver that is set, and not
    multiplied, in these months alone.
    """

    name: str
    low: float | None
    high: float
    window: tuple[str, str] | None = None

    @property
    def shown(self) -> str:
        """Its name in the name of an arm."""
        return self.name + (f" {'..'.join(self.window)}" if self.window else "")

    def arm(self, value: float | None) -> str:
        return REFERENCE_ARM if value is None else f"{self.shown} = {value:g}"


def sectors_of(clause: Clause) -> Sectors:
    """The sectors that the histories of a clause work, in the order of the catalogue."""
    if not clause.sectors:
        return catalogue.STANDARD
    return tuple(sector for sector in catalogue.SECTORS if sector in clause.sectors)


@lru_cache(maxsize=1)
def built() -> frozenset[str]:
    """Systems that some mechanism of any sector carries."""
    return frozenset(catalogue.systems(catalogue.SECTORS))


@lru_cache(maxsize=8)
def _follows(sectors: Sectors) -> tuple[frozenset[str], frozenset[str]]:
    """Parameters and given drivers of the mechanisms of these sectors."""
    kinds = [kind for kind in catalogue.mechanisms().values() if catalogue.sector_of(kind) in (*sectors, "")]
    # A mechanism with variants supplies in them alone; the histories of claims follow the drivers as they are given.
    supplied = {name for kind in kinds if not kind.variants for name in kind.supplies}
    drivers = {name for kind in kinds for name in kind.drivers} - supplied
    return frozenset(key for kind in kinds for key in kind.parameters), frozenset(drivers)


class Arms:
    """Names and recipes of the arms of clauses, against a record."""

    def __init__(self, record: Any) -> None:
        self.record = record
        self.founding = FoundingFacts(record)

    def check(self, clause: Clause) -> None:
        """Raises Misread when the sectors or the head of a clause, or the page it tells of, are not there."""
        at = len(clause.kind) + 1
        self._check_sectors(clause)
        if clause.kind == "ABL":
            self._check_systems(clause, at)
        elif clause.kind == "VAR":
            self.varied(clause)
        elif clause.kind == "READ":
            readings = {name for name, reading in self.record.readings.items() if reading.runs}
            self._known(clause.head, readings, "a reading that changes how the model runs", at)
        elif clause.kind == "SHAPLEY":
            self._known(clause.head, ALIKE, "two of what contenders can have in common", at)
            self._need_leaders(clause, at)
        elif clause.kind == "WAIT":
            self._known(clause.head, {*self.record.systems, *self.record.metrics}, "a system or metric", at)
        elif clause.kind == "TXT":
            self.page(clause)

    @staticmethod
    def _known(names: Iterable[str], known: Iterable[str], expected: str, at: int) -> None:
        known = set(known)
        for name in names:
            if name not in known:
                near = nearest(name, known)
                raise Misread(at, expected + (f" such as {', '.join(near)}" if near else ""), name)

    def _check_sectors(self, clause: Clause) -> None:
        if not clause.sectors:
            return
        at = clause.text.index(" in ") + 1
        for name in clause.sectors:
            if name not in catalogue.SECTORS:
                raise Misread(at, f"a sector that is built: {' or '.join(catalogue.SECTORS)}", name or "nothing")
        if len(set(clause.sectors)) < len(clause.sectors):
            raise Misread(at, "each sector once", ", ".join(clause.sectors))

    def _check_systems(self, clause: Clause, at: int) -> None:
        self._known(clause.head, built(), "a system that is built", at)
        sectors = sectors_of(clause)
        for system in clause.head:
            if system not in catalogue.systems(sectors):
                where = next(one for one in catalogue.SECTORS if system in catalogue.systems((one,)))
                raise Misread(
                    at, f"a system that {', '.join(sectors)} carries ({system} needs `in {where}:` after it)", system
                )

    def _need_leaders(self, clause: Clause, at: int) -> None:
        if POWER not in sectors_of(clause):
            raise Misread(at, LEADERS, ", ".join(sectors_of(clause)))

    def of(self, clause: Clause) -> dict[str, Recipe]:
        """Arm -> recipe of everything a clause needs beside the reference; none for clauses about the evidence."""
        base = BASES[sectors_of(clause)]
        match clause.kind:
            case "REF":
                return {REFERENCE_ARM: base}
            case "ABL":
                return {self.sides(clause).b: without(base, clause.head)}
            case "READ":
                return {self.sides(clause).b: replace(base, text=f'reading = "{clause.head[0]}"\n', where="reading")}
            case "VAR":
                what = self.varied(clause)
                return {what.arm(value): self._at(base, what, value) for value in (what.low, what.high)}
            case "SHAPLEY":
                return {
                    arm: replace(base, text=f"[founding]\nalike = {player.split('+')}\n", where="alike")
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
                what = self.varied(clause)
                return Names(what.arm(what.low), what.arm(what.high))
            case "SHAPLEY":
                players = [*clause.head, *("+".join(pair) for pair in combinations(clause.head, 2))]
                return Names(REFERENCE_ARM, REFERENCE_ARM, {p: f"alike in {p.replace('+', ' and ')}" for p in players})
        return Names(REFERENCE_ARM, REFERENCE_ARM)

    def varied(self, clause: Clause) -> Varied:
        """What VAR varies, and between what.

        Between what the clause gives; else over the plausible range of a parameter, and of a trait between what the
        contenders least and most endowed with it have. Raises Misread for what cannot be varied.
        """
        at, (first, *given) = len(clause.kind) + 1, clause.head
        name, _, dates = first.partition(" ")
        window = self._window(name, dates, at) if dates else None
        try:
            numbers = [float(number) for number in given]
        except ValueError:
            raise Misread(at, "low and high as numbers", ", ".join(given)) from None
        if len(numbers) not in ((1, 2) if window else (0, 2)) or numbers != sorted(numbers):
            ends = "low and high, or one value" if window else "low and high or neither"
            raise Misread(at, f"what is varied, and {ends}", ", ".join(clause.head))
        own = self._own_ends(clause, name, at)
        if window:
            return Varied(name, numbers[0] if len(numbers) > 1 else None, numbers[-1], window)
        return Varied(name, *(numbers or own))

    @staticmethod
    def _window(name: str, dates: str, at: int) -> tuple[str, str]:
        if not name.startswith(DRIVER):
            raise Misread(at, "months after a driver alone", f"{name} {dates}")
        try:
            match = WINDOW.fullmatch(dates)
            first, last = match.groups() if match else ("", "")
            if calendar.index(first) <= calendar.index(last):
                return first, last
        except Problem:
            pass
        raise Misread(at, "first and last month, such as 1931-01..1933-12", dates)

    def _own_ends(self, clause: Clause, name: str, at: int) -> tuple[float, float]:
        sectors = sectors_of(clause)
        parameters, drivers = _follows(sectors)
        if name.startswith(TRAIT):
            self._need_leaders(clause, at)
            return self._trait_ends(name, at)
        if name.startswith(DRIVER):
            given = {row["driver"] for row in self.record.founding.drivers}
            self._known([name.removeprefix(DRIVER)], given, "a driver of this model", at)
            self._known([name.removeprefix(DRIVER)], drivers, f"a driver that {', '.join(sectors)} follows", at)
            return 0.0, 2.0
        self._known([name], self.record.parameters, "a parameter, trait.PERSON.TRAIT or driver.NAME", at)
        if name in _follows(catalogue.SECTORS)[0] - parameters:
            raise Misread(at, f"a parameter of {', '.join(sectors)}", name)
        return self.record.parameters[name].low, self.record.parameters[name].high

    def _trait_ends(self, name: str, at: int) -> tuple[float, float]:
        from partystate.model.founding import TRAITS

        person, _, trait = name.removeprefix(TRAIT).rpartition(".")
        people = [row["person"] for row in self.record.founding["leaders"]]
        self._known([person], people, "a leader of January 1922", at)
        self._known([trait], TRAITS, "a trait that a scenario can set", at)
        values = [self.founding.number_of(other, trait)[1] for other in self.founding.contenders]
        return min(values), max(values)

    @staticmethod
    def _at(base: Recipe, what: Varied, value: float | None) -> Recipe:
        name = what.name
        if value is None:
            return base
        if name.startswith(TRAIT):
            text = f'[founding.traits]\n"{name.removeprefix(TRAIT)}" = {value!r}\n'
            return replace(base, text=text, where="trait")
        if name.startswith(DRIVER):
            change = f"scale = {value!r}"
            if what.window:
                first, last = map(calendar.index, what.window)
                months = ", ".join(f'"{calendar.label(month)}" = {value!r}' for month in range(first, last + 1))
                change = f"values = {{ {months} }}"
            return replace(base, text=f"[drivers]\n{name.removeprefix(DRIVER)} = {{ {change} }}\n", where="driver")
        return replace(base, overrides=((name, value),))

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
