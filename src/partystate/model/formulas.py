"""Small formulas that several mechanisms share."""

from __future__ import annotations

import numpy as np

LARGEST = 700.0  # power of e that is still a number


def bounded(x, low: float, high: float):
    """``x`` kept from ``low`` to ``high``, elementwise; for short arrays a third of the time of ``np.clip``."""
    return np.minimum(np.maximum(x, low), high)


def logistic(x):
    """1 / (1 + e^-x), elementwise; safe for large |x|."""
    return 1.0 / (1.0 + np.exp(-bounded(x, -LARGEST, LARGEST)))


def logit(share, edge: float = 1e-6):
    """Log odds of a share, kept off 0 and 1 by ``edge``."""
    s = bounded(share, edge, 1.0 - edge)
    return np.log(s / (1.0 - s))


def distance(a: np.ndarray, b: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weighted city-block distance over issues: (…, issue) × (…, issue) × (issue,) -> (…,), 0 to 2."""
    return np.abs(a - b) @ weight / weight.sum()


def credited(success: float, line: float) -> float:
    """A reported success (0 to 1) as it speaks for force: not at all where the ``line`` (a position) does not press."""
    return min(max(success, 0.0), 1.0) if line > 0 else 0.0


def mean(values: np.ndarray) -> float:
    """The mean of a short array, in half of the time of ``np.mean`` and to the same bit."""
    return float(values.sum()) / values.size


def held_by(holder: np.ndarray, weight: np.ndarray, size: int) -> np.ndarray:
    """Sum of ``weight`` over what each of ``size`` leaders holds; a ``holder`` of −1 is nobody."""
    held = holder >= 0
    return np.bincount(holder[held], weight[held], size)


def share_of(flags: np.ndarray) -> float:
    """The share of ``flags`` that are set."""
    return np.count_nonzero(flags) / flags.size


def which(flags: np.ndarray) -> np.ndarray:
    """Numbers of those (leaders, offices, seats) whose flag is set, from the lowest."""
    return flags.nonzero()[0]


def some(flags: np.ndarray) -> bool:
    """Whether any flag is set."""
    return bool(np.count_nonzero(flags))


def flag_of(flags: np.ndarray, who: np.ndarray) -> np.ndarray:
    """``flags`` (leader,) of those whose numbers stand in ``who``; False for −1, which is nobody."""
    return (who >= 0) & flags[who]


def shares(amounts: np.ndarray) -> np.ndarray:
    """Amounts as shares of their sum along the last axis; all zero where the sum is zero."""
    total = amounts.sum(axis=-1, keepdims=True)
    if total.min() > 0:
        return amounts / total
    return np.divide(amounts, total, out=np.zeros_like(amounts, dtype=float), where=total > 0)
