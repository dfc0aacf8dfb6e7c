"""What a change did, from pairs of histories that share a seed: levels, paired differences and their intervals.

Three kinds of outcome. A *chance* is 1 or 0 in each history; its difference has Tango's score interval for paired
proportions (Tango 1998), and the exact test of McNemar on the histories that changed. A *quantity* is a number; its
mean difference has Student's interval with the standard error of the paired differences. A *date* is a month, NaN
where it did not come before the end: the mean counts such a history as the whole span (the restricted mean), and a
median that lies beyond the span is said not to be reached, never guessed.

Intervals are of 95 % unless another deviate of the normal distribution, `z`, is given (`intervals.Z80`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from .intervals import Z95, wilson

CHANCE, QUANTITY, DATE = "chance", "quantity", "date"
METHODS = {
    CHANCE: "Wilson's interval for a share, Tango's score interval for a paired difference, McNemar's exact test",
    QUANTITY: "Student's interval, with the standard error of the paired differences",
    DATE: "restricted mean months from January 1922, Student's interval with the standard error of paired differences",
}
BAND = (0.1, 0.5, 0.9)
WIDE = (0.025, 0.975)
STUDENT = {1: 12.7062, 2: 4.3027, 3: 3.1824}  # of 95 %, where the expansion below is too coarse


@dataclass(frozen=True)
class Level:
    """An outcome in one arm: mean with 95 % interval, median, and the bands of the middle 80 and 95 % of histories.

    Of a date the mean is restricted to the span, quantiles that were not reached are infinite, and `happened` is the
    share of histories in which it came.
    """

    mean: float
    low: float
    high: float
    median: float
    band_low: float
    band_high: float
    wide_low: float
    wide_high: float
    happened: float | None = None


@dataclass(frozen=True)
class Effect:
    """B against A over `pairs` of histories with the same seed. Differences are B − A.

    low, high: 95 % interval of `difference`. correlation: of A with B over the pairs, what common random numbers
    achieved; NaN when either never varies. up, down: shares of histories in which the outcome is higher, or lower (a
    date: later, or earlier), in B. flips: share of histories that changed against the direction of the mean.
    chance: of a difference this large under no effect, for a chance only.
    """

    kind: str
    pairs: int
    a: Level
    b: Level
    difference: float
    low: float
    high: float
    median_difference: float
    correlation: float
    up: float
    down: float
    p_value: float | None = None
    same_histories: bool = False

    @property
    def changed(self) -> float:
        """Share of histories in which the outcome is another."""
        return self.up + self.down

    @property
    def flips(self) -> float:
        if self.difference == 0:
            return min(self.up, self.down)
        return self.down if self.difference > 0 else self.up

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


def chance(a: np.ndarray, b: np.ndarray, z: float = Z95) -> Effect:
    """Effect on an outcome that is 1 or 0. a, b: (runs,) of the same seeds, NaN where it is undefined."""
    a, b = _pairs(a, b)
    more, less = int(((b == 1) & (a == 0)).sum()), int(((a == 1) & (b == 0)).sum())
    low, high = tango(more, less, len(a), z)
    return replace(_effect(CHANCE, a, b, share, z), low=low, high=high, p_value=mcnemar(more, less))


def quantity(a: np.ndarray, b: np.ndarray, z: float = Z95) -> Effect:
    """Effect on a number. a, b: (runs,) of the same seeds, NaN where it is undefined."""
    return _effect(QUANTITY, *_pairs(a, b), amount, z)


def date(a: np.ndarray, b: np.ndarray, span: int, z: float = Z95) -> Effect:
    """Effect on a month. a, b: (runs,), NaN where it did not come; span: months of the runs, at which all are cut."""
    a, b = (np.where(np.isfinite(values) & (values < span), values, np.inf) for values in (a, b))
    cut_a, cut_b = np.minimum(a, span), np.minimum(b, span)
    return replace(_effect(DATE, cut_a, cut_b, amount, z), a=when(a, span, z), b=when(b, span, z))


def share(values: np.ndarray, z: float = Z95) -> Level:
    """The level of an outcome between 0 and 1 with Wilson's interval; NaN for none."""
    if not len(values):
        return amount(values)
    low, high = wilson(float(values.sum()), len(values), z)
    return replace(amount(values), low=low, high=high)


def amount(values: np.ndarray, z: float = Z95) -> Level:
    """The level of a number (runs,) with Student's interval; NaN for none, and no interval for one."""
    if not len(values):
        return Level(*[math.nan] * 8)
    low, high = mean_interval(values, z)
    band_low, median, band_high = (float(q) for q in np.quantile(values, BAND))
    wide = (float(q) for q in np.quantile(values, WIDE))
    return Level(float(values.mean()), low, high, median, band_low, band_high, *wide)


