"""The founder's letter to the congress.

The calendar says when the letter can be read. It damages the legitimacy of whoever heads the Secretariat and gives an
occasion to move against him; whoever has the files in hand can more easily have it read in closed sittings, where it
does less. The damage fades. Tucker (1973) and Daniels (1960) tell of the compromise of 1924.

Rival reading: the letter was read as it was meant, found colleagues no better, and decided nothing; a small shock
stands for it. Another doubts that the founder wrote it, which would not matter here: it acts as what the party took
it for. Left out: what the letter says of the others, and its later use by the oppositions.
"""

from __future__ import annotations

from partystate.model.mechanism import Mechanism


class Testament(Mechanism):
    name = "testament"
    claim = (
        "The dead founder's letter gave the others one chance to move the General Secretary, and who had access "
        "to it decided how loudly it spoke."
    )
    systems = ("S13", "S06")
    sources = ("tucker1973", "daniels1960")
    phase = "deliberate"
    reads = ("leader.blemish", "leader.informed", "office.holder")
    sets = ("leader.blemish",)
    draws = ("contained",)
    events = ("testament",)
    parameters = {
        "testament.shock": "index",
        "testament.fade": "share per month",
        "testament.containment": "share",
        "testament.contained_part": "share",
    }
    when_off = {
        "S13": "No letter is read: the General Secretary's legitimacy is not questioned in the founder's name.",
        "S06": "Nobody controls access to the letter, so it cannot be kept to closed sittings.",
    }
    moves = {"S13": ("holder_blemish",), "S06": ("holder_blemish",)}

    def step(self, now, look, draw, post, emit):
        p = look.p
        blemish = look["leader.blemish"] * (1 - p.fade)
        head = int(look["office.holder"][0])
        if not look.scheduled("testament") or head < 0 or not look.on("S13"):
            return {"leader.blemish": blemish}
        chance = p.containment * (1 + look["leader.informed"][head]) * p.contained_part
        contained = look.on("S06") and draw.one("contained", now) < chance
        shock = p.shock * (p.contained_part if contained else 1)
        blemish[head] += shock
        name = look.labels("leader")[head]
        how = "is read in closed sittings" if contained else "is read to the congress"
        author, *_ = look.scheduled("testament")[0]
        emit("testament", f"The letter that asks for another General Secretary {how}", actors=[name],
             because=emit.last("death", look.labels("leader")[author]), shock=float(shock))  # fmt: skip
        return {"leader.blemish": blemish}
