"""Policy motions: who proposes, who votes, where the line goes.

In some months a motion is put on one of the pressing issues. Whoever looks strong and belongs to the bloc is likeliest
to propose; outsiders' items may be kept off the agenda. He proposes a step towards his declared view, tempered by what
officials think. Each member votes for whichever of line and proposal is nearer to his own declared view (Romer and
Rosenthal 1978), with loyalty to bloc and patron. A majority moves the line; whoever is outvoted is slightly injured.

Rival reading: decisions fell outside the meeting, in a faction's own caucus, and the vote recorded them; a large
loyalty stands for it. Left out: amendments, trading of votes across issues, and decisions taken in the secretariats.
"""

from __future__ import annotations

import numpy as np

from partystate.model.formulas import held_by, pick, politburo, which
from partystate.model.mechanism import Mechanism, reading
from partystate.model.schema import ISSUES


class Motions(Mechanism):
    name = "motions"
    claim = "The line is what a majority of the Politburo will vote for, and it moves towards whoever may propose."
    systems = ("S11", "S16", "S17", "S55")
    sources = ("romer_rosenthal1978", "carr1958", "carr1971", "gill1990")
    phase = "deliberate"
    reads = (
        "leader.alive", "leader.absent", "leader.seat", "leader.patron", "leader.power_seen", "office.holder",
        "office.weight", "line.position", "line.changed", "issue.salience", "mood.officials", "leader.id",
        "leader.position", "office.region_base", "trait.contender",
    )  # fmt: skip
    # After `opposition` has acted: injuries of this month's votes count from the next.
    reads_now = ("leader.declared", "leader.bloc", "leader.opposed", "agenda.blocked")
    sets = ("line.position", "line.changed")
    draws = ("issue", "proposer", "blocked", "vote")
    events = ("motion",)
    parameters = {
        "motions.rate": "share per month",
        "motions.step": "share",
        "motions.least": "position",
        "motions.noise": "position",
        "motions.loyalty": "position",
        "motions.mood": "share",
        "rules.majority": "share",
        "rules.absence": "share",
    }
    when_off = {
        "S11": "Bloc members owe each other no votes: each votes his own view.",
        "S16": "No motions on doctrine.",
        "S17": "No motions on the village.",
        "S55": (
            "The government decides: motions are voted by holders of state offices, by weight of office, not by "
            "the Politburo."
        ),
    }
    moves = {
        "S11": ("line_doctrine",),
        "S16": ("line_doctrine",),
        "S17": ("line_peasants",),
        "S55": ("motions_carried",),
    }

    def step(self, now, look, draw, post, emit):
        p = look.p
        salience = look["issue.salience"] * (1, look.on("S17"), look.on("S16"), 1)
        if draw.one("issue", now) >= p.rate * min(max(salience.sum(), 0), 1):
            return None
        forum, voters, weight = self._forum(look)
        if voters.size == 0:
            return None
        issue = pick(salience, draw.one("issue", now, k=1))
        power = (look["leader.power_seen"][voters].sum(axis=0) / voters.size)[voters] * (
            1 + look["leader.bloc"][voters]
        )
        proposer = voters[pick(power, draw.one("proposer", now))]
        if draw.one("blocked", look["leader.id"][proposer]) < look["agenda.blocked"][proposer]:
            return None
        line = look["line.position"]
        declared = look["leader.declared"]
        target = declared[proposer, issue] + p.mood * (look["mood.officials"][issue] - declared[proposer, issue])
        proposal = line[issue] + p.step * (target - line[issue])
        if np.abs(proposal - line[issue]) < p.least:
            return None
        votes, reasons = self._vote(look, draw, voters, proposer, issue, line[issue], proposal)
        carried = (weight * (votes > 0)).sum() > p.majority * weight.sum()
        names = look.labels("leader")
        outcome = "carried" if carried else "lost"
        direction = "up" if proposal > line[issue] else "down"
        event = emit.motion(
            "motion", f"{names[proposer]} moves the line on {ISSUES[issue]} {direction}: {outcome}", forum,
            [names[v] for v in voters], votes, reasons, actors=[names[proposer]],
            because=[*emit.last("issue", ISSUES[issue]), reading(f"salience_{ISSUES[issue]}", float(salience[issue]))],
            issue=ISSUES[issue], before=float(line[issue]), proposed=float(proposal), carried=int(carried),
        )  # fmt: skip
        emit.measure("motions_carried", float(carried))
        self._ideal(look, emit, issue, line[issue], proposal, carried)
        if not carried:
            return None
        new, changed = line.copy(), look["line.changed"].copy()
        new[issue], changed[issue] = proposal, now
        self._injure(look, emit, voters[votes < 0], event)
        return {"line.position": new, "line.changed": changed}

    def _forum(self, look):
        """Who votes, and with what weight: the Politburo by heads, or the government by offices when S55 is off."""
        if look.on("S55"):
            voters = politburo(look["leader.seat"], look["leader.alive"], look["leader.absent"], look.p.absence)
            return "Politburo", voters, np.ones(voters.size)
        holder, weight = look["office.holder"], look["office.weight"] * (1 - look["office.region_base"])
        able = (look["leader.alive"] > 0) & (look["leader.absent"] < look.p.absence)
        total = held_by(holder, weight, able.size)
        voters = which(able & (total > 0))
        return "Sovnarkom", voters, total[voters]

    def _vote(self, look, draw, voters, proposer, issue, line, proposal):
        """For whichever is nearer to one's declared view, with loyalty to bloc and patron."""
        p = look.p
        declared = look["leader.declared"][voters, issue]
        nearer = np.abs(declared - line) - np.abs(declared - proposal)
        bloc, patron = look["leader.bloc"], look["leader.patron"]
        loyal = look.on("S11") * p.loyalty * ((bloc[voters] > 0) & (bloc[proposer] > 0))
        follows = p.loyalty * (patron[voters] == proposer)
        noise = p.noise * (1 - draw("vote", look["leader.id"][voters]) - draw("vote", look["leader.id"][voters], 1))
        votes = np.where(nearer + loyal + follows + noise > 0, 1, -1)
        votes[voters == proposer] = 1
        one = np.ones(voters.size)
        return votes, {"closeness": nearer, "bloc": loyal * one, "patron": follows * one, "chance": noise}

    @staticmethod
    def _ideal(look, emit, issue, line, proposal, carried) -> None:
        """For each contender: did the adopted motion bring the line nearer to his private view?"""
        if not carried:
            return
        view = look["leader.position"][:, issue]
        nearer = np.abs(view - proposal) < np.abs(view - line)
        for person in which(look["trait.contender"]):
            emit.measure(f"motion_matches_{look.labels('leader')[person]}", float(nearer[person]))

    @staticmethod
    def _injure(look, emit, losers, event) -> None:
        for person in losers:
            emit.directive("injury", int(person), because=(event,), size=float(look.p.least))
