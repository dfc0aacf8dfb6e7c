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

from partystate.foundation.kernels import kernel
from partystate.model.formulas import bounded, distance, held_by, logistic, some, which
from partystate.model.mechanism import Mechanism, reading
from partystate.model.schema import CANDIDATE, ISSUES, PARTY


@kernel
def quarrel(view, line, declared, core):
    """(leader, issue) how far a view lies from the line or from the mean of the core's declared views, if that is less.

    On the first issue, the party's regime, only views on the far side count.
    """
    issues = line.size
    aim, size = np.zeros(issues), 0
    for j in range(core.size):
        if core[j]:
            size += 1
            for k in range(issues):
                aim[k] += declared[j, k]
    gap = np.empty_like(view)
    for j in range(view.shape[0]):
        for k in range(issues):
            from_line = view[j, k] - line[k]
            gap[j, k] = max(from_line, 0.0) if k == 0 else abs(from_line)
            if size > 0:
                from_aim = view[j, k] - aim[k] / size
                gap[j, k] = min(gap[j, k], max(from_aim, 0.0) if k == 0 else abs(from_aim))
    return gap


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
        active = (look["leader.alive"] > 0) & (look["leader.absent"] < p.absence) & (look["leader.seat"] >= PARTY)
        senior = active & ((look["leader.seat"] >= CANDIDATE) | (cases > 0)) & (look["leader.patron"] < 0)

        rises = senior & (opposed == 0) & (now >= silent)
        if some(rises):
            rises &= draw("dissent", ids) < p.rate * logistic(self._drive(look, grievance, opposed))
        opposed[rises] = 1
        cases[rises] += 1
        for person in which(rises):
            self._tell_dissent(look, emit, person, grievance)

        if some(opposed):
            quiet = self._recants(look, draw, opposed, rises)
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
        grievance = look["leader.grievance"] * (1 - p.fade)
        excluded = (look["leader.bloc"] == 0) & (look["leader.seat"] >= CANDIDATE)
        grievance = grievance + p.exclusion_grievance * excluded * p.fade
        for injury in look.directives():
            grievance[injury.subject] += injury.terms["size"]
        return bounded(grievance, 0, 1 + 1)

    def _drive(self, look, grievance, opposed) -> np.ndarray:
        """Log odds that a leader speaks out when the occasion comes."""
        p = look.p
        coordination, punishment = self._ban(look)
        gap = self._quarrel(look) @ look["issue.salience"]
        friends = bounded(look["leader.tie"] - p.trusted, 0, 1) @ opposed if some(opposed) else np.zeros(gap.size)
        nearer = self._nearer(look, opposed)
        base = held_by(look["region.base"], look["region.member_share"], gap.size)
        voice = look["leader.prestige"] + base + look["discussion.tiers"][0]
        precedents = np.log1p(float(look["leadership.precedents"]))
        return (
            -p.threshold
            + p.distance * gap
            + p.grievance * grievance
            + p.voice * voice
            + p.friends * friends
            + p.allies * nearer
            + p.outside * (look["leader.bloc"] == 0)
            - coordination * p.ban_coordination * bounded(friends + nearer, 0, 1)
            - punishment * p.ban_punishment * (1 + precedents) * (1 - look["trait.consistency"])
            - look.on("S50") * p.legacy * float(look["cult.founder"]) * (1 - look["leader.heir"])
        )

    @staticmethod
    def _nearer(look, opposed) -> np.ndarray:
        """1 for leaders who stand nearer to somebody in open opposition than to the line."""
        against = which(opposed)
        if against.size == 0:
            return np.zeros(opposed.size)
        view, weight = look["leader.position"], look["issue.salience"] + look.p.join
        gaps = distance(view[:, None, :], look["leader.declared"][None, against, :], weight)
        gaps[against, np.arange(against.size)] = np.inf
        return (gaps.min(axis=1) < distance(view, look["line.position"], weight)).astype(float)

    @staticmethod
    def _quarrel(look) -> np.ndarray:
        """(leader, issue) distance from the line, or from where the ruling bloc means to take it, if that is less.

        Whoever wants more discipline than the line has the machine, and no quarrel.
        """
        core = (look["leader.bloc"] > 1) & (look["leader.opposed"] == 0)
        return quarrel(look["leader.position"], look["line.position"], look["leader.declared"], core)

    @staticmethod
    def _ban(look) -> tuple[float, float]:
        """The two halves of the ban on factions: 1 while each is in force."""
        if not look.on("S03"):
            return 0.0, 0.0
        return float(look.variant != "ban_without_coordination"), float(look.variant != "ban_without_punishment")

    def _recants(self, look, draw, opposed, rises) -> np.ndarray:
        """Pressure and defeat silence those of little consistency sooner, and an accepted line removes the reason."""
        p = look.p
        gap = distance(look["leader.position"], look["line.position"], look["issue.salience"] + p.recant)
        pressed = 1 + look["leader.rung"] * (1 - look["trait.consistency"])
        chance = p.recant * (1 + 1 - look["trait.consistency"]) * pressed * bounded(1 - gap, 0, 1)
        return (opposed > 0) & ~rises & (draw("recant", look["leader.id"]) < chance)

    def _return(self, look, draw, emit) -> None:
        """Expelled leaders who gave up may be readmitted."""
        asks = (look["leader.seat"] < PARTY) & (look["leader.opposed"] == 0) & (look["leader.alive"] > 0)
        asks &= look["leader.rung"] > 0
        if not some(asks):
            return
        chance = look.p.readmit * (1 - look["trait.consistency"])
        for person in which(asks & (draw("readmission", look["leader.id"]) < chance)):
            emit.directive("readmit", int(person))

    def _associates(self, look, draw, opposed, senior, active) -> np.ndarray:
        """The second rank joins a leader in opposition whom it is tied to or agrees with, and leaves with him."""
        leading = opposed * senior
        if not some(leading):
            return np.where(senior | (look["leader.seat"] < PARTY), opposed, 0).astype(np.int8)
        patron = look["leader.patron"]
        tied = (patron >= 0) & (leading[patron] > 0)
        weight = look["issue.salience"] + look.p.join
        spokesman = which(leading)[np.argmax(look["leader.prestige"][which(leading)])]
        nearer = distance(look["leader.position"], look["leader.position"][spokesman], weight) < distance(
            look["leader.position"], look["line.position"], weight
        )
        willing = active & ~senior & (opposed == 0) & (tied | (nearer & (patron < 0)))
        opposed[willing & (draw("join", look["leader.id"]) < look.p.join)] = 1
        return opposed

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
