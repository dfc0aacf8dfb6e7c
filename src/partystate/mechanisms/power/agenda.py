"""Whose business reaches a vote."""

from __future__ import annotations

import numpy as np

from partystate.model.mechanism import Mechanism


class Agenda(Mechanism):
    name = "agenda"
    claim = "The Secretariat drafts the agenda of the Politburo and lets the items of outsiders wait."
    systems = ("S04",)
    sources = ("khlevniuk1996", "harris2005")
    phase = "deliberate"
    reads = ("office.holder", "leader.bloc", "secretariat.curb", "leader.alive", "leader.informed")
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
