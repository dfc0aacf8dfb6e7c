"""Scores of an ensemble against one observation: CRPS, Brier score, coverage, rank; naive forecasts to beat.

All scores are negatively oriented (0 is perfect) and proper: nobody does better on average by saying anything but what
he believes (Gneiting & Raftery, JASA 102 (2007) 359–378). The members of an ensemble are taken as a sample from the
distribution that is meant, so its CRPS is the *fair* estimator, unbiased for any number of members (Ferro, QJRMS 140
(2014) 1917–1923; Zamo & Naveau, Math. Geosci. 50 (2018) 209–234). A naive forecast consists of all of its members, and
has the standard estimator. A fair score of a single case may come out slightly below 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from partystate.foundation import draws

EXACT = np.zeros(1)  # errors of an observation that is taken as it stands
ERRORS = 21  # points that stand for the distribution of the error of an observation
FIRST, LAST = 0, 84  # months of the linear trend: 1922 to 1928, end exclusive
RESAMPLES = 2000
QUANTILES = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)


# One observation --------------------------------------------------------------------------------------------------


def crps(members: np.ndarray, observed: float, errors: np.ndarray = EXACT, fair: bool = True) -> float:
    """Continuous ranked probability score of (members,) for one observation, in the unit of both.

    errors: equally likely errors of the observation, (errors,). The ensemble is then scored as a forecast of what was
    written down, truth plus error, which keeps the score proper (Ferro, QJRMS 143 (2017) 2665–2676).
    fair: the unbiased estimator, NaN for fewer than two members; else the CRPS of the empirical distribution itself.
    """
    count, kinds = len(members), len(errors)
    if count < (2 if fair else 1):
        return math.nan
    apart = dressed(members, errors) - observed
    pairs = _all_pairs(apart)
    if fair:
        # A member is not paired with itself, whatever errors are added to it.
        spread = (pairs - count * _all_pairs(errors)) / (count * (count - 1) * kinds**2)
    else:
        spread = pairs / (count * kinds) ** 2
    return float(np.abs(apart).mean() - spread / 2)


def _all_pairs(values: np.ndarray) -> float:
    """Sum of |a − b| over all ordered pairs."""
    n = len(values)
    return 2 * float(np.sort(values) @ (2 * np.arange(n) - n + 1))


def dressed(members: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Every member with every error: (members × errors,), the convolution of the two."""
    return np.add.outer(members, errors).ravel()


def recording_errors(value: float, low: float, high: float) -> np.ndarray:
    """What may have to be added to the truth to get `value`, (ERRORS,), or EXACT where the range has no width.

    The truth is taken as triangular: most likely at the recorded value, impossible outside its range. The points are
    quantiles in the middles of ERRORS equal shares, so nothing is drawn.
    """
    if not low < high:
        return EXACT
    mode = min(max(value, low), high)
    shares = (np.arange(ERRORS) + 0.5) / ERRORS
    left = low + np.sqrt(shares * (high - low) * (mode - low))
    right = high - np.sqrt((1 - shares) * (high - low) * (high - mode))
    return value - np.where(shares * (high - low) < mode - low, left, right)


def quantiles(members: np.ndarray, shares: Sequence[float] = QUANTILES) -> np.ndarray:
    """Quantiles at p (n + 1), Weibull's, between which a further member falls with the nominal chance."""
    return np.quantile(members, shares, method="weibull")


def inside(members: np.ndarray, observed: float, share: float) -> bool:
    """Whether the observation lies in the central band that should hold it with chance `share`.

    A band of 95 % needs 39 members; of fewer it is the whole range, which holds less.
    """
    low, high = quantiles(members, ((1 - share) / 2, (1 + share) / 2))
    return bool(low <= observed <= high)


def rank(members: np.ndarray, observed: float, u: float) -> float:
    """Randomised rank of the observation as a share, uniform in [0, 1) if it is one of the same kind as the members.

    u: a uniform in [0, 1) that breaks ties (Hamill 2001; Czado, Gneiting & Held 2009).
    """
    below, same = int((members < observed).sum()), int((members == observed).sum())
    return (below + u * (same + 1)) / (len(members) + 1)


def brier(happened: np.ndarray, observed: bool, fair: bool = True) -> float:
    """Brier score of the share of (members,) 1 or 0 for an event that did or did not happen.

    fair: less the part that is due to the number of members (Ferro 2014); NaN for fewer than two.
    """
    count = len(happened)
    if count < (2 if fair else 1):
        return math.nan
    share = float(happened.mean())
    return (share - observed) ** 2 - (share * (1 - share) / (count - 1) if fair else 0)


