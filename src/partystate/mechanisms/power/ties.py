"""Trust that grows in common rule and breaks in conflict.

Ties between two leaders grow while both are in the core of the ruling bloc or both in opposition, and are hurt while
one rules and the other opposes, or fights the friends of the other (Heider 1946 on balance). Posts taken from a
colleague's region break them at once. Otherwise ties fall back to the bond with which they began. So an alliance
against a common enemy outlasts its reason for a while (Svolik 2009), and enemies of yesterday join with difficulty.

Rival reading: there were no ties, only interests of the day (the many changes of partners in Daniels 1960); no
building and no hurt stand for it. Left out: marriages, friendships of the second rank, and trust once feigned.
"""

from __future__ import annotations

import numpy as np

from partystate.foundation.kernels import kernel
from partystate.model.compiled import kept
from partystate.model.mechanism import Mechanism


@kernel
def sides(before, bond, bloc, opposed, fade):
    """(leader, leader) ties fallen back towards the bond with which they began; who is a friend, as far as he is, and 1
    for who rules where the other opposes; (leader,) who rules and who opposes; whether anybody does."""
    n = bloc.size
    tie, friends, apart = np.empty((n, n)), np.empty((n, n)), np.empty((n, n))
    core, against = np.empty(n, dtype=np.bool_), np.empty(n, dtype=np.bool_)
    for i in range(n):
        core[i] = bloc[i] > 1 and opposed[i] == 0
        against[i] = opposed[i] > 0
    for i in range(n):
        for j in range(n):
            tie[i, j] = before[i, j] + fade * (bond[i, j] - before[i, j])
            friends[i, j] = kept(tie[i, j], 0.0, 1.0)
            apart[i, j] = (core[i] & against[j]) | (against[i] & core[j])
        friends[i, i] = 0.0
    return tie, friends, apart, core, against, against.any()


@kernel
def changed(tie, core, against, apart, through, build, hurt, balance):
    """Ties built among those who rule or oppose together, and hurt where they fight, or fight ``through`` friends."""
    for i in range(core.size):
        for j in range(core.size):
            together = (core[i] & core[j]) | (against[i] & against[j])
            lost = hurt * max(apart[i, j], balance * (kept(through[i, j], 0.0, 1.0) + kept(through[j, i], 0.0, 1.0)))
            tie[i, j] = tie[i, j] + build * together * (1 - tie[i, j]) - lost * (1 + tie[i, j])


@kernel
def closed(tie):
    """Keeps ties from −1 to 1, and nobody tied to himself."""
    for i in range(tie.shape[0]):
        for j in range(tie.shape[1]):
            tie[i, j] = kept(tie[i, j], -1.0, 1.0)
        tie[i, i] = 0.0


class Ties(Mechanism):
    name = "ties"
    claim = "Men who rule together come to trust each other, and those who fight openly do not soon join hands."
    systems = ("S11",)
    sources = ("daniels1960", "svolik2009", "heider1946")
    phase = "persuade"
    reads = ("leader.tie", "trait.bond", "leader.bloc")
    reads_now = ("leader.opposed",)
    sets = ("leader.tie",)
    receives = ("quarrel",)
    parameters = {
        "ties.build": "share per month",
        "ties.hurt": "share per month",
        "ties.balance": "share",
        "ties.fade": "share per month",
    }
    when_off = {"S11": "Alliances leave no trace: personal ties stay as they began."}
    moves = {"S11": ("tie_among_contenders",)}

    def step(self, now, look, draw, post, emit):
        p = look.p
        if not look.on("S11"):
            return None
        tie, friends, apart, core, against, fought = sides(
            look["leader.tie"], look["trait.bond"], look["leader.bloc"], look["leader.opposed"], p.fade
        )
        # What conflict takes from ties with oneself or with one's friends (Heider 1946).
        through = friends @ apart if fought else apart
        changed(tie, core, against, apart, through, p.build, p.hurt, p.balance)
        for quarrel in look.directives():
            one, other = quarrel.subject, int(quarrel.terms["other"])
            tie[one, other] -= quarrel.terms["size"] * (1 + tie[one, other])
            tie[other, one] = tie[one, other]
        closed(tie)
        return {"leader.tie": tie}
