"""The households of January 1922, drawn one by one around the averages of their region.

Where a row stands for many households the draws are stratified: of each attribute every one of as many equal parts of
its distribution is drawn once in a region (a Latin hypercube: McKay, Beckman and Conover 1979), so that a region is
near its averages however few its rows.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from partystate.foundation.draws import bits, four, order
from partystate.foundation.kernels import chunked, kernel
from partystate.foundation.units import HECTARE, STEPS
from partystate.mechanisms.countryside.table import ABLE, ALONE, KINDS, MIDDLE, OLD, POOR, YOUNG, whole

DRAWN = (
    "size", "wealth", "herder", "grown", "children", "aged", "stock", "purse", *KINDS, "taste", "skill",
)  # fmt: skip
SIZE, WEALTH, HERDER, GROWN, CHILDREN, AGED, STOCK, PURSE, BEASTS = range(DRAWN.index(KINDS[0]) + 1)
TASTE, SKILL = DRAWN.index("taste"), DRAWN.index("skill")
BLOCKS = FOUR = len(("a", "b", "c", "d"))  # blocks of draws of a household, and draws of a block


class Means(NamedTuple):
    """Averages of a region's households (region, ...), and how unequal they are."""

    land: np.ndarray
    herd: np.ndarray
    herders: np.ndarray
    stock: np.ndarray
    young: float
    able: float
    old: float
    size_spread: float
    wealth_spread: float
    land_spread: float
    sown_part: float
    stock_spread: float
    poor_below: float
    purse: float
    herder_land: float
    herder_herd: float


@chunked
def draw_households(first, last, h, rows, place, ordinals, ids, stream, means, size, weight):
    """Fills the rows of the table. ``ordinals`` (chunk,): place in its region of a chunk's first row; ``size`` and

    ``weight`` (region,): rows, and households a row.
    """
    u, keys = np.empty(BLOCKS * FOUR), np.empty(BLOCKS * FOUR, np.uint64)
    for c in range(first, last):
        r = place[c]
        n, sample = size[r], weight[r] > 1
        for k in range(keys.size):
            keys[k] = bits(stream, ids[r], 1 + BLOCKS + k)
        for i in range(rows[c]):
            # A household's id hangs on its region and ordinal alone.
            at = ordinals[c] + i
            me = bits(stream, ids[r] + np.uint64(at), 0)
            for block in range(BLOCKS):
                u[block], u[BLOCKS + block], u[BLOCKS + BLOCKS + block], u[-1 - block] = four(stream, me, 1 + block)
            if sample:
                for k in range(u.size):
                    u[k] = (order(keys[k], n, at) + u[k]) / n
            _describe(h, c, i, r, me, u, means)


@kernel
def _describe(h, c, i, r, me, u, means):
    """One household, from its uniforms ``u`` (attribute,)."""
    size = 1 + means.size_spread * (u[SIZE] - 1 + u[SIZE])
    wealth = 1 + means.wealth_spread * (u[WEALTH] - 1 + u[WEALTH])
    herder = u[HERDER] < means.herders[r]
    h.id[c, i] = me
    h.people[c, i, ABLE] = max(whole(means.able * size, u[GROWN]), 1)
    h.people[c, i, YOUNG] = whole(means.young * size, u[CHILDREN])
    h.people[c, i, OLD] = whole(means.old, u[AGED])
    # The commune deals land out by mouths; animals and money are what make a household rich.
    fair = 1 + means.land_spread * (u[WEALTH] - 1 + u[WEALTH])
    land = means.land[r] * HECTARE * size * fair * (means.herder_land if herder else 1.0)
    h.land[c, i] = int(min(land, np.iinfo(np.uint16).max))
    h.sown[c, i] = int(h.land[c, i] * means.sown_part)
    for k in range(h.herd.shape[-1]):
        heads = means.herd[r, k] * wealth * size * (means.herder_herd if herder else 1.0)
        h.herd[c, i, k] = min(whole(heads, u[BEASTS + k]), STEPS)
    spread = 1 + means.stock_spread * (u[STOCK] - 1 + u[STOCK])
    h.grain[c, i] = int(means.stock[r] * size * spread * (means.herder_land if herder else 1.0))
    h.cash[c, i] = int(means.purse * wealth * u[PURSE])
    h.reserve[c, i] = STEPS
    h.label[c, i] = POOR if u[WEALTH] < means.poor_below else MIDDLE
    h.status[c, i] = ALONE
    h.herder[c, i] = 1 if herder else 0
    h.taste[c, i] = int(u[TASTE] * STEPS)
    h.skill[c, i] = int(u[SKILL] * STEPS)
