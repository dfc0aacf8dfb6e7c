"""The posts of the nomenklatura row by row: who leaves, who comes, and whose clients hold how much."""

from __future__ import annotations

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
    vacant = np.empty(ids.size, dtype=np.int64)
    count = 0
    for i in range(ids.size):
        own = patron[i]
        struck = lost[own + 1]
        if not struck | (u[i] < highest):
            continue
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

    weight: (rank,) what a post of each rank counts.
    """
    clients = np.zeros(leaders)
    by_region = np.zeros((regions, leaders))
    total = np.zeros(regions)
    named = np.zeros(regions)
    secretaries = np.zeros(regions)
    everything = 0.0
    for i in range(patron.size):
        own, r = patron[i], region[i]
        everything += weight[rank[i]]
        if own >= 0:
            clients[own] += weight[rank[i]]
        if r >= 0:
            total[r] += delegate[i]
            if own >= 0:
                by_region[r, own] += delegate[i]
            if rank[i] == 1:
                secretaries[r] += 1
                named[r] += appointed[i]
    for r in range(regions):
        if total[r] > 0:
            by_region[r] /= total[r]
        if secretaries[r] > 0:
            named[r] /= secretaries[r]
    return clients / everything, by_region, named
