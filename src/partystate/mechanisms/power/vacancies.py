"""The posts of the nomenklatura row by row: who leaves, who comes, and whose clients hold how much."""

from __future__ import annotations

import numpy as np

from partystate.foundation.draws import bits, u01
from partystate.foundation.kernels import kernel


@kernel
def fill(
    month, streams, ids, branch_office, region, rank, office_holder, base_lost, head, fallen, patron, appointed, holder, since,
    taste, competence, views, mood, cumulative, national, rates, office_region_base, encroached,
):  # fmt: skip
    """One month of vacancies and new holders over all posts, in place. Returns (vacancies, central, challenged province).

    streams: vacancy, way, tie, quality. rates: vacancy, retained share for the head's clients, purge of the fallen's
    clients, base fills, central reach, reach into bases, client share, base clients, local patronage, networks' reach,
    taste spread, drift, insecurity. encroached: (region,) count of posts in other leaders' bases taken from above.
    """
    vacancies, central, conquered = 0, 0, -1
    for i in range(ids.size):
        own = patron[i]
        hazard = rates[0]
        if own >= 0:
            if own == head:
                hazard *= rates[1]
            if fallen[own]:
                hazard *= rates[2]
                if u01(streams[2], ids[i], 1) < rates[11]:
                    patron[i] = -1
        if u01(streams[0], ids[i], 0) >= hazard:
            continue
        vacancies += 1
        office = branch_office[i]
        owner = office_holder[office] if office >= 0 else -1
        if owner >= 0 and fallen[owner]:
            owner = -1
        u = u01(streams[1], ids[i], 0)
        tie = u01(streams[2], ids[i], 0)
        from_above, new = False, -1
        reach = rates[4]
        if owner >= 0 and owner != head:
            reach = rates[5] * rates[4] if office_region_base[office] else (1.0 - rates[3]) * rates[4]
        if head >= 0 and u < reach:
            from_above = True
            if owner >= 0 and owner != head and office_region_base[office]:
                encroached[region[i]] += 1
                if rank[i] == 1:
                    conquered = region[i]
            if tie < rates[6]:
                new = head
        elif owner >= 0:
            if tie < rates[7]:
                new = owner
        elif region[i] >= 0 and national[region[i]] and u01(streams[2], ids[i], 2) < rates[9]:
            new = np.int32(rates[13])
        elif tie < rates[8]:
            pick = u01(streams[2], ids[i], 3) * cumulative[-1]
            new = np.searchsorted(cumulative, pick, side="right")
        patron[i] = new
        appointed[i] = 1 if from_above else 0
        central += 1 if from_above else 0
        since[i] = month
        holder[i] = bits(streams[0], ids[i], 1)
        first = u01(streams[3], ids[i], 0)
        second = u01(streams[3], ids[i], 1)
        # An insecure patron takes the more loyal of two men, a secure one the abler (Egorov and Sonin 2011).
        loyal = u01(streams[3], ids[i], 2) < rates[12]
        competence[i] = first if loyal and new >= 0 else max(first, second)
        for k in range(taste.shape[1]):
            centre = views[new, k] if new >= 0 else mood[k]
            taste[i, k] = min(1.0, max(-1.0, centre + rates[10] * (1.0 - u01(streams[3], ids[i], 3 + k) - u01(streams[3], ids[i], 3 + taste.shape[1] + k))))
    return vacancies, central, conquered


@kernel
def tally(patron, weight, region, delegate, appointed, rank, leaders, regions):
    """Client shares of posts (leader,), of delegate weight by region (region, leader), appointed secretaries (region,)."""
    clients = np.zeros(leaders)
    by_region = np.zeros((regions, leaders))
    total = np.zeros(regions)
    named = np.zeros(regions)
    secretaries = np.zeros(regions)
    everything = 0.0
    for i in range(patron.size):
        everything += weight[i]
        if patron[i] >= 0:
            clients[patron[i]] += weight[i]
        r = region[i]
        if r >= 0:
            total[r] += delegate[i]
            if patron[i] >= 0:
                by_region[r, patron[i]] += delegate[i]
            if rank[i] == 1:
                secretaries[r] += 1
                named[r] += appointed[i]
    for r in range(regions):
        if total[r] > 0:
            by_region[r] /= total[r]
        if secretaries[r] > 0:
            named[r] /= secretaries[r]
    return clients / everything, by_region, named
