"""Moving against a colleague who is in open opposition.

A leader of the bloc moves that an opponent be censured, lose his office, his seats, his membership, be exiled. He asks
for as much as he expects a majority to bear. Colleagues weigh the breach of the ban, distance, the danger he is,
dislike and friendship, how the meetings voted, what the step takes away in all (less once there are precedents), and
who would stand above them all when he is gone (Acemoglu, Egorov and Sonin 2008; Svolik 2009). Higher steps need the
Central Committee, expulsion from it two thirds. Those near him fall with him.

Rival reading: the outcome of each vote was settled by the majority's caucus, and votes expressed discipline alone
(Gill 1990); a large weight of the bloc stands for it. Left out: the Central Control Commission as a court of its own,
arrests, and bargains in which a penalty is spared for a confession.
"""

from __future__ import annotations

import numpy as np

from partystate.mechanisms.power import accusations
from partystate.model.formulas import bounded, distance, mean, politburo, some, which
from partystate.model.mechanism import Mechanism, reading
from partystate.model.schema import CANDIDATE, COMMITTEE, PARTY, RUNGS

CENSURE, OFFICE, POLITBURO, CENTRAL, PARTY_RUNG, EXILE = range(1, len(RUNGS))


class Sanctions(Mechanism):
    name = "sanctions"
    claim = (
        "Open opposition is punished step by step, and colleagues vote for a step when they fear the man more "
        "than the one who would gain."
    )
    systems = ("S03", "S10", "S11", "S14")
    sources = ("daniels1960", "svolik2009", "aes2008", "gill1990")
    phase = "deliberate"
    reads = (
        "leader.alive", "leader.absent", "leader.seat", "leader.rung", "leader.sanctioned", "leader.patron",
        "leader.power_seen", "office.holder", "leadership.precedents", "issue.salience", "trait.alienation",
        "leader.tie", "committee.person", "committee.patron", "committee.taste", "leader.prestige", "leader.id",
        "line.position",
    )  # fmt: skip
    reads_now = ("leader.opposed", "leader.bloc", "leader.declared", "discussion.tiers", "discussion.month")
    draws = ("press", "gamble", "vote", "committee", "implicate")
    events = ("sanction",)
    parameters = {
        "sanctions.press": "share per month",
        "sanctions.pause": "months",
        "sanctions.violation": "weight",
        "sanctions.faction": "weight",
        "sanctions.distance": "weight",
        "sanctions.threat": "weight",
        "sanctions.alienation": "weight",
        "sanctions.bond": "weight",
        "sanctions.bloc": "weight",
        "sanctions.mandate": "weight",
        "sanctions.severity": "weight",
        "sanctions.precedent": "weight",
        "sanctions.counterweight": "weight",
        "sanctions.gamble": "share",
        "sanctions.noise": "weight",
        "sanctions.patron": "weight",
        "sanctions.discipline": "weight",
        "sanctions.implicate": "share",
        "sanctions.memory": "months",
        "rules.majority": "share",
        "rules.two_thirds": "share",
        "rules.absence": "share",
    }
    variants = ("ban_without_coordination", "ban_without_punishment")
    when_off = {
        "S03": "Opposition breaks no rule: it counts for nothing in the vote, and seats are lost only at a congress.",
        "S10": "Colleagues' abrasiveness and friendships do not count in votes on persons.",
        "S11": "Nobody asks who would be strongest once the man is gone.",
        "S14": (
            "There is no ladder: a leader can be censured; seats and offices are lost only by death and at elections."
        ),
    }
    moves = {
        "S03": ("politburo_rivals_out",),
        "S10": ("politburo_rivals_out",),
        "S11": ("politburo_rivals_out",),
        "S14": ("politburo_rivals_out",),
    }

    def step(self, now, look, draw, post, emit):
        if not some(look["leader.opposed"]):
            return
        for person in self._targets(now, look, draw):
            voters = politburo(look["leader.seat"], look["leader.alive"], look["leader.absent"], look.p.absence)
            self._motion(now, look, draw, emit, person, voters)

    def _targets(self, now, look, draw) -> np.ndarray:
        """Leaders in open opposition whose time has come, the most prestigious first."""
        p = look.p
        chosen = accusations.accused(
            draw.stream("press"), look["leader.id"], look["leader.opposed"], look["leader.alive"], look["leader.bloc"],
            look["leader.patron"], look["leader.sanctioned"], look["leader.seat"], look["leader.rung"], now, p.pause,
            p.press,
        )  # fmt: skip
        return chosen[np.argsort(-look["leader.prestige"][chosen], kind="stable")]

    def _rungs(self, look, person: int) -> list[int]:
        """Steps above the present one that would take something away, from the lowest up."""
        seat, holds = int(look["leader.seat"][person]), some(look["office.holder"] == person)
        takes = {
            CENSURE: True,
            OFFICE: holds,
            POLITBURO: seat >= CANDIDATE,
            CENTRAL: seat >= COMMITTEE,
            PARTY_RUNG: seat >= PARTY,
            EXILE: seat < PARTY,
        }
        above = [rung for rung, something in takes.items() if something and rung > look["leader.rung"][person]]
        return above if look.on("S14") else above[:1] if look["leader.rung"][person] < CENSURE else []

    def _motion(self, now, look, draw, emit, person: int, voters: np.ndarray) -> None:
        p, names = look.p, look.labels("leader")
        punished = look.on("S03") and look.variant != "ban_without_punishment"
        rungs = self._rungs(look, person)
        if not punished and not look.scheduled("congress"):
            rungs = [rung for rung in rungs if rung < POLITBURO]
        voters = voters[voters != person]
        movers = voters[(look["leader.bloc"][voters] > 1) & (look["leader.opposed"][voters] == 0)]
        if movers.size == 0 or not rungs:
            return
        mover = movers[np.argmax(look["leader.power_seen"][person][movers])]
        terms = self._terms(now, look, person, voters, punished)
        # Each step takes away more than the last, so that its price is the sum of all steps up to it.
        price = np.cumsum(np.arange(len(RUNGS)))[np.array(rungs)]
        steps = price * p.severity / (1 + p.precedent * float(look["leadership.precedents"]))
        utility = self._with_patrons(look, voters, sum(terms.values()))
        # The mover asks for as much as he expects a majority to bear, and seldom moves when he expects none.
        passes = (utility[None, :] > steps[:, None]).mean(axis=1) > p.majority
        if not some(passes) and draw.one("gamble", look["leader.id"][person]) >= p.gamble:
            return
        chosen = int(which(passes)[-1]) if some(passes) else 0
        rung, severity = rungs[chosen], steps[chosen]
        noise = 1 - draw("vote", look["leader.id"][voters]) - draw("vote", look["leader.id"][voters], 1)
        terms |= {"severity": -severity * np.ones(voters.size), "chance": p.noise * noise}
        votes = np.where(utility - severity + p.noise * noise > 0, 1, -1)
        votes[voters == mover] = 1
        in_favour = (votes > 0).sum() > p.majority * voters.size
        committee = None
        if in_favour and rung >= OFFICE:
            committee = self._committee(look, draw, person, rung, voters, votes)
            in_favour = committee > (p.two_thirds if rung >= CENTRAL else p.majority)
        strongest = max(terms, key=lambda term: mean(terms[term]))
        leading = reading(strongest.replace(" ", "_"), float(terms[strongest].mean()))
        title = f"{names[person]}: " + (RUNGS[rung] if in_favour else f"motion for '{RUNGS[rung]}' is lost")
        numbers = {"rung": rung, "for": int((votes > 0).sum()), "against": int((votes < 0).sum())}
        numbers["carried"] = int(in_favour)
        if committee is not None:
            numbers["committee_share"] = float(committee)
        event = emit.motion(
            "sanction", title, "Politburo", [names[v] for v in voters], votes, terms,
            actors=[names[person], names[mover]], because=[*self._because(now, look, emit, person), leading], **numbers,
        )  # fmt: skip
        if in_favour:
            emit.directive("sanction", person, because=(event,), rung=rung, mover=int(mover))
            self._implicate(look, draw, emit, person, rung, mover, event)

    def _terms(self, now, look, person, voters, punished) -> dict[str, np.ndarray]:
        """What speaks for and against any sanction, voter by voter; positive is for."""
        p, one = look.p, np.ones(voters.size)
        threat, gain = accusations.weight_and_gain(look["leader.power_seen"], look["leader.patron"], person, voters)
        declared = look["leader.declared"]
        gap = distance(declared[voters], declared[person], look["issue.salience"] + p.noise)
        recent = now - float(look["discussion.month"]) <= p.memory
        mandate = recent * (p.majority - look["discussion.tiers"][-1])
        personal = look.on("S10")
        company = look["leader.prestige"] @ look["leader.opposed"] - look["leader.prestige"][person]
        return {
            "broke the line": p.violation * punished * one,
            "formed a faction": p.faction * punished * bounded(company, 0, 1) * one,
            "distance": p.distance * gap,
            "threat": p.threat * (threat - p.majority),
            "dislike": p.alienation * personal * look["trait.alienation"][person] * one,
            "friendship": -p.bond * personal * look["leader.tie"][voters, person],
            "bloc": p.bloc * bounded(look["leader.bloc"][voters], 0, 1) - p.bloc * look["leader.opposed"][voters],
            "mandate of the meetings": p.mandate * mandate * one,
            "who gains": -look.on("S11") * p.counterweight * gain,
        }

    @staticmethod
    def _with_patrons(look, voters, utility) -> np.ndarray:
        """Clients in the Politburo weigh their patron's view with their own."""
        patron = look["leader.patron"][voters]
        where = {v: i for i, v in enumerate(voters)}
        lead = np.array([utility[where[q]] if q in where else 0.0 for q in patron])
        return utility + look.p.patron * lead

    def _committee(self, look, draw, person, rung, voters, votes) -> float:
        """Share of the Central Committee for the sanction: patron's side, closeness, name, discipline."""
        p = look.p
        sits = which(look["committee.person"] > -(1 + 1))
        patron, member = look["committee.patron"][sits], look["committee.person"][sits]
        side = np.zeros(look["leader.seat"].size)
        side[voters] = votes
        side[person] = -1
        opposed = (look["leader.opposed"] > 0) & (side == 0)
        side[opposed] = -1
        weight = look["issue.salience"] + p.noise
        nearer = distance(look["committee.taste"][sits], look["leader.declared"][person], weight) - distance(
            look["committee.taste"][sits], look["line.position"], weight
        )
        balance = np.sign(votes.sum())
        discipline = p.discipline * (look.on("S03") * balance)
        name = look["leader.prestige"][voters].mean() - look["leader.prestige"][person]
        noise = 1 - draw("committee", sits, rung) - draw("committee", sits, rung + len(RUNGS))
        own = np.where(member >= 0, side[member], 0)
        utility = p.patron * np.where(patron >= 0, side[patron], 0) + own * (1 + p.patron) + p.distance * nearer
        utility = utility + discipline + p.threat * name + noise
        return float((utility > 0).mean())

    @staticmethod
    def _because(now, look, emit, person: int) -> tuple[str, ...]:
        """The target's last open dissent, and the last meeting if an opposition stood there and it is remembered."""
        counted = now - float(look["discussion.month"]) <= look.p.memory and some(look["discussion.tiers"])
        return (*emit.last("dissent", look.labels("leader")[person]), *(emit.last("meeting") if counted else ()))

    def _implicate(self, look, draw, emit, person, rung, mover, event) -> None:
        """Associates in open opposition, and clients, fall with their leader."""
        rest = (look["leader.opposed"] > 0) & (look["leader.rung"] < rung) & (look["leader.alive"] > 0)
        rest &= (look["leader.patron"] == person) | (look["leader.seat"] < CANDIDATE)
        rest[person] = False
        for other in which(rest & (draw("implicate", look["leader.id"]) < look.p.implicate)):
            emit.directive("sanction", int(other), because=(event,), rung=rung, mover=int(mover))
