"""Coming out against the line, recanting, and coming out again.

A leader of the first rank opposes openly with a chance that rises with the distance of the line from his own view on
what presses, with injuries, with a name and a region that will be heard, with friends and neighbours in opposition
already; and falls with the ban on factions (no joining of others, punishment as others before were punished) and with
the charge of betraying the founder. The second rank follows leaders it is tied to or agrees with. Pressure and
defeat make those of little consistency recant; the expelled who gave up may be readmitted.

Daniels (1960), Deutscher (1959) and Cohen (1973) give the cases. Rival reading: oppositions were driven out rather
than came out, being named as such by those who had the majority; a high threshold and large injuries stand for it.
Left out: programmes as such, underground work, and opposition in the localities without a leader.
"""

from __future__ import annotations

import numpy as np

from partystate.mechanisms.power import dissent
from partystate.model.formulas import bounded, distance, some, which
from partystate.model.mechanism import Mechanism, reading
from partystate.model.schema import ISSUES, PARTY


class Opposition(Mechanism):
    name = "opposition"
    claim = (
        "A leader opposes openly when the line is far from his own on what presses, when he has been injured, "
        "and when he thinks he will be heard."
    )
    systems = ("S03", "S50")
    sources = ("daniels1960", "deutscher1959", "cohen1973")
    phase = "deliberate"
    reads = (
        "leader.alive", "leader.absent", "leader.seat", "leader.rung", "leader.grievance", "leader.opposed",
        "leader.silent_until", "leader.cases", "leader.prestige", "leader.heir", "leader.patron",
        "leader.position", "trait.consistency", "leader.tie", "line.position", "cult.founder", "leader.id",
        "issue.salience", "discussion.tiers", "leadership.precedents", "region.base", "region.member_share",
    )  # fmt: skip
    reads_now = ("leader.bloc", "leader.declared")
    sets = ("leader.opposed", "leader.silent_until", "leader.cases", "leader.grievance")
    draws = ("dissent", "recant", "readmission", "join")
    receives = ("injury",)
    events = ("dissent", "recantation")
    parameters = {
        "opposition.rate": "share per month",
        "opposition.threshold": "logit",
        "opposition.distance": "logit",
        "opposition.grievance": "logit",
        "opposition.voice": "logit",
        "opposition.friends": "logit",
        "opposition.trusted": "index",
        "opposition.allies": "logit",
        "opposition.outside": "logit",
        "opposition.ban_coordination": "logit",
        "opposition.ban_punishment": "logit",
        "opposition.legacy": "logit",
        "opposition.recant": "share per month",
        "opposition.silence": "months",
        "opposition.fade": "share per month",
        "opposition.exclusion_grievance": "index",
        "opposition.join": "share per month",
        "opposition.readmit": "share per month",
        "rules.absence": "share",
    }
    variants = ("ban_without_coordination", "ban_without_punishment")
    when_off = {
        "S03": (
            "Leaders may organise and speak against the line: neither joining others nor the threat of "
            "punishment holds them back."
        ),
        "S50": "Dissent carries no charge of betraying the founder.",
    }
    moves = {"S03": ("leaders_in_opposition",), "S50": ("leaders_in_opposition",)}

    def step(self, now, look, draw, post, emit):
        p, ids = look.p, look["leader.id"]
        opposed, silent = look["leader.opposed"].copy(), look["leader.silent_until"].copy()
        cases = look["leader.cases"].copy()
        grievance = self._grievance(look)
        active, senior, free, anybody, against = dissent.ranks(
            look["leader.alive"], look["leader.absent"], look["leader.seat"], look["leader.patron"], cases, opposed,
            silent, now, p.absence,
        )  # fmt: skip
        rises = free
        if anybody:
            odds = np.exp(self._drive(look, grievance, opposed, free, against))
            rises, anybody = dissent.coming_out(draw.stream("dissent"), ids, free, odds, p.rate)
        if anybody:
            opposed[rises] = 1
            cases[rises] += 1
            for person in which(rises):
                self._tell_dissent(look, emit, person, grievance)
        quiet, silenced = self._recants(look, draw, opposed, rises) if against or anybody else (None, False)
        if silenced:
            opposed[quiet] = 0
            silent[quiet] = now + int(p.silence)
            for person in which(quiet & (look["leader.seat"] >= PARTY)):
                self._tell_recantation(look, emit, person)
        self._return(look, draw, emit)
        opposed = self._associates(look, draw, opposed, senior, active)
        return {
            "leader.opposed": opposed,
            "leader.silent_until": silent,
            "leader.cases": cases,
            "leader.grievance": grievance,
        }

    def _grievance(self, look) -> np.ndarray:
        p = look.p
        grievance = dissent.faded(
            look["leader.grievance"], look["leader.bloc"], look["leader.seat"], p.fade, p.exclusion_grievance
        )
        for injury in look.directives():
            grievance[injury.subject] += injury.terms["size"]
        return bounded(grievance, 0, 1 + 1)

    def _drive(self, look, grievance, opposed, free, against: bool) -> np.ndarray:
        """Log odds against a leader's speaking out when the occasion comes."""
        p = look.p
        coordination, punishment = self._ban(look)
        friends = bounded(look["leader.tie"] - p.trusted, 0, 1) @ opposed if against else np.zeros(opposed.size)
        dread = dissent.dread(int(look["leadership.precedents"]))
        return dissent.odds(
            free, opposed, friends, look["leader.position"], look["line.position"], look["leader.declared"],
            look["leader.bloc"], look["issue.salience"], grievance, look["leader.prestige"], look["region.base"],
            look["region.member_share"], look["discussion.tiers"], look["trait.consistency"], look["leader.heir"],
            p.threshold, p.distance, p.grievance, p.voice, p.friends, p.allies, p.outside,
            coordination * p.ban_coordination, punishment * p.ban_punishment * dread,
            look.on("S50") * p.legacy * float(look["cult.founder"]), p.join,
        )  # fmt: skip

    @staticmethod
    def _quarrel(look) -> np.ndarray:
        """(leader, issue) distance from the line, or from where the ruling bloc means to take it, if that is less.

        Whoever wants more discipline than the line has the machine, and no quarrel.
        """
        return dissent.quarrel(
            look["leader.position"], look["line.position"], look["leader.declared"], look["leader.bloc"],
            look["leader.opposed"],
        )  # fmt: skip

    @staticmethod
    def _ban(look) -> tuple[float, float]:
        """The two halves of the ban on factions: 1 while each is in force."""
        if not look.on("S03"):
            return 0.0, 0.0
        return float(look.variant != "ban_without_coordination"), float(look.variant != "ban_without_punishment")

    def _recants(self, look, draw, opposed, rises) -> tuple[np.ndarray, bool]:
        """Pressure and defeat silence those of little consistency sooner, and an accepted line removes the reason."""
        p = look.p
        return dissent.recanting(
            draw.stream("recant"), look["leader.id"], opposed, rises, look["leader.position"], look["line.position"],
            look["issue.salience"] + p.recant, look["leader.rung"], look["trait.consistency"], p.recant,
        )  # fmt: skip

    def _return(self, look, draw, emit) -> None:
        """Expelled leaders who gave up may be readmitted."""
        back = dissent.readmitted(
            draw.stream("readmission"), look["leader.id"], look["leader.seat"], look["leader.alive"],
            look["leader.opposed"], look["leader.rung"], look["trait.consistency"], look.p.readmit,
        )  # fmt: skip
        for person in back.tolist():
            emit.directive("readmit", person)

    def _associates(self, look, draw, opposed, senior, active) -> np.ndarray:
        """The second rank joins a leader in opposition whom it is tied to or agrees with, and leaves with him."""
        return dissent.joined(
            draw.stream("join"), look["leader.id"], opposed, senior, active, look["leader.seat"],
            look["leader.patron"], look["leader.prestige"], look["leader.position"], look["line.position"],
            look["issue.salience"] + look.p.join, look.p.join,
        )  # fmt: skip

    def _tell_dissent(self, look, emit, person, grievance) -> None:
        name = look.labels("leader")[person]
        gaps = self._quarrel(look)[person] * look["issue.salience"]
        issue = ISSUES[int(np.argmax(gaps))]
        before = emit.last("dissent", name)
        injuries = (*emit.last("sanction", name, before), *emit.last("organisation", name, before))
        readings = [reading(f"distance_{issue}", float(gaps.max())), reading("grievance", float(grievance[person]))]
        emit("dissent", f"{name} comes out against the line on {issue}", actors=[name], because=[*injuries, *readings],
             distance=float(gaps.sum()), grievance=float(grievance[person]))  # fmt: skip

    @staticmethod
    def _tell_recantation(look, emit, person) -> None:
        """Because of what was done to him since he came out, of a meeting that the opposition lost, and of views."""
        name = look.labels("leader")[person]
        began = emit.last("dissent", name) or emit.last("recantation", name)
        defeats = emit.last("meeting", after=began) if some(look["discussion.tiers"]) else ()
        gap = distance(look["leader.position"][person], look["line.position"], look["issue.salience"] + look.p.recant)
        because = [*emit.last("dissent", name), *emit.last("sanction", name, began), *defeats]
        because.append(reading("distance_from_line", float(gap)))
        emit("recantation", f"{name} ends open opposition", actors=[name], because=because,
             rung=int(look["leader.rung"][person]))  # fmt: skip
