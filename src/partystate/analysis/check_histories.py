"""What a check says of histories: a statistic with its 95 % interval, set against the target of the check.

A single statistic has the interval of its kind: Wilson's for a chance, Student's for a mean, ranks for a median,
Fisher's transformation for a correlation (Fisher 1921), and for a paired change those of `effects`. A ratio, or
several statistics in one expression, has the percentile interval of resampled seeds (Efron and Tibshirani 1993), the
same seeds in every arm.

The rule of judgement was fixed before any run: a check holds when the whole interval lies on the target's side, fails
when the whole interval lies on the other, and is undecided otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from partystate.foundation import calendar, draws

from . import compare, effects
from .check_language import (
    Between,
    Call,
    Clause,
    Compare,
    Date,
    Given,
    Logic,
    Minus,
    Name,
    Node,
    Number,
    Reported,
    Sum,
    inside,
)
from .check_outcomes import STATISTICS, is_call, is_chance, is_date
from .effects import Level
from .intervals import Z95, wilson

HOLDS, FAILS, UNDECIDED, WAITING, TOLD = "holds", "fails", "undecided", "waiting", "told"
RESAMPLES = 2000
MANY = 100_000  # histories beyond which it is no use to say how many would decide


class NotMeasured(Exception):
    """An outcome that the histories at hand do not hold."""


@dataclass(frozen=True)
class Sides:
    """The arms a clause compares, on the same seeds: a without and b with what the clause changes.

    Outcome -> (runs,). same: all pairs are the same histories bit for bit. alike: of SHAPLEY, arm -> outcomes, the
    arm being the players that are levelled, joined by +.
    """

    a: Mapping[str, np.ndarray]
    b: Mapping[str, np.ndarray]
    runs: int
    span: int
    same: bool = False
    alike: Mapping[str, Mapping[str, np.ndarray]] = field(default_factory=dict)


@dataclass(frozen=True)
class Estimate:
    """A measured statistic, and the judgement. needed: histories that would decide, None when that cannot be said.

    before, after: levels of the two arms where a change is measured. left_out: histories in which it is undefined.
    """

    value: float
    low: float
    high: float
    runs: int
    left_out: int
    method: str
    kind: str = effects.QUANTITY
    before: Level | None = None
    after: Level | None = None
    target: str = ""
    status: str = ""
    needed: float | None = None


# Judging -----------------------------------------------------------------------------------------------------------


def judge(clause: Clause, sides: Sides) -> Estimate:
    """Measures a clause and judges it. Raises NotMeasured for an outcome that the histories lack."""
    measured, relation, low, high = _target(clause.body)
    estimate = replace(_Evaluator(sides).estimate(measured), target=words_of_target(relation, low, high))
    if relation == "reported":
        return replace(estimate, status=TOLD)
    status = verdict(relation, low, high, estimate.low, estimate.high)
    needed = histories_needed(low, high, estimate) if status == UNDECIDED else None
    return replace(estimate, status=status, needed=needed)


def _target(body: Node | None) -> tuple[Node, str, float, float]:
    """What is measured, the relation, and its target (low, high)."""
    match body:
        case Call("increases", (of,)):
            return Call("change", (of,)), ">", 0.0, 0.0
        case Call("decreases", (of,)):
            return Call("change", (of,)), "<", 0.0, 0.0
        case Reported(of):
            return of, "reported", math.nan, math.nan
        case Between(of, low, high):
            return of, "in", constant(low), constant(high)
        case Compare(relation, left, right, slack, unit):
            if any(is_call(node, *STATISTICS) for node in inside(right)):
                return Sum("-", left, right), relation, 0.0, 0.0
            target = constant(right)
            if relation == "=":
                half = slack / 100 * abs(target) if unit == "%" else slack
                return left, "in", target - half, target + half
            return left, relation, target, target
    raise ValueError(body)


def constant(node: Node) -> float:
    """The value of a number, a date (its month) or arithmetic on them."""
    match node:
        case Number(value):
            return value
        case Date(text):
            return float(calendar.index(text[:7]))
        case Minus(of):
            return -constant(of)
        case Sum(sign, left, right):
            return float(ARITHMETIC[sign](constant(left), constant(right)))
    raise ValueError(node)


def verdict(relation: str, target_low: float, target_high: float, low: float, high: float) -> str:
    """holds, fails or undecided, from the interval low … high alone."""
    if math.isnan(low) or math.isnan(high):
        return UNDECIDED
    inside_target, outside_target = {
        "<=": (high <= target_high, low > target_high),
        "<": (high < target_high, low >= target_high),
        ">=": (low >= target_low, high < target_low),
        ">": (low > target_low, high <= target_low),
        "!=": (low > target_high or high < target_low, low == high == target_low),
        "in": (target_low <= low and high <= target_high, high < target_low or low > target_high),
    }[relation]
    return HOLDS if inside_target else FAILS if outside_target else UNDECIDED


def histories_needed(target_low: float, target_high: float, estimate: Estimate) -> float | None:
    """About how many histories would bring the interval clear of the target, if the value stays what it is.

    The width of an interval falls with the root of the number of histories. Infinite beyond `MANY`.
    """
    value, runs = estimate.value, estimate.runs
    if math.isnan(value) or math.isnan(estimate.low) or runs < 2:
        return None
    nearest = target_low if abs(value - target_low) <= abs(value - target_high) else target_high
    half = (estimate.high - value) if nearest > value else (value - estimate.low)
    gap = abs(value - nearest)
    needed = runs * (half / gap) ** 2 if gap > 0 else math.inf
    return max(needed, runs + 1.0) if needed <= MANY else math.inf


def words_of_target(relation: str, low: float, high: float) -> str:
    """The target as it is printed: ``>= 0.5`` or ``0.5 to 0.95``."""
    if relation == "reported":
        return "told, not judged"
    first, last = (f"{end:,.0f}" if abs(end) >= 1000 else f"{end:g}" for end in (low, high))
    return f"{first} to {last}" if relation == "in" else f"{relation} {first}"


# Measuring ---------------------------------------------------------------------------------------------------------

ARITHMETIC: dict[str, Callable] = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}
COMPARISONS: dict[str, Callable] = {
    "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal, "=": np.equal, "!=": np.not_equal,
}  # fmt: skip


class _Evaluator:
    """Values of one history (`runs_of`) and statistics over many, each tree evaluated once for each side."""

    def __init__(self, sides: Sides) -> None:
        self.sides = sides
        self._kept: dict[tuple[Node, str], np.ndarray] = {}
        self._arguments: dict[Call, tuple[list[np.ndarray], np.ndarray]] = {}

    # of one history
    def runs_of(self, node: Node, side: str = "b") -> np.ndarray:
        """(runs,) values; truths are 1 or 0; NaN where undefined, infinite for a date that did not come."""
        key = (node, side)
        if key not in self._kept:
            with np.errstate(all="ignore"):
                self._kept[key] = np.broadcast_to(self._value(node, side), (self.sides.runs,)).astype(np.float64)
        return self._kept[key]

    def _value(self, node: Node, side: str) -> np.ndarray | float:
        def of(part: Node) -> np.ndarray:
            return self.runs_of(part, side)

        match node:
            case Number() | Date():
                return constant(node)
            case Name(name):
                return self._outcome(name, self.sides.a if side == "a" else self.sides.b)
            case Minus(part):
                return -of(part)
            case Sum(sign, left, right):
                return ARITHMETIC[sign](of(left), of(right))
            case Compare(relation, left, right, _, _):
                return _defined(COMPARISONS[relation](of(left), of(right)), of(left), of(right))
            case Between(part, low, high):
                return _defined((of(part) >= of(low)) & (of(part) <= of(high)), of(part), of(low), of(high))
            case Logic("not", (part,)):
                return 1 - of(part)
            case Logic(word, parts):
                stack = np.array([of(part) for part in parts])
                return np.min(stack, axis=0) if word == "and" else np.max(stack, axis=0)
            case Call("contribution", (Name(player), what)):
                return self._contribution(player, what)
            case Call(name, parts):
                return _function(name, [of(part) for part in parts])
        raise ValueError(node)

    def _outcome(self, name: str, arm: Mapping[str, np.ndarray]) -> np.ndarray:
        if name not in arm:
            raise NotMeasured(name)
        values = arm[name]
        return np.where(np.isnan(values), np.inf, values) if is_date(name) else values

    def _contribution(self, player: str, what: Node) -> np.ndarray:
        """What the differences among contenders in `player` add, over both orders (Shapley 1953), seed by seed."""
        other = next(name for name in self.sides.alike if name != player and "+" not in name)
        arms = {"": self.sides.a, **self.sides.alike}
        value = {
            name: _Evaluator(Sides(arm, arm, self.sides.runs, self.sides.span)).runs_of(what)
            for name, arm in arms.items()
        }
        both = next(name for name in self.sides.alike if "+" in name)
        return (value[""] - value[player] + value[other] - value[both]) / 2

    # over many
    def estimate(self, node: Node) -> Estimate:
        """A statistic, or arithmetic on several, with its interval."""
        if isinstance(node, Call) and node.name != "ratio":
            return self._single(node)
        rows = np.arange(self.sides.runs)
        value = self.point(node, rows)
        drawn = [self.point(node, sample) for sample in _resampled(self.sides.runs)] if self.sides.runs > 1 else []
        found = np.array(drawn, dtype=np.float64)
        found = found[np.isfinite(found)]
        low, high = (float(q) for q in np.quantile(found, (0.025, 0.975))) if len(found) else (math.nan, math.nan)
        method = f"percentiles of {RESAMPLES:,} samples of the seeds, drawn with replacement"
        return Estimate(value, low, high, self.sides.runs, 0, method)

    def _single(self, call: Call) -> Estimate:
        if call.name == "change":
            return self._change(call.arguments[0])
        values = self.defined(call)
        left_out, n = self.sides.runs - len(values[0]), len(values[0])
        if call.name == "chance":
            low, high = wilson(float(values[0].sum()), n) if n else (math.nan, math.nan)
            method, kind = "Wilson's interval", effects.CHANCE
        elif call.name == "mean":
            low, high = effects.mean_interval(values[0])
            method, kind = "Student's interval", effects.QUANTITY
        elif call.name == "median":
            low, high = effects.median_interval(values[0])
            method = "interval of the median from ranks"
            kind = effects.DATE if isinstance(a := call.arguments[0], Name) and is_date(a.name) else effects.QUANTITY
        else:
            low, high = _fisher(*values)
            method, kind = "Fisher's transformation", effects.QUANTITY
        return Estimate(self._of(call.name, values), low, high, n, left_out, method, kind)

    def _change(self, what: Node) -> Estimate:
        if isinstance(what, Name) and is_date(what.name):
            effect = effects.date(self.runs_of(what, "a"), self.runs_of(what, "b"), self.sides.span)
        else:
            measure = effects.chance if is_chance(what) else effects.quantity
            effect = measure(self.runs_of(what, "a"), self.runs_of(what, "b"))
        if self.sides.same:
            effect = compare.nothing(effect)
        return Estimate(
            effect.difference, effect.low, effect.high, effect.pairs, self.sides.runs - effect.pairs,
            compare.method(effect), effect.kind, effect.a, effect.b,
        )  # fmt: skip

    def defined(self, call: Call, rows: np.ndarray | None = None) -> list[np.ndarray]:
        """The arguments of a statistic over the histories in which all of them are defined."""
        if call not in self._arguments:
            self._arguments[call] = self._all(call)
        values, keep = self._arguments[call]
        if rows is not None:
            rows = rows[keep[rows]]
            return [value[rows] for value in values]
        return [value[keep] for value in values]

    def _all(self, call: Call) -> tuple[list[np.ndarray], np.ndarray]:
        """The arguments of a statistic in every history, and whether all are defined there."""
        arguments, keep = call.arguments, np.ones(self.sides.runs, dtype=bool)
        if isinstance(first := arguments[0], Given):
            keep = self.runs_of(first.when) == 1
            arguments = (first.what,)
        values = [self.runs_of(argument) for argument in arguments]
        if call.name in ("mean", "corr"):
            values = [np.where(np.isposinf(value), self.sides.span, value) for value in values]
        return values, np.logical_and.reduce([keep, *(~np.isnan(value) for value in values)])

    def point(self, node: Node, rows: np.ndarray) -> float:
        """The value of arithmetic on statistics over some histories (with repetition)."""
        match node:
            case Number() | Date():
                return constant(node)
            case Minus(of):
                return -self.point(of, rows)
            case Sum(sign, left, right):
                with np.errstate(all="ignore"):
                    return float(ARITHMETIC[sign](self.point(left, rows), self.point(right, rows)))
            case Call("ratio" | "change" as name, (what,)):
                a, b = self.runs_of(what, "a")[rows], self.runs_of(what, "b")[rows]
                both = np.isfinite(a) & np.isfinite(b)
                first, second = _mean(a[both]), _mean(b[both])
                if name == "change":
                    return second - first
                return second / first if first else math.nan
            case Call(name):
                return self._of(name, self.defined(node, rows))
        raise ValueError(node)

    @staticmethod
    def _of(name: str, values: list[np.ndarray]) -> float:
        if name == "corr":
            return effects.correlation(*values)
        if name == "median":
            return float(np.median(values[0])) if len(values[0]) else math.nan
        return _mean(values[0])


def _defined(truth: np.ndarray, *values: np.ndarray) -> np.ndarray:
    """`truth` as 1 and 0, NaN where one of the values is undefined."""
    undefined = np.any([np.isnan(value) for value in values], axis=0)
    return np.where(undefined, np.nan, truth.astype(np.float64))


def _function(name: str, values: list[np.ndarray]) -> np.ndarray:
    if name == "abs":
        return np.abs(values[0])
    if name == "came":
        return np.isfinite(values[0]).astype(np.float64)
    if name == "sequence":
        stack = np.array(values)
        return (np.isfinite(stack[-1]) & np.all(stack[:-1] < stack[1:], axis=0)).astype(np.float64)
    return (np.maximum if name == "max" else np.minimum).reduce(values)


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else math.nan


def _fisher(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """Fisher's interval of a correlation; NaN for fewer than four pairs or where either never varies."""
    r = effects.correlation(a, b)
    if len(a) < 4 or math.isnan(r):
        return math.nan, math.nan
    z, half = math.atanh(max(min(r, 1 - 1e-12), 1e-12 - 1)), Z95 / math.sqrt(len(a) - 3)
    return math.tanh(z - half), math.tanh(z + half)


@lru_cache(maxsize=4)
def _resampled(runs: int) -> np.ndarray:
    """(resamples, runs) rows drawn with replacement, always the same for a number of runs."""
    uniforms = draws.uniform(0, "claims.resample", 0, np.arange(RESAMPLES * runs, dtype=np.uint64))
    return (uniforms * runs).astype(np.int64).reshape(RESAMPLES, runs)
