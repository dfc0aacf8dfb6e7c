"""Who among those in open opposition is moved against, and what his removal would change in the eyes of each voter."""

from __future__ import annotations

import numpy as np

from partystate.foundation.draws import u01
from partystate.foundation.kernels import kernel
from partystate.model.compiled import total
from partystate.model.schema import PARTY, RUNGS

EXPELLED = RUNGS.index("expelled")


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
