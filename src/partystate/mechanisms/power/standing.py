"""Names made and lost.

Weighty offices and a full seat raise a leader's name step by step; want of them alone never lowers it. A sanction
costs a share of it, and open opposition outside the bloc lets the press wear it down month by month. Daniels (1960)
follows how names that the whole country had known were argued away; how far the party believed it is less certain.

Rival reading: a name made in revolution and war could not be lost within a decade, only forbidden; small losses stand
for it. Left out: speeches, books and portraits as such, and names among workers or soldiers apart from the party.
"""

from __future__ import annotations

import numpy as np

from partystate.model.formulas import bounded, held_by
from partystate.model.mechanism import Mechanism
from partystate.model.schema import FULL


class Standing(Mechanism):
    name = "standing"
    claim = "Office and victory make a name, defeat and silence wear it down."
    systems = ("S10",)
    sources = ("daniels1960", "rigby1968")
    phase = "persuade"
    reads = ("leader.standing", "leader.sanctioned", "office.weight", "leader.bloc", "leader.seat")
    reads_now = ("office.holder", "leader.opposed")
    sets = ("leader.standing",)
    parameters = {
        "standing.adjustment": "share per month",
        "standing.office": "share",
        "standing.seat": "share",
        "standing.defeat": "share",
        "standing.press": "share per month",
    }
    when_off = {"S10": "Names stay what they were at the beginning, whatever happens to their bearers."}
    moves = {"S10": ("prestige_spread",)}

    def step(self, now, look, draw, post, emit):
        if not look.on("S10"):
            return None
        p, standing = look.p, look["leader.standing"].copy()
        offices = held_by(look["office.holder"], look["office.weight"], standing.size)
        earned = p.office * np.tanh(offices) + p.seat * (look["leader.seat"] == FULL)
        rises = np.maximum(earned - standing, 0)
        standing += p.adjustment * rises
        struck = look["leader.sanctioned"] == now - 1
        standing = np.where(struck, standing * (1 - p.defeat), standing)
        attacked = (look["leader.opposed"] > 0) & (look["leader.bloc"] == 0)
        return {"leader.standing": bounded(np.where(attacked, standing * (1 - p.press), standing), 0, 1)}
