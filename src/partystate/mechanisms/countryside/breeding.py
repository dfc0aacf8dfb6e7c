"""The herds of households in one month: what is born, dies, is slaughtered, and goes from one yard to the next."""

from __future__ import annotations

import numpy as np

from partystate.foundation.draws import lanes, middle
from partystate.foundation.kernels import chunked, kernel
from partystate.foundation.units import STEPS
from partystate.mechanisms.countryside.table import ABLE, AGES, ALONE, CATTLE, HORSES, OLD, PIGS, SHEEP, YOUNG

COUNTED = ("born", "died", "slaughtered", "taken")
BORN, DIED, SLAUGHTERED, TAKEN = range(len(COUNTED))
BYTE = np.iinfo(np.uint8).bits
NONE, ONE, STEPS_32 = np.float32(0), np.float32(1), np.float32(STEPS)


@kernel
def kept(x):
    """``x`` as a share."""
    return min(max(x, 0.0), 1.0)


@kernel
def _keep(people, status, herder, reserve, n, room, herder_herd, distress, scope, need, fearful):
    """By household: for how many mouths it may keep animals, the need that makes it slaughter, and whether it fears."""
    room, herder_herd, distress, step = np.float32(room), np.float32(herder_herd), np.float32(distress), ONE / STEPS_32
    for i in range(n):
        start, alone = i * len(AGES), status[i] == ALONE
        mouths = np.int32(people[start + YOUNG]) + np.int32(people[start + ABLE]) + np.int32(people[start + OLD])
        scope[i] = np.float32(np.int32(mouths)) * (ONE if alone else room) * (herder_herd if herder[i] else ONE)
        need[i] = distress * (ONE - np.float32(np.int32(reserve[i])) * step)
        fearful[i] = ONE if alone else NONE


@kernel
def _turn(
    heads, gains, losses, scope, need, fearful, n, ceiling, fear, used, born, quota, dying, restock, again, after, stock
):  # fmt: skip
    """One kind of animal in the first ``n`` households of a chunk; returns heads born, dead, slaughtered and taken,

    households without any, and by how many heads what is to spare exceeds what is asked for. Into ``after`` heads
    left, into ``stock`` those to spare, or -1 for a household that would take one. Without branches,
    on columns that lie in one piece and in 32 bits, to which every sum is brought back, so that several households
    are worked at once.
    """
    ceiling, fear, used, born = np.float32(ceiling), np.float32(fear), np.float32(used), np.float32(born)
    quota, dying, restock, least = np.float32(quota), np.float32(dying), np.float32(restock), ONE / STEPS_32
    grown, lost, killed, delivered = np.int32(0), np.int32(0), np.int32(0), np.int32(0)
    again, without, beyond = np.float32(again), np.int32(0), np.int32(0)
    for i in range(n):
        own = np.int32(heads[i])
        number, gain, loss, most = np.float32(own), middle(gains[i]), middle(losses[i]), ceiling * scope[i]
        full = number / max(most, least)
        spare = min(np.int32(number * min(used * full * full, ONE) + loss), own)
        rest = np.int32(own - spare)
        slaughtered = min(np.int32(number * min(need[i] + fear * fearful[i], ONE) + (ONE - loss)), rest)
        rest = np.int32(rest - slaughtered)
        taken = min(np.int32(number * quota + gain), rest)
        rest = np.int32(rest - taken)
        dead = min(np.int32(number * dying + (ONE - gain)), rest)
        young = min(np.int32(number * born + gain), np.int32(STEPS - own))
        none = np.int32(own == 0)
        asked = np.int32(none & np.int32(gain < restock * min(most, ONE) + again))
        after[i] = np.int32(np.int32(rest + young) - dead)
        offer = np.int32(spare - asked)
        stock[i] = np.float32(offer)
        without = np.int32(without + none)
        beyond = np.int32(beyond + offer)
        grown = np.int32(grown + young)
        lost = np.int32(lost + dead)
        killed = np.int32(killed + slaughtered)
        delivered = np.int32(delivered + taken)
    return grown, lost, killed, delivered, without, beyond


