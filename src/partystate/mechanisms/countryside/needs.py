"""What a household needs until the harvest, how it spends its grain, and how a common stock is shared out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from partystate.foundation.kernels import kernel
from partystate.mechanisms.countryside.table import ABLE, CATTLE, HORSES, OLD, PIGS, SHEEP, YOUNG


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
def need(h, c, i, wants, stabled):
    """kg of grain that a household needs until the next harvest, seed included. stabled: feed that is no pasture."""
    mouths = (h.people[c, i, ABLE] + h.people[c, i, OLD]) * wants.food + h.people[c, i, YOUNG] * wants.child
    feed = h.herd[c, i, HORSES] * wants.horse + h.herd[c, i, CATTLE] * wants.cow
    feed += h.herd[c, i, PIGS] * wants.pig + h.herd[c, i, SHEEP] * wants.sheep
    # A herding family lives on its animals, which graze, and needs grain for itself alone.
    return (mouths + (0.0 if h.herder[c, i] else feed * stabled)) * wants.months + h.land[c, i] * wants.seed


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
