"""Illness and natural death.

Deaths from natural causes and long illnesses are given by the calendar, as are those that a scenario adds. A leader who
is ill is absent for a share of the work, and a dead one leaves his seat and offices to be filled later in the month.

This is a premise rather than a finding: when people die decides who can succeed, and the model does not explain it.
Rival reading: illness was itself a product of defeat and strain, so that it should depend on the struggle. Left out:
death by violence, which is not a natural cause, and any chance in dates; other dates are a matter for a scenario,
which may also remove a leader in a month of its choosing.

Absence below the limit of the rules (`rules.absence`) costs a leader nothing; above it he has no vote.
"""

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
            title = f"{names[person]} is absent for {absent[person]:.0%} of the work"
            emit("driver", title, actors=[names[person]], absent=absent[person])
        for person, *_ in deaths:
            if alive[person]:
                alive[person] = 0
                emit("death", f"{names[person]} dies", actors=[names[person]])
        return {"leader.alive": alive, "leader.absent": absent}
