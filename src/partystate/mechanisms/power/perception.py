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

from partystate.model.formulas import bounded, held_by, middle, shares
from partystate.model.mechanism import Mechanism
from partystate.model.schema import SEATS


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
        holder = look["office.holder"]
        alive = look["leader.alive"] > 0
        offices = held_by(holder, look["office.weight"], alive.size)
        discount = p.outside_discount * look.on("S54")
        reach = 1 - discount * (len(SEATS) - 1 - look["leader.seat"]) / (len(SEATS) - 1)
        public = alive * reach * ((1 - p.office_in_public) * look["leader.prestige"] + p.office_in_public * offices)
        public = shares(public)
        apparatus = alive * middle(look["leader.clients"], look["leader.committee_clients"])
        share = p.patronage_in_power
        power = (1 - share) * public + share * apparatus

        informed = self._informed(look, int(holder[0]))
        mistaken = self._misjudgement(look, informed)
        seen = (1 - share) * public + share * apparatus * (1 - mistaken)
        return {
            "leader.power": shares(power),
            "leader.power_seen": shares(seen),
            "leader.misjudgement": mistaken,
            "leader.informed": informed,
        }

    def _informed(self, look, head: int) -> np.ndarray:
        """Personal files grow under whoever heads the Secretariat, and stay with the office."""
        p, before = look.p, look["leader.informed"]
        informed = np.zeros_like(before)
        if look.on("S06") and head >= 0:
            informed[head] = before.max() + p.files_growth * (p.files_limit - before.max())
        return informed

    def _misjudgement(self, look, informed: np.ndarray) -> np.ndarray:
        """(viewer, viewed) share of patronage overlooked; injuries teach faster than time, files abolish it."""
        p, before = look.p, look["leader.misjudgement"]
        if not look.on("S10"):
            return np.zeros_like(before)
        learning = p.learning + p.learning_aggrieved * bounded(look["leader.grievance"], 0, 1)
        mistaken = before * (1 - learning)[:, None] * (1 - informed)[:, None]
        np.fill_diagonal(mistaken, 0)
        return mistaken
