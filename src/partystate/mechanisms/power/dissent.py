"""The opposition leader by leader: who may come out and how much moves him, who recants, who joins and who returns."""

from __future__ import annotations

from functools import cache

import numpy as np

from partystate.foundation.draws import u01
from partystate.foundation.kernels import kernel
from partystate.model.compiled import apart, apart_alone, held, kept, weighed
from partystate.model.formulas import LARGEST
from partystate.model.schema import CANDIDATE, PARTY


@cache
def dread(precedents: int) -> float:
    """How much the punishment of others before is feared: each adds less than the one before it."""
    return float(1 + np.log1p(float(precedents)))


@kernel
def quarrel(view, line, declared, bloc, opposed):
    """(leader, issue) how far a view lies from the line or from the mean of the core's declared views, if that is less.

    On the first issue, the party's regime, only views on the far side count.
    """
    issues = line.size
    aim, size = np.zeros(issues), 0
    for j in range(bloc.size):
        if bloc[j] > 1 and opposed[j] == 0:
            size += 1
            for k in range(issues):
                aim[k] += declared[j, k]
    gap = np.empty_like(view)
    for j in range(view.shape[0]):
        for k in range(issues):
            from_line = view[j, k] - line[k]
            gap[j, k] = max(from_line, 0.0) if k == 0 else abs(from_line)
            if size > 0:
                from_aim = view[j, k] - aim[k] / size
                gap[j, k] = min(gap[j, k], max(from_aim, 0.0) if k == 0 else abs(from_aim))
    return gap


@kernel
def faded(grievance, bloc, seat, fade, exclusion):
    """(leader,) injuries that fade, and grow in whoever sits in the leadership but not in its bloc."""
    left = np.empty(grievance.size)
    for i in range(left.size):
        excluded = bloc[i] == 0 and seat[i] >= CANDIDATE
        left[i] = grievance[i] * (1 - fade) + exclusion * excluded * fade
    return left


@kernel
def ranks(alive, absent, seat, patron, cases, opposed, silent, now, absence):
    """(leader,) flags: at work in the party; of the first rank; of the first rank and free to come out. Then whether
    anybody is free to, and whether anybody is in open opposition."""
    n = alive.size
    active, senior, free = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
    some, against = False, False
    for i in range(n):
        active[i] = alive[i] > 0 and absent[i] < absence and seat[i] >= PARTY
        senior[i] = active[i] and (seat[i] >= CANDIDATE or cases[i] > 0) and patron[i] < 0
        free[i] = senior[i] and opposed[i] == 0 and now >= silent[i]
        some |= free[i]
        against |= opposed[i] != 0
    return active, senior, free, some, against


@kernel
def nearer_to_opponents(asked, view, declared, line, weight, opposed):
    """(leader,) 1 for those ``asked`` who stand nearer to somebody else in open opposition than to the line."""
    against = np.flatnonzero(opposed)
    nearer = np.zeros(opposed.size)
    for i in range(opposed.size):
        if not asked[i] or against.size == 0:
            continue
        to_line = apart(view[i], line, weight)
        for j in against:
            if j != i:
                gap = (
                    apart_alone(view[i], declared[j], weight)
                    if against.size == 1
                    else apart(view[i], declared[j], weight)
                )
                if gap < to_line:
                    nearer[i] = 1.0
    return nearer


@kernel
def odds(
    free, opposed, friends, view, line, declared, bloc, salience, grievance, prestige, region_base, region_share, tiers,
    firm, heir, threshold, by_distance, by_grievance, by_voice, by_friends, by_allies, by_exclusion, coordination,
    punishment, legacy, join,
):  # fmt: skip
    """(leader,) log odds against speaking out when the occasion comes, of those ``free`` to; bounded as a power of e.

    friends: (leader,) trust in those who are in open opposition.
    """
    moved = np.zeros(bloc.size)
    gap = quarrel(view, line, declared, bloc, opposed)
    nearer = nearer_to_opponents(free, view, declared, line, salience + join, opposed)
    base = held(region_base, region_share, bloc.size)
    for i in range(bloc.size):
        if free[i]:
            voice = prestige[i] + base[i] + tiers[0]
            moved[i] = -kept(
                -threshold
                + by_distance * weighed(gap[i], salience)
                + by_grievance * grievance[i]
                + by_voice * voice
                + by_friends * friends[i]
                + by_allies * nearer[i]
                + by_exclusion * (bloc[i] == 0)
                - coordination * kept(friends[i] + nearer[i], 0.0, 1.0)
                - punishment * (1 - firm[i])
                - legacy * (1 - heir[i]),
                -LARGEST,
                LARGEST,
            )
    return moved


@kernel
def coming_out(stream, ids, free, against, rate):
    """(leader,) flags of those who come out, and whether anybody does. against: odds against it."""
    rises, some = np.zeros(ids.size, dtype=np.bool_), False
    for i in range(ids.size):
        if free[i]:
            rises[i] = u01(stream, ids[i], 0) < rate * (1.0 / (1.0 + against[i]))
            some |= rises[i]
    return rises, some


@kernel
def recanting(stream, ids, opposed, rises, view, line, weight, rung, firm, rate):
    """(leader,) flags of those who give up, which pressure and an accepted line make likelier; whether anybody does."""
    quiet, some = np.zeros(ids.size, dtype=np.bool_), False
    for i in range(ids.size):
        if opposed[i] > 0 and not rises[i]:
            pressed = 1 + rung[i] * (1 - firm[i])
            chance = rate * (1 + 1 - firm[i]) * pressed * kept(1 - apart(view[i], line, weight), 0.0, 1.0)
            quiet[i] = u01(stream, ids[i], 0) < chance
            some |= quiet[i]
    return quiet, some


@kernel
def readmitted(stream, ids, seat, alive, opposed, rung, firm, rate):
    """Numbers of the expelled who gave up and are taken back."""
    back = np.zeros(ids.size, dtype=np.bool_)
    for i in range(ids.size):
        if seat[i] < PARTY and opposed[i] == 0 and alive[i] > 0 and rung[i] > 0:
            back[i] = u01(stream, ids[i], 0) < rate * (1 - firm[i])
    return np.flatnonzero(back)


@kernel
def joined(stream, ids, opposed, senior, active, seat, patron, prestige, view, line, weight, rate):
    """``opposed`` with those of the second rank who join a leader, or who leave opposition when none is left."""
    spokesman = -1
    for i in range(ids.size):
        if opposed[i] and senior[i] and (spokesman < 0 or prestige[i] > prestige[spokesman]):
            spokesman = i
    if spokesman < 0:
        for i in range(ids.size):
            if not senior[i] and seat[i] >= PARTY:
                opposed[i] = 0
        return opposed
    leading = opposed * senior
    for i in range(ids.size):
        if not active[i] or senior[i] or opposed[i]:
            continue
        own = patron[i]
        tied = own >= 0 and leading[own] > 0
        agrees = own < 0 and apart(view[i], view[spokesman], weight) < apart(view[i], line, weight)
        if (tied or agrees) and u01(stream, ids[i], 0) < rate:
            opposed[i] = 1
    return opposed
