"""Orders from Moscow, what becomes of them, and what is reported.

A region carries out as much of what is ordered as its secretaries are Moscow's own and its officials clients of the
ruling bloc, less as far as the line departs from what officials think; habits change slowly. Reports pad what was
not done, so that the centre sees more compliance than there is. Gill (1990) describes local leaderships that stood
together against demands from above, Harris (2005) an appointing centre that never had them in hand.

Rival reading: non-compliance was mostly want of means (roads, clerks, paper), which appointments could not cure; a
low base and small effects stand for it. Left out: differences between kinds of orders, plenipotentiaries sent to
see to one campaign, and informers through whom the centre could learn of padding.
"""

from __future__ import annotations

import numpy as np

from partystate.foundation.kernels import kernel
from partystate.model.compiled import kept, mean
from partystate.model.mechanism import Mechanism


@kernel
def carried_out(before, appointed, clients, bloc, base, by_appointed, by_clients, inertia, padding):
    """(region,) share of what is ordered that is done, and that is reported to be done."""
    done, reported = np.empty(before.size), np.empty(before.size)
    for r in range(before.size):
        ruling = 0.0
        for i in range(bloc.size):
            if bloc[i] > 0:
                ruling += clients[r, i]
        wanted = kept(base + by_appointed * appointed[r] + by_clients * ruling, 0.0, 1.0)
        done[r] = before[r] + inertia * (wanted - before[r])
        reported[r] = done[r] + padding * (1 - done[r])
    return done, reported


class Implementation(Mechanism):
    name = "implementation"
    claim = (
        "Orders are carried out as far as those in place are Moscow's own, and reports say that they were carried out."
    )
    systems = ("S08",)
    sources = ("harris2005", "gill1990")
    phase = "command"
    reads = (
        "region.appointed", "region.clients", "region.compliance", "leader.bloc", "line.position", "mood.officials",
    )  # fmt: skip
    sets = ("region.compliance", "region.reported")
    parameters = {
        "implementation.base": "share",
        "implementation.appointed": "share",
        "implementation.clients": "share",
        "implementation.disagreement": "share",
        "implementation.inertia": "share per month",
        "implementation.padding": "share",
    }
    when_off = {
        "S08": "No chain of command: regions carry out what their own officials agree with, whoever named them.",
    }
    moves = {"S08": ("noncompliance",)}

    def step(self, now, look, draw, post, emit):
        p, chain = look.p, look.on("S08")
        gap = mean(np.abs(look["line.position"] - look["mood.officials"]))
        compliance, reported = carried_out(
            look["region.compliance"], look["region.appointed"], look["region.clients"], look["leader.bloc"],
            p.base - p.disagreement * gap, p.appointed * chain, p.clients * chain, p.inertia, p.padding,
        )  # fmt: skip
        return {"region.compliance": compliance, "region.reported": reported}
