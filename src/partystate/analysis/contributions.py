"""From what each group added in each run to estimates: means, parts of the total, interactions, who can be told apart.

All intervals are of runs as independent draws: a run is one number for each group, however many coalitions it took.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from . import effects

ROUNDING = 1e-12  # relative size below which two numbers differ by rounding only

Pair = tuple[str, str]


@dataclass(frozen=True)
class Estimate:
    """A mean over runs: standard error and Student's interval, all NaN for a single run."""

    mean: float
    error: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Proportion:
    """A share of the total, 1 for all of it, with Fieller's interval; NaN, and why, where it is withheld.

    Below 0 for a group that works against the rest, which may then exceed 1.
    """

    value: float
    low: float
    high: float
    withheld: str = ""


def weighted(values: np.ndarray, weights: Sequence[float]) -> np.ndarray:
    """Weighted sum over coalitions (coalitions, runs), in an order that does not depend on who the players are."""
    return np.sort(values * np.array(weights)[:, None], axis=0).sum(axis=0)


def estimate(values: np.ndarray, z: float) -> Estimate:
    """Mean (runs,) with standard error and Student's interval."""
    error = float(values.std(ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else math.nan
    return Estimate(float(values.mean()), error, *effects.mean_interval(values, z))


def proportion(part: np.ndarray, whole: np.ndarray, clear: bool, z: float) -> Proportion:
    """Ratio of two means over the same runs (runs,) with Fieller's interval, bounded only if the total is not zero.

    clear: whether the total can be told from zero by its own interval.
    Fieller, Journal of the Royal Statistical Society B 16 (1954) 175–185.
    """
    n = len(whole)
    if n < 2:
        return Proportion(math.nan, math.nan, math.nan, "one run gives no interval")
    cov = np.cov(part, whole) * effects.student(n - 1, z) ** 2 / n
    x, y = float(part.mean()), float(whole.mean())
    a, b, c = y * y - cov[1, 1], x * y - cov[0, 1], x * x - cov[0, 0]
    if a <= 0 or not clear:
        return Proportion(math.nan, math.nan, math.nan, "the total cannot be told from zero")
    if not part.any():
        return Proportion(0.0, math.nan, math.nan, "it changed nothing in any run")
    half = math.sqrt(max(b * b - a * c, 0.0))
    return Proportion(x / y, float((b - half) / a), float((b + half) / a))


def differences(players: Sequence[str], contributions: np.ndarray, z: float) -> dict[Pair, Estimate]:
    """Paired differences of Shapley values with intervals that hold for all pairs at once (Bonferroni)."""
    from statistics import NormalDist

    pairs = list(combinations(range(len(players)), 2))
    if not pairs:
        return {}
    outside = math.erfc(z / math.sqrt(2)) / len(pairs)
    wide = NormalDist().inv_cdf(1 - outside / 2)
    least = ROUNDING * float(np.abs(contributions).max())
    found = {}
    for i, j in pairs:
        gap = contributions[i] - contributions[j]
        found[players[i], players[j]] = estimate(np.where(np.abs(gap) <= least, 0.0, gap), wide)
    return found


def told_apart(
    players: Sequence[str], contributions: np.ndarray, between: Mapping[Pair, Estimate]
) -> tuple[tuple[str, ...], ...]:
    """Players from the largest value down, cut only where all above can be told from all below."""
    clear = {frozenset(pair) for pair, one in between.items() if one.clear}
    ranked = sorted(range(len(players)), key=lambda k: -contributions[k].mean())
    groups, open_group = [], []
    for place, k in enumerate(ranked, start=1):
        open_group.append(k)
        above, below = ranked[:place], ranked[place:]
        if all(frozenset({players[a], players[b]}) in clear for a in above for b in below):
            groups.append(tuple(players[k] for k in sorted(open_group)))
            open_group = []
    return tuple(groups)


def walked_interactions(
    players: Sequence[str], places: np.ndarray, added: np.ndarray, owner: np.ndarray, z: float
) -> tuple[dict[Pair, Estimate] | None, str]:
    """Shapley's interaction index from walks alone, or None and why.

    The index is the mean over s of what i adds to j and s others, less what it adds to s others without j. Each is the
    mean of i's contributions in walks where j is, or is not, among those before it, which random orders all reach; the
    same holds with i and j exchanged, and the two are averaged. Errors are those of a stratified mean, contributions
    of one seed being taken together.

    places, added: (walks, players), place and contribution; owner: (walks,), run of each walk.
    """
    n, runs = len(players), int(owner[-1]) + 1
    found = {}
    for pair in combinations(range(n), 2):
        index, influence = 0.0, np.zeros(runs)
        for i, j in (pair, pair[::-1]):
            after = places[:, j] < places[:, i]
            # Cells of walks by the number of others before i: first without j, then with it.
            cell = (places[:, i] - after) + (n - 1) * after
            count = np.bincount(cell, minlength=2 * (n - 1))
            if count.min() < 2:
                return None, (
                    f"Too few orders: what {players[i]} adds {'with' if count.argmin() >= n - 1 else 'without'} "
                    f"{players[j]} was seen fewer than twice for some number of other groups."
                )
            sign = np.repeat((-1, 1), n - 1) / (2 * (n - 1))
            mean = np.bincount(cell, added[:, i], 2 * (n - 1)) / count
            index += float(sign @ mean)
            scale = sign / np.sqrt(count * (count - 1.0))
            influence += np.bincount(owner, scale[cell] * (added[:, i] - mean[cell]), runs)
        error = math.sqrt(float((influence**2).sum()))
        half = effects.student(runs - 1, z) * error if runs > 1 else math.nan
        found[players[pair[0]], players[pair[1]]] = Estimate(index, error, index - half, index + half)
    return found, ""
