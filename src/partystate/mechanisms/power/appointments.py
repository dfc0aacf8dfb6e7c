"""Who fills the posts of the nomenklatura, and whose people they become.

Each month some posts fall vacant. A vacancy is filled from above, by whoever heads the Secretariat, with a chance
that grows as the list of posts grows (Pavliuchenkov 2008; Harris 2005); otherwise by the leader to whose office or
region the post belongs, or by nobody who matters. Part of those named become clients of whoever named them. The head
keeps his own people longer, and clients of fallen leaders drift away or are replaced. A leader whose region is taken
post by post is injured by it, and in the end may lose it. An insecure patron takes the more loyal of two candidates,
a secure one the abler (Egorov and Sonin 2011).

Rival reading: the assignment office was too small and too ill informed to choose, confirmed what the provinces
proposed, and the flow of loyalty followed success rather than made it (Gill 1990 weighs both); a low chance of
filling from above and a low share of clients stand for it. Left out: the careers of named officials, posts that a
client himself may fill, and quarrels between the departments that made the appointments.
"""

from __future__ import annotations

import numpy as np

from partystate.mechanisms.power import vacancies
from partystate.model.mechanism import Mechanism, reading


class Appointments(Mechanism):
    name = "appointments"
    claim = "Whoever heads the Secretariat fills vacancies with people who owe him their posts, except where another leader has a base of his own."
    systems = ("S01", "S07", "S12", "S49")
    sources = ("harris2005", "pavliuchenkov2008b", "gill1990", "egorov_sonin2011")
    phase = "appoint"
    reads = (
        "leader.alive", "leader.declared", "leader.prestige", "leader.informed", "secretariat.curb", "mood.officials",
        "party.trained", "trait.networks", "region.national", "region.base", "office.region_base", "leader.bloc",
        "post.id", "post.region", "post.office", "post.rank", "post.delegate",
        "post.patron", "post.appointed", "post.holder", "post.since", "post.taste", "post.competence",
    )  # fmt: skip
    reads_now = ("office.holder", "leader.rung")
    sets = (
        "post.patron", "post.appointed", "post.holder", "post.since", "post.taste", "post.competence",
        "leader.clients", "region.clients", "region.appointed", "region.base",
    )  # fmt: skip
    flows = ("posts: local -> central", "posts: central -> local")
    draws = ("vacancy", "way", "tie", "quality", "base")
    events = ("organisation",)
    parameters = {
        "appointments.vacancy": "share per month",
        "appointments.retained": "share",
        "appointments.purge": "ratio",
        "appointments.base_fills": "share",
        "appointments.reach_before_list": "share",
        "appointments.reach_after_list": "share",
        "appointments.list_growth": "share per month",
        "appointments.reach_into_bases": "share",
        "appointments.clients": "share",
        "appointments.files": "share",
        "appointments.base_clients": "share",
        "appointments.local_patronage": "share",
        "appointments.networks": "share",
        "appointments.taste_spread": "position",
        "appointments.drift": "share per month",
        "appointments.insecurity": "share",
        "appointments.new_cohort": "share",
        "appointments.conquest": "share",
        "appointments.encroachment": "index",
        "appointments.dispossession": "index",
        "appointments.fallen": "rank",
        "appointments.rank_weight": "weight",
    }
    when_off = {
        "S01": "Vacancies are filled locally, by whoever holds the office or the region; nothing is filled from Moscow.",
        "S07": "The General Secretary brings no following from earlier posts in nationality affairs, inspection and the Orgburo.",
        "S12": "No leader has a regional organisation of his own: vacancies in Leningrad and Moscow are filled as elsewhere.",
        "S49": "No new cohort of trained members: fewer of those named from above owe everything to whoever named them.",
    }
    moves = {
        "S01": ("client_share_of_holder",),
        "S07": ("client_share_of_holder",),
        "S12": ("client_share_of_holder",),
        "S49": ("client_share_of_holder",),
    }

    def found(self, founding, world, accounts, scale):
        size = world.now["post.patron"].size
        accounts["posts"] = {"local": size, "central": 0}

    def step(self, now, look, draw, post, emit):
        p = look.p
        posts = {k: look[f"post.{k}"].copy() for k in ("patron", "appointed", "holder", "since", "taste", "competence")}
        head = int(look["office.holder"][0]) if look.on("S01") else -1
        fallen = (look["leader.rung"] >= p.fallen) | (look["leader.alive"] == 0)
        encroached = np.zeros(look["region.national"].size, dtype=np.int64)
        bases = look["office.region_base"] * look.on("S12")
        branch_office = look["post.office"]
        if not look.on("S12"):
            based = (branch_office >= 0) & (look["office.region_base"][branch_office] > 0)
            branch_office = np.where(based, -1, branch_office).astype(np.int32)
        before = int(posts["appointed"].sum())
        filled, central, conquered = vacancies.fill(
            now, tuple(draw.stream(name) for name in ("vacancy", "way", "tie", "quality")), look["post.id"], branch_office,
            look["post.region"], look["post.rank"], look["office.holder"], fallen, head, fallen, posts["patron"],
            posts["appointed"], posts["holder"], posts["since"], posts["taste"], posts["competence"], look["leader.declared"],
            look["mood.officials"], np.cumsum(look["leader.prestige"] * (look["leader.alive"] > 0)), look["region.national"],
            self._rates(now, look), bases, encroached,
        )  # fmt: skip
        change = int(posts["appointed"].sum()) - before
        post("posts: local -> central" if change > 0 else "posts: central -> local", abs(change))
        clients, by_region, named = vacancies.tally(
            posts["patron"], p.rank_weight ** -look["post.rank"].astype(float), look["post.region"], look["post.delegate"],
            posts["appointed"], look["post.rank"], fallen.size, encroached.size,
        )  # fmt: skip
        base = self._bases(look, draw, emit, encroached, conquered, head, named)
        emit.measure("vacancies_filled", filled)
        emit.measure("assignments_central", central)
        return {
            **{f"post.{name}": array for name, array in posts.items()},
            "leader.clients": clients,
            "region.clients": by_region,
            "region.appointed": named,
            "region.base": base,
        }

    def _rates(self, now, look) -> np.ndarray:
        p = look.p
        head = int(look["office.holder"][0])
        informed = look["leader.informed"][head] if head >= 0 else 0.0
        listed = p.reach_after_list - (p.reach_after_list - p.reach_before_list) * (1 - p.list_growth) ** now
        reach = listed * (1 - float(look["secretariat.curb"])) * look.on("S01")
        trained = look.on("S49") * p.new_cohort * float(look["party.trained"])
        clients = p.clients * (1 - p.files + p.files * informed) + (1 - p.clients) * trained
        divided = (look["leader.bloc"] == 0).mean()
        known = int(np.argmax(look["trait.networks"]))
        networks = p.networks * look.on("S07") * look["trait.networks"][known]
        return np.array(
            [p.vacancy, p.retained, p.purge, p.base_fills, reach, p.reach_into_bases, clients, p.base_clients, p.local_patronage,
             networks, p.taste_spread, p.drift, np.clip(p.insecurity * (1 + divided), 0, 1), known]
        )  # fmt: skip

    def _bases(self, look, draw, emit, encroached, conquered: int, head: int, named) -> np.ndarray:
        """Each post taken in a leader's own region injures him; a province secretary from above may turn the region."""
        p = look.p
        base = look["region.base"].copy()
        holder = look["office.holder"]
        names, regions = look.labels("leader"), look.labels("region")
        for region in np.flatnonzero(base >= 0):
            owner = int(base[region])
            office = look.labels("office")[int(np.flatnonzero(holder == owner)[0])] if (holder == owner).any() else ""
            held = look["office.region_base"][holder == owner].any()
            if not held:
                base[region] = -1
                because = (*emit.last("sanction", names[owner]), *emit.last("death", names[owner]))
                emit("organisation", f"{names[owner]} no longer leads {regions[region]}",
                     actors=[names[owner]], place=regions[region], because=because)  # fmt: skip
                continue
            if encroached[region] and owner != head:
                self._injure(emit, owner, head, float(p.encroachment * encroached[region]))
            if region == conquered and draw("base", region)[0] < p.conquest:
                base[region] = -1
                because = [
                    reading("posts_taken", float(encroached[region])),
                    reading("secretaries_named_from_above", float(named[region])),
                ]
                event = emit("organisation", f"The Secretariat takes {regions[region]} from {names[owner]}",
                             actors=[names[owner]], place=regions[region], because=because, office=office)  # fmt: skip
                self._injure(emit, owner, head, float(p.dispossession), (event,))
                self._dispossess(look, emit, owner, region, event)
        return base

    @staticmethod
    def _injure(emit, owner: int, head: int, size: float, because=()) -> None:
        """What is taken from a leader's region is held against whoever heads the Secretariat."""
        emit.directive("injury", owner, because=because, size=size)
        emit.directive("quarrel", owner, because=because, other=head, size=min(size, 1.0))

    @staticmethod
    def _dispossess(look, emit, owner: int, region, event: str) -> None:
        """The office that heads the region goes with it."""
        mine = (look["office.holder"] == owner) & (look["office.region_base"] > 0)
        for office in np.flatnonzero(mine):
            emit.directive("dispossess", int(owner), because=(event,), office=int(office))
