"""Who among those in open opposition is moved against, and what his removal would change in the eyes of each voter."""

from __future__ import annotations

import numpy as np

from partystate.foundation.draws import u01
from partystate.foundation.kernels import kernel
from partystate.model.compiled import apart, apart_alone, kept, total
from partystate.model.schema import PARTY, RUNGS

EXPELLED = RUNGS.index("expelled")
# What speaks for or against a sanction, in the order of the rows of `weighed_up`.
TERMS = (
    "broke the line", "formed a faction", "distance", "threat", "dislike", "friendship", "bloc",
    "mandate of the meetings", "who gains", "severity", "chance",
)  # fmt: skip
BROKE, FACTION, DISTANCE, THREAT, DISLIKE, FRIENDSHIP, BLOC, MANDATE, GAINS, SEVERITY, CHANCE = range(len(TERMS))


@kernel
def accused(stream, ids, opposed, alive, bloc, patron, sanctioned, seat, rung, now, pause, press):
    """Numbers of leaders in open opposition against whom somebody moves this month."""
    pressed = np.zeros(ids.size, dtype=np.bool_)
    for i in range(ids.size):
        stands = opposed[i] > 0 and alive[i] > 0 and bloc[i] <= 1 and patron[i] < 0
        if stands and now - sanctioned[i] >= pause and (seat[i] >= PARTY or rung[i] == EXPELLED):
            pressed[i] = u01(stream, ids[i], 0) < press
    return np.flatnonzero(pressed)


@kernel
def weight_and_gain(power_seen, patron, person, voters):
    """(voter,) weight of the man beside the mean of the voters, and how far, in each voter's eyes, the strongest other
    would stand above the half once he is gone; a client of the strongest does not mind."""
    n = voters.size
    weight, head, before, standing = np.empty(n), np.zeros(n), np.zeros(n), np.zeros(n)
    row = np.empty(n)
    for i in range(n):
        for j in range(n):
            row[j] = power_seen[voters[i], voters[j]]
        all_, his = total(row), power_seen[voters[i], person]
        weight[i] = his / (all_ / n + his)
        for j in range(n):
            left = row[j] / all_ if all_ > 0 else 0.0
            standing[j] += left
            if j != i:
                head[i] = max(head[i], left)
                before[i] = max(before[i], row[j] / (all_ + his))
    strongest = voters[np.argmax(standing / n)]
    gain = np.empty(n)
    for i in range(n):
        gain[i] = 0.0 if patron[voters[i]] == strongest else head[i] * (head[i] - before[i]) * n
    return weight, gain


@kernel
def weighed_up(
    stream, ids, person, voters, power_seen, patron, declared, bloc, opposed, tie, weight, common, by_distance,
    by_threat, tolerated, by_tie, by_bloc, by_gain, by_patron, noise,
):  # fmt: skip
    """(term, voter) what speaks for (positive) and against any sanction, severity left at 0; (voter,) its sum without
    chance, in which clients weigh their patron's view with their own. common: (term,) what is the same for all."""
    n = voters.size
    terms, own, utility = np.zeros((len(TERMS), n)), np.zeros(n), np.empty(n)
    threat, gain = weight_and_gain(power_seen, patron, person, voters)
    for i in range(n):
        me = voters[i]
        for term in (BROKE, FACTION, DISLIKE, MANDATE):
            terms[term, i] = common[term]
        view, his = declared[me], declared[person]
        gap = apart_alone(view, his, weight) if n == 1 else apart(view, his, weight)
        terms[DISTANCE, i] = by_distance * gap
        terms[THREAT, i] = by_threat * (threat[i] - tolerated)
        terms[FRIENDSHIP, i] = by_tie * tie[me, person]
        terms[BLOC, i] = by_bloc * kept(bloc[me], 0, 1) - by_bloc * opposed[me]
        terms[GAINS, i] = by_gain * gain[i]
        terms[CHANCE, i] = noise * (1 - u01(stream, ids[me], 0) - u01(stream, ids[me], 1))
        for term in range(SEVERITY):
            own[i] += terms[term, i]
    for i in range(n):
        lead = 0.0
        for j in range(n):
            if voters[j] == patron[voters[i]]:
                lead = own[j]
        utility[i] = own[i] + by_patron * lead
    return terms, utility


@kernel
def committee_share(
    stream, rung, member, patron, taste, side, views, line, weight, discipline, name, by_patron, by_distance
):  # fmt: skip
    """Share of the Central Committee for a sanction: patron's side, closeness, name, discipline.

    side: (leader,) 1 for, −1 against, 0 neither. views: those of the man, to be set against the line.
    """
    seats, in_favour = 0, 0
    for seat in range(member.size):
        if member[seat] < -1:
            continue
        seats += 1
        own = side[member[seat]] if member[seat] >= 0 else 0.0
        led = side[patron[seat]] if patron[seat] >= 0 else 0.0
        nearer = apart(taste[seat], views, weight) - apart(taste[seat], line, weight)
        chance = 1 - u01(stream, seat, rung) - u01(stream, seat, rung + len(RUNGS))
        utility = by_patron * led + own * (1 + by_patron) + by_distance * nearer
        in_favour += utility + discipline + name + chance > 0
    return in_favour / seats
