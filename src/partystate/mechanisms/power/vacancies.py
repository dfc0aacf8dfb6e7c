"""The posts of the nomenklatura row by row: who leaves, who comes, and whose clients hold how much."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from partystate.foundation.draws import bits, u01
from partystate.foundation.kernels import kernel

DECISIONS = ("vacancy", "way", "tie", "quality")
TRAITS = ("competence of one", "competence of the other", "loyalty first")  # draws of quality that come before views


class Rates(NamedTuple):
    """Chances and weights of one month. ``known``: the leader with a following from earlier posts, as a number."""

    vacancy: float
    retained: float
    purge: float
    base_fills: float
    reach: float
    reach_into_bases: float
    clients: float
    base_clients: float
    local_patronage: float
    networks: float
    taste_spread: float
    drift: float
    insecurity: float
    known: int


@kernel
def leave(vacancy, tie, rates, head, ids, fallen, patron):
    """Numbers of the posts that fall vacant; clients of the fallen who stay may drift away (``patron``, in place)."""
    u = np.empty(ids.size)
    for i in range(ids.size):
        u[i] = u01(vacancy, ids[i], 0)
    highest = rates.vacancy * max(1.0, rates.retained) * max(1.0, rates.purge)
    lost = np.zeros(fallen.size + 1, dtype=np.bool_)  # by number of the patron plus one, so that no patron comes first
    lost[1:] = fallen
    vacant = np.empty(ids.size, dtype=np.int64)  # first those to be looked at, then those who leave
    looked_at, count = 0, 0
    for i in range(ids.size):
        vacant[looked_at] = i
        looked_at += lost[patron[i] + 1] | (u[i] < highest)
    for i in vacant[:looked_at]:
        own = patron[i]
        struck = lost[own + 1]
        if struck and u01(tie, ids[i], 1) < rates.drift:
            patron[i] = -1
        hazard = rates.vacancy
        if own >= 0 and own == head:
            hazard *= rates.retained
        if struck:
            hazard *= rates.purge
        if u[i] < hazard:
            vacant[count] = i
            count += 1
    return vacant[:count]


@kernel
def fill(
    month, vacant, streams, rates, head, ids, office, region, rank, national, office_holder, office_base, fallen, views,
    mood, cumulative, patron, appointed, holder, since, taste, competence, encroached,
):  # fmt: skip
    """New holders for the vacant posts; ``patron`` and what follows it are changed in place.

    streams: one for each of DECISIONS. office: (post,) number of the office that fills it by custom, −1 none.
    cumulative: (leader,) running sum of prestige among the living. encroached: (region,) posts in other leaders' bases
    taken from above. Returns (filled from above, change in posts held from above, challenged region or −1).
    """
    vacancy, way, tie, quality = streams
    issues = taste.shape[1]
    who = ids[vacant]
    level, bound, traits = np.empty(who.size), np.empty(who.size), np.empty((len(TRAITS) + issues + issues, who.size))
    for j in range(who.size):
        level[j] = u01(way, who[j], 0)
    for j in range(who.size):
        bound[j] = u01(tie, who[j], 0)
    for k in range(traits.shape[0]):
        for j in range(who.size):
            traits[k, j] = u01(quality, who[j], k)
    central, change, conquered = 0, 0, -1
    for j in range(who.size):
        i = vacant[j]
        owner = office_holder[office[i]] if office[i] >= 0 else -1
        if owner >= 0 and fallen[owner]:
            owner = -1
        from_above, new = False, -1
        reach = rates.reach
        if owner >= 0 and owner != head:
            in_base = office_base[office[i]]
            reach = rates.reach_into_bases * rates.reach if in_base else (1.0 - rates.base_fills) * rates.reach
        if head >= 0 and level[j] < reach:
            from_above = True
            if owner >= 0 and owner != head and office_base[office[i]]:
                encroached[region[i]] += 1
                if rank[i] == 1:
                    conquered = region[i]
            if bound[j] < rates.clients:
                new = head
        elif owner >= 0:
            if bound[j] < rates.base_clients:
                new = owner
        elif region[i] >= 0 and national[region[i]] and u01(tie, who[j], 2) < rates.networks:
            new = rates.known
        elif bound[j] < rates.local_patronage:
            new = np.searchsorted(cumulative, u01(tie, who[j], 3) * cumulative[-1], side="right")
        patron[i] = new
        change += from_above - appointed[i]
        appointed[i] = from_above
        central += from_above
        since[i] = month
        holder[i] = bits(vacancy, who[j], 1)
        # An insecure patron takes the more loyal of two men, a secure one the abler (Egorov and Sonin 2011).
        loyal = traits[2, j] < rates.insecurity
        competence[i] = traits[0, j] if loyal and new >= 0 else max(traits[0, j], traits[1, j])
        for k in range(issues):
            centre = views[new, k] if new >= 0 else mood[k]
            spread = 1.0 - traits[len(TRAITS) + k, j] - traits[len(TRAITS) + issues + k, j]
            taste[i, k] = min(1.0, max(-1.0, centre + rates.taste_spread * spread))
    return central, change, conquered


@kernel
def tally(patron, weight, region, delegate, appointed, rank, leaders, regions):
    """Client shares of posts (leader,), of delegate weight by region (region, leader), appointed secretaries (region,).

    weight: (rank,) what a post of each rank counts. What belongs to no patron or no region is added up first, at 0.
    """
    clients, by_region = np.zeros(1 + leaders), np.zeros((1 + regions, 1 + leaders))
    total, named, secretaries = np.zeros(1 + regions), np.zeros(1 + regions), np.zeros(1 + regions)
    everything = 0.0
    for i in range(patron.size):
        own, r, counts = 1 + patron[i], 1 + region[i], weight[rank[i]]
        everything += counts
        clients[own] += counts
        total[r] += delegate[i]
        by_region[r, own] += delegate[i]
        if rank[i] == 1:
            secretaries[r] += 1
            named[r] += appointed[i]
    shares, sent = np.zeros((regions, leaders)), np.zeros(regions)
    for r in range(regions):
        for own in range(leaders):
            held = by_region[1 + r, 1 + own]
            shares[r, own] = held / total[1 + r] if total[1 + r] > 0 else held
        sent[r] = named[1 + r] / secretaries[1 + r] if secretaries[1 + r] > 0 else named[1 + r]
    return clients[1:] / everything, shares, sent


@kernel
def out_of_favour(rung, alive, fallen):
    """(leader,) flags of the dead and of those who stand as high on the ladder of removal as ``fallen``."""
    lost = np.empty(rung.size, dtype=np.bool_)
    for i in range(rung.size):
        lost[i] = rung[i] >= fallen or alive[i] == 0
    return lost


@kernel
def turnover(
    month, streams, rates, head, ids, office, region, rank, delegate, national, office_holder, office_base, alive, rung,
    fallen, views, mood, prestige, weight, patron, appointed, holder, since, taste, competence,
):  # fmt: skip
    """A month of the posts: who leaves, who comes (see `fill`), and what each then holds (see `tally`).

    fallen: rung from which a leader counts as fallen. Returns (posts that fell vacant, filled from above, change in
    posts held from above, challenged region or −1, posts taken by region, and what `tally` gives).
    """
    lost = out_of_favour(rung, alive, fallen)
    encroached = np.zeros(national.size, dtype=np.int64)
    vacant = leave(streams[0], streams[2], rates, head, ids, lost, patron)
    central, change, conquered = fill(
        month, vacant, streams, rates, head, ids, office, region, rank, national, office_holder, office_base, lost,
        views, mood, np.cumsum(prestige * alive), patron, appointed, holder, since, taste, competence, encroached,
    )  # fmt: skip
    clients, by_region, named = tally(patron, weight, region, delegate, appointed, rank, rung.size, national.size)
    return vacant.size, central, change, conquered, encroached, clients, by_region, named


@lru_cache
def weights(rank_weight: float, ranks: int) -> np.ndarray:
    """(rank,) what a post of each rank counts; not to be altered."""
    return rank_weight ** -np.arange(ranks + 1.0)
