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
from partystate.model.compiled import politburo
from partystate.model.formulas import some, which
from partystate.model.mechanism import Mechanism, reading
from partystate.model.schema import CANDIDATE, COMMITTEE, PARTY, RUNGS

CENSURE, OFFICE, POLITBURO, CENTRAL, PARTY_RUNG, EXILE = range(1, len(RUNGS))
# Each step takes away more than the last, so that its price is the sum of all steps up to it.
PRICES = np.cumsum(np.arange(len(RUNGS))).tolist()


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
        return chosen[np.argsort(-look["leader.prestige"][chosen], kind="stable")] if chosen.size > 1 else chosen

    def _rungs(self, look, person: int) -> list[int]:
        """Steps above the present one that would take something away, from the lowest up."""
        seat, holds = int(look["leader.seat"][person]), person in look["office.holder"].tolist()
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
        terms, utility = self._terms(now, look, draw, person, voters, punished)
        softened = 1 + p.precedent * float(look["leadership.precedents"])
        steps = [PRICES[rung] * p.severity / softened for rung in rungs]
        # The mover asks for as much as he expects a majority to bear, and seldom moves when he expects none.
        expected = [np.count_nonzero(utility > step) / voters.size > p.majority for step in steps]
        if not any(expected) and draw.one("gamble", look["leader.id"][person]) >= p.gamble:
            return
        chosen = max(step for step, passes in enumerate(expected) if passes) if any(expected) else 0
        rung, severity = rungs[chosen], steps[chosen]
        terms[accusations.SEVERITY] = -severity
        votes = np.where(utility - severity + terms[accusations.CHANCE] > 0, 1, -1)
        votes[voters == mover] = 1
        ayes = int(np.count_nonzero(votes > 0))
        in_favour = ayes > p.majority * voters.size
        committee = None
        if in_favour and rung >= OFFICE:
            committee = self._committee(look, draw, person, rung, voters, votes)
            in_favour = committee > (p.two_thirds if rung >= CENTRAL else p.majority)
        means = (terms.sum(axis=1) / voters.size).tolist()
        strongest = accusations.TERMS[means.index(max(means))]
        leading = reading(strongest.replace(" ", "_"), max(means))
        title = f"{names[person]}: " + (RUNGS[rung] if in_favour else f"motion for '{RUNGS[rung]}' is lost")
        numbers = {"rung": rung, "for": ayes, "against": voters.size - ayes}
        numbers["carried"] = int(in_favour)
        if committee is not None:
            numbers["committee_share"] = float(committee)
        event = emit.motion(
            "sanction", title, "Politburo", [names[v] for v in voters], votes,
            dict(zip(accusations.TERMS, terms, strict=True)),
            actors=[names[person], names[mover]], because=[*self._because(now, look, emit, person), leading], **numbers,
        )  # fmt: skip
        if in_favour:
            emit.directive("sanction", person, because=(event,), rung=rung, mover=int(mover))
            self._implicate(look, draw, emit, person, rung, mover, event)

    def _terms(self, now, look, draw, person, voters, punished) -> tuple[np.ndarray, np.ndarray]:
        """What speaks for and against any sanction, voter by voter; and its sum: see `accusations.weighed_up`."""
        p, personal = look.p, look.on("S10")
        recent = now - float(look["discussion.month"]) <= p.memory
        company = float(look["leader.prestige"] @ look["leader.opposed"] - look["leader.prestige"][person])
        common = np.zeros(len(accusations.TERMS))
        common[accusations.BROKE] = p.violation * punished
        common[accusations.FACTION] = p.faction * punished * min(max(company, 0), 1)
        common[accusations.DISLIKE] = p.alienation * personal * look["trait.alienation"][person]
        common[accusations.MANDATE] = p.mandate * (recent * (p.majority - look["discussion.tiers"][-1]))
        return accusations.weighed_up(
            draw.stream("vote"), look["leader.id"], person, voters, look["leader.power_seen"], look["leader.patron"],
            look["leader.declared"], look["leader.bloc"], look["leader.opposed"], look["leader.tie"],
            look["issue.salience"] + p.noise, common, p.distance, p.threat, p.majority, -p.bond * personal, p.bloc,
            -look.on("S11") * p.counterweight, p.patron, p.noise,
        )  # fmt: skip

    def _committee(self, look, draw, person, rung, voters, votes) -> float:
        """Share of the Central Committee for the sanction: patron's side, closeness, name, discipline."""
        p = look.p
        side = np.zeros(look["leader.seat"].size)
        side[voters] = votes
        side[person] = -1
        side[(look["leader.opposed"] > 0) & (side == 0)] = -1
        discipline = p.discipline * (look.on("S03") * np.sign(votes.sum()))
        name = look["leader.prestige"][voters].mean() - look["leader.prestige"][person]
        return accusations.committee_share(
            draw.stream("committee"), rung, look["committee.person"], look["committee.patron"],
            look["committee.taste"], side, look["leader.declared"][person], look["line.position"],
            look["issue.salience"] + p.noise, discipline, p.threat * name, p.patron, p.distance,
        )  # fmt: skip

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
