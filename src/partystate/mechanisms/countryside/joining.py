"""Joining a kolkhoz and leaving it: each household's choice, and what changes hands."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from partystate.foundation.draws import first_of, four, pairs
from partystate.foundation.kernels import chunked, kernel
from partystate.foundation.units import STEPS
from partystate.mechanisms.countryside.needs import spend
from partystate.mechanisms.countryside.table import ALONE, CATTLE, HORSES, KINDS, MEMBER, whole

COUNTED = ("joined", "left", "land", "sown", "grain", *KINDS)
JOINED, LEFT, LAND, SOWN, GRAIN, BEASTS = range(len(COUNTED) - len(KINDS) + 1)
STOCKS = len(("land", "sown", "grain"))  # common stocks beside the herds of which a member who leaves gets a part


class Rates(NamedTuple):
    """What the pass over households needs to know."""

    pressed: float
    imitation: float
    reluctance: float
    wealth: float
    no_plots: float
    spread: float
    join: float
    leave: float
    leave_bar: float
    held_back: float
    taste: float
    brought: float


@kernel
def _chance(x):
    return 1 / (1 + np.exp(-x))


@kernel
def _wealthiest(h, c, n):
    """Most horses and cows that a household of the chunk has."""
    most, herd = np.int32(0), h.herd[c].reshape(-1)
    for i in range(n):
        most = max(most, np.int32(herd[i * len(KINDS) + HORSES]) + np.int32(herd[i * len(KINDS) + CATTLE]))
    return most


@chunked
def choose(first, last, h, rows, place, stream, effort, share, plots, taken, parts, left, stabled, wants, rates, sums):
    lots, others = np.empty(h.id.shape[1], np.uint64), np.empty(h.id.shape[1], np.uint64)
    for c in range(first, last):
        r, n = place[c], rows[c]
        pressure = effort[r]
        pull = rates.pressed * pressure + rates.imitation * share[r] - rates.reluctance
        # A drive takes plots and animals too; before it, and once they are conceded, a kolkhoz leaves them.
        pull -= rates.no_plots * (1 - plots) * pressure
        stay = max(1 - rates.held_back * pressure, 0.0) if pressure < 1 else 0.0
        # No household's chance can be above that of the poorest to join, and of the richest to leave.
        joins = rates.join * _chance((pull + rates.taste) / rates.spread)
        worst = pull - rates.taste - rates.wealth * _wealthiest(h, c, n)
        leaves = rates.leave * _chance(-(worst + rates.leave_bar) / rates.spread) * stay
        if not joins > 0 and not leaves > 0:
            continue
        pairs(stream, h.id[c], n, 0, lots, others)
        status, taste = h.status[c], h.taste[c]
        for i in range(n):
            alone = status[i] == ALONE
            lot = first_of(lots[i])
            if lot >= (joins if alone else leaves):
                continue
            wealth = h.herd[c, i, HORSES] + h.herd[c, i, CATTLE]
            lean = pull - rates.wealth * wealth + rates.taste * (taste[i] / STEPS - 1 + taste[i] / STEPS)
            if alone:
                chance = rates.join * _chance(lean / rates.spread)
            else:
                chance = rates.leave * _chance(-(lean + rates.leave_bar) / rates.spread) * stay
            if lot >= chance:
                continue
            u = four(stream, h.id[c, i], 0)
            if alone:
                _join(h, c, i, taken, u, wants, stabled[r], rates.brought, sums)
            else:
                _leave(h, c, i, parts[r], left, u, sums)


@kernel
def _join(h, c, i, taken, u, wants, stabled, most, sums):
    """Land, sown fields and horses become common, and of the other animals the part the rules of the day take.

    Seed for the land and feed for the horses come with them, as far as there is grain to spare.
    """
    h.status[c, i] = MEMBER
    due = h.land[c, i] * wants.seed + h.herd[c, i, HORSES] * wants.horse * wants.months * stabled
    kg = min(int(due), int(most * (h.grain[c, i] + h.hidden[c, i])))
    spend(h, c, i, kg)
    sums[c, GRAIN] += kg
    sums[c, JOINED] += 1
    sums[c, LAND] += h.land[c, i]
    sums[c, SOWN] += h.sown[c, i]
    h.land[c, i] = 0
    h.sown[c, i] = 0
    for k in range(h.herd.shape[-1]):
        heads = h.herd[c, i, k]
        gone = heads if k == HORSES else min(whole(heads * taken, u[1]), heads)
        h.herd[c, i, k] = heads - gone
        sums[c, BEASTS + k] += gone


@kernel
def _leave(h, c, i, part, left, u, sums):
    """A member who leaves gets an equal part of land, sown fields and animals back."""
    land = min(int(part[0]), left[c, 0], np.iinfo(np.uint16).max)
    if land == 0:
        return
    sown = min(int(part[1]), left[c, 1], np.iinfo(np.uint16).max)
    h.status[c, i] = ALONE
    h.land[c, i] = land
    h.sown[c, i] = sown
    left[c, 0] -= land
    left[c, 1] -= sown
    sums[c, LEFT] += 1
    sums[c, LAND] -= land
    sums[c, SOWN] -= sown
    kg = min(int(part[2]), left[c, 2])
    left[c, 2] -= kg
    h.grain[c, i] += kg
    sums[c, GRAIN] -= kg
    for k in range(h.herd.shape[-1]):
        stock = k + STOCKS
        back = min(whole(part[stock], u[1]), left[c, stock], STEPS - h.herd[c, i, k])
        left[c, stock] -= back
        h.herd[c, i, k] += back
        sums[c, BEASTS + k] -= back
