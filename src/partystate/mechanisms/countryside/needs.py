"""What a household needs until the harvest, how it spends its grain, and how a common stock is shared out."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from partystate.foundation.kernels import kernel
from partystate.foundation.units import STEPS
from partystate.mechanisms.countryside.table import ABLE, AGES, CATTLE, HORSES, KINDS, OLD, PIGS, SHEEP, YOUNG


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


@kernel
def needs(h, c, n, wants, stabled, food, feed, total):
    """For the first ``n`` households of a chunk: kg a month of food and of feed, and the total

    until the next harvest, seed included. stabled: feed that is no pasture.
    """
    people, herd, herder, land = h.people[c].reshape(-1), h.herd[c].reshape(-1), h.herder[c], h.land[c]
    for i in range(n):
        adults = np.int32(people[i * len(AGES) + ABLE]) + np.int32(people[i * len(AGES) + OLD])
        food[i] = adults * wants.food + np.int32(people[i * len(AGES) + YOUNG]) * wants.child
    for i in range(n):
        kg = np.int32(herd[i * len(KINDS) + HORSES]) * wants.horse + np.int32(herd[i * len(KINDS) + CATTLE]) * wants.cow
        kg += np.int32(herd[i * len(KINDS) + PIGS]) * wants.pig + np.int32(herd[i * len(KINDS) + SHEEP]) * wants.sheep
        # A herding family lives on its animals, which graze, and needs grain for itself alone.
        feed[i] = kg * stabled * (1 - np.int32(herder[i]))
    for i in range(n):
        total[i] = (food[i] + feed[i]) * wants.months + np.int32(land[i]) * wants.seed


@lru_cache(maxsize=STEPS)
def powers(power: float) -> np.ndarray:
    """x ** ``power`` at `STEPS` + 1 places from 0 to 1, for `raised`; shared, so not to be written to."""
    return np.linspace(0, 1, STEPS + 1) ** power


@kernel
def raised(x, table):
    """``x`` ** the power of a table of `powers`, 0 <= x < 1, by straight lines between its places."""
    place = x * (table.size - 1)
    k = int(place)
    return table[k] + (place - k) * (table[k + 1] - table[k])


@kernel
def spend(h, c, i, kg):
    """Takes ``kg`` from what lies open, then from what is hidden; the household must have as much."""
    here = min(h.grain[c, i], kg)
    h.grain[c, i] -= here
    h.hidden[c, i] -= kg - here


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
