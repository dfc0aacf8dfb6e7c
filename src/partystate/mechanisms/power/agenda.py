"""Whose business reaches a vote.

Whoever heads the Secretariat lets a share of the items of leaders outside the ruling bloc wait, less as far as his
office has been put under collective control. Harris (2005) shows the Secretariat preparing and sifting what the
leading bodies dealt with, and Khlevniuk (1996) how far the order of business lay with it.

Rival reading: the Politburo's members could place what they wished before it, and the agenda was made by custom
among them; then the share is nought. Left out: the wording of drafts, the choice of who reports, votes taken by
telephone, and commissions to which an item could be sent to die.

What is kept back is counted as a share of a leader's items: `motions` draws against it whenever he would propose.
"""

from __future__ import annotations

import numpy as np

from partystate.model.mechanism import Mechanism


class Agenda(Mechanism):
    name = "agenda"
    claim = "The Secretariat drafts the agenda of the Politburo and lets the items of outsiders wait."
    systems = ("S04",)
    sources = ("khlevniuk1996", "harris2005")
    phase = "deliberate"
    reads = ("office.holder", "leader.bloc", "secretariat.curb")
    sets = ("agenda.blocked",)
    parameters = {"agenda.control": "share"}
    when_off = {"S04": "Every leader's items reach a vote; the Secretariat's head has no say over the agenda."}
    moves = {"S04": ("rival_items_blocked",)}

    def step(self, now, look, draw, post, emit):
        head = int(look["office.holder"][0])
        blocked = np.zeros(look["leader.bloc"].size)
        if head < 0 or not look.on("S04"):
            return {"agenda.blocked": blocked}
        blocked[look["leader.bloc"] == 0] = look.p.control * (1 - float(look["secretariat.curb"]))
        blocked[head] = 0
        return {"agenda.blocked": blocked}
