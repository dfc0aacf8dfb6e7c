"""Conditions on the outcomes of a history, as a reader types them: `leads = 1 and removed.Bukharin > 1930-01`.

A date that did not come is later than every month, so `removed.Bukharin > 1930-01` holds where Bukharin was never
removed. Any other outcome that a history leaves undefined leaves the whole condition undefined there.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from partystate.foundation import calendar
from partystate.foundation.problems import Problem, did_you_mean, problem

from . import compare, measures, outcomes

SIGNS: dict[str, Callable] = {
    "<=": operator.le,
    ">=": operator.ge,
    "!=": operator.ne,
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
}
SPELLINGS = {"==": "=", "≤": "<=", "≥": ">=", "≠": "!="}
SHOWN = {"<=": "≤", ">=": "≥", "!=": "≠"}
CLAUSE = re.compile(r"\s*([\w.@-]+?)\s*(?:(<=|>=|==|!=|≤|≥|≠|=|<|>)\s*(\S+))?\s*")
MONTH = re.compile(r"\d{4}-\d{2}")
TITLES = {**measures.TITLES, **outcomes.TITLES}
CHANCES = (*compare.CHANCES, *measures.CHANCES)
DATES = (*compare.DATES, *measures.DATES)
EVENTS = {
    "removed": "out of the Politburo",
    "censured": "censured",
    "lost_secretariat": "out of the post of General Secretary",
    "one_man_rule": "under the rule of one",
    "command_turn": "turned to command in the countryside",
}
WHEN = {
    "<": "{event} before {month}",
    "<=": "{event} by {month}",
    "=": "{event} in {month}",
    "!=": "not {event} in {month}",
    ">": "not {event} by {month}",
    ">=": "not {event} before {month}",
}
EXAMPLES = "`leads = 1`, `clients_1929 >= 0.4` or `removed.Bukharin > 1930-01`, joined by `and`"


@dataclass(frozen=True)
class Clause:
    """One comparison. value: a number, or of a date the number of the month."""

    name: str
    sign: str
    value: float

    @property
    def words(self) -> str:
        """What the clause says, in words where the outcome has any."""
        if is_date(self.name):
            kind, _, person = self.name.partition(".")
            event = EVENTS.get(kind, title(self.name))
            said = WHEN[self.sign].format(event=event, month=calendar.label(round(self.value)))
            return f"{person}: {said}" if person else said
        if is_chance(self.name) and self.value in (0, 1) and self.sign in ("=", "!="):
            return title(self.name) if (self.value == 1) == (self.sign == "=") else f"not: {title(self.name)}"
        return f"{title(self.name)} {SHOWN.get(self.sign, self.sign)} {self.value:g}"

    def hold(self, values: np.ndarray) -> np.ndarray:
        """1 where the clause holds, 0 where not, NaN where it is undefined; values: (runs,)."""
        if is_date(self.name):
            values = np.where(np.isnan(values), np.inf, values)
        held = SIGNS[self.sign](values, self.value).astype(float)
        return np.where(np.isnan(values), np.nan, held)


@dataclass(frozen=True)
class Condition:
    """Comparisons that must all hold."""

    clauses: tuple[Clause, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(clause.name for clause in self.clauses))

    @property
    def words(self) -> str:
        return " and ".join(f"“{clause.words}”" for clause in self.clauses)

    def hold(self, found: Mapping[str, np.ndarray]) -> np.ndarray:
        """1 where all clauses hold, 0 where one does not, NaN where one is undefined. found: outcome -> (runs,)."""
        return np.min([clause.hold(np.asarray(found[clause.name], dtype=float)) for clause in self.clauses], axis=0)


def is_date(name: str) -> bool:
    """Whether the outcome is a month."""
    return name.startswith(DATES)


def is_chance(name: str) -> bool:
    """Whether the outcome is 1 or 0."""
    return name.startswith(CHANCES)


def title(name: str) -> str:
    """The title of an outcome; its name when it has none."""
    return TITLES.get(name, name)


def parse(text: str, known: Iterable[str], months: int, flag: str = "--outcome") -> Condition:
    """The condition that `text` states. known: the outcomes there are; months: the length of the histories.

    The name of an outcome that is 1 or 0 may stand alone for `= 1`. Raises Problem (exit 2) for what cannot be read,
    an outcome there is not, and a month after the end of the histories.
    """
    known = tuple(known)
    return Condition(tuple(_clause(part, known, months, flag) for part in re.split(r"\s+and\s+", text.strip())))


def bare(text: str) -> str | None:
    """The name in a text that is nothing but the name of an outcome; else None."""
    match = CLAUSE.fullmatch(text)
    return match[1] if match and not match[2] else None


def _clause(text: str, known: tuple[str, ...], months: int, flag: str) -> Clause:
    match = CLAUSE.fullmatch(text)
    if not match:
        raise problem(flag, "condition", EXAMPLES, text)
    name, sign, value = match.groups()
    check(name, known, flag)
    if sign is None:
        if not is_chance(name):
            raise problem(flag, name, f"a comparison such as {EXAMPLES}", "the name alone")
        return Clause(name, "=", 1.0)
    return Clause(name, SPELLINGS.get(sign, sign), _value(name, value, months, flag))


def check(name: str, known: Iterable[str], flag: str = "--outcome") -> None:
    """Raises Problem (exit 2) when `name` is not among the outcomes `known`."""
    known = tuple(known)
    if name not in known:
        hint = did_you_mean(name, known) or "Some outcomes are defined only in histories that reach December 1929."
        raise problem(flag, "outcome", "an outcome of these histories", name, hint)


def _value(name: str, text: str, months: int, flag: str) -> float:
    if not is_date(name):
        try:
            value = float(text)
        except ValueError:
            value = np.nan
        if not np.isfinite(value):
            raise problem(flag, name, "a number to compare it with", text)
        return value
    last = calendar.label(months - 1)
    try:
        month = calendar.index(text) if MONTH.fullmatch(text) else months
    except Problem:
        month = months
    if month >= months:
        raise problem(flag, name, f"a month YYYY-MM up to {last}, the last of these histories", text)
    return float(month)
