"""Names made and lost.

Weighty offices and a full seat raise a leader's name step by step; want of them alone never lowers it. A sanction
costs a share of it, and open opposition outside the bloc lets the press wear it down month by month. Daniels (1960)
follows how names that the whole country had known were argued away; how far the party believed it is less certain.

Rival reading: a name made in revolution and war could not be lost within a decade, only forbidden; small losses stand
for it. Left out: speeches, books and portraits as such, and names among workers or soldiers apart from the party.
"""

from __future__ import annotations

import numpy as np

from partystate.foundation.kernels import kernel
from partystate.model.compiled import held, kept
from partystate.model.mechanism import Mechanism
from partystate.model.schema import FULL


@kernel
def renamed(standing, office, seat, sanctioned, opposed, bloc, last, adjustment, by_office, by_seat, defeat, press):
    """(leader,) names made by ``office`` (leader,) and seat, lost by sanctions of month ``last`` and by the press."""
    name = np.empty(standing.size)
    for i in range(standing.size):
        earned = by_office * office[i] + by_seat * (seat[i] == FULL)
        name[i] = standing[i] + adjustment * max(earned - standing[i], 0.0)
        if sanctioned[i] == last:
            name[i] *= 1 - defeat
        if opposed[i] > 0 and bloc[i] == 0:
            name[i] *= 1 - press
        name[i] = kept(name[i], 0.0, 1.0)
    return name


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
        p, standing = look.p, look["leader.standing"]
        offices = np.tanh(held(look["office.holder"], look["office.weight"], standing.size))
        return {
            "leader.standing": renamed(
                standing, offices, look["leader.seat"], look["leader.sanctioned"], look["leader.opposed"],
                look["leader.bloc"], now - 1, p.adjustment, p.office, p.seat, p.defeat, p.press,
            )
        }  # fmt: skip
