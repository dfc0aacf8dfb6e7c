"""Offers of a ruling bloc: who sits at the table, what a bloc is worth to each, which wins, who stands with whom."""

from __future__ import annotations

import numpy as np

from partystate.foundation.kernels import kernel
from partystate.model.compiled import able, share_out, total


@kernel
def value(member, mask, power, views, weight, bond, dislike, fear, steep, policy, friendship, outside, majority):
    """Worth to ``member`` of the bloc ``mask`` (bits over n players), as he sees ``power`` (n,).

    His share of the bloc's power, less the chance that a partner who outweighs all others together drops him, less
    distance to the bloc's weighted view, plus friends inside and less friends left outside. Outsiders get the policy
    part and the loss of exclusion.
    """
    n, k = views.shape
    total = 0.0
    largest = 0.0
    for j in range(n):
        if mask >> j & 1:
            total += power[j]
            if j != member:
                largest = max(largest, power[j])
    gap = 0.0
    for i in range(k):
        centre = 0.0
        for j in range(n):
            if mask >> j & 1:
                centre += power[j] * views[j, i]
        gap += weight[i] * abs(views[member, i] - centre / total)
    if not mask >> member & 1:
        return -policy * gap - outside
    ties = 0.0
    for j in range(n):
        if j == member:
            continue
        if mask >> j & 1:
            ties += (bond[member, j] - dislike[j]) * power[j] / total
        elif bond[member, j] > 0:
            ties -= bond[member, j] * power[j] / total
    risk = 1.0 / (1.0 + np.exp(-steep * (largest / total - majority)))
    return power[member] / total * (1.0 - fear * risk) - policy * gap + friendship * ties


@kernel
def wins(mask, heads, clients, names, majority):
    """Whether a bloc has a majority of ``heads`` in the Politburo, and in the Central Committee of its own ``clients``
    and of a share of the unattached seats as large as its share of ``names``."""
    free = 1.0 - clients.sum()
    votes, ours, known = 0, 0.0, 0.0
    for j in range(heads.size):
        if mask >> j & 1:
            votes += heads[j]
            ours += clients[j]
            known += names[j]
    return votes > majority * heads.sum() and ours + free * known > majority


@kernel
def best_offer(
    maker, current, heads, clients, names, seen, views, weight, bond, dislike, fear, steep, policy, friendship, outside,
    majority, inertia,
):  # fmt: skip
    """The winning bloc that ``maker`` likes best and every invited leader accepts; ``current`` if there is none."""
    n = seen.shape[0]
    args = (weight, bond, dislike, fear, steep, policy, friendship, outside, majority)
    kept = value(maker, current, seen[maker], views, *args) if current else -policy - outside
    best, best_value = current, kept + inertia
    for mask in range(1, 1 << n):
        if not mask >> maker & 1 or mask == current:
            continue
        if not wins(mask, heads, clients, names, majority):
            continue
        worth = value(maker, mask, seen[maker], views, *args)
        if worth <= best_value:
            continue
        accepted = True
        for j in range(n):
            if mask >> j & 1 and j != maker:
                now = value(j, current, seen[j], views, *args) if current else -policy - outside
                if value(j, mask, seen[j], views, *args) < now:
                    accepted = False
                    break
        if accepted:
            best, best_value = mask, worth
    return best


@kernel
def table(seat, alive, absent, patron, bloc, opposed, absence):
    """Numbers of those who vote in the Politburo and of those of them without a patron there; whether the ruling bloc
    is broken: has no core at the table, or one that is not all there or not all loyal."""
    voters, players = np.empty(seat.size, dtype=np.int64), np.empty(seat.size, dtype=np.int64)
    count, free, core, inside, disloyal = 0, 0, 0, 0, False
    for i in range(seat.size):
        if able(i, seat, alive, absent, absence):
            voters[count] = i
            count += 1
            own = patron[i]
            if own < 0 or not able(own, seat, alive, absent, absence):
                players[free] = i
                free += 1
                inside += bloc[i] > 1
        core += bloc[i] > 1
        disloyal |= bloc[i] > 1 and opposed[i] > 0
    return voters[:count], players[:free], inside == 0 or inside < core or disloyal


@kernel
def seen_by_players(power_seen, patron, players, voters):
    """(viewer, player) power as seen, with that of clients in the Politburo counted with their patron; (player,) votes
    of a player and of those clients."""
    n = players.size
    seen, heads, theirs = np.empty((n, n)), np.ones(n, dtype=np.int64), np.empty(voters.size)
    for i in range(n):
        clients = voters[patron[voters] == players[i]]
        heads[i] += clients.size
        for viewer in range(n):
            for c in range(clients.size):
                theirs[c] = power_seen[players[viewer], clients[c]]
            seen[viewer, i] = power_seen[players[viewer], players[i]] + total(theirs[: clients.size])
    for viewer in range(n):
        share_out(seen[viewer])
    return seen, heads


@kernel
def with_patrons(new, seat, alive, absent, patron, opposed, absence):
    """Everybody but the players stands where the patron stands; those without a patron follow unless in opposition."""
    before = new.copy()
    for i in range(new.size):
        if before[i] != 0 or able(i, seat, alive, absent, absence):
            continue
        if patron[i] >= 0:
            if before[patron[i]] > 0:
                new[i] = 1
        elif not opposed[i] > 0:
            new[i] = 1
    after = new.copy()
    for i in range(new.size):
        if seat[i] > 0 and patron[i] >= 0 and after[i] == 0 and after[patron[i]] > 0 and not opposed[i] > 0:
            new[i] = 1
    return new
