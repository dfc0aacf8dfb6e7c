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

from partystate.model.formulas import bounded, some
from partystate.model.mechanism import Mechanism


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
        p, tie = look.p, look["leader.tie"]
        if not look.on("S11"):
            return None
        core = (look["leader.bloc"] > 1) & (look["leader.opposed"] == 0)
        against = look["leader.opposed"] > 0
        together = (core[:, None] & core) | (against[:, None] & against)
        tie = tie + p.fade * (look["trait.bond"] - tie)
        hurt = self._hurt(look, tie, core, against)
        tie = tie + p.build * together * (1 - tie) - hurt * (1 + tie)
        for quarrel in look.directives():
            one, other = quarrel.subject, int(quarrel.terms["other"])
            tie[one, other] -= quarrel.terms["size"] * (1 + tie[one, other])
            tie[other, one] = tie[one, other]
        np.fill_diagonal(tie, 0)
        return {"leader.tie": bounded(tie, -1, 1)}

    @staticmethod
    def _hurt(look, tie, core, against):
        """(leader, leader) what open conflict takes from ties, with oneself or with one's friends (Heider 1946)."""
        if not some(against):
            return np.zeros_like(tie)
        apart = (core[:, None] & against) | (against[:, None] & core)
        friends = bounded(tie, 0, 1)
        np.fill_diagonal(friends, 0)
        through = bounded(friends @ apart, 0, 1)
        return look.p.hurt * np.maximum(apart, look.p.balance * (through + through.T))
