"""The cult of the dead founder and the claim to be his heir."""

from __future__ import annotations

import numpy as np

from partystate.model.mechanism import Mechanism


class Legacy(Mechanism):
    name = "legacy"
    claim = "Once the founder is dead he can be quoted, and old disciples gain what latecomers and doubters lose."
    systems = ("S50",)
    sources = ("tucker1973", "service2004")
    phase = "persuade"
    reads = ("cult.lenin", "leader.standing", "leader.heir")
    sets = ("cult.lenin", "leader.prestige")
    events = ("cult",)
    parameters = {
        "legacy.growth": "share per month",
        "legacy.weight": "weight",
    }
    when_off = {"S50": "The founder is mourned and not sacralised: nobody gains or loses by closeness to him."}
    moves = {"S50": ("prestige_spread",)}

    def step(self, now, look, draw, post, emit):
        cult = float(look["cult.lenin"])
        for founder, *_ in look.scheduled("legacy") if look.on("S50") else ():
            name = look.labels("leader")[founder]
            emit("cult", f"{name} is embalmed and quoted; the leaders contend to be his heirs", actors=[name],
                 because=emit.last("death", name))  # fmt: skip
            cult = look.p.growth
        cult += look.p.growth * (1 - cult) * (cult > 0)
        prestige = look["leader.standing"] * np.exp(look.p.weight * cult * look["leader.heir"])
        return {"cult.lenin": np.array(cult), "leader.prestige": np.clip(prestige, 0, 1)}
