"""The posts of the nomenklatura row by row: who leaves, who comes, and whose clients hold how much."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from partystate.foundation.draws import bits, u01
from partystate.foundation.kernels import kernel

DECISIONS = ("vacancy", "way", "tie", "quality")


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
def fill(
    month, streams, rates, head, ids, office, region, rank, national, office_holder, office_base, fallen, views, mood,
    cumulative, patron, appointed, holder, since, taste, competence, encroached,
):  # fmt: skip
    """One month of vacancies and new holders over all posts; ``patron`` and what follows it are changed in place.

    streams: one for each of DECISIONS. office: (post,) number of the office that fills it by custom, −1 none.
    cumulative: (leader,) running sum of prestige among the living. encroached: (region,) posts in other leaders' bases
    taken from above. Returns (vacancies, filled from above, change in posts held from above, challenged region or −1).
    """
    vacancy, way, tie, quality = streams
    u = np.empty(ids.size)
    for i in range(ids.size):
        u[i] = u01(vacancy, ids[i], 0)
    vacancies, central, change, conquered = 0, 0, 0, -1
    issues = taste.shape[1]
    for i in range(ids.size):
        own = patron[i]
        hazard = rates.vacancy
        if own >= 0:
            if own == head:
                hazard *= rates.retained
            if fallen[own]:
                hazard *= rates.purge
                if u01(tie, ids[i], 1) < rates.drift:
                    patron[i] = -1
        if u[i] >= hazard:
            continue
        vacancies += 1
        owner = office_holder[office[i]] if office[i] >= 0 else -1
        if owner >= 0 and fallen[owner]:
            owner = -1
        bound = u01(tie, ids[i], 0)
        from_above, new = False, -1
        reach = rates.reach
        if owner >= 0 and owner != head:
            in_base = office_base[office[i]]
            reach = rates.reach_into_bases * rates.reach if in_base else (1.0 - rates.base_fills) * rates.reach
        if head >= 0 and u01(way, ids[i], 0) < reach:
            from_above = True
            if owner >= 0 and owner != head and office_base[office[i]]:
                encroached[region[i]] += 1
                if rank[i] == 1:
                    conquered = region[i]
            if bound < rates.clients:
                new = head
        elif owner >= 0:
            if bound < rates.base_clients:
                new = owner
        elif region[i] >= 0 and national[region[i]] and u01(tie, ids[i], 2) < rates.networks:
            new = rates.known
        elif bound < rates.local_patronage:
            new = np.searchsorted(cumulative, u01(tie, ids[i], 3) * cumulative[-1], side="right")
        patron[i] = new
        change += from_above - appointed[i]
        appointed[i] = from_above
        central += from_above
        since[i] = month
        holder[i] = bits(vacancy, ids[i], 1)
        first, second = u01(quality, ids[i], 0), u01(quality, ids[i], 1)
        # An insecure patron takes the more loyal of two men, a secure one the abler (Egorov and Sonin 2011).
        loyal = u01(quality, ids[i], 2) < rates.insecurity
        competence[i] = first if loyal and new >= 0 else max(first, second)
        for k in range(issues):
            centre = views[new, k] if new >= 0 else mood[k]
            spread = 1.0 - u01(quality, ids[i], 3 + k) - u01(quality, ids[i], 3 + issues + k)
            taste[i, k] = min(1.0, max(-1.0, centre + rates.taste_spread * spread))
    return vacancies, central, change, conquered


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