def months_crps(months: np.ndarray, observed: float, horizon: int) -> float:
    """Fair CRPS of the month of an event up to `horizon`, in months; NaN or infinite stand for "not before the end".

    The integral of (F(t) − 1{t ≥ observed})² from 0 to the horizon. What happens later counts neither way: the
    threshold-weighted CRPS (Gneiting & Ranjan, JBES 29 (2011) 411–422), which is the CRPS of the months cut there.
    """
    return crps(cut(months, horizon), float(cut(np.array([observed]), horizon)[0]))


def ignorant_months_crps(observed: float, horizon: int) -> float:
    """The same for somebody to whom "not before the horizon" has a chance of one half, and all months before are alike.

    The distribution is continuous, F(t) = t / (2 horizon).
    """
    at = float(cut(np.array([observed]), horizon)[0]) / horizon
    return horizon * (at**3 / 12 + 2 * ((1 - at / 2) ** 3 - 1 / 8) / 3)


def cut(months: np.ndarray, horizon: int) -> np.ndarray:
    """Months with everything from `horizon` on, or that never came, put at the horizon."""
    return np.minimum(np.where(np.isnan(months), np.inf, months), float(horizon))


# Naive forecasts --------------------------------------------------------------------------------------------------
# months, values: figures of the record known before the month `when`, one a date, in order. Each returns members, none
# where too little is known.


def persistence(months: np.ndarray, values: np.ndarray, when: float) -> np.ndarray:
    """The last figure, give or take the record's earlier changes, up as well as down.

    A change is stretched with the root of the time it took, as in a random walk. The bare figure where it is the only
    one.
    """
    if not len(values):
        return np.empty(0)
    moved = np.diff(values) * np.sqrt((when - months[-1]) / np.diff(months))
    return values[-1] + (np.concatenate([moved, -moved]) if len(moved) else np.zeros(1))


def trend(months: np.ndarray, values: np.ndarray, when: float) -> np.ndarray:
    """The straight line through the figures of 1922–28, give or take its residuals, widened for a forecast.

    Each residual is multiplied by the ratio of the standard error of a forecast to the residuals' own root mean square
    (Draper & Smith 1998, ch. 3). Two figures give the bare line, fewer none.
    """
    used = (months >= FIRST) & (months < LAST)
    t, y = months[used], values[used]
    n = len(t)
    if n < 2:
        return np.empty(0)
    middle = t.mean()
    square = float(((t - middle) ** 2).sum())
    slope = float(((t - middle) * y).sum()) / square
    line = y.mean() + slope * (when - middle)
    if n == 2:
        return np.array([line])
    residuals = y - y.mean() - slope * (t - middle)
    return line + residuals * math.sqrt(n / (n - 2) * (1 + 1 / n + (when - middle) ** 2 / square))


def climatology(months: np.ndarray, values: np.ndarray, when: float) -> np.ndarray:
    """All earlier figures, each as likely as another; none where there are fewer than two."""
    return values if len(values) > 1 else np.empty(0)


Naive = Callable[[np.ndarray, np.ndarray, float], np.ndarray]
NAIVE: dict[str, Naive] = {"persistence": persistence, "trend": trend, "climatology": climatology}


def by_date(spans: Sequence[tuple[int, int]], values: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Figures as (months, values) in order, with the mean where several have one date. spans: first and last month."""
    found: dict[float, list[float]] = {}
    for (first, last), value in zip(spans, values, strict=True):
        found.setdefault((first + last) / 2, []).append(value)
    months = sorted(found)
    return np.array(months, dtype=float), np.array([np.mean(found[month]) for month in months], dtype=float)


# Many observations ------------------------------------------------------------------------------------------------


def ratio(parts: Sequence[float], wholes: Sequence[float]) -> tuple[float, float, float]:
    """Sum of `parts` over sum of `wholes`, with a 95 % interval by resampling the clusters they belong to.

    parts, wholes: (clusters,). Percentiles of RESAMPLES keyed resamples (Davison & Hinkley 1997, ch. 2 and 5); NaN for
    a single cluster, or where the wholes add up to nothing. With fewer than about ten clusters it is too narrow.
    """
    above, below = np.asarray(parts, dtype=float), np.asarray(wholes, dtype=float)
    if not below.sum() > 0:
        return math.nan, math.nan, math.nan
    value = float(above.sum() / below.sum())
    if len(above) < 2:
        return value, math.nan, math.nan
    chosen = _resamples(len(above))
    above, below = above[chosen].sum(axis=0), below[chosen].sum(axis=0)
    there = below > 0  # a resample of clusters without any whole has no ratio
    low, high = np.quantile(above[there] / below[there], (0.025, 0.975))
    return value, float(low), float(high)


@cache
def _resamples(clusters: int) -> np.ndarray:
    """Which clusters each resample draws: (clusters, RESAMPLES)."""
    uniforms = [draws.uniform(0, "score.bootstrap", 0, np.arange(RESAMPLES), k) for k in range(clusters)]
    return np.floor(np.array(uniforms) * clusters).astype(int)
