"""Illness and natural death."""

from __future__ import annotations

from partystate.model.mechanism import Mechanism


class Mortality(Mechanism):
    name = "mortality"
    claim = "Illness and natural deaths come from outside politics and open seats at moments that nobody chose."
    phase = "life"
    reads = ("leader.alive", "leader.absent")
    sets = ("leader.alive", "leader.absent")
    events = ("death", "driver")

    def step(self, now, look, draw, post, emit):
        deaths, illnesses = look.scheduled("death"), look.scheduled("illness")
        if not deaths and not illnesses:
            return None
        alive, absent = look["leader.alive"].copy(), look["leader.absent"].copy()
        names = look.labels("leader")
        for person, share, _ in illnesses:
            absent[person] = float(share)
            emit("driver", f"{names[person]} is absent for {absent[person]:.0%} of the work", actors=[names[person]], absent=absent[person])
        for person, *_ in deaths:
            if alive[person]:
                alive[person] = 0
                emit("death", f"{names[person]} dies", actors=[names[person]])
        return {"leader.alive": alive, "leader.absent": absent}
