"""What becomes of decisions on persons.

Orders voted this month are carried out at once in the leadership: a step on the ladder of removal takes away what it
names, elected seats are taken, and each first removal of a member of a leading body is a precedent for the next.
Offices left by the dead and the fallen are filled by the strongest leader of the ruling bloc, with a free follower of
good name and skill, who thereby owes him his place (Gill 1990; Daniels 1960). Officials tied to the Secretariat as an
office follow whoever heads it.

Rival reading: offices of state were filled for competence and by agreement of all. Left out: bargaining over who
succeeds, deputies who act for a time, and offices that were split or merged.
"""

from __future__ import annotations

import numpy as np

from partystate.model.formulas import flag_of, some, which
from partystate.model.mechanism import Mechanism
from partystate.model.schema import COMMITTEE, FULL, OUT, PARTY, RUNGS

STATE = {
    "seat": "leader.seat", "rung": "leader.rung", "sanctioned": "leader.sanctioned", "holder": "office.holder",
    "patron": "leader.patron",
}  # fmt: skip
CENSURE, OFFICE, POLITBURO, CENTRAL, EXPELLED, EXILE = range(1, len(RUNGS))


class Execution(Mechanism):
    name = "execution"
    claim = (
        "What is voted on a person is carried out at once in the leadership: seats and offices change hands, "
        "and a precedent is set."
    )
    systems = ("S01",)
    sources = ("daniels1960", "gill1990")
    phase = "command"
    reads = (
        "leader.seat", "leader.rung", "leader.sanctioned", "office.holder", "secretariat.curb", "leadership.precedents",
        "leader.patron", "leader.prestige", "leader.power_seen", "leader.opposed", "leader.bloc",
        "leader.id", "trait.organisation", "trait.contender", "trait.office_tied",
    )  # fmt: skip
    reads_now = ("leader.alive",)
    sets = (
        "leader.seat", "leader.rung", "leader.sanctioned", "office.holder", "secretariat.curb", "leadership.precedents",
        "leader.patron",
    )  # fmt: skip
    draws = ("successor",)
    receives = ("readmit", "seat", "office", "curb", "dispossess", "sanction")
    events = ("appointment",)
    parameters = {
        "execution.curb_fade": "share per month",
        "execution.client_tie": "share",
        "execution.prestige": "weight",
        "opposition.sanction_grievance": "index",
    }
    when_off = {
        "S01": "Officials of the Secretariat and heads of offices owe their places to nobody.",
    }
    moves = {"S01": ("committee_clients_of_holder",)}

    def step(self, now, look, draw, post, emit):
        s = {name: look[column].copy() for name, column in STATE.items()}
        curb = float(look["secretariat.curb"]) * (1 - look.p.curb_fade)
        precedents = int(look["leadership.precedents"])
        for person, kind, *_ in look.scheduled("seat"):
            s["seat"][person] = FULL if kind == "full" else COMMITTEE
        for person, office, *_ in look.scheduled("office"):
            s["holder"][look.labels("office").index(office)] = person
        if s["holder"][0] != look["office.holder"][0]:
            self._attach(look, s)
        freed: dict[int, tuple[str, ...]] = {}  # offices that fell vacant by a decision, and which
        # Elections before sanctions: whoever is struck and chosen in one month is struck, whichever was written first.
        for order in sorted(look.directives(), key=lambda order: self.receives.index(order.kind)):
            if order.kind == "sanction":
                precedents += int(order.terms["rung"] >= OFFICE and s["seat"][order.subject] > COMMITTEE)
                if order.terms["rung"] >= OFFICE:
                    freed |= {int(office): order.because for office in which(s["holder"] == order.subject)}
                self._sanction(now, look, s, order, emit)
            elif order.kind == "seat":
                s["seat"][order.subject] = order.terms["seat"]
            elif order.kind == "curb":
                curb = min(1.0, curb + order.terms["share"])
            elif order.kind == "office":
                self._install(look, s, emit, order.subject, int(order.terms["office"]), order.because)
            elif order.kind == "dispossess":
                s["holder"][int(order.terms["office"])] = -1
                freed[int(order.terms["office"])] = order.because
            elif order.kind == "readmit":
                s["seat"][order.subject], s["rung"][order.subject] = PARTY, CENTRAL
        self._fill_offices(look, s, draw, emit, freed)
        if s["holder"][0] != look["office.holder"][0]:
            self._attach(look, s)
        return {
            "leader.seat": s["seat"],
            "leader.rung": s["rung"],
            "leader.sanctioned": s["sanctioned"],
            "leader.patron": s["patron"],
            "office.holder": s["holder"],
            "secretariat.curb": np.array(curb),
            "leadership.precedents": np.array(precedents),
        }

    @staticmethod
    def _attach(look, s) -> None:
        """Officials whose tie is to the Secretariat follow whoever heads it."""
        tied = (look["trait.office_tied"] > 0) & look.on("S01")
        s["patron"][tied] = s["holder"][0]
        s["patron"][s["holder"][0]] = -1

    @staticmethod
    def _sanction(now, look, s, order, emit) -> None:
        person, rung = order.subject, int(order.terms["rung"])
        s["rung"][person] = max(s["rung"][person], rung)
        s["sanctioned"][person] = now
        if rung >= OFFICE:
            s["holder"][s["holder"] == person] = -1
        highest = {POLITBURO: COMMITTEE, CENTRAL: PARTY, EXPELLED: OUT, EXILE: OUT}.get(rung)
        if highest is not None:
            s["seat"][person] = min(s["seat"][person], highest)
        emit.directive("injury", person, because=order.because, size=look.p.sanction_grievance)

    def _fill_offices(self, look, s, draw, emit, freed) -> None:
        """The dead and the fallen leave offices; the ruling bloc's strongest leader names a follower."""
        dead = look["leader.alive"] == 0
        if some(dead):
            s["seat"][dead] = np.minimum(s["seat"][dead], PARTY)
            for office in which(flag_of(dead, s["holder"])):
                freed[int(office)] = emit.last("death", look.labels("leader")[s["holder"][office]])
                s["holder"][office] = -1
        appointed, before = [office for _, office, *_ in look.scheduled("office")], look["office.holder"].tolist()
        for office, holder in enumerate(s["holder"].tolist()):
            if holder >= 0:
                continue
            created = before[office] >= 0 or look.labels("office")[office] in appointed
            if not (created or self._was_held(look, office)):
                continue
            chosen = self._successor(look, s, office, draw)
            if chosen is not None:
                self._install(look, s, emit, chosen, office, freed.get(office, ()))

    @staticmethod
    def _was_held(look, office: int) -> bool:
        """Offices that the calendar creates later wait for their first holder."""
        return not look.coming("office", look.labels("office")[office])

    @staticmethod
    def _successor(look, s, office: int, draw) -> int | None:
        """The Secretariat goes to the strongest of the bloc; other offices to a free follower of the strongest."""
        able = (look["leader.alive"] > 0) & (look["leader.opposed"] == 0) & (s["rung"] < OFFICE) & (s["seat"] >= PARTY)
        core = able & (look["leader.bloc"] > 1)
        power = look["leader.power_seen"].mean(axis=0)
        if not some(able):
            return None
        if not some(core):
            core = able
        patron = int(which(core)[np.argmax(power[core])])
        if office == 0:
            return patron
        holds = np.bincount(s["holder"][s["holder"] >= 0], minlength=able.size)
        free = which(able & (holds == 0))
        if free.size == 0:
            return patron
        tie = look.p.client_tie * (s["patron"][free] == patron)
        skill = look["trait.organisation"][free] * draw("successor", look["leader.id"][free])
        score = tie + look.p.prestige * look["leader.prestige"][free] + skill
        return int(free[np.argmax(score)])

    @staticmethod
    def _install(look, s, emit, person: int, office: int, because) -> None:
        """Put a person into an office; those who got theirs from another become his followers."""
        s["holder"][office] = person
        name = look.labels("leader")[person]
        title = f"{name} takes over: {look.labels('office')[office]}"
        emit("appointment", title, actors=[name], because=because, office=office)
        power = look["leader.power_seen"].mean(axis=0)
        core = which((look["leader.bloc"] > 1) & (look["leader.opposed"] == 0))
        own_man = s["patron"][person] >= 0 or look["trait.contender"][person]
        if not look.on("S01") or office == 0 or core.size == 0 or own_man:
            return
        giver = int(core[np.argmax(power[core])])
        if giver != person and s["patron"][giver] != person:
            s["patron"][person] = giver
