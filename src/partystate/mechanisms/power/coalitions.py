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

from partystate.foundation.kernels import kernel
from partystate.model.formulas import bounded, flag_of, politburo, shares, some, which
from partystate.model.mechanism import Mechanism, reading

BREAKS = ("death", "sanction", "organisation", "dissent", "recantation")  # what can end a bloc


@kernel
def value(member, mask, power, views, weight, bond, dislike, fear, steep, policy, friendship, outside, majority):
    """Worth to ``member`` of the bloc ``mask`` (bits over n players), as he sees ``power`` (n,).

    His share of the bloc's power, less the chance that a partner who outweighs all others together drops him, less
    distance to the bloc's weighted view, plus friends inside and less friends left outside. Outsiders get the policy
    part and the loss of exclusion.
    """
    n, k = views.shape
    total = 0.0
    largest = 0.0
    for j in range(n):
        if mask >> j & 1:
            total += power[j]
            if j != member:
                largest = max(largest, power[j])
    gap = 0.0
    for i in range(k):
        centre = 0.0
        for j in range(n):
            if mask >> j & 1:
                centre += power[j] * views[j, i]
        gap += weight[i] * abs(views[member, i] - centre / total)
    if not mask >> member & 1:
        return -policy * gap - outside
    ties = 0.0
    for j in range(n):
        if j == member:
            continue
        if mask >> j & 1:
            ties += (bond[member, j] - dislike[j]) * power[j] / total
        elif bond[member, j] > 0:
            ties -= bond[member, j] * power[j] / total
    risk = 1.0 / (1.0 + np.exp(-steep * (largest / total - majority)))
    return power[member] / total * (1.0 - fear * risk) - policy * gap + friendship * ties


@kernel
def wins(mask, heads, clients, names, majority):
    """Whether a bloc has a majority of ``heads`` in the Politburo, and in the Central Committee of its own ``clients``
    and of a share of the unattached seats as large as its share of ``names``."""
    free = 1.0 - clients.sum()
    votes, ours, known = 0, 0.0, 0.0
    for j in range(heads.size):
        if mask >> j & 1:
            votes += heads[j]
            ours += clients[j]
            known += names[j]
    return votes > majority * heads.sum() and ours + free * known > majority


@kernel
def best_offer(
    maker, current, heads, clients, names, seen, views, weight, bond, dislike, fear, steep, policy, friendship, outside,
    majority, inertia,
):  # fmt: skip
    """The winning bloc that ``maker`` likes best and every invited leader accepts; ``current`` if there is none."""
    n = seen.shape[0]
    args = (weight, bond, dislike, fear, steep, policy, friendship, outside, majority)
    kept = value(maker, current, seen[maker], views, *args) if current else -policy - outside
    best, best_value = current, kept + inertia
    for mask in range(1, 1 << n):
        if not mask >> maker & 1 or mask == current:
            continue
        if not wins(mask, heads, clients, names, majority):
            continue
        worth = value(maker, mask, seen[maker], views, *args)
        if worth <= best_value:
            continue
        accepted = True
        for j in range(n):
            if mask >> j & 1 and j != maker:
                now = value(j, current, seen[j], views, *args) if current else -policy - outside
                if value(j, mask, seen[j], views, *args) < now:
                    accepted = False
                    break
        if accepted:
            best, best_value = mask, worth
    return best


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
        voters = politburo(look["leader.seat"], look["leader.alive"], look["leader.absent"], p.absence)
        patron = look["leader.patron"]
        seated = np.zeros(bloc.size, dtype=bool)
        seated[voters] = True
        players = voters[~flag_of(seated, patron[voters])]
        core = bloc > 1
        inside = core[players].sum()
        broken = not inside or inside < core.sum() or some(core & (look["leader.opposed"] > 0))
        if players.size == 0 or (not broken and draw("review", now)[0] >= p.review):
            return None
        views = look["leader.declared"][players]
        weight = look["issue.salience"] + p.base_salience
        seen = self._seen(look, players, voters)
        heads = 1 + (patron[voters][None, :] == players[:, None]).sum(axis=1)
        current = sum(1 << i for i, j in enumerate(players) if bloc[j] > 1 and not look["leader.opposed"][j])
        names, standing = look["leader.prestige"][players], 0
        chosen = 0
        # Leaders try in turn, the strong and the skilled likeliest to be first, until somebody's offer is taken.
        skill = look["trait.organisation"][players] if look.on("S10") else np.ones(players.size)
        turn = np.maximum(seen.mean(axis=0) * skill, np.finfo(float).eps)
        order = np.argsort(-np.log1p(-draw("maker", look["leader.id"][players])) / turn)
        for maker in order:
            mistaken = look["leader.misjudgement"][players[maker]][players]
            clients = look["leader.committee_clients"][players] * (1 - mistaken)
            standing = current if wins(current, heads, clients, shares(names), p.majority) else 0
            chosen = best_offer(
                maker, standing, heads, clients, shares(names), seen, views, shares(weight),
                look["leader.tie"][np.ix_(players, players)], p.dislike * look["trait.alienation"][players],
                p.fear if look.on("S11") else 0.0, p.steepness, p.policy, p.friendship, p.exclusion, p.majority,
                p.inertia,
            )  # fmt: skip
            if chosen:
                break
        new = self._followers(look, players, chosen, seen, views, shares(weight))
        new = self._with_clients(look, new)
        if not np.array_equal(new[players], bloc[players]):
            self._tell(look, emit, new, bloc, players, maker, seen[maker])
        return {"leader.bloc": new}

    def _seen(self, look, players: np.ndarray, voters: np.ndarray) -> np.ndarray:
        """(viewer, player) power as seen, with that of clients in the Politburo counted with their patron."""
        seen = look["leader.power_seen"][np.ix_(players, players)].copy()
        patron = look["leader.patron"]
        for i, j in enumerate(players):
            clients = voters[patron[voters] == j]
            seen[:, i] += look["leader.power_seen"][np.ix_(players, clients)].sum(axis=1)
        return shares(seen)

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
        patron, opposed = look["leader.patron"], look["leader.opposed"] > 0
        rest = new == 0
        rest[politburo(look["leader.seat"], look["leader.alive"], look["leader.absent"], look.p.absence)] = False
        has = patron >= 0
        new[rest & has & (new[patron] > 0)] = 1
        new[rest & ~has & ~opposed] = 1
        member = (look["leader.seat"] > 0) & has & (new == 0)
        new[member & (new[patron] > 0) & ~opposed] = 1
        return new

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
