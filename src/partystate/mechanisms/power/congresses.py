"""Congresses elect the Central Committee, which elects the Politburo.

The calendar calls a congress. Leaders in good standing and most other members keep their seats; open and new seats go
to holders of posts, drawn by the weight of the post, where a slate favours clients of the ruling bloc and passes over
the opposition's. The new committee then fills the Politburo by standing: name, clients in the committee, closeness to
the line, kinship with the founder. This is the circular flow of power of Daniels (1960): secretaries choose delegates,
delegates the committee, the committee those who choose secretaries. Between congresses clients leave a falling patron.

Rival reading: seats in the committee came with offices by a rough custom, and the centre gained little by naming
their holders (Gill 1990); no slate stands for it. Left out: candidates to the Central Committee, co-option, the
Central Control Commission, and the ballot's cancelled votes.
"""

from __future__ import annotations

import numpy as np

from partystate.foundation.draws import u01
from partystate.foundation.kernels import kernel
from partystate.foundation.units import PERCENT
from partystate.model.formulas import distance, flag_of, which
from partystate.model.mechanism import Mechanism
from partystate.model.schema import CANDIDATE, COMMITTEE, FULL, RUNGS

EMPTY = -1 - 1
POLITBURO_RUNG = RUNGS.index("out of Politburo")


@kernel
def lost(stream, person, patron, rung, seat, alive, drift):
    """(seat,) flags of clients who leave a falling patron, and of leaders who lose their place in the committee."""
    leaves, gone = np.zeros(person.size, dtype=np.bool_), np.zeros(person.size, dtype=np.bool_)
    for i in range(person.size):
        leaves[i] = patron[i] >= 0 and rung[patron[i]] > 1 and u01(stream, i, 0) < drift
        gone[i] = person[i] >= 0 and (seat[person[i]] < COMMITTEE or alive[person[i]] == 0)
    return leaves, gone, leaves.any() or gone.any()


