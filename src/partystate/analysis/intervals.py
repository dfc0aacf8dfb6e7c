"""Intervals for what an ensemble shows: Wilson's for a probability, quantiles for a quantity."""

from __future__ import annotations

import math
from collections.abc import Sequence

Z95 = 1.959964  # standard normal deviate of a two-sided 95 % interval
Z80 = 1.281552  # the same of 80 %


def wilson(happened: int, runs: int, z: float = Z95) -> tuple[float, float]:
    """Wilson's score interval for a probability, seen `happened` times in `runs` (Wilson 1927); `runs` above 0."""
    share = happened / runs
    middle = (share + z * z / (2 * runs)) / (1 + z * z / runs)
    half = z / (1 + z * z / runs) * math.sqrt(share * (1 - share) / runs + z * z / (4 * runs * runs))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def quantiles(values: Sequence[float], shares: Sequence[float]) -> tuple[float, ...]:
    """Quantiles of `values` (any that are NaN left out); NaN when nothing is left."""
    import numpy as np

    finite = np.asarray(values, dtype=np.float64)
    finite = finite[np.isfinite(finite)]
    return tuple(float(q) for q in np.quantile(finite, shares)) if len(finite) else tuple(math.nan for _ in shares)
