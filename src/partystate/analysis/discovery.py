"""Scenario discovery: in which part of the ranges histories of a kind are gathered, and whether that holds elsewhere.

The patient rule induction method (Friedman & Fisher 1999), as used for policy by Bryant & Lempert (2010): from the
space of all inputs thin slices are peeled off, each time the one whose loss leaves the highest share of histories of
the kind; of the boxes on that path one is chosen, its sides are moved or taken away where that is better, and each side
is told with the probability of its gain by chance (their quasi-p-value).

With hundreds of inputs thin slices follow noise, and some box will always look dense. So only the few inputs are peeled
whose single cuts, taken one after another, tell most; a side must earn what it costs to name it, that is which input,
which end and which of twenty places (minimum description length, Rissanen 1978); and the box is sought in the histories
of odd seeds only. Every number that is told comes from the histories of even seeds, which had no part in the choice.
There the box must hold by Fisher's exact test, after Holm (1979) when there are several boxes. That no box does is an
answer.

Inputs are the numbers that a history drew from their ranges, and whatever else of it is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from partystate.foundation.problems import problem

from .intervals import wilson

PEEL = 0.05  # part of a box that is peeled off at a time
LEAST = 0.05  # part of the histories that a box must hold
FEWEST = 10  # histories of the kind, and of the other, below which nothing is looked for
HALF = 40  # histories that each half must have
SIDES = 4  # of the box that chooses the inputs to be peeled
LEVEL = 0.05
MOST_BOXES = 5


@dataclass(frozen=True)
class Input:
    """What a box can be bounded by. low, high: the range it is drawn from, if it is drawn."""

    name: str
    title: str = ""
    unit: str = ""
    low: float = math.nan
    high: float = math.nan


@dataclass(frozen=True)
class Side:
    """A box holds histories with `low` ≤ input ≤ `high`; infinite where it is open.

    quasi_p: the probability, on the second half, of so high a share if this side were of no use.
    """

    input: Input
    low: float
    high: float
    quasi_p: float = math.nan


@dataclass(frozen=True)
class Share:
    """`happened` of `runs`, as a share with Wilson's interval; NaN for none."""

    happened: int
    runs: int
    value: float
    low: float
    high: float

    @classmethod
    def of(cls, happened: float, runs: float) -> Share:
        if not runs:
            return cls(0, 0, math.nan, math.nan, math.nan)
        return cls(int(happened), int(runs), float(happened / runs), *wilson(float(happened), float(runs)))


@dataclass(frozen=True)
class Found:
    """A box on one half of the histories.

    inside: the density, the share of the kind in the box. outside: the same elsewhere. coverage: the share of all
    histories of the kind that lie in the box. mass: the share of all histories that do.
    """

    inside: Share
    outside: Share
    coverage: Share
    mass: Share

    @classmethod
    def of(cls, inside: np.ndarray, y: np.ndarray) -> Found:
        return cls(
            Share.of(y[inside].sum(), inside.sum()),
            Share.of(y[~inside].sum(), (~inside).sum()),
            Share.of(y[inside].sum(), y.sum()),
            Share.of(inside.sum(), len(y)),
        )

    @property
    def difference(self) -> tuple[float, float, float]:
        """Inside less outside, with Newcombe's (1998) interval from the two of Wilson."""
        a, b = self.inside, self.outside
        value = a.value - b.value
        low = value - math.hypot(a.value - a.low, b.high - b.value)
        return value, low, value + math.hypot(a.high - a.value, b.value - b.low)


@dataclass(frozen=True)
class Box:
    """A box that was found in the first half (`sought`) and what the second half says of it (`tested`).

    p_value: Fisher's, one-sided, adjusted for the number of boxes. Of a second box everything is told of the histories
    outside the first.
    """

    sides: tuple[Side, ...]
    sought: Found
    tested: Found
    p_value: float

    @property
    def holds(self) -> bool:
        return self.p_value < LEVEL


@dataclass(frozen=True)
class Discovery:
    """The boxes for one condition. runs, happened: of both halves. refused: why none was looked for, or empty."""

    runs: int
    happened: int
    inputs: int
    boxes: tuple[Box, ...]
    refused: str = ""

    @property
    def share(self) -> Share:
        return Share.of(self.happened, self.runs)


