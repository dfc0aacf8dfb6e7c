"""Formulas as kernels: those of `formulas`, to the last bit, and some that have no other form.

A compiled loop spares the cost of many operations on short arrays. So that it may take their place without changing a
history, sums add in NumPy's order and nothing is rounded in any other place.
"""

from __future__ import annotations

import numpy as np

from partystate.foundation.kernels import kernel
from partystate.model.schema import FULL

LANES = 8  # running sums that NumPy keeps side by side
BLOCK = 128  # and how many values at most it adds in that way


@kernel
def total(x):
    """Sum of a row (n,) in the order of ``x.sum()``: eight running sums, added pair by pair."""
    n = x.size
    if n > BLOCK:
        half = n // 2 - n // 2 % LANES
        return total(x[:half]) + total(x[half:])
    whole = n - n % LANES if n >= LANES else 0
    result = 0.0
    if whole:
        a, b, c, d, e, f, g, h = x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]
        for i in range(LANES, whole, LANES):
            a, b, c, d = a + x[i], b + x[i + 1], c + x[i + 2], d + x[i + 3]
            e, f, g, h = e + x[i + 4], f + x[i + 5], g + x[i + 6], h + x[i + 7]
        result = ((a + b) + (c + d)) + ((e + f) + (g + h))
    for i in range(whole, n):
        result += x[i]
    return result


@kernel
def mean(x):
    """The mean of a row (n,), as ``x.mean()``."""
    return total(x) / x.size


@kernel
def kept(x, low, high):
    """``x`` kept from ``low`` to ``high``, as `formulas.bounded`."""
    return min(max(x, low), high)


@kernel
def share_out(amounts):
    """Amounts (n,) as shares of their sum, in place; all zero where the sum is zero."""
    everything = total(amounts)
    for i in range(amounts.size):
        amounts[i] = amounts[i] / everything if everything > 0 else 0.0


@kernel
def shares(amounts):
    """Amounts (n,) as shares of their sum, as `formulas.shares`."""
    parts = amounts.copy()
    share_out(parts)
    return parts


@kernel
def held(holder, weight, size):
    """(size,) sum of ``weight`` over what each leader holds; a ``holder`` of −1 is nobody."""
    sums = np.zeros(size)
    for office in range(holder.size):
        if holder[office] >= 0:
            sums[holder[office]] += weight[office]
    return sums


@kernel
def weighed(x, weight):
    """``x`` (issue,) by ``weight`` (issue,), added up as one row of ``rows @ weight``: even and odd places apart."""
    even, odd = 0.0, 0.0
    for k in range(0, weight.size, 2):
        even += x[k] * weight[k]
    for k in range(1, weight.size, 2):
        odd += x[k] * weight[k]
    return even + odd


@kernel
def apart(a, b, weight):
    """Distance of two views (issue,) as `formulas.distance` finds it where there are several rows."""
    even, odd = 0.0, 0.0
    for k in range(0, weight.size, 2):
        even += abs(a[k] - b[k]) * weight[k]
    for k in range(1, weight.size, 2):
        odd += abs(a[k] - b[k]) * weight[k]
    return (even + odd) / total(weight)


@kernel
def apart_alone(a, b, weight):
    """The same where there is but one row, whose terms are added one after another."""
    gap = 0.0
    for k in range(weight.size):
        gap += abs(a[k] - b[k]) * weight[k]
    return gap / total(weight)


@kernel
def able(i, seat, alive, absent, limit):
    """Whether a leader is a full member of the Politburo who can vote: alive and at work enough."""
    return seat[i] == FULL and alive[i] > 0 and absent[i] < limit


@kernel
def politburo(seat, alive, absent, limit):
    """Numbers of the full members who can vote: alive, and absent for less than ``limit`` of the time."""
    who, count = np.empty(seat.size, dtype=np.int64), 0
    for i in range(seat.size):
        if able(i, seat, alive, absent, limit):
            who[count] = i
            count += 1
    return who[:count].copy()


@kernel
def pick(shares, u):
    """Index drawn with chances proportional to ``shares``, by one uniform; −1 if all are zero."""
    everything, so_far = total(shares), 0.0
    if everything <= 0:
        return -1
    for i in range(shares.size):
        so_far += shares[i]
        if so_far > u * everything:
            return i
    return shares.size - 1