@kernel
def _hand(stock, left, begin, end, horses, cattle, pigs, sheep):
    """What one household can spare goes to those after it that ask: from ``stock`` (kind, household), what each gives,

    or -1 for one that asks, makes what is then ``left``. From what is to spare before ``begin``, returns what is after
    ``end`` - 1. Each household waits for the one before it, so all kinds go at once; in floats, as of these a
    processor takes the larger without a branch, which could not be foreseen.
    """
    none = np.float32(0)
    for i in range(begin, end):
        horses, cattle = max(horses + stock[HORSES, i], none), max(cattle + stock[CATTLE, i], none)
        pigs, sheep = max(pigs + stock[PIGS, i], none), max(sheep + stock[SHEEP, i], none)
        left[HORSES, i], left[CATTLE, i], left[PIGS, i], left[SHEEP, i] = horses, cattle, pigs, sheep
    return horses, cattle, pigs, sheep


@kernel
def _get(left, n, begin, after):
    """Where what is ``left`` has fallen, a household has got an animal."""
    # The first in turn comes after nobody, and gets nothing.
    first = after[begin]
    for i in range(1, n):
        after[i] += np.uint8(left[i] < left[i - 1])
    after[begin] = first
    if begin > 0:
        after[0] += np.uint8(left[0] < left[n - 1])


@kernel
def _unpack(herds, n, horses, cattle, pigs, sheep):
    """Heads of the four kinds, of which each household has a byte in one word of ``herds``."""
    for i in range(n):
        word = herds[i]
        horses[i], cattle[i] = word, word >> np.uint32(BYTE)
        pigs[i], sheep[i] = word >> np.uint32(BYTE + BYTE), word >> np.uint32(BYTE + BYTE + BYTE)


@kernel
def _pack(horses, cattle, pigs, sheep, n, herds):
    """The reverse of `_unpack`."""
    for i in range(n):
        first = np.uint32(horses[i]) | np.uint32(np.uint32(cattle[i]) << np.uint32(BYTE))
        second = np.uint32(pigs[i]) | np.uint32(np.uint32(sheep[i]) << np.uint32(BYTE))
        herds[i] = np.uint32(first) | np.uint32(np.uint32(second) << np.uint32(BYTE + BYTE))


@chunked
def breed(
    first, last, h, rows, place, start, stream, ceiling, room, lean, by_fear, quota, distress, restock, herder_herd,
    born, died, used, hungry, again, sums,
):  # fmt: skip
    """``again`` (chunk, kind): the share of those without an animal who asked for one last month and found none."""
    kinds, size = born.size, h.id.shape[1]
    lots = np.empty((len(("gain", "loss")) * kinds, size), np.uint16)
    scope, need, fearful = np.empty(size, np.float32), np.empty(size, np.float32), np.empty(size, np.float32)
    heads, after = np.empty((kinds, size), np.uint8), np.empty((kinds, size), np.uint8)
    stock, left, none = np.empty((kinds, size), np.float32), np.empty((kinds, size), np.float32), np.float32(0)
    without, beyond = np.empty(kinds, np.int64), np.empty(kinds, np.int64)
    for c in range(first, last):
        r, n, herds = place[c], rows[c], h.herd[c].reshape(-1).view(np.uint32)
        lanes(stream, h.id[c], n, 0, lots)
        _keep(
            h.people[c].reshape(-1), h.status[c], h.herder[c], h.reserve[c], n, room, herder_herd, distress, scope,
            need, fearful,
        )  # fmt: skip
        _unpack(herds, n, heads[HORSES], heads[CATTLE], heads[PIGS], heads[SHEEP])
        for k in range(kinds):
            dying = kept(died[k] + hungry[k] * lean[r])
            grown, lost, killed, taken, without[k], beyond[k] = _turn(
                heads[k], lots[k], lots[kinds + k], scope, need, fearful, n, ceiling[r, k], by_fear[r, k], used[k],
                born[k], kept(quota[r, k]), dying, restock, again[c, k], after[k], stock[k],
            )  # fmt: skip
            sums[c, BORN * kinds + k], sums[c, DIED * kinds + k] = grown, lost
            sums[c, SLAUGHTERED * kinds + k], sums[c, TAKEN * kinds + k] = killed, taken
        if n > 0:
            # What one household can spare is offered to others first, so it must not always be the same that begin.
            begin = (start + 1) % n
            rest = _hand(stock, left, begin, n, none, none, none, none)
            rest = _hand(stock, left, 0, begin, *rest)
            for k in range(kinds):
                _get(left[k], n, begin, after[k])
                surplus = int(rest[k])
                sums[c, SLAUGHTERED * kinds + k] += surplus
                again[c, k] = (surplus - beyond[k]) / max(without[k], 1)
        _pack(after[HORSES], after[CATTLE], after[PIGS], after[SHEEP], n, herds)
