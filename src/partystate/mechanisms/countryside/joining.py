"""Joining a kolkhoz and leaving it: each household's choice, and what changes hands."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from partystate.foundation.draws import first_of, pairs, second_of
from partystate.foundation.kernels import chunked, kernel
from partystate.foundation.units import STEPS
from partystate.mechanisms.countryside.needs import heads, single, spend
from partystate.mechanisms.countryside.table import ALONE, CATTLE, HORSES, KINDS, MEMBER, Households, whole

COUNTED = ("joined", "left", "land", "sown", "grain", *KINDS)
JOINED, LEFT, LAND, SOWN, GRAIN, BEASTS = range(len(COUNTED) - len(KINDS) + 1)
STOCKS = len(("land", "sown", "grain"))  # common stocks beside the herds of which a member who leaves gets a part


class Rates(NamedTuple):
    """What the pass over households needs to know."""

    pressed: float
    imitation: float
    reluctance: float
    wealth: float
    machines: float
    no_plots: float
    spread: float
    join: float
    leave: float
    leave_bar: float
    held_back: float
    taste: float
    brought: float
    settled: float


# The logistic curve from no chance a draw could tell from nothing to certainty, by straight lines as in `raised`.
REACH = np.log(np.iinfo(np.uint32).max)
SIDE = STEPS + STEPS
CURVE = (1 / (1 + np.exp(-np.linspace(-REACH, REACH, SIDE + 1 + SIDE)))).astype(np.float32)
PER_LOGIT = SIDE / REACH


@kernel
def _lean(herd, status, taste, n, pull, rates, out):
    """Into ``out`` (household,) how far each leans to the side where it is not, as a place on `CURVE`."""
    scale, none, one, step = single(PER_LOGIT / rates.spread), single(0), single(1), single(1 / STEPS)
    pull, wealth, liking, bar = single(pull), single(rates.wealth), single(rates.taste), single(rates.leave_bar)
    for i in range(n):
        beasts = np.int32(heads(herd[i], HORSES) + heads(herd[i], CATTLE))
        own = single(np.int32(taste[i])) * step
        lean = pull - wealth * single(beasts) + liking * (own - one + own)
        place = (lean if status[i] == ALONE else -(lean + bar)) * scale + single(SIDE)
        out[i] = min(max(place, none), single(SIDE + SIDE))


@kernel
def _move(lots, places, status, n, join, leave, out):
    """Into ``out`` (household,) whether the draw is below the household's chance; apart, as looking up is slow."""
    for i in range(n):
        k = np.uint64(min(np.int32(places[i]), np.int32(SIDE + SIDE - 1)))
        low = CURVE[k]
        chance = low + (places[i] - single(np.int32(k))) * (CURVE[k + np.uint64(1)] - low)
        out[i] = first_of(lots[i]) < np.float64(chance) * (join if status[i] == ALONE else leave)


@chunked
def choose(
    first, last, h, rows, place, stream, effort, share, machines, plots, taken, parts, left, stabled, wants, rates, sums
):
    h = Households(*h)
    room = h.id.shape[1]
    lots, others = np.empty(room, np.uint64), np.empty(room, np.uint64)
    places, moves = np.empty(room, np.float32), np.zeros(room, np.uint8)
    words = moves.view(np.uint64)  # of so many households at once
    for c in range(first, last):
        r, n, status = place[c], rows[c], h.status[c]
        pressure = effort[r]
        pull = rates.pressed * pressure + rates.imitation * share[r] + rates.machines * machines[r] - rates.reluctance
        # A drive takes plots and animals too; before it, and once they are conceded, a kolkhoz leaves them.
        pull -= rates.no_plots * (1 - plots) * pressure
        stay = max(1 - rates.held_back * pressure, 0.0) if pressure < 1 else 0.0
        if not rates.join > 0 and not rates.leave * stay > 0:
            continue
        pairs(stream, h.id[c], n, 0, lots, others)
        _lean(h.herd[c].reshape(-1).view(np.uint32), status, h.taste[c], n, pull, rates, places)
        _move(lots, places, status, n, rates.join, rates.leave * stay, moves)
        for w in range((n - 1) // words.itemsize + 1):
            if words[w] == 0:
                continue
            for i in range(w * words.itemsize, min((w + 1) * words.itemsize, n)):
                if moves[i] == 0:
                    continue
                u = second_of(lots[i])
                if status[i] == ALONE:
                    # A herding family is settled when it joins, and its flocks are driven together.
                    part = rates.settled if h.herder[c, i] else taken
                    _join(h, c, i, part, u, wants, stabled[r], rates.brought, sums)
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
        gone = heads if k == HORSES else min(whole(heads * taken, u), heads)
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
        back = min(whole(part[stock], u), left[c, stock], STEPS - h.herd[c, i, k])
        left[c, stock] -= back
        h.herd[c, i, k] += back
        sums[c, BEASTS + k] -= back