def discover(
    inputs: Sequence[Input], values: np.ndarray, condition: np.ndarray, seeds: np.ndarray, boxes: int = 1
) -> Discovery:
    """Where the condition holds more often. values: (runs, inputs); condition: (runs,) of 1 and 0; seeds: (runs,).

    Raises Problem (exit 2) for too few histories of odd or even seeds, and for a number of boxes that is out of range.
    """
    if not 1 <= boxes <= MOST_BOXES:
        raise problem("--boxes", "boxes", f"1 to {MOST_BOXES}", boxes)
    first = np.asarray(seeds) % 2 == 1
    for half, odd in ((first, "odd"), (~first, "even")):
        if half.sum() < HALF:
            hint = "Make more with `partystate ensemble`."
            raise problem("ENSEMBLE", "runs", f"{HALF} or more of {odd} seeds", int(half.sum()), hint)
    y = np.asarray(condition, dtype=float)
    told = {"runs": len(y), "happened": int(y.sum()), "inputs": len(inputs)}
    fewest = min(min(y[half].sum(), (1 - y[half]).sum()) for half in (first, ~first))
    if fewest < FEWEST:
        refused = f"It holds in {int(y.sum())} of {len(y)} histories: too few of one kind to ask where they lie."
        return Discovery(**told, boxes=(), refused=refused)
    sought, left = [], first.copy()
    for _ in range(boxes):
        bounds = find(values[left], y[left])
        if bounds is None:
            break
        sought.append(bounds)
        left &= ~within(values, bounds)
        if min(y[left].sum(), (1 - y[left]).sum()) < FEWEST:
            break
    return Discovery(**told, boxes=_tested(inputs, values, y, first, sought))


def _tested(
    inputs: Sequence[Input], values: np.ndarray, y: np.ndarray, first: np.ndarray, sought: Sequence[np.ndarray]
) -> tuple[Box, ...]:
    """What the second half says of each box, outside those before it."""
    boxes, rest = [], np.ones(len(y), dtype=bool)
    for bounds in sought:
        inside = within(values, bounds)
        one, other = (Found.of(inside[half & rest], y[half & rest]) for half in (first, ~first))
        held = ~first & rest
        sides = tuple(
            Side(inputs[k], *map(float, bounds[:, k]), quasi_p=_quasi(values[held], y[held], bounds, k))
            for k in np.flatnonzero(np.isfinite(bounds).any(axis=0))
        )
        boxes.append(Box(sides, one, other, fisher(other)))
        rest &= ~inside
    return _holm(boxes)


def _holm(boxes: list[Box]) -> tuple[Box, ...]:
    adjusted, highest = list(boxes), 0.0
    order = sorted(range(len(boxes)), key=lambda place: boxes[place].p_value)
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, boxes[place].p_value * (len(boxes) - rank)))
        adjusted[place] = replace(boxes[place], p_value=highest)
    return tuple(adjusted)


# The search ---------------------------------------------------------------------------------------------------------