def when(months: np.ndarray, span: int, z: float = Z95) -> Level:
    """The level of a date (runs,), NaN or infinite where it did not come within `span` months."""
    came = np.isfinite(months) & (months < span)
    times = np.where(came, months, np.inf)
    band_low, median, band_high, wide_low, wide_high = (quantile(times, q) for q in (*BAND, *WIDE))
    return replace(
        amount(np.minimum(times, span), z),
        median=median, band_low=band_low, band_high=band_high, wide_low=wide_low, wide_high=wide_high,
        happened=float(came.mean()) if len(times) else math.nan,
    )  # fmt: skip


def quantile(times: np.ndarray, q: float) -> float:
    """The smallest month by which the share `q` of all histories had it; infinite when fewer had it at all."""
    if not len(times):
        return math.nan
    return float(np.sort(times)[max(math.ceil(q * len(times)) - 1, 0)])


def median_interval(times: np.ndarray) -> tuple[float, float]:
    """95 % interval of the median of (runs,) months from ranks alone, so that infinite months are allowed."""
    n = len(times)
    if n == 0:
        return math.nan, math.nan
    ordered, half = np.sort(times), Z95 * math.sqrt(n) / 2
    low, high = math.floor(n / 2 - half) - 1, math.ceil(n / 2 + half)
    return float(ordered[max(low, 0)]), float(ordered[min(high, n - 1)])


def mean_interval(values: np.ndarray, z: float = Z95) -> tuple[float, float]:
    """Student's interval of a mean; NaN for fewer than two values."""
    n = len(values)
    if n < 2:
        return math.nan, math.nan
    middle, half = float(values.mean()), student(n - 1, z) * float(values.std(ddof=1)) / math.sqrt(n)
    return middle - half, middle + half


def student(freedom: int, z: float = Z95) -> float:
    """Student's deviate for the normal deviate `z`: exact for one and two degrees of freedom, else an expansion.

    Fisher and Cornish (1960); within 0.3 % from 4 degrees on at 95 %, and closer below. For the wide intervals of many
    comparisons (z near 3) it is within 0.3 % from 10 degrees on.
    """
    if z == Z95 and freedom in STUDENT:
        return STUDENT[freedom]
    inside = math.erf(z / math.sqrt(2))
    if freedom == 1:
        return math.tan(math.pi * inside / 2)
    if freedom == 2:
        return inside * math.sqrt(2 / (1 - inside * inside))
    v = freedom
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
    )


def tango(more: int, less: int, pairs: int, z: float = Z95) -> tuple[float, float]:
    """Score interval of a difference of paired shares, (more − less) / pairs; not of no width where nothing changed.

    more, less: pairs that changed up, and down. Tango, Statistics in Medicine 17 (1998) 891–908.
    """
    if pairs == 0:
        return math.nan, math.nan
    middle = (more - less) / pairs

    def score(difference: float) -> float:
        b = -more - less + (2 * pairs - more + less) * difference
        c = -less * difference * (1 - difference)
        down = (math.sqrt(max(b * b - 8 * pairs * c, 0.0)) - b) / (4 * pairs)
        variance = pairs * (2 * down + difference * (1 - difference))
        gap = more - less - pairs * difference
        return gap / math.sqrt(variance) if variance > 1e-12 else math.copysign(math.inf, gap) if gap else 0.0

    # The score falls as the assumed difference grows; it is +z at the lower end and −z at the upper.
    return _crossing(lambda d: score(d) - z, -1.0, middle), _crossing(lambda d: score(d) + z, middle, 1.0)


def mcnemar(more: int, less: int) -> float:
    """Chance of a split of the changed pairs at least this uneven if either way were as likely (two-sided, exact)."""
    changed, fewer = more + less, min(more, less)
    if changed == 0:
        return 1.0
    log_terms = (math.lgamma(changed + 1) - math.lgamma(k + 1) - math.lgamma(changed - k + 1) for k in range(fewer + 1))
    return min(1.0, 2 * sum(math.exp(term - changed * math.log(2)) for term in log_terms))


def _crossing(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a falling function crosses zero between `low` and `high`, by halving."""
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) > 0 else (low, middle)
    return (low + high) / 2


def _pairs(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    both = np.isfinite(a) & np.isfinite(b)
    return a[both], b[both]


def _effect(kind: str, a: np.ndarray, b: np.ndarray, level: Callable[[np.ndarray, float], Level], z: float) -> Effect:
    change = b - a
    low, high = mean_interval(change, z)
    none = not len(a)
    return Effect(
        kind=kind,
        pairs=len(a),
        a=level(a, z),
        b=level(b, z),
        difference=math.nan if none else float(change.mean()),
        low=low,
        high=high,
        median_difference=math.nan if none else float(np.median(change)),
        correlation=correlation(a, b),
        up=math.nan if none else float((change > 0).mean()),
        down=math.nan if none else float((change < 0).mean()),
    )


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Pearson's correlation; NaN for fewer than two pairs or where either never varies."""
    if len(a) < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return math.nan
    return float(np.corrcoef(a, b)[0, 1])
