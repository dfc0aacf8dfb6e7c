"""What a household needs until the harvest, how it spends its grain, and how a common stock is shared out."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from partystate.foundation.kernels import inlined, kernel
from partystate.foundation.units import STEPS
from partystate.mechanisms.countryside.table import ABLE, AGES, CATTLE, HORSES, OLD, PIGS, SHEEP, YOUNG

BYTE, FULL = np.iinfo(np.uint8).bits, np.uint32(np.iinfo(np.uint8).max)


class Wants(NamedTuple):
    """What a household needs until the harvest: kg a mouth, kg a head, kg of seed per 1/100 ha, for so many months."""

    food: float
    child: float
    horse: float
    cow: float
    pig: float
    sheep: float
    seed: float
    months: float


def wants_of(look) -> Wants:
    """This month's needs, as the column `village.wants` holds them for all mechanisms."""
    return Wants(*look["village.wants"].tolist())


@inlined
def single(x):
    """``x`` in 32 bits, which hold what one household has to the kilogram, and of which more are worked at once."""
    return np.float32(x)


@inlined
def heads(word, kind):
    """Heads of one kind, from the four bytes of a household's herd read as one word."""
    return np.int32((word >> np.uint32(kind * BYTE)) & FULL)


@kernel
def needs(h, c, n, wants, stabled, food, feed, total):
    """For the first ``n`` households of a chunk: kg a month of food and of feed, and the total

    until the next harvest, seed included. stabled: feed that is no pasture.
    """
    people, herd, herder, land = h.people[c].reshape(-1), h.herd[c].reshape(-1).view(np.uint32), h.herder[c], h.land[c]
    mouth, child, months, seed = single(wants.food), single(wants.child), single(wants.months), single(wants.seed)
    horse, cow, pig, sheep = single(wants.horse), single(wants.cow), single(wants.pig), single(wants.sheep)
    stabled = single(stabled)
    for i in range(n):
        adults = np.int32(people[i * len(AGES) + ABLE]) + np.int32(people[i * len(AGES) + OLD])
        food[i] = single(np.int32(adults)) * mouth + single(people[i * len(AGES) + YOUNG]) * child
    for i in range(n):
        kg = single(heads(herd[i], HORSES)) * horse + single(heads(herd[i], CATTLE)) * cow
        kg += single(heads(herd[i], PIGS)) * pig + single(heads(herd[i], SHEEP)) * sheep
        # A herding family lives on its animals, which graze, and needs grain for itself alone.
        feed[i] = kg * stabled if herder[i] == 0 else kg - kg
    for i in range(n):
        total[i] = (food[i] + feed[i]) * months + single(land[i]) * seed


@lru_cache(maxsize=STEPS)
def powers(power: float) -> np.ndarray:
    """x ** ``power`` at `STEPS` + 1 places from 0 to 1, for `raised`; shared, so not to be written to."""
    return (np.linspace(0, 1, STEPS + 1) ** power).astype(np.float32)


@inlined
def raised(x, table):
    """``x`` ** the power of a table of `powers`, 0 <= x <= 1, by straight lines between its places."""
    place = single(x) * single(table.size - 1)
    k = np.uint64(min(np.int32(place), np.int32(table.size - 1 - 1)))
    low = table[k]
    return low + (place - single(np.int32(k))) * (table[k + np.uint64(1)] - low)


@kernel
def spend(h, c, i, kg):
    """Takes ``kg`` from what lies open, then from what is hidden; the household must have as much."""
    here = min(h.grain[c, i], kg)
    h.grain[c, i] -= here
    h.hidden[c, i] -= kg - here


@kernel
def serve(claims, n, stock):
    """Who comes first is served first, as long as there is stock: turns ``claims`` into what is given; returns it."""
    left = stock
    for i in range(n):
        if left == 0:
            claims[i:n] = 0
            break
        claims[i] = min(np.int64(claims[i]), left)
        left -= claims[i]
    return stock - left


@kernel
def slices(stock, claims, place, rows, weight):
    """(chunk,) part of each region's ``stock`` (region,) that each of its chunks may give out, per row.

    Shares follow the rows of a chunk, so that chunks need not wait for each other; no more is given than is claimed.
    """
    total = np.zeros(stock.size)
    for c in range(place.size):
        total[place[c]] += rows[c]
    left = np.zeros(place.size, dtype=np.int64)
    for c in range(place.size):
        r = place[c]
        given = min(stock[r], max(claims[r], 0))
        left[c] = int(given / max(total[r], 1.0) / weight[r] * rows[c])
    return left


@kernel
def all_slices(stocks, place, rows, weight):
    """(chunk, what) the slices of several ``stocks`` (region, what) of which everything may be claimed."""
    left = np.empty((place.size, stocks.shape[1]), dtype=np.int64)
    for k in range(stocks.shape[1]):
        left[:, k] = slices(stocks[:, k], stocks[:, k], place, rows, weight)
    return left
