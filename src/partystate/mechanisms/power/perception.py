"""Power as it is, and power as each leader sees it.

Power is a weighted mean of what is public (name and office, which count for less outside the leading bodies, as there
is no other place to stand) and of what the apparatus gives (clients among posts and in the Central Committee).
Each leader overlooks a share of another's patronage, less with time and with injuries of his own; the files of the
Secretariat let its head overlook nothing. Contemporaries took office work for drudgery (Daniels 1960; Harris 2005),
and Kotkin (2014) shows how much of it lay open to whoever looked.

Rival reading: everybody saw, and the others thought that they could use it. No misjudgement stands for it. Left out:
mistakes about views and about who is whose friend, and false reputations made on purpose.
"""

from __future__ import annotations

import numpy as np

from partystate.foundation.kernels import kernel
from partystate.model.compiled import held, kept, share_out
from partystate.model.mechanism import Mechanism
from partystate.model.schema import SEATS

TOP = len(SEATS) - 1


@kernel
def powers(alive, seat, prestige, holder, weight, clients, committee_clients, mistaken, patronage, office, discount):
    """Shares of power: (leader,) as it is, and (viewer, viewed) as it is seen by those who are ``mistaken`` so far.

    patronage: its share in power. office: its share in what is public. discount: of the public for those outside.
    """
    n = alive.size
    offices = held(holder, weight, n)
    public, apparatus, power, seen = np.empty(n), np.empty(n), np.empty(n), np.empty((n, n))
    for i in range(n):
        reach = 1 - discount * (TOP - seat[i]) / TOP
        public[i] = alive[i] * reach * ((1 - office) * prestige[i] + office * offices[i])
        apparatus[i] = alive[i] * ((clients[i] + committee_clients[i]) / (1 + 1))
    share_out(public)
    for j in range(n):
        power[j] = (1 - patronage) * public[j] + patronage * apparatus[j]
        for i in range(n):
            seen[i, j] = (1 - patronage) * public[j] + patronage * apparatus[j] * (1 - mistaken[i, j])
    share_out(power)
    for i in range(n):
        share_out(seen[i])
    return power, seen


@kernel
def learnt(mistaken, grievance, informed, learning, aggrieved):
    """(viewer, viewed) share of patronage overlooked; injuries teach faster than time, files abolish it."""
    n = grievance.size
    left = np.empty((n, n))
    for i in range(n):
        lesson = learning + aggrieved * kept(grievance[i], 0.0, 1.0)
        for j in range(n):
            left[i, j] = mistaken[i, j] * (1 - lesson) * (1 - informed[i])
        left[i, i] = 0.0
    return left


@kernel
def perceived(
    mistaken, grievance, informed, learning, aggrieved, blind, alive, seat, prestige, holder, weight, clients,
    committee_clients, patronage, office, discount,
):  # fmt: skip
    """What `powers` gives, and the share of patronage overlooked from now on: none without the rule that it is."""
    left = learnt(mistaken, grievance, informed, learning, aggrieved) if blind else np.zeros(mistaken.shape)
    power, seen = powers(
        alive, seat, prestige, holder, weight, clients, committee_clients, left, patronage, office, discount
    )
    return power, seen, left


class Perception(Mechanism):
    name = "perception"
    claim = (
        "Rivals saw speeches and ministries and overlooked appointments, so that the machine's head seemed "
        "small until late."
    )
    systems = ("S06", "S10", "S54")
    sources = ("kotkin1", "harris2005", "daniels1960")
    phase = "report"
    reads = (
        "leader.alive", "leader.seat", "leader.prestige", "leader.clients", "leader.committee_clients",
        "leader.misjudgement", "leader.informed", "leader.grievance", "office.holder", "office.weight",
    )  # fmt: skip
    sets = ("leader.power", "leader.power_seen", "leader.misjudgement", "leader.informed")
    parameters = {
        "perception.patronage_in_power": "share",
        "perception.office_in_public": "share",
        "perception.outside_discount": "share",
        "perception.learning": "share per month",
        "perception.learning_aggrieved": "share per month",
        "perception.files_growth": "share per month",
        "perception.files_limit": "share",
    }
    when_off = {
        "S06": "The Secretariat's head has no better files than others: he misjudges as they do and hears of no plots.",
        "S10": "Leaders weigh each other's patronage in full from the start.",
        "S54": "A legal alternative outside the party exists: leaders who lose their seats keep their public weight.",
    }
    moves = {"S06": ("files_coverage",), "S10": ("misjudgement_of_holder",), "S54": ("outsiders_power",)}

    def step(self, now, look, draw, post, emit):
        p = look.p
        informed = self._informed(look, int(look["office.holder"][0]))
        power, seen, mistaken = perceived(
            look["leader.misjudgement"], look["leader.grievance"], informed, p.learning, p.learning_aggrieved,
            look.on("S10"), look["leader.alive"], look["leader.seat"], look["leader.prestige"], look["office.holder"],
            look["office.weight"], look["leader.clients"], look["leader.committee_clients"], p.patronage_in_power,
            p.office_in_public, p.outside_discount * look.on("S54"),
        )  # fmt: skip
        return {
            "leader.power": power,
            "leader.power_seen": seen,
            "leader.misjudgement": mistaken,
            "leader.informed": informed,
        }

    def _informed(self, look, head: int) -> np.ndarray:
        """Personal files grow under whoever heads the Secretariat, and stay with the office."""
        p, before = look.p, look["leader.informed"]
        informed = np.zeros_like(before)
        if look.on("S06") and head >= 0:
            known = before.max()
            informed[head] = known + p.files_growth * (p.files_limit - known)
        return informed
