"""What the histories of a question show: levels, paired effects, attribution, joint effects, shares of variance.

Values are looked up by seed, so that every difference is paired and every interval is of chance in drawing histories.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from partystate.foundation import draws
from partystate.runs.design import REFERENCE_ARM
from partystate.runs.ensemble import Ensemble

from . import attribution, compare, question
from .attribution import Attribution, Game
from .compare import Line
from .effects import Level, mean_interval, share
from .question import Arm, Question

RESAMPLES = 1000
HELD = (0.025, 0.975)


@dataclass(frozen=True)
class Estimate:
    """A number with its 95 % interval, from `pairs` of histories."""

    value: float
    low: float
    high: float
    pairs: int

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Order:
    """In which order the first of these people went out, and in which share of histories."""

    people: tuple[str, ...]
    level: Level


class Findings:
    """The numbers of a question from its stored histories."""

    def __init__(self, asked: Question, stored: Ensemble) -> None:
        self.asked = asked
        self.stored = stored

    @cached_property
    def runs(self) -> int:
        """Histories of the reference."""
        return len(self.stored.parts(REFERENCE_ARM))

    def values(self, arm: str, outcome: str, reading: str = "") -> dict[int, float]:
        """Seed -> outcome in an arm of the question, whose turns are put together; NaN where undefined."""
        found: dict[int, float] = {}
        for name in self.stored_arms(arm):
            found |= self.stored.by_seed(outcome, question.under(reading, name) if reading else name)
        return dict(sorted(found.items()))

    def stored_arms(self, arm: str) -> list[str]:
        """The arms of the design that make up an arm of the question."""
        asked = next((one for one in self.asked.arms if one.name == arm), None)
        return question.turn_names(asked) if asked else [arm]

    def line(self, arm: str, outcome: str, reading: str = "") -> Line:
        """An outcome of an arm against the reference, both under a reading if one is named."""
        a, b = self.values(REFERENCE_ARM, outcome, reading), self.values(arm, outcome, reading)
        seeds = sorted(a.keys() & b.keys())
        pair = (np.array([side[seed] for seed in seeds], dtype=np.float64) for side in (a, b))
        return compare.line(outcome, *pair, self.asked.months)

    def attributed(self) -> Attribution | None:
        """The effect of all groups together, divided among them."""
        groups = self.asked.attribution
        if groups is None:
            return None
        players = tuple(groups.players)
        seeds = self.stored.seeds(REFERENCE_ARM)
        coalitions = question.coalition_seeds(groups, seeds)
        values = {on: self.stored.by_seed(groups.outcome, question.coalition(groups, on)) for on in coalitions}
        span = self.asked.months if groups.outcome.startswith(compare.DATES) else None
        game = Game(players, values, span=span)
        if len(players) <= question.EXACT:
            return attribution.exact(game)
        return attribution.sampled(game, attribution.orders(players, groups.walkers(seeds)))

    def together(self, whole: str, parts: Sequence[str], outcome: str) -> Estimate:
        """What changes do together beyond the sum of what each does alone (additive scale)."""
        sides = [self.values(name, outcome) for name in (REFERENCE_ARM, whole, *parts)]
        seeds = sorted(set.intersection(*(set(side) for side in sides)))
        reference, joined, *alone = (np.array([side[seed] for seed in seeds]) for side in sides)
        beyond = joined - reference - sum(one - reference for one in alone)
        return of_mean(beyond[np.isfinite(beyond)])

    def variance_share(self, arm: str, outcome: str) -> Estimate:
        """Share of the variance of an outcome that goes with one factor of two levels, reference and `arm`.

        The total effect of Jansen (1999): E[Var(outcome | all but the factor)] over the variance, both levels being
        equally likely; interval by resampling the pairs. Shares of several factors need not add up to one.
        """
        a, b = self.values(REFERENCE_ARM, outcome), self.values(arm, outcome)
        seeds = [seed for seed in sorted(a.keys() & b.keys()) if math.isfinite(a[seed] + b[seed])]
        x, y = (np.array([side[seed] for seed in seeds]) for side in (a, b))

        def total(rows: np.ndarray) -> np.ndarray:
            one, other = x[rows], y[rows]
            variance = np.concatenate([one, other], axis=-1).var(axis=-1)
            with np.errstate(invalid="ignore", divide="ignore"):
                return ((one - other) ** 2).mean(axis=-1) / 4 / variance

        if not seeds:
            return Estimate(math.nan, math.nan, math.nan, 0)
        rows = resampled(len(seeds), f"variance.{arm}.{outcome}")
        low, high = np.nanquantile(total(rows), HELD)
        return Estimate(float(total(np.arange(len(seeds)))), float(low), float(high), len(seeds))

    def orders(self, most: int = 6) -> list[Order]:
        """The commonest orders in which the people of the question went out of the Politburo in the reference.

        Those who went in the same month are joined by "and"; those who stayed are left out.
        """
        if not self.asked.orders:
            return []
        removed = {person: self.values(REFERENCE_ARM, f"removed.{person}") for person in self.asked.orders}
        counted = Counter(_order({p: months[seed] for p, months in removed.items()}) for seed in self._seeds)
        return [Order(people, _share_of(number, self.runs)) for people, number in counted.most_common(most)]

    @property
    def _seeds(self) -> list[int]:
        return [part.seed for part in self.stored.parts(REFERENCE_ARM)]

    def level(self, outcome: str) -> Line:
        """The reference itself, as a line whose two sides are the same."""
        return self.line(REFERENCE_ARM, outcome)

    def band(self, name: str, arm: str) -> dict[str, list[float]]:
        """Monthly quantiles of a national series over the histories of an arm, NaN where it has no value."""
        rows = np.concatenate([self.stored.national([name], one)[name] for one in self.stored_arms(arm)])
        with np.errstate(all="ignore"):
            quantiles = {q: _columns(rows, q) for q in (0.1, 0.5, 0.9)}
        return {"low": quantiles[0.1], "median": quantiles[0.5], "high": quantiles[0.9]}


def _columns(rows: np.ndarray, q: float) -> list[float]:
    return [
        float(np.quantile(finite, q)) if (finite := column[np.isfinite(column)]).size else math.nan for column in rows.T
    ]


def _order(months: Mapping[str, float]) -> tuple[str, ...]:
    gone = sorted((month, person) for person, month in months.items() if month == month)
    joined: list[str] = []
    for (before, _), (month, person) in pairwise([(None, ""), *gone]):
        if month == before:
            joined[-1] += f" and {person}"
        else:
            joined.append(person)
    return tuple(joined)


def _share_of(number: int, runs: int) -> Level:
    return share(np.repeat([1.0, 0.0], [number, runs - number]))


def of_mean(values: np.ndarray) -> Estimate:
    """The mean of (runs,) values with Student's interval."""
    if not len(values):
        return Estimate(math.nan, math.nan, math.nan, 0)
    return Estimate(float(values.mean()), *mean_interval(values), len(values))


def resampled(count: int, name: str) -> np.ndarray:
    """(RESAMPLES, count) rows drawn with replacement, the same whenever the same is asked."""
    ids = np.arange(RESAMPLES * count, dtype=np.uint64)
    return (draws.uniform(0, f"resample.{name}", 0, ids) * count).astype(np.int64).reshape(RESAMPLES, count)


__all__ = ["Arm", "Estimate", "Findings", "Order"]
