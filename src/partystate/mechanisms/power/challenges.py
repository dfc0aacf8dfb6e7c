"""Moving against the head of the Secretariat.

When the founder's letter is read, or by chance, the full members of the Politburo weigh whether to curb or replace the
head: how much of the power between them each sees in his hands, injuries, distance in views, friendship, and the ban
on agreeing among themselves. Warned in time, the head buys off the least determined. A majority takes from him part of
the appointments; if they want it strongly he is replaced, provided that the Central Committee follows.

Stands on the literature about how a ruler is held by the threat of a coup that those around him must agree on without
his learning of it (Svolik 2009), and on accounts of the plans of 1923 and the sittings of 1924 (Tucker 1973;
Daniels 1960). Rival reading: no colleague ever thought of the post as worth a fight, so that chances were never
missed; a low rate of occasions stands for it. Left out: threats to resign, and help from the army or the police.
"""

from __future__ import annotations

import numpy as np

from partystate.model.compiled import politburo
from partystate.model.formulas import distance, some, which
from partystate.model.mechanism import Mechanism, reading


class Challenges(Mechanism):
    name = "challenges"
    claim = (
        "The General Secretary could be curbed or replaced while his colleagues were a majority who saw the "
        "danger; few did in time."
    )
    systems = ("S03", "S06", "S10", "S13")
    sources = ("tucker1973", "kotkin1", "daniels1960", "svolik2009")
    phase = "deliberate"
    reads = (
        "leader.alive", "leader.absent", "leader.seat", "leader.patron", "leader.power_seen", "leader.informed",
        "leader.grievance", "office.holder", "issue.salience", "leader.tie", "trait.alienation",
        "trait.organisation", "committee.person", "committee.patron", "leader.id",
    )  # fmt: skip
    reads_now = ("leader.opposed", "leader.bloc", "leader.declared", "leader.blemish")
    draws = ("occasion", "want", "leak", "committee", "gamble")
    events = ("motion",)
    parameters = {
        "challenges.occasion": "share per month",
        "challenges.fear": "weight",
        "challenges.tolerated": "share",
        "challenges.blemish": "weight",
        "challenges.grievance": "weight",
        "challenges.distance": "weight",
        "challenges.bond": "weight",
        "challenges.alienation": "weight",
        "challenges.coordination": "weight",
        "challenges.condemned": "weight",
        "challenges.noise": "weight",
        "challenges.leak": "share",
        "challenges.concession": "weight",
        "challenges.curb": "share",
        "challenges.replace": "weight",
        "challenges.gamble": "share",
        "challenges.patron": "weight",
        "challenges.inertia": "weight",
        "challenges.injury": "index",
        "rules.majority": "share",
        "rules.absence": "share",
    }
    variants = ("ban_without_coordination", "ban_without_punishment")
    when_off = {
        "S03": (
            "Leaders may agree among themselves against the General Secretary at no cost, and with condemned men too."
        ),
        "S06": "The General Secretary hears of no plans in time to divide those who make them.",
        "S10": "Each sees the General Secretary's patronage in full, and likes and dislikes do not count.",
        "S13": "No letter gives an occasion.",
    }
    moves = {
        "S03": ("secretariat_challenges",),
        "S06": ("secretariat_challenges",),
        "S10": ("secretariat_challenges",),
        "S13": ("secretariat_challenges",),
    }

    def step(self, now, look, draw, post, emit):
        p = look.p
        head = int(look["office.holder"][0])
        letter = bool(look.scheduled("testament")) and look.on("S13")
        if head < 0 or not (letter or draw.one("occasion", now) < p.occasion):
            return
        voters = politburo(look["leader.seat"], look["leader.alive"], look["leader.absent"], p.absence)
        if voters.size == 0:
            return
        others = voters[voters != head]
        want, terms = self._wants(now, look, draw, head, others)
        if look.on("S06") and others.size and some(want > 0):
            want = self._divide(look, draw, head, others, want)
        supporters = others[want > 0]
        predicted = supporters.size / voters.size
        if supporters.size == 0 or (predicted <= p.majority and draw.one("gamble", now) >= p.gamble * predicted):
            return
        self._motion(look, draw, emit, head, others, want, terms)

    def _wants(self, now, look, draw, head, others):
        """How much each wants the head curbed: fear of his weight, injuries, distance, less ties and risk."""
        p = look.p
        seen = look["leader.power_seen"][others]
        mine = seen[np.arange(others.size), others]
        weight = seen[:, head] / (seen[:, head] + mine)
        gap = distance(look["leader.declared"][others], look["leader.declared"][head], look["issue.salience"] + p.noise)
        personal = look.on("S10")
        ban = look.on("S03") and look.variant != "ban_without_coordination"
        leper = ban * (some(look["leader.opposed"]) * (look["leader.opposed"][others] == 0))
        noise = 1 - draw("want", look["leader.id"][others]) - draw("want", look["leader.id"][others], 1)
        terms = {
            "fear": p.fear * (weight - p.tolerated),
            "letter": p.blemish * look["leader.blemish"][head] * np.ones(others.size),
            "injuries": p.grievance * look["leader.grievance"][others],
            "distance": p.distance * gap,
            "dislike": p.alienation * personal * look["trait.alienation"][head] * np.ones(others.size),
            "friendship": -p.bond * personal * look["leader.tie"][others, head],
            "ban on factions": -p.coordination * ban * np.ones(others.size),
            "company of the condemned": -p.condemned * leper * np.ones(others.size),
            "client": -p.patron * (look["leader.patron"][others] == head),
            "same bloc": -p.inertia * (look["leader.bloc"][others] > 0),
            "chance": p.noise * noise,
        }
        return sum(terms.values()), terms

    @staticmethod
    def _divide(look, draw, head, others, want):
        """Warned in time, he buys off the least determined by concessions, in the order of their reluctance."""
        p = look.p
        warned = p.leak * look["leader.informed"][head] * look["trait.organisation"][head]
        heard = draw("leak", look["leader.id"][others]) < warned
        return want - p.concession * heard

    def _motion(self, look, draw, emit, head, others, want, terms) -> None:
        p, names = look.p, look.labels("leader")
        mover = others[np.argmax(want)]
        replace = want[want > 0].mean() > p.replace
        votes = np.where(want > 0, 1, -1)
        voters = np.append(others, head)
        votes = np.append(votes, -1)
        terms = {k: np.append(v, 0.0) for k, v in terms.items()}
        carried = (votes > 0).sum() > p.majority * voters.size
        numbers = {"for": int((votes > 0).sum()), "against": int((votes < 0).sum())}
        if carried and replace:
            numbers["committee_share"] = self._committee(look, draw, head, voters, votes)
            carried = numbers["committee_share"] > p.majority
        what = "replaced" if replace else "placed under collective control"
        title = f"The General Secretary ({names[head]}) is to be {what}: {'carried' if carried else 'lost'}"
        letter = emit.last("testament") if look.scheduled("testament") else ()
        because = [*letter, reading("fear", float(terms["fear"].mean()))]
        event = emit.motion(
            "motion", title, "Politburo", [names[v] for v in voters], votes, terms, actors=[names[mover], names[head]],
            because=because, carried=int(carried), replace=int(replace), **numbers,
        )  # fmt: skip
        emit.measure("secretariat_challenges", 1)
        if not carried:
            for person in others[want > 0]:
                emit.directive("injury", int(person), because=(event,), size=float(p.injury))
            return
        if not replace:
            emit.directive("curb", head, because=(event,), share=float(p.curb))
            return
        order = np.argsort(-look["leader.power_seen"][head][others[want > 0]], kind="stable")
        emit.directive("office", int(others[want > 0][order[0]]), because=(event,), office=0)
        emit.directive("injury", head, because=(event,), size=float(p.injury))

    def _committee(self, look, draw, head, voters, votes) -> float:
        """Share of the Central Committee for the change: patrons' sides, own view of the man, inertia."""
        p = look.p
        sits = which(look["committee.person"] > -(1 + 1))
        patron, member = look["committee.patron"][sits], look["committee.person"][sits]
        side = np.zeros(look["leader.seat"].size)
        side[voters] = votes
        own = np.where(member >= 0, side[member], 0)
        noise = 1 - draw("committee", sits) - draw("committee", sits, 1)
        utility = p.patron * np.where(patron >= 0, side[patron], 0) + own + p.blemish * look["leader.blemish"][head]
        return float((utility + np.sign(votes.sum()) * p.coordination + noise > p.inertia).mean())
