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
from partystate.model.formulas import share_of
from partystate.model.mechanism import Mechanism, reading


class Appointments(Mechanism):
    name = "appointments"
    claim = (
        "Whoever heads the Secretariat fills vacancies with people who owe him their posts, except where "
        "another leader has a base of his own."
    )
    systems = ("S01", "S07", "S12", "S49")
    sources = ("harris2005", "pavliuchenkov2008b", "gill1990", "egorov_sonin2011")
    phase = "appoint"
    reads = (
        "leader.alive", "leader.declared", "leader.prestige", "leader.informed", "secretariat.curb", "mood.officials",
        "party.trained", "trait.networks", "region.national", "region.base", "office.region_base", "leader.bloc",
        "post.id", "post.region", "post.office", "post.rank", "post.delegate",
        "post.patron", "post.appointed", "post.taste",
    )  # fmt: skip
    reads_now = ("office.holder", "leader.rung")
    sets = (
        "post.patron", "post.appointed", "post.taste", "leader.clients", "region.clients", "region.appointed",
        "region.base",
    )  # fmt: skip
    keeps = ("post.holder", "post.since", "post.competence")
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
        "S01": (
            "Vacancies are filled locally, by whoever holds the office or the region; nothing is filled from Moscow."
        ),
        "S07": (
            "The General Secretary brings no following from earlier posts in nationality affairs, inspection "
            "and the Orgburo."
        ),
        "S12": (
            "No leader has a regional organisation of his own: vacancies in Leningrad and Moscow are filled as "
            "elsewhere."
        ),
        "S49": (
            "No new cohort of trained members: fewer of those named from above owe everything to whoever named them."
        ),
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
        head = int(look["office.holder"][0]) if look.on("S01") else -1
        patron, appointed, taste = look["post.patron"].copy(), look["post.appointed"].copy(), look["post.taste"].copy()
        office, based = self._custom(look)
        streams = tuple([draw.stream(name) for name in vacancies.DECISIONS])
        rank = look["post.rank"]
        vacant, central, change, conquered, encroached, clients, by_region, named = vacancies.turnover(
            now, streams, self._rates(now, look), head, look["post.id"], office, look["post.region"], rank,
            look["post.delegate"], look["region.national"], look["office.holder"], based, look["leader.alive"],
            look["leader.rung"], look.p.fallen, look["leader.declared"], look["mood.officials"],
            look["leader.prestige"], vacancies.weights(look.p.rank_weight, int(rank.max())), patron, appointed,
            look["post.holder"], look["post.since"], taste, look["post.competence"],
        )  # fmt: skip
        post("posts: local -> central" if change > 0 else "posts: central -> local", abs(change))
        emit.measures({"vacancies_filled": vacant, "assignments_central": central})
        return {
            "post.patron": patron,
            "post.appointed": appointed,
            "post.taste": taste,
            "leader.clients": clients,
            "region.clients": by_region,
            "region.appointed": named,
            "region.base": self._bases(look, draw, emit, encroached, conquered, head, named),
        }

    @staticmethod
    def _custom(look) -> tuple[np.ndarray, np.ndarray]:
        """(post,) the office that fills a post by custom, and (office,) which offices head a leader's own base."""
        office, based = look["post.office"], look["office.region_base"]
        if look.on("S12"):
            return office, based
        return np.where((office >= 0) & (based[office] > 0), -1, office).astype(np.int32), np.zeros_like(based)

    def _rates(self, now, look) -> vacancies.Rates:
        p, head = look.p, int(look["office.holder"][0])
        informed = float(look["leader.informed"][head]) if head >= 0 else 0.0
        listed = p.reach_after_list - (p.reach_after_list - p.reach_before_list) * (1 - p.list_growth) ** now
        trained = look.on("S49") * p.new_cohort * float(look["party.trained"])
        divided = share_of(look["leader.bloc"] == 0)
        known = int(np.argmax(look["trait.networks"]))
        return vacancies.Rates(
            vacancy=p.vacancy,
            retained=p.retained,
            purge=p.purge,
            base_fills=p.base_fills,
            reach=listed * (1 - float(look["secretariat.curb"])) * look.on("S01"),
            reach_into_bases=p.reach_into_bases,
            clients=p.clients * (1 - p.files + p.files * informed) + (1 - p.clients) * trained,
            base_clients=p.base_clients,
            local_patronage=p.local_patronage,
            networks=p.networks * look.on("S07") * float(look["trait.networks"][known]),
            taste_spread=p.taste_spread,
            drift=p.drift,
            insecurity=min(max(p.insecurity * (1 + divided), 0.0), 1.0),
            known=known,
        )

    def _bases(self, look, draw, emit, encroached, conquered: int, head: int, named) -> np.ndarray:
        """Each post taken in a leader's own region injures him; a province secretary from above may turn the region."""
        p = look.p
        base = look["region.base"].copy()
        names, regions = look.labels("leader"), look.labels("region")
        held = list(zip(look["office.holder"].tolist(), look["office.region_base"].tolist(), strict=True))
        for region, owner in enumerate(base.tolist()):
            if owner < 0:
                continue
            offices = [office for office, (holder, heads) in enumerate(held) if holder == owner and heads]
            if not offices:
                base[region] = -1
                because = (*emit.last("sanction", names[owner]), *emit.last("death", names[owner]))
                emit("organisation", f"{names[owner]} no longer leads {regions[region]}",
                     actors=[names[owner]], place=regions[region], because=because)  # fmt: skip
                continue
            if encroached[region] and owner != head:
                self._injure(emit, owner, head, float(p.encroachment * encroached[region]))
            if region == conquered and draw.one("base", region) < p.conquest:
                base[region] = -1
                because = [
                    reading("posts_taken", float(encroached[region])),
                    reading("secretaries_named_from_above", float(named[region])),
                ]
                event = emit("organisation", f"The Secretariat takes {regions[region]} from {names[owner]}",
                             actors=[names[owner]], place=regions[region], because=because,
                             office=look.labels("office")[offices[0]])  # fmt: skip
                self._injure(emit, owner, head, float(p.dispossession), (event,))
                for office in offices:  # the office that heads the region goes with it
                    emit.directive("dispossess", owner, because=(event,), office=office)
        return base

    @staticmethod
    def _injure(emit, owner: int, head: int, size: float, because=()) -> None:
        """What is taken from a leader's region is held against whoever heads the Secretariat."""
        emit.directive("injury", owner, because=because, size=size)
        emit.directive("quarrel", owner, because=because, other=head, size=min(size, 1.0))
