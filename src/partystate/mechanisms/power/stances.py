"""Private views, and views declared.

Events persuade those without a fixed view and harden those whom they contradict beyond what they can accept (Sherif
and Hovland 1961). An office draws its holder towards what it stands for. Whoever has a name but few clients gains by
election, whoever has clients by appointment. What is declared is the private view bent towards what officials wish to
hear and, inside the ruling bloc, towards the line: more for the flexible than for the firm.

Daniels (1960) and Tucker (1973) stress how far views moved with positions, Cohen (1973) how far they were held: the
trait of consistency, coded for each leader with a wide range, stands between them. Left out: persuasion of leaders by
each other, learning from economists, and views on anything but the four issues.
"""

from __future__ import annotations

import numpy as np

from partystate.model.formulas import bounded, shares
from partystate.model.mechanism import Mechanism
from partystate.model.schema import CANDIDATE


class Stances(Mechanism):
    name = "stances"
    claim = (
        "Events persuade those without a fixed view, offices colour views, the unprotected ask for democracy, "
        "and the flexible speak as officials wish."
    )
    systems = ("S10", "S16", "S17")
    sources = ("daniels1960", "cohen1973", "tucker1973", "sherif_hovland1961")
    phase = "deliberate"
    reads = (
        "leader.position", "leader.declared", "leader.prestige", "leader.committee_clients", "leader.opposed",
        "leader.bloc", "trait.consistency", "line.position", "office.holder", "office.pull", "office.pulls",
        "leader.seat",
    )  # fmt: skip
    reads_now = ("mood.officials",)
    sets = ("leader.position", "leader.declared")
    drivers = ("grain_shortfall", "revolution_failed", "china_defeat", "village_unrest")
    parameters = {
        "stances.latitude": "position",
        "stances.shortfall": "share per month",
        "stances.village": "share per month",
        "stances.failure": "share per month",
        "stances.defeat": "share per month",
        "stances.interest": "share per month",
        "stances.office": "share per month",
        "stances.opportunism": "share",
        "stances.bloc_line": "share",
    }
    when_off = {
        "S10": "All leaders are equally firm: each has the mean consistency.",
        "S16": "Failed revolutions persuade nobody about doctrine.",
        "S17": "Prices and missing grain persuade nobody about the village.",
    }
    moves = {"S10": ("declared_spread",), "S16": ("declared_spread",), "S17": ("declared_spread",)}

    def step(self, now, look, draw, post, emit):
        p = look.p
        consistency = look["trait.consistency"]
        if not look.on("S10"):
            consistency = np.full_like(consistency, consistency.mean())
        position = self._persuaded(look, look["leader.position"], consistency)
        # Whoever has a name but no clients gains by open election, and the other way round.
        interest = self._interest(look)
        position[:, 0] += p.interest * (1 - consistency) * (interest - position[:, 0])

        position = self._by_office(look, position, consistency)

        flexible = (p.opportunism * (1 - consistency) * (look["leader.opposed"] == 0))[:, None]
        inside = (p.bloc_line * (1 - consistency) * (look["leader.bloc"] > 0) * (look["leader.opposed"] == 0))[:, None]
        wanted = position + flexible * (look["mood.officials"] - position)
        declared = wanted + inside * (look["line.position"] - wanted)
        return {"leader.position": bounded(position, -1, 1), "leader.declared": bounded(declared, -1, 1)}

    @staticmethod
    def _by_office(look, position: np.ndarray, consistency: np.ndarray) -> np.ndarray:
        """Duties colour views: each office draws its holder towards what it stands for."""
        held = (look["office.holder"] >= 0) & look["office.pulls"].any(axis=1)
        person = look["office.holder"][held]
        force = look.p.office * (1 - consistency[person])[:, None] * look["office.pulls"][held]
        pull = force * (look["office.pull"][held] - position[person])
        cell = person[:, None] * position.shape[1] + np.arange(position.shape[1])
        return position + np.bincount(cell.ravel(), pull.ravel(), position.size).reshape(position.shape)

    @staticmethod
    def _interest(look) -> np.ndarray:
        """-1 for appointment to 1 for election, by names and clients of those who sit in the Politburo."""
        seated = look["leader.seat"] >= CANDIDATE
        gap = shares(look["leader.prestige"] * seated) - look["leader.committee_clients"]
        wish = np.tanh(gap * seated.sum())
        return np.where(look["leader.bloc"] == 0, wish, np.minimum(wish, 0))

    def _persuaded(self, look, position: np.ndarray, consistency: np.ndarray) -> np.ndarray:
        """Evidence moves the undecided; beyond their latitude of acceptance it hardens those whom it contradicts.

        Its force falls with the square of one's distance from the middle (Sherif and Hovland 1961 on latitudes).
        """
        p = look.p
        village = p.shortfall * look.driver("grain_shortfall") - p.village * look.driver("village_unrest")
        evidence = np.array(
            [
                0,
                look.on("S17") * village,
                -look.on("S16") * p.failure * look.driver("revolution_failed"),
                p.defeat * look.driver("china_defeat"),
            ]
        )
        against = np.maximum(-np.sign(evidence) * position, 0)
        accepted = bounded(1 - against / p.latitude, -1, 1)
        openness = np.square(1 - np.abs(position)) * (1 - consistency)[:, None]
        return bounded(position + openness * accepted * evidence, -1, 1)
