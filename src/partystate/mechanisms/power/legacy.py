"""The cult of the dead founder and the claim to be his heir.

The calendar gives the founder's death. From then on a cult grows towards its full strength, and the prestige of each
leader is his standing multiplied by how close to the founder the party reckons him: old disciples gain, latecomers
and open doubters lose. Tucker (1973) and Service (2004) tell how the contenders quoted him and who was thought able to.

Rival reading: the cult was the work of the party's propaganda and raised all leaders alike. Left out: the work put
into books and lectures on the founder's teaching, and the loss of an heir's credit by later quarrels.
"""

from __future__ import annotations

import numpy as np

from partystate.model.formulas import bounded
from partystate.model.mechanism import Mechanism


class Legacy(Mechanism):
    name = "legacy"
    claim = "Once the founder is dead he can be quoted, and old disciples gain what latecomers and doubters lose."
    systems = ("S50",)
    sources = ("tucker1973", "service2004")
    phase = "persuade"
    reads = ("cult.founder", "leader.standing", "leader.heir")
    sets = ("cult.founder", "leader.prestige")
    events = ("cult",)
    parameters = {
        "legacy.growth": "share per month",
        "legacy.weight": "weight",
    }
    when_off = {"S50": "The founder is mourned and not sacralised: nobody gains or loses by closeness to him."}
    moves = {"S50": ("prestige_spread",)}

    def step(self, now, look, draw, post, emit):
        cult = float(look["cult.founder"])
        for founder, *_ in look.scheduled("legacy") if look.on("S50") else ():
            name = look.labels("leader")[founder]
            emit("cult", f"{name} is embalmed and quoted; the leaders contend to be his heirs", actors=[name],
                 because=emit.last("death", name))  # fmt: skip
            cult = look.p.growth
        cult += look.p.growth * (1 - cult) * (cult > 0)
        prestige = look["leader.standing"] * np.exp(look.p.weight * cult * look["leader.heir"])
        return {"cult.founder": np.array(cult), "leader.prestige": bounded(prestige, 0, 1)}
