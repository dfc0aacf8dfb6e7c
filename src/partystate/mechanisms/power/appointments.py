"""Who fills the posts of the nomenklatura, and whose people they become."""

from __future__ import annotations

import numpy as np

from partystate.foundation.draws import bits, u01
from partystate.foundation.kernels import kernel
from partystate.model.mechanism import Mechanism


@kernel
def fill(
    month, streams, ids, branch_office, region, rank, office_holder, base_lost, head, fallen, patron, appointed, holder, since,
    taste, competence, views, mood, cumulative, national, rates, office_region_base, encroached,
):  # fmt: skip
    """One month of vacancies and new holders over all posts, in place. Returns (vacancies, central, challenged province).

    streams: vacancy, way, tie, quality. rates: vacancy, retained share for the head's clients, purge of the fallen's
    clients, base fills, central reach, reach into bases, client share, base clients, local patronage, networks' reach,
    taste spread, drift, insecurity. encroached: (region,) count of posts in other leaders' bases taken from above.
    """
    vacancies, central, conquered = 0, 0, -1
    for i in range(ids.size):
        own = patron[i]
        hazard = rates[0]
        if own >= 0:
            if own == head:
                hazard *= rates[1]
            if fallen[own]:
                hazard *= rates[2]
                if u01(streams[2], ids[i], 1) < rates[11]:
                    patron[i] = -1
        if u01(streams[0], ids[i], 0) >= hazard:
            continue
        vacancies += 1
        office = branch_office[i]
        owner = office_holder[office] if office >= 0 else -1
        if owner >= 0 and fallen[owner]:
            owner = -1
        u = u01(streams[1], ids[i], 0)
        tie = u01(streams[2], ids[i], 0)
        from_above, new = False, -1
        reach = rates[4]
        if owner >= 0 and owner != head:
            reach = rates[5] * rates[4] if office_region_base[office] else (1.0 - rates[3]) * rates[4]
        if head >= 0 and u < reach:
            from_above = True
            if owner >= 0 and owner != head and office_region_base[office]:
                encroached[region[i]] += 1
                if rank[i] == 1:
                    conquered = region[i]
            if tie < rates[6]:
                new = head
        elif owner >= 0:
            if tie < rates[7]:
                new = owner
        elif region[i] >= 0 and national[region[i]] and u01(streams[2], ids[i], 2) < rates[9]:
            new = np.int32(rates[13])
        elif tie < rates[8]:
            pick = u01(streams[2], ids[i], 3) * cumulative[-1]
            new = np.searchsorted(cumulative, pick, side="right")
        patron[i] = new
        appointed[i] = 1 if from_above else 0
        central += 1 if from_above else 0
        since[i] = month
        holder[i] = bits(streams[0], ids[i], 1)
        first = u01(streams[3], ids[i], 0)
        second = u01(streams[3], ids[i], 1)
        # An insecure patron takes the more loyal of two men, a secure one the abler (Egorov and Sonin 2011).
        loyal = u01(streams[3], ids[i], 2) < rates[12]
        competence[i] = first if loyal and new >= 0 else max(first, second)
        for k in range(taste.shape[1]):
            centre = views[new, k] if new >= 0 else mood[k]
            taste[i, k] = min(1.0, max(-1.0, centre + rates[10] * (1.0 - u01(streams[3], ids[i], 3 + k) - u01(streams[3], ids[i], 3 + taste.shape[1] + k))))
    return vacancies, central, conquered


@kernel
def tally(patron, weight, region, delegate, appointed, rank, leaders, regions):
    """Client shares of posts (leader,), of delegate weight by region (region, leader), appointed secretaries (region,)."""
    clients = np.zeros(leaders)
    by_region = np.zeros((regions, leaders))
    total = np.zeros(regions)
    named = np.zeros(regions)
    secretaries = np.zeros(regions)
    everything = 0.0
    for i in range(patron.size):
        everything += weight[i]
        if patron[i] >= 0:
            clients[patron[i]] += weight[i]
        r = region[i]
        if r >= 0:
            total[r] += delegate[i]
            if patron[i] >= 0:
                by_region[r, patron[i]] += delegate[i]
            if rank[i] == 1:
                secretaries[r] += 1
                named[r] += appointed[i]
    for r in range(regions):
        if total[r] > 0:
            by_region[r] /= total[r]
        if secretaries[r] > 0:
            named[r] /= secretaries[r]
    return clients / everything, by_region, named


class Appointments(Mechanism):
    name = "appointments"
    claim = "Whoever heads the Secretariat fills vacancies with people who owe him their posts, except where another leader has a base of his own."
    systems = ("S01", "S07", "S12", "S49")
    sources = ("harris2005", "pavliuchenkov2008b", "gill1990", "egorov_sonin2011")
    phase = "appoint"
    reads = (
        "leader.id", "leader.alive", "leader.declared", "leader.prestige", "leader.informed", "secretariat.curb", "mood.officials",
        "party.trained", "trait.networks", "region.national", "region.base", "office.region_base", "leader.bloc",
        "post.id", "post.region", "post.office", "post.rank", "post.delegate", "post.committee",
        "post.patron", "post.appointed", "post.holder", "post.since", "post.taste", "post.competence",
    )  # fmt: skip
    reads_now = ("office.holder", "leader.rung", "leader.opposed", "region.compliance")
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
        vacancies, central, conquered = fill(
            now, tuple(draw.stream(name) for name in ("vacancy", "way", "tie", "quality")), look["post.id"], branch_office,
            look["post.region"], look["post.rank"], look["office.holder"], fallen, head, fallen, posts["patron"],
            posts["appointed"], posts["holder"], posts["since"], posts["taste"], posts["competence"], look["leader.declared"],
            look["mood.officials"], np.cumsum(look["leader.prestige"] * (look["leader.alive"] > 0)), look["region.national"],
            self._rates(now, look), bases, encroached,
        )  # fmt: skip
        change = int(posts["appointed"].sum()) - before
        post("posts: local -> central" if change > 0 else "posts: central -> local", abs(change))
        clients, by_region, named = tally(
            posts["patron"], p.rank_weight ** -look["post.rank"].astype(float), look["post.region"], look["post.delegate"],
            posts["appointed"], look["post.rank"], fallen.size, encroached.size,
        )  # fmt: skip
        base = self._bases(look, draw, emit, encroached, conquered, head)
        emit.measure("vacancies_filled", vacancies)
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

    def _bases(self, look, draw, emit, encroached, conquered: int, head: int) -> np.ndarray:
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
                emit("organisation", f"{names[owner]} no longer leads {regions[region]}", actors=[names[owner]], place=regions[region])
                continue
            if encroached[region] and owner != head:
                self._injure(emit, owner, head, float(p.encroachment * encroached[region]))
            if region == conquered and draw("base", region)[0] < p.conquest:
                base[region] = -1
                event = emit("organisation", f"The Secretariat takes {regions[region]} from {names[owner]}",
                             actors=[names[owner]], place=regions[region], office=office)  # fmt: skip
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
