"""Policy motions: who proposes, who votes, where the line goes.

In some months a motion is put on one of the pressing issues. Whoever looks strong and belongs to the bloc is likeliest
to propose; outsiders' items may be kept off the agenda. He proposes a step towards his declared view, tempered by what
officials think. Each member votes for whichever of line and proposal is nearer to his own declared view (Romer and
Rosenthal 1978), with loyalty to bloc and patron. A majority moves the line; whoever is outvoted is slightly injured.
Reports of success make those who would go on bold: they ask for more than they think, and compromise less, as in the
programmes of the winter of 1929-30 that outran each other (Davies 1980; Lewin 1968).

Rival reading: decisions fell outside the meeting, in a faction's own caucus, and the vote recorded them; a large
loyalty stands for it. Left out: amendments, trading of votes across issues, and decisions taken in the secretariats.
"""

from __future__ import annotations

import numpy as np

from partystate.foundation.draws import u01
from partystate.foundation.kernels import kernel
from partystate.model.compiled import pick, politburo
from partystate.model.formulas import credited, held_by, which
from partystate.model.mechanism import Mechanism, reading
from partystate.model.schema import ISSUES, PEASANTS

REASONS = ("closeness", "bloc", "patron", "chance")


@kernel
def influence(voters, power_seen, bloc):
    """(voter,) power as the voters see it, more for whoever belongs to the bloc."""
    power = np.empty(voters.size)
    for place in range(voters.size):
        seen = 0.0
        for viewer in voters:
            seen += power_seen[viewer, voters[place]]
        power[place] = seen / voters.size * (1 + bloc[voters[place]])
    return power


@kernel
def ballot(stream, ids, voters, proposer, view, line, proposal, bloc, patron, loyalty, by_bloc, noise):
    """(voter,) votes, for whichever of line and proposal is nearer to one's ``view`` (leader,), and by loyalty to bloc
    and patron; (reason, voter) what moved each: see REASONS."""
    votes, reasons = np.empty(voters.size, dtype=np.int64), np.empty((len(REASONS), voters.size))
    for place in range(voters.size):
        i = voters[place]
        nearer = abs(view[i] - line) - abs(view[i] - proposal)
        loyal = by_bloc * loyalty * ((bloc[i] > 0) & (bloc[proposer] > 0))
        follows = loyalty * (patron[i] == proposer)
        chance = noise * (1 - u01(stream, ids[i], 0) - u01(stream, ids[i], 1))
        votes[place] = 1 if i == proposer or nearer + loyal + follows + chance > 0 else -1
        reasons[0, place], reasons[1, place], reasons[2, place], reasons[3, place] = nearer, loyal, follows, chance
    return votes, reasons


class Motions(Mechanism):
    name = "motions"
    claim = "The line is what a majority of the Politburo will vote for, and it moves towards whoever may propose."
    systems = ("S11", "S16", "S17", "S55")
    sources = ("romer_rosenthal1978", "carr1958", "carr1971", "gill1990", "davies1980", "lewin1968")
    phase = "deliberate"
    reads = (
        "leader.alive", "leader.absent", "leader.seat", "leader.patron", "leader.power_seen", "office.holder",
        "office.weight", "line.position", "line.changed", "issue.salience", "mood.officials", "leader.id",
        "leader.position", "office.region_base", "trait.contender",
    )  # fmt: skip
    # After `opposition` has acted: injuries of this month's votes count from the next.
    reads_now = ("leader.declared", "leader.bloc", "leader.opposed", "agenda.blocked")
    sets = ("line.position", "line.changed")
    supplies = ("peasant_line",)
    drivers = ("joining_success",)
    draws = ("issue", "proposer", "blocked", "vote")
    events = ("motion",)
    parameters = {
        "motions.rate": "share per month",
        "motions.step": "share",
        "motions.least": "position",
        "motions.noise": "position",
        "motions.loyalty": "position",
        "motions.mood": "share",
        "motions.boldness": "share",
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
        p, given = look.p, {"peasant_line": look["line.position"][PEASANTS]}
        lot = draw.one("issue", now)
        if lot >= p.rate:  # however much presses
            return given
        salience = look["issue.salience"] * (1, look.on("S17"), look.on("S16"), 1)
        if lot >= p.rate * min(max(salience.sum(), 0), 1):
            return given
        forum, voters, weight = self._forum(look)
        if voters.size == 0:
            return given
        issue = pick(salience, draw.one("issue", now, k=1))
        power = influence(voters, look["leader.power_seen"], look["leader.bloc"])
        proposer = voters[pick(power, draw.one("proposer", now))]
        if draw.one("blocked", look["leader.id"][proposer]) < look["agenda.blocked"][proposer]:
            return given
        line = look["line.position"]
        declared = look["leader.declared"]
        target = declared[proposer, issue] + p.mood * (look["mood.officials"][issue] - declared[proposer, issue])
        bold = self._bold(look, line[issue], target) if issue == PEASANTS else 0.0
        target, step = target + bold * (1 - target), p.step + bold * (1 - p.step)
        proposal = line[issue] + step * (target - line[issue])
        if np.abs(proposal - line[issue]) < p.least:
            return given
        votes, reasons = ballot(
            draw.stream("vote"), look["leader.id"], voters, proposer, declared[:, issue].copy(), line[issue], proposal,
            look["leader.bloc"], look["leader.patron"], p.loyalty, look.on("S11"), p.noise,
        )  # fmt: skip
        carried = (weight * (votes > 0)).sum() > p.majority * weight.sum()
        names = look.labels("leader")
        outcome = "carried" if carried else "lost"
        direction = "up" if proposal > line[issue] else "down"
        event = emit.motion(
            "motion", f"{names[proposer]} moves the line on {ISSUES[issue]} {direction}: {outcome}", forum,
            [names[v] for v in voters], votes, dict(zip(REASONS, reasons, strict=True)), actors=[names[proposer]],
            because=[*emit.last("issue", ISSUES[issue]), reading(f"salience_{ISSUES[issue]}", float(salience[issue]))],
            issue=ISSUES[issue], before=float(line[issue]), proposed=float(proposal), carried=int(carried),
        )  # fmt: skip
        emit.measure("motions_carried", float(carried))
        self._ideal(look, emit, issue, line[issue], proposal, carried)
        if not carried:
            return given
        new, changed = line.copy(), look["line.changed"].copy()
        new[issue], changed[issue] = proposal, now
        self._injure(look, emit, voters[votes < 0], event)
        return {"line.position": new, "line.changed": changed, "peasant_line": new[PEASANTS]}

    @staticmethod
    def _bold(look, line: float, target: float) -> float:
        """How far reports of success carry a mover who would go on: beyond what he thinks, and without compromise."""
        return look.p.boldness * credited(look.driver("joining_success"), line) if target > line else 0.0

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

    @staticmethod
    def _ideal(look, emit, issue, line, proposal, carried) -> None:
        """For each contender: did the adopted motion bring the line nearer to his private view?"""
        if not carried:
            return
        view = look["leader.position"][:, issue]
        nearer = np.abs(view - proposal) < np.abs(view - line)
        names, nearer = look.labels("leader"), nearer.tolist()
        contenders = which(look["trait.contender"]).tolist()
        emit.measures({f"motion_matches_{names[person]}": float(nearer[person]) for person in contenders})

    @staticmethod
    def _injure(look, emit, losers, event) -> None:
        for person in losers:
            emit.directive("injury", int(person), because=(event,), size=float(look.p.least))
