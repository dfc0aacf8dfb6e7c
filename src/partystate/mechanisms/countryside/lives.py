"""One month in the lives of all families: births and deaths, coming of age, splits, and those who leave for town."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from partystate.foundation.draws import bits, lane3, pairs, u01
from partystate.foundation.kernels import chunked, kernel
from partystate.foundation.units import STEPS
from partystate.mechanisms.countryside.families import BORN, DIED, EXCESS, LEFT, SPLIT, bury, end, part
from partystate.mechanisms.countryside.table import ABLE, AGES, OLD, YOUNG, Households, whole

CHILD, WHO = range(1, 1 + len(("child", "who")))  # ordinals of the draws of a new household's id, and of who dies
DEATH, BIRTH, GROWTH = range(len(("death", "birth", "growth")))  # lanes of the first word of a household's draws
AGEING, GOING, PARTING = range(len(("ageing", "going", "parting")))  # and of the second


class Rates(NamedTuple):
    """Monthly chances, and what hunger adds to them."""

    fertility: float
    comes_of_age: float
    grows_old: float
    death_young: float
    death_able: float
    death_old: float
    hunger: float
    threshold: float
    frail: float
    flight: float
    split: float
    large: float
    families: float


@kernel
def _stirs(people, reserve, high, low, n, rates, conceived, leaving, out):
    """Into ``out`` (household,) whether anyone may be born, die, come of age or go; for most nobody does."""
    weak = STEPS * rates.threshold
    for i in range(n):
        young = np.float64(np.int32(people[i * len(AGES) + YOUNG]))
        able = np.float64(np.int32(people[i * len(AGES) + ABLE]))
        old = np.float64(np.int32(people[i * len(AGES) + OLD]))
        dying = young * rates.death_young + able * rates.death_able + old * rates.death_old
        out[i] = (
            int(np.float64(np.int32(reserve[i])) < weak)
            | int(dying + lane3(high[i], DEATH) >= 1)
            | int(able * rates.fertility * conceived + lane3(high[i], BIRTH) >= 1)
            | int(young * rates.comes_of_age + lane3(high[i], GROWTH) >= 1)
            | int(able * rates.grows_old + lane3(low[i], AGEING) >= 1)
            | int(able * leaving + lane3(low[i], GOING) >= 1)
            | (int(lane3(low[i], PARTING) < rates.split) & int(young + able + old >= rates.large))
            | int(lane3(low[i], PARTING) >= 1 - rates.families * leaving)
            | int(young + able + old == 0)
        )


@chunked
def live(first, last, h, rows, place, life, rates, conceived, leaving, hungry_leave, sums):
    h = Households(*h)
    room = h.id.shape[1]
    high, low, stirs = np.empty(room, np.uint64), np.empty(room, np.uint64), np.empty(room, np.uint8)
    usual = np.array([rates.death_young, rates.death_able, rates.death_old])
    mixed = usual.copy()
    for c in range(first, last):
        r, i, n = place[c], 0, rows[c]
        pairs(life, h.id[c], n, 0, high, low)
        _stirs(h.people[c].reshape(-1), h.reserve[c], high, low, n, rates, conceived[r], min(leaving[r], 1.0), stirs)
        while i < rows[c]:
            if stirs[i] == 0:
                i += 1
                continue
            me, people = h.id[c, i], h.people[c, i]
            lack = max(1 - h.reserve[c, i] / STEPS / rates.threshold, 0.0)
            risk = rates.hunger * lack * lack
            mixed[YOUNG] = usual[YOUNG] + risk * rates.frail
            mixed[ABLE] = usual[ABLE] + risk
            mixed[OLD] = usual[OLD] + risk * rates.frail
            normal, expected = 0.0, 0.0
            for a in range(usual.size):
                normal += people[a] * usual[a]
                expected += people[a] * mixed[a]
            persons = people[YOUNG] + people[ABLE] + people[OLD]
            dead = min(whole(expected, lane3(high[i], DEATH)), persons)
            sums[c, EXCESS] += dead - min(whole(normal, lane3(high[i], DEATH)), dead)
            if dead > 0:
                bury(people, u01(life, me, WHO), dead, mixed)
            sums[c, DIED] += dead
            conceiving = people[ABLE] * rates.fertility * conceived[r]
            born = min(whole(conceiving, lane3(high[i], BIRTH)), STEPS - people[YOUNG])
            grown = min(whole(people[YOUNG] * rates.comes_of_age, lane3(high[i], GROWTH)), people[YOUNG])
            aged = min(whole(people[ABLE] * rates.grows_old, lane3(low[i], AGEING)), people[ABLE])
            # Some leave alone, of working age, others as a family; hunger sends more of both, and drives some away.
            pull = min(leaving[r] * (1 + hungry_leave * lack) + rates.flight * lack, 1.0)
            alone, lot = people[ABLE] * pull * (1 - rates.families), lane3(low[i], PARTING)
            together = people[ABLE] * pull * rates.families / max(persons, 1)
            gone = min(whole(alone, lane3(low[i], GOING)), people[ABLE] - aged)
            people[YOUNG] += born - grown
            people[ABLE] += grown - aged - gone
            people[OLD] += aged
            sums[c, BORN] += born
            persons = people[YOUNG] + people[ABLE] + people[OLD]
            leaves = lot >= 1 - together
            sums[c, LEFT] += gone + (persons if leaves else 0)
            if leaves or persons == 0:
                end(h, c, i, rows, sums, leaves)
                gap = rows[c]
                high[i], low[i], stirs[i] = high[gap], low[gap], stirs[gap]
                continue
            if lot < rates.split and persons >= rates.large and people[ABLE] > 1 and rows[c] < room:
                new = rows[c]
                part(h, c, i, new, bits(life, me, CHILD))
                rows[c] += 1
                sums[c, SPLIT] += 1
                pairs(life, h.id[c, new : new + 1], 1, 0, high[new : new + 1], low[new : new + 1])
                stirs[new] = 1
            i += 1
