"""Cell votes, and what indirect election makes of them.

When an opposition stands, a congress, a conference or a discussion asks the cells. Their votes follow the names on
both sides, the distance of each from what the rank and file think, the number of fresh recruits and the claim to the
founder's legacy. From tier to tier winners take more than their share, and at the province secretaries who owe their
posts to the centre lean on the choice (Pavliuchenkov 2008 on the winter of 1923-24; Daniels 1960). A leader's own
organisation answers for him.

Rival reading: the opposition was weak in the cells already, and the counts of Moscow were those of students and
offices (Gill 1990 discusses both); a low base and little pressure stand for it. Left out: falsified counts, the
press, and meetings broken up.
"""

from __future__ import annotations

import numpy as np

from partystate.model.formulas import distance, logistic, logit, some, which
from partystate.model.mechanism import Mechanism
from partystate.model.schema import PARTY, TIERS


class Discussions(Mechanism):
    name = "discussions"
    claim = (
        "A third of the cells could become a fiftieth of the delegates, because each tier of election magnifies "
        "a majority and appointed secretaries lean on it."
    )
    systems = ("S03", "S05", "S12", "S15")
    sources = ("daniels1960", "pavliuchenkov2008c", "gill1990")
    phase = "deliberate"
    reads = (
        "leader.prestige", "leader.seat", "leader.alive", "leader.heir", "line.position", "mood.members",
        "issue.salience", "cult.founder", "region.clients", "region.appointed", "region.base", "region.member_share",
        "party.recruits", "party.mood_weight", "discussion.month", "discussion.tiers", "discussion.regions",
    )  # fmt: skip
    reads_now = ("leader.opposed", "leader.bloc", "leader.declared")
    sets = ("discussion.month", "discussion.tiers", "discussion.regions")
    draws = ("region", "called")
    events = ("meeting",)
    parameters = {
        "discussions.base": "logit",
        "discussions.prestige": "logit",
        "discussions.closeness": "logit",
        "discussions.recruits": "logit",
        "discussions.legacy": "logit",
        "discussions.ban": "logit",
        "discussions.spread": "logit",
        "discussions.own_base": "logit",
        "discussions.magnify": "share",
        "discussions.steepness": "logit",
        "discussions.pressure": "logit",
        "discussions.called": "share per month",
    }
    when_off = {
        "S03": "No ban deters a cell from voting for an opposition.",
        "S05": "Delegates are sent in proportion to the votes of the members, tier by tier.",
        "S12": "No leader's own organisation answers for him: Leningrad and Moscow vote as other regions do.",
        "S15": "Cells vote by names alone: the views of the rank and file do not count.",
    }
    moves = {
        "S03": ("opposition_cells_share",),
        "S05": ("opposition_congress_share",),
        "S12": ("opposition_congress_share",),
        "S15": ("opposition_cells_share",),
    }

    def step(self, now, look, draw, post, emit):
        meetings = [*look.scheduled("congress"), *look.scheduled("conference")]
        if not meetings and draw.one("called", now) >= look.p.called:
            return None
        opposed = (look["leader.opposed"] > 0) & (look["leader.seat"] >= PARTY) & (look["leader.alive"] > 0)
        if not some(opposed):
            return self._unopposed(now, look, emit, meetings)
        regions = np.arange(look["region.member_share"].size)
        cells = self._cells(look, draw, opposed, regions)
        tiers, delegates = self._tiers(look, cells, opposed)
        weight = look["region.member_share"]
        result = np.array([weight @ shares_ for shares_ in tiers])
        names = look.labels("leader")
        who = [names[i] for i in which(opposed)[np.argsort(-look["leader.prestige"][opposed])]]
        title = meetings[0][0] if meetings else "Discussion in the cells"
        because = [cause for name in who[: 1 + 1] for cause in emit.last("dissent", name)]
        outcome = f"the opposition has {result[0]:.0%} of the cells and {result[-1]:.1%} of the delegates"
        tiers = dict(zip(TIERS, result.tolist(), strict=True))
        emit("meeting", f"{title}: {outcome}", actors=who[: 1 + 1], because=because, **tiers)
        return {"discussion.month": np.array(now), "discussion.tiers": result, "discussion.regions": delegates}

    @staticmethod
    def _unopposed(now, look, emit, meetings):
        if not meetings:
            return None
        emit("meeting", f"{meetings[0][0]}: no opposition stands", place="party")
        return {
            "discussion.month": np.array(now),
            "discussion.tiers": np.zeros(len(TIERS)),
            "discussion.regions": np.zeros(look["region.member_share"].size),
        }

    def _cells(self, look, draw, opposed, regions) -> np.ndarray:
        """(region,) share of cell votes for the opposition."""
        p = look.p
        ruling = look["leader.bloc"] > 1
        prestige, heir = look["leader.prestige"], look["leader.heir"]
        gap = prestige[opposed].max() - (prestige[ruling].max() if some(ruling) else 0)
        weight = look["issue.salience"] + p.magnify
        speaker = which(opposed)[np.argmax(prestige[opposed])]
        nearer = distance(look["line.position"], look["mood.members"], weight) - distance(
            look["leader.declared"][speaker], look["mood.members"], weight
        )
        legacy = float(look["cult.founder"]) * (heir[speaker] - (heir[ruling].max() if some(ruling) else 0))
        noise = 1 - draw("region", regions) - draw("region", regions, 1)
        odds = (
            -p.base
            + p.prestige * gap
            + p.closeness * nearer * look.on("S15")
            + p.legacy * legacy
            - p.ban * look.on("S03")
            - p.recruits * look["party.recruits"] * float(look["party.mood_weight"])
            + p.spread * noise
        )
        if look.on("S12"):
            base = look["region.base"]
            odds = odds + p.own_base * ((base >= 0) & opposed[base]) - p.own_base * ((base >= 0) & ruling[base])
        return logistic(odds)

    def _tiers(self, look, cells, opposed):
        """Shares at each tier by region: winner-take-more at every step, secretaries' pressure at the province."""
        p = look.p
        if not look.on("S05"):
            return [cells] * len(TIERS), cells
        clients = look["region.clients"]
        ruling = look["leader.bloc"] > 0
        lean = clients[:, ruling & ~opposed].sum(axis=1) - clients[:, opposed].sum(axis=1)
        base = look["region.base"]
        lean = np.where((base >= 0) & opposed[base], -1, lean) if look.on("S12") else lean
        pressure = p.pressure * (look["region.appointed"] + lean)
        tiers, share = [cells], cells
        for push in (0 * pressure, pressure, 0 * pressure):
            stepped = logistic((logit(share) - push) / p.steepness)
            share = (1 - p.magnify) * share + p.magnify * stepped
            tiers.append(share)
        return tiers, share
