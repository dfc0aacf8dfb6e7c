"""Who rules with whom.

Leaders with full seats and no patron among them make offers in turn, those who look strong and are skilled in
organisation likeliest to be first. An offer is a bloc with a majority in the Politburo and, as its maker believes, in
the Central Committee (Baron and Ferejohn 1989; Riker 1962). Each invited leader compares it with what he has: his
share of the bloc's power, the danger that a partner who outweighs the rest drops him next (Acemoglu, Egorov and Sonin
2008), views, friends inside and friends left outside. Leaders too weak to win without the bloc, and near it in views,
follow. All of it goes by power as each sees it, so that an overlooked partner looks harmless.

Rival reading: blocs were fellowships of conviction, and power followed ideas (Daniels 1960); a large weight of policy
and none of fear stand for it. Left out: promises of posts inside an offer, secret agreements kept from other partners,
and blocs of the second rank.
"""

from __future__ import annotations

import numpy as np

from partystate.mechanisms.power import offers
from partystate.model.compiled import shares
from partystate.model.formulas import bounded, some, which
from partystate.model.mechanism import Mechanism, reading

BREAKS = ("death", "sanction", "organisation", "dissent", "recantation")  # what can end a bloc


class Coalitions(Mechanism):
    name = "coalitions"
    claim = (
        "The weaker join against whoever seems strongest, avoid partners who could do without them, and follow "
        "when they cannot win."
    )
    systems = ("S10", "S11")
    sources = ("daniels1960", "aes2008", "baron_ferejohn1989", "riker1962")
    phase = "deliberate"
    reads = (
        "trait.organisation", "leader.alive", "leader.absent", "leader.seat", "leader.patron", "leader.power_seen",
        "leader.bloc", "leader.opposed", "leader.id", "leader.tie", "leader.misjudgement", "leader.committee_clients",
        "leader.prestige", "trait.alienation", "issue.salience",
    )  # fmt: skip
    reads_now = ("leader.declared",)
    sets = ("leader.bloc",)
    draws = ("review", "maker")
    events = ("coalition",)
    parameters = {
        "coalitions.review": "share per month",
        "coalitions.fear": "share",
        "coalitions.steepness": "weight",
        "coalitions.policy": "weight",
        "coalitions.friendship": "weight",
        "coalitions.dislike": "weight",
        "coalitions.exclusion": "weight",
        "coalitions.inertia": "weight",
        "coalitions.base_salience": "index",
        "coalitions.follow": "position",
        "rules.majority": "share",
        "rules.absence": "share",
    }
    when_off = {
        "S10": "Skill counts for nothing in who makes the offers.",
        "S11": "Leaders look only at the share of power that a bloc gives them now, not at who could drop them next.",
    }
    moves = {"S10": ("bloc_size",), "S11": ("bloc_size",)}

    def step(self, now, look, draw, post, emit):
        p, bloc = look.p, look["leader.bloc"]
        voters, players, broken = offers.table(
            look["leader.seat"], look["leader.alive"], look["leader.absent"], look["leader.patron"], bloc,
            look["leader.opposed"], p.absence,
        )  # fmt: skip
        if players.size == 0 or (not broken and draw.one("review", now) >= p.review):
            return None
        views = look["leader.declared"][players]
        weight = look["issue.salience"] + p.base_salience
        seen, heads = offers.seen_by_players(look["leader.power_seen"], look["leader.patron"], players, voters)
        current = sum(1 << i for i, j in enumerate(players) if bloc[j] > 1 and not look["leader.opposed"][j])
        names, chosen = shares(look["leader.prestige"][players]), 0
        weight, ties = shares(weight), look["leader.tie"][players[:, None], players]
        # Leaders try in turn, the strong and the skilled likeliest to be first, until somebody's offer is taken.
        skill = look["trait.organisation"][players] if look.on("S10") else np.ones(players.size)
        turn = np.maximum(seen.mean(axis=0) * skill, np.finfo(float).eps)
        order = np.argsort(-np.log1p(-draw("maker", look["leader.id"][players])) / turn)
        dislike = p.dislike * look["trait.alienation"][players]
        for maker in order.tolist():
            mistaken = look["leader.misjudgement"][players[maker]][players]
            clients = look["leader.committee_clients"][players] * (1 - mistaken)
            standing = current if offers.wins(current, heads, clients, names, p.majority) else 0
            chosen = offers.best_offer(
                maker, standing, heads, clients, names, seen, views, weight, ties,
                dislike, p.fear if look.on("S11") else 0.0, p.steepness,
                p.policy, p.friendship, p.exclusion, p.majority, p.inertia,
            )  # fmt: skip
            if chosen:
                break
        new = self._followers(look, players, chosen, seen, views, weight)
        new = self._with_clients(look, new)
        if some(new[players] != bloc[players]):
            self._tell(look, emit, new, bloc, players, maker, seen[maker])
        return {"leader.bloc": new}

    def _followers(self, look, players, chosen: int, seen, views, weight) -> np.ndarray:
        """2 for the core; 1 for those who are near the core's view and too weak to win without it; 0 outside."""
        new = np.zeros(look["leader.bloc"].size, dtype=np.int8)
        inside = np.array([bool(chosen >> i & 1) for i in range(players.size)])
        new[players[inside]] = 1 + 1
        if not some(inside):
            new[players] = look["leader.opposed"][players] == 0
            return new
        power = seen.mean(axis=0)
        centre = shares(power[inside]) @ views[inside]
        gap = np.abs(views - centre) @ weight
        weakness = bounded(1 - power / power[inside].max(), 0, 1)
        close = ~inside & (gap < look.p.follow * weakness) & (look["leader.opposed"][players] == 0)
        new[players[close]] = 1
        return new

    def _with_clients(self, look, new: np.ndarray) -> np.ndarray:
        """Everybody else stands where the patron stands; those without a patron follow unless in opposition."""
        return offers.with_patrons(
            new, look["leader.seat"], look["leader.alive"], look["leader.absent"], look["leader.patron"],
            look["leader.opposed"], look.p.absence,
        )  # fmt: skip

    @staticmethod
    def _tell(look, emit, new, bloc, players, maker, seen) -> None:
        """Because of what befell those who come or go since the last bloc was formed, and of whom the maker fears."""
        names = look.labels("leader")
        core = [names[j] for j in players if new[j] > 1]
        before = emit.last("coalition")
        moved = which((new > 1) != (bloc > 1))
        moved = moved if moved.size else players[new[players] != bloc[players]]
        because = [cause for kind in BREAKS for j in moved for cause in emit.last(kind, names[j], before)]
        because += emit.last("issue", after=before)
        partners = (new[players] > 1) & (np.arange(players.size) != maker)
        if some(partners):
            share = seen[partners].max() / seen[new[players] > 1].sum()
            because.append(reading("share_of_strongest_partner", float(share)))
        outside = [names[j] for j in players if new[j] == 0]
        title = f"{', '.join(core)} form the ruling bloc" + (f"; outside it: {', '.join(outside)}" if outside else "")
        actors = [names[players[maker]], *[c for c in core if c != names[players[maker]]]]
        emit("coalition", title, actors=actors, because=because, core=len(core), outside=len(outside))