class Congresses(Mechanism):
    name = "congresses"
    claim = (
        "Secretaries choose delegates, delegates choose the Central Committee, and it chooses the Politburo: "
        "power flows in a circle."
    )
    systems = ("S05",)
    sources = ("daniels1960", "gill1990", "rigby1968")
    phase = "deliberate"
    reads = (
        "leader.alive", "leader.seat", "leader.rung", "leader.prestige", "leader.patron", "leader.heir", "leader.id",
        "cult.founder", "line.position", "issue.salience", "committee.person", "committee.patron", "committee.taste",
        "committee.since", "post.patron", "post.taste", "post.id", "post.committee",
        "leader.declared",
    )  # fmt: skip
    reads_now = ("leader.opposed", "leader.bloc", "discussion.tiers")
    sets = ("committee.person", "committee.patron", "committee.taste", "committee.since", "leader.committee_clients")
    draws = ("retain", "elect", "politburo", "drift")
    events = ("election",)
    parameters = {
        "congresses.turnover": "share",
        "congresses.slate": "weight",
        "congresses.opposition_penalty": "weight",
        "congresses.prestige": "weight",
        "congresses.candidate": "weight",
        "congresses.patronage": "weight",
        "congresses.closeness": "weight",
        "congresses.heir": "weight",
        "congresses.noise": "weight",
        "congresses.drift": "share per month",
        "congresses.drop": "weight",
    }
    when_off = {
        "S05": "No slate: seats go to posts by weight alone, and to the opposition in proportion to its delegates.",
    }
    moves = {"S05": ("committee_clients_of_holder",)}

    def step(self, now, look, draw, post, emit):
        called = look.scheduled("congress")
        seats = {name: look[f"committee.{name}"] for name in ("person", "patron", "taste", "since")}
        if not called:
            return self._between(now, look, draw, seats)
        title, sizes = called[0]
        seats = self._elect(now, look, draw, seats, sizes["committee_size"])
        new = int((seats["since"] == now).sum())
        emit("election", f"{title} elects a Central Committee of {sizes['committee_size']}, {new} of them new",
             place="congress", because=emit.last("meeting"), size=sizes["committee_size"], new=new)  # fmt: skip
        emit.measure("cc_newcomer_share", PERCENT * new / sizes["committee_size"])
        if "politburo_size" in sizes:
            self._politburo(look, draw, emit, seats, sizes, title)
        return self._result(look, seats)

    def _between(self, now, look, draw, seats):
        """Between congresses clients leave a falling patron; leaders who lose their seats leave the committee."""
        patron, person = seats["patron"], seats["person"]
        leaves, gone, any_ = lost(
            draw.stream("drift"), person, patron, look["leader.rung"], look["leader.seat"], look["leader.alive"],
            look.p.drift,
        )  # fmt: skip
        if not any_:
            return None
        left = {"patron": np.where(leaves | gone, -1, patron), "person": np.where(gone, EMPTY, person)}
        return self._result(look, {**seats, **left})

    def _elect(self, now, look, draw, seats, size: int) -> dict[str, np.ndarray]:
        """Leaders in good standing keep their seats; other incumbents mostly do; the rest are drawn from posts."""
        p = look.p
        largest = seats["person"].size
        opposed = look["leader.opposed"] > 0
        person = np.full(largest, EMPTY, dtype=np.int32)
        patron = np.full(largest, -1, dtype=np.int32)
        taste, since = seats["taste"].copy(), seats["since"].copy()
        sits = np.arange(largest)

        # Leaders count as members or candidate members of the committee; full seats go to the best known of them.
        leaders = which((look["leader.alive"] > 0) & (look["leader.seat"] >= COMMITTEE))
        leaders = leaders[np.argsort(-look["leader.prestige"][leaders], kind="stable")][:size]
        leaves = p.turnover * (1 + p.opposition_penalty * opposed[seats["patron"]])
        official = (seats["person"] == -1) & (draw("retain", sits) >= leaves)
        stay = which(official)[: max(size - leaders.size, 0)]
        kept_patron, kept_taste, kept_since = seats["patron"][stay], seats["taste"][stay], seats["since"][stay]
        before = np.isin(leaders, seats["person"])

        n, m = leaders.size, stay.size
        person[:n], patron[:n], taste[:n] = leaders, look["leader.patron"][leaders], look["leader.declared"][leaders]
        since[:n] = np.where(before, now - 1, now)
        at = slice(n, n + m)
        person[at], patron[at], taste[at], since[at] = -1, kept_patron, kept_taste, kept_since
        open_ = size - n - m
        if open_ > 0:
            chosen = self._from_posts(look, draw, open_)
            at = slice(n + m, size)
            person[at], since[at] = -1, now
            patron[at], taste[at] = look["post.patron"][chosen], look["post.taste"][chosen]
        return {"person": person, "patron": patron, "taste": taste, "since": since}

    def _from_posts(self, look, draw, count: int) -> np.ndarray:
        """Posts drawn without replacement by weight: the slate favours the ruling bloc's clients, region by region."""
        p, patron = look.p, look["post.patron"]
        weight = look["post.committee"].copy()
        ruling = flag_of((look["leader.bloc"] > 0) & (look["leader.opposed"] == 0), patron)
        opposed = flag_of(look["leader.opposed"] > 0, patron)
        share = float(look["discussion.tiers"][-1])
        if look.on("S05"):
            weight = weight * (1 + p.slate * ruling) / (1 + p.opposition_penalty * opposed)
        # Delegates of the opposition bring in their own in proportion to their number.
        mine, all_ = (weight * opposed).sum(), weight.sum()
        if mine > 0 and share > 0:
            weight = np.where(opposed, weight * share * all_ / mine, weight)
        keys = -np.log1p(-draw("elect", look["post.id"])) / np.maximum(weight, np.finfo(float).eps)
        among = which(keys <= np.partition(keys, count - 1)[count - 1])
        return among[np.argsort(keys[among], kind="stable")][:count]

    def _politburo(self, look, draw, emit, seats, sizes, title) -> None:
        """Incumbents stay unless on the ladder or in opposition; open seats go by standing, to candidates first."""
        p, names = look.p, look.labels("leader")
        seat, rung = look["leader.seat"], look["leader.rung"]
        score = self._scores(look, draw, seats)
        eligible = (look["leader.alive"] > 0) & (seat >= COMMITTEE) & (rung < POLITBURO_RUNG)
        wavering = (look["leader.opposed"] > 0) & (rung > 0)
        stays = which((seat == FULL) & eligible & ~(wavering & (score < p.drop)))
        stays = stays[np.argsort(-score[stays], kind="stable")][: sizes["politburo_size"]]
        pool = which(eligible & (look["leader.opposed"] == 0))
        pool = np.setdiff1d(pool, stays)
        pool = pool[np.argsort(-score[pool], kind="stable")]
        open_ = sizes["politburo_size"] - stays.size
        elected, candidates = pool[:open_], pool[open_ : open_ + sizes["politburo_candidates"]]
        new = np.minimum(seat, COMMITTEE)
        new[candidates] = CANDIDATE
        new[np.concatenate([stays, elected])] = FULL
        because = emit.last("election")
        for person in which((new != seat) & (look["leader.alive"] > 0)):
            emit.directive("seat", int(person), because=because, seat=int(new[person]))
        if elected.size:
            chosen = ", ".join(names[i] for i in elected)
            actors = [names[i] for i in elected]
            emit("election", f"{title}: elected to the Politburo: {chosen}", actors=actors, because=because)

    def _scores(self, look, draw, seats) -> np.ndarray:
        """Standing of each leader with the new Central Committee."""
        p = look.p
        sits = seats["person"] > EMPTY
        patron = seats["patron"][sits]
        clients = np.bincount(patron[patron >= 0], minlength=look["leader.seat"].size) / max(sits.sum(), 1)
        own = look["leader.patron"]
        backing = clients + np.where(own >= 0, clients[own], 0)
        weight = look["issue.salience"] + p.noise
        near = 1 - distance(look["leader.declared"], look["line.position"], weight)
        noise = 1 - draw("politburo", look["leader.id"]) - draw("politburo", look["leader.id"], 1)
        return (
            p.prestige * look["leader.prestige"]
            + p.candidate * (look["leader.seat"] == CANDIDATE)
            + p.patronage * backing
            + p.closeness * near
            + p.heir * float(look["cult.founder"]) * look["leader.heir"]
            + p.noise * noise
        )

    @staticmethod
    def _result(look, seats):
        sits = seats["person"] > EMPTY
        clients = np.bincount(seats["patron"][sits & (seats["patron"] >= 0)], minlength=look["leader.seat"].size)
        return {
            **{f"committee.{name}": array for name, array in seats.items()},
            "leader.committee_clients": clients / max(np.count_nonzero(sits), 1),
        }
