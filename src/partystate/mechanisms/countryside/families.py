"""What becomes of families: who of them dies, households that end, those that split, and where too many die."""

from __future__ import annotations

import numpy as np

from partystate.foundation.kernels import kernel
from partystate.foundation.units import STEPS
from partystate.mechanisms.countryside.table import ALONE, KINDS, MOST, move

COUNTED = (
    "born",
    "died",
    "excess",
    "left",
    "split",
    "ended",
    "estate",
    "purse",
    "land",
    "sown",
    "horses",
    "cattle",
    "pigs",
    "sheep",
)
BORN, DIED, EXCESS, LEFT, SPLIT, ENDED, ESTATE, PURSE, LAND, SOWN, BEASTS = range(len(COUNTED) - len(KINDS) + 1)


@kernel
def bury(people, u, dead, weights):
    """Takes ``dead`` persons from a household's ages (3,), each age in proportion to its ``weights``."""
    for _ in range(dead):
        total = 0.0
        for a in range(people.size):
            total += people[a] * weights[a]
        mark, a = u * total, 0
        while a < people.size - 1 and mark >= people[a] * weights[a]:
            mark -= people[a] * weights[a]
            a += 1
        while people[a] == 0:
            a = a - 1 if a > 0 else people.size - 1
        people[a] -= 1


@kernel
def end(h, c, i, rows, sums, leaves):
    """A household leaves or dies out: its grain goes to the village, its land to a neighbour.

    Where no neighbour farms alone and can hold the land, the kolkhoz takes it. Who leaves sells a neighbour the animals
    that he has room for; others perish.
    """
    sums[c, ENDED] += 1
    sums[c, ESTATE] += h.grain[c, i] + h.hidden[c, i]
    sums[c, PURSE] += h.cash[c, i]
    near = (i + 1) % rows[c]
    for k in range(h.herd.shape[-1]):
        kept = min(h.herd[c, i, k], STEPS - h.herd[c, near, k]) if leaves and near != i else 0
        h.herd[c, near, k] += kept
        sums[c, BEASTS + k] += h.herd[c, i, k] - kept
    rows[c] -= 1
    last = rows[c]
    land, sown = h.land[c, i], h.sown[c, i]
    if i != last:
        move(h, c, i, last)
    for step in range(last):
        heir = (i + step) % last
        if h.status[c, heir] == ALONE and h.land[c, heir] + int(land) <= MOST and h.sown[c, heir] + int(sown) <= MOST:
            h.land[c, heir] += land
            h.sown[c, heir] += sown
            return
    sums[c, LAND] += land
    sums[c, SOWN] += sown


@kernel
def part(h, c, i, new, identity):
    """Half of a household founds another: half the people, land and animals, by whole units."""
    h.id[c, new] = identity
    h.label[c, new], h.status[c, new], h.herder[c, new] = h.label[c, i], h.status[c, i], h.herder[c, i]
    h.reserve[c, new], h.memory[c, new] = h.reserve[c, i], h.memory[c, i]
    h.taste[c, new] = np.uint8(identity % np.uint64(STEPS))
    h.skill[c, new] = np.uint8((identity // np.uint64(STEPS)) % np.uint64(STEPS))
    h.grain[c, new] = h.grain[c, i] // (1 + 1)
    h.hidden[c, new] = h.hidden[c, i] // (1 + 1)
    h.cash[c, new] = h.cash[c, i] // (1 + 1)
    h.land[c, new] = h.land[c, i] // (1 + 1)
    h.sown[c, new] = h.sown[c, i] // (1 + 1)
    h.grain[c, i] -= h.grain[c, new]
    h.hidden[c, i] -= h.hidden[c, new]
    h.cash[c, i] -= h.cash[c, new]
    h.land[c, i] -= h.land[c, new]
    h.sown[c, i] -= h.sown[c, new]
    for a in range(h.people.shape[-1]):
        h.people[c, new, a] = h.people[c, i, a] // (1 + 1)
        h.people[c, i, a] -= h.people[c, new, a]
    for k in range(h.herd.shape[-1]):
        h.herd[c, new, k] = h.herd[c, i, k] // (1 + 1)
        h.herd[c, i, k] -= h.herd[c, new, k]


@kernel
def passed(before, excess, persons, share):
    """Numbers of the regions whose excess deaths pass a share of their people: ``before`` this month they did not."""
    found, count = np.empty(persons.size, np.int64), 0
    for r in range(persons.size):
        mark = persons[r] * share
        if before[r] <= mark and before[r] + excess[r] > mark and persons[r] > 0:
            found[count] = r
            count += 1
    return found[:count]