def within(values: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """Which rows of values (runs, inputs) lie in the box bounds (2, inputs)."""
    return np.all((values >= bounds[0]) & (values <= bounds[1]), axis=1)


def find(values: np.ndarray, y: np.ndarray) -> np.ndarray | None:
    """The best box (2, inputs), lows above highs, infinite where open; None when no side earns its cost."""
    cost = math.log(2 * values.shape[1] / PEEL)
    grown = _grow(values, y)
    used = np.flatnonzero(np.isfinite(grown).any(axis=0))
    x = values[:, used]
    peeled = max(_peel(x, y), key=lambda bounds: _score(x, y, bounds, cost))
    boxes = [_paste(x, y, bounds, cost) for bounds in (peeled, grown[:, used])]
    best = max(boxes, key=lambda bounds: _score(x, y, bounds, cost))
    if _score(x, y, best, cost) <= 0:
        return None
    bounds = _open(values.shape[1])
    bounds[:, used] = best
    return bounds


def _open(inputs: int) -> np.ndarray:
    """A box without sides."""
    return np.repeat([[-np.inf], [np.inf]], inputs, axis=1)


def _grow(values: np.ndarray, y: np.ndarray) -> np.ndarray:
    """A box of at most `SIDES` sides, each the single cut that tells most beside those before it."""
    bounds = _open(values.shape[1])
    for _ in range(SIDES):
        side, place, cut = _best_cut(values, y, bounds)
        if not math.isfinite(cut):
            return bounds
        bounds[side, place] = cut
    return bounds


def _best_cut(values: np.ndarray, y: np.ndarray, bounds: np.ndarray) -> tuple[int, int, float]:
    """Side (0 low, 1 high), input and place of the cut that makes a box tell most; an infinite place for none."""
    inside = within(values, bounds)
    x, kind = values[inside], y[inside]
    n, total, happened = len(kind), len(y), y.sum()
    order = np.argsort(x, axis=0, kind="stable")
    ranked = np.take_along_axis(x, order, axis=0)
    below = np.cumsum(kind[order], axis=0)[:-1]
    count = np.arange(1, n)[:, None]
    gains = []
    for k, m in ((kind.sum() - below, n - count), (below, count)):
        gain = _gain(k, m, happened - k, total - m)
        usable = (ranked[1:] > ranked[:-1]) & (m >= LEAST * total) & (k * (total - m) > (happened - k) * m)
        gains.append(np.where(usable, gain, -np.inf))
    side, row, place = np.unravel_index(int(np.argmax(gains)), (2, n - 1, x.shape[1]))
    if not math.isfinite(gains[side][row, place]):
        return 0, 0, math.inf
    return int(side), int(place), float(ranked[row + 1 - side, place])


def _gain(k: Any, n: Any, other_k: Any, other_n: Any) -> Any:
    """Gain of log-likelihood when two parts have shares of their own; k of n happened in one part."""
    return _likelihood(k, n) + _likelihood(other_k, other_n) - _likelihood(k + other_k, n + other_n)


def _likelihood(k: Any, n: Any) -> Any:
    k, n = np.asarray(k, dtype=float), np.asarray(n, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        yes = np.where(k > 0, k * np.log(k / n), 0.0)
        no = np.where(k < n, (n - k) * np.log((n - k) / n), 0.0)
    return yes + no


def _score(values: np.ndarray, y: np.ndarray, bounds: np.ndarray, cost: float) -> float:
    """What a box tells, less the cost of its sides; below 0 for one that is too small or not denser than the rest."""
    inside = within(values, bounds)
    n, k = int(inside.sum()), float(y[inside].sum())
    rest, other = len(y) - n, float(y.sum()) - k
    if n < max(1, math.ceil(LEAST * len(y))) or not rest or k * rest <= other * n:
        return -math.inf if n < len(y) else 0.0
    return float(_gain(k, n, other, rest)) - cost * int(np.isfinite(bounds).sum())


def _peel(values: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    """The boxes on the way from the whole space to the smallest that is allowed."""
    bounds = _open(values.shape[1])
    path, least = [bounds], max(1, math.ceil(LEAST * len(y)))
    x, kind = values, y
    while True:
        low = np.quantile(x, PEEL, axis=0, method="higher")
        high = np.quantile(x, 1 - PEEL, axis=0, method="lower")
        # Where many values are the same, a whole value is peeled off.
        low = np.where(low > x.min(axis=0), low, np.where(x > x.min(axis=0), x, np.inf).min(axis=0))
        high = np.where(high < x.max(axis=0), high, np.where(x < x.max(axis=0), x, -np.inf).max(axis=0))
        kept = np.concatenate([x >= low, x <= high], axis=1)
        count = kept.sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(count >= least, kind @ kept / count, -1.0)
        best = int(np.lexsort((-count, -share))[0])
        if share[best] < 0 or kind.all():
            return path
        side, place = divmod(best, values.shape[1])
        bounds = bounds.copy()
        bounds[side, place] = (low, high)[side][place]
        path.append(bounds)
        x, kind = x[kept[:, best]], kind[kept[:, best]]


def _paste(values: np.ndarray, y: np.ndarray, bounds: np.ndarray, cost: float) -> np.ndarray:
    """Each side in turn moved to where the box tells most, or taken away, as long as that helps."""
    grid = np.quantile(values, np.arange(PEEL, 1 - PEEL / 2, PEEL), axis=0)
    best = _score(values, y, bounds, cost)
    while True:
        before = best
        for side, place in zip(*np.nonzero(np.isfinite(bounds)), strict=True):
            for cut in (*grid[:, place], (-np.inf, np.inf)[side]):
                moved = bounds.copy()
                moved[side, place] = cut
                score = _score(values, y, moved, cost)
                if score > best:
                    bounds, best = moved, score
        if best <= before:
            return bounds


# Tests --------------------------------------------------------------------------------------------------------------


def fisher(found: Found) -> float:
    """Probability that so many or more of the histories of the kind fall into the box if it does not matter."""
    n, k = found.inside.runs, found.inside.happened
    total, happened = n + found.outside.runs, k + found.outside.happened
    every = math.comb(total, n)
    ways = sum(math.comb(happened, j) * math.comb(total - happened, n - j) for j in range(k, min(n, happened) + 1))
    return ways / every


def _quasi(values: np.ndarray, y: np.ndarray, bounds: np.ndarray, place: int) -> float:
    """Quasi-p-value of one input's sides (Bryant & Lempert 2010): so many or more, at the share of the box without."""
    opened = bounds.copy()
    opened[:, place] = -np.inf, np.inf
    inside, wider = within(values, bounds), within(values, opened)
    if not inside.any():
        return math.nan
    return binomial(int(y[inside].sum()), int(inside.sum()), float(y[wider].mean()))


def binomial(k: int, n: int, p: float) -> float:
    """Probability of k or more of n at chance p each."""
    if k <= 0 or p >= 1:
        return 1.0
    if p <= 0:
        return 0.0
    choose = math.lgamma(n + 1)
    terms = (
        choose - math.lgamma(j + 1) - math.lgamma(n - j + 1) + j * math.log(p) + (n - j) * math.log1p(-p)
        for j in range(k, n + 1)
    )
    return min(1.0, math.fsum(math.exp(term) for term in terms))
