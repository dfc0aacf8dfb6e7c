"""Herds: breeding, loss for want of feed, slaughter for meat, from need, and before they can be taken."""

from __future__ import annotations

import numpy as np

from partystate.foundation.calendar import MONTHS_PER_YEAR
from partystate.foundation.draws import lane, pairs
from partystate.foundation.kernels import chunked, kernel
from partystate.foundation.units import STEPS
from partystate.mechanisms.countryside.table import (
    ABLE,
    AGES,
    ALONE,
    KINDS,
    OLD,
    TABLE,
    YOUNG,
    by_region,
    households,
)
from partystate.model.formulas import bounded
from partystate.model.mechanism import Mechanism

COUNTED = ("born", "died", "slaughtered", "taken")
BORN, DIED, SLAUGHTERED, TAKEN = range(len(COUNTED))


class Herds(Mechanism):
    name = "herds"
    claim = (
        "Herds fall in two waves: peasants slaughter what they expect to lose, and what is left starves when feed is "
        "taken; on private plots they grow again."
    )
    systems = ("S23",)
    sources = ("davies1980", "dw2004", "hunter1988", "selkhoz1960", "pianciola")
    phase = "life"
    reads = (
        "area.ceiling", "area.fear", "kolkhoz.members", "meat.quota", "plots.allowed",
        "household.weight", "household.place", "kolkhoz.fed", "area.id",
    )  # fmt: skip
    reads_now = ("food.fed",)
    sets = ("herds.slaughtered", "herds.died")
    tables = (*TABLE, "kolkhoz.herd")
    flows = tuple(
        f"{kind}: {path}"
        for kind in KINDS
        for path in (
            "bred -> households", "households -> dead", "households -> slaughtered", "bred -> kolkhozy",
            "kolkhozy -> dead", "kolkhozy -> slaughtered",
        )
    )  # fmt: skip
    draws = ("fate", "kolkhoz")
    parameters = {
        **{f"herds.born_{kind}": "share per year" for kind in KINDS},
        **{f"herds.died_{kind}": "share per year" for kind in KINDS},
        **{f"herds.used_{kind}": "share per year" for kind in KINDS},
        **{f"herds.hungry_{kind}": "share per year" for kind in KINDS},
        **{f"herds.fear_{kind}": "share per month" for kind in KINDS},
        "herds.herder_herd": "ratio",
        "herds.distress": "share per month",
        "herds.restock": "share per month",
        "herds.plot_room": "share",
        "herds.careless": "share per year",
    }
    when_off = {"S23": "Nobody slaughters animals because they may be taken, and nobody shows discontent."}
    moves = {"S23": ("cattle_jan", "horses_jan")}

    def step(self, now, look, draw, post, emit):
        p, weight = look.p, look["household.weight"]
        table, rows, place = households(look), look["household.rows"], look["household.place"]
        fed = np.minimum(look["food.fed"], 1.0)
        fear = look["area.fear"] if look.on("S23") else np.zeros(fed.size)
        born, died, used, hungry, afraid = (
            np.array([getattr(p, f"{what}_{kind}") for kind in KINDS])
            for what in ("born", "died", "used", "hungry", "fear")
        )
        year = _year(born), _year(died), _year(used), _year(hungry)
        by_fear = fear[:, None] * afraid
        room = p.plot_room * float(look["plots.allowed"])
        sums = np.zeros((rows.size, len(COUNTED) * len(KINDS)), dtype=np.int64)
        _breed(
            rows.size, table, rows, place, now, draw.stream("fate"), look["area.ceiling"], room, fed, by_fear,
            look["meat.quota"], p.distress, p.restock, p.herder_herd, *year, sums,
        )  # fmt: skip
        done = by_region(sums, place, weight).reshape(weight.size, len(COUNTED), len(KINDS))
        common = self._kolkhozy(look, draw, year)
        totals, herds = done.sum(axis=0).T.tolist(), common.sum(axis=0).T.tolist()
        for kind, total, herd in zip(KINDS, totals, herds, strict=True):
            post(f"{kind}: bred -> households", total[BORN])
            post(f"{kind}: households -> dead", total[DIED])
            post(f"{kind}: households -> slaughtered", total[SLAUGHTERED] + total[TAKEN])
            post(f"{kind}: bred -> kolkhozy", herd[BORN])
            post(f"{kind}: kolkhozy -> dead", herd[DIED])
            post(f"{kind}: kolkhozy -> slaughtered", herd[SLAUGHTERED])
        both = done + common
        return {
            "herds.slaughtered": both[:, SLAUGHTERED] + both[:, TAKEN],
            "herds.died": both[:, DIED],
        }

    @staticmethod
    def _kolkhozy(look, draw, year) -> np.ndarray:
        """(region, counted, kind) what happens to the common herds, which are kept with less care."""
        p, herd = look.p, look["kolkhoz.herd"]
        born, died, used, hungry = year
        short = (1 - np.minimum(look["kolkhoz.fed"], 1.0))[:, None]
        lots = np.stack([draw("kolkhoz", look["area.id"], k) for k in range(len(KINDS))], axis=1)
        room = look["area.ceiling"] * look["kolkhoz.members"][:, None]
        full = herd / np.maximum(room, 1)
        counts = np.zeros((herd.shape[0], len(COUNTED), len(KINDS)), dtype=np.int64)
        counts[:, BORN] = herd * born * bounded(1 + 1 - full, 0, 1) + lots
        counts[:, SLAUGHTERED] = herd * (used * np.minimum(full, 1) + look["meat.quota"][:, None]) + lots
        lost = herd * (died + _year(p.careless) + hungry * short) + 1 - lots
        counts[:, DIED] = np.minimum(lost, herd - counts[:, SLAUGHTERED])
        counts = np.maximum(counts, 0)
        herd += counts[:, BORN] - counts[:, SLAUGHTERED] - counts[:, DIED]
        return counts


def _year(share):
    """A yearly share as one of a month."""
    return share / MONTHS_PER_YEAR


@kernel
def _kept(x):
    return min(max(x, 0.0), 1.0)


@kernel
def _keep(people, status, herder, reserve, n, room, herder_herd, distress, scope, need, fearful):
    """By household: for how many mouths it may keep animals, the need that makes it slaughter, and whether it fears."""
    for i in range(n):
        start, alone = i * len(AGES), status[i] == ALONE
        mouths = np.int32(people[start + YOUNG]) + np.int32(people[start + ABLE]) + np.int32(people[start + OLD])
        scope[i] = mouths * (1.0 if alone else room) * (herder_herd if herder[i] else 1.0)
        need[i] = distress * (1 - reserve[i] / STEPS)
        fearful[i] = 1.0 if alone else 0.0


@kernel
def _turn(
    k, heads, gains, losses, scope, need, fearful, n, ceiling, fear, used, born, quota, dying, restock, after, given,
    asks,
):  # fmt: skip
    """One kind of animal in the first ``n`` households of a chunk; returns heads born, dead, slaughtered and taken.

    Into ``after`` heads left, into ``given`` those to spare, into ``asks`` who would take one. Without branches, on
    columns that lie in one piece, so that several households are worked at once.
    """
    grown, lost, killed, delivered = 0, 0, 0, 0
    for i in range(n):
        own = np.int32(heads[i])
        number, gain, loss, most = np.float64(own), lane(gains[i], k), lane(losses[i], k), ceiling * scope[i]
        full = number / max(most, 1 / STEPS)
        spare = min(np.int32(number * min(used * full * full, 1.0) + loss), own)
        slaughtered = min(np.int32(number * min(need[i] + fear * fearful[i], 1.0) + (1 - loss)), own - spare)
        taken = min(np.int32(number * quota + gain), own - spare - slaughtered)
        left = own - spare - slaughtered - taken
        dead = min(np.int32(number * dying + (1 - gain)), left)
        young = min(np.int32(number * born + gain), np.int32(STEPS) - own)
        after[i] = left + young - dead
        given[i] = spare
        asks[i] = np.int32(own == 0) & np.int32(gain < restock * min(most, 1.0))
        grown += int(young)
        lost += int(dead)
        killed += int(slaughtered)
        delivered += int(taken)
    return grown, lost, killed, delivered


@chunked
def _breed(
    first, last, h, rows, place, start, stream, ceiling, room, fed, by_fear, quota, distress, restock, herder_herd,
    born, died, used, hungry, sums,
):  # fmt: skip
    kinds, size = born.size, h.id.shape[1]
    gains, losses = np.empty(size, np.uint64), np.empty(size, np.uint64)
    scope, need, fearful = np.empty(size), np.empty(size), np.empty(size)
    heads, after, given, asks = (np.empty(size, np.uint8), np.empty(size, np.uint8), np.empty(size, np.uint8),
                                 np.empty(size, np.uint8))  # fmt: skip
    for c in range(first, last):
        r, n, herds = place[c], rows[c], h.herd[c]
        pairs(stream, h.id[c], n, 0, gains, losses)
        _keep(
            h.people[c].reshape(-1), h.status[c], h.herder[c], h.reserve[c], n, room, herder_herd, distress, scope,
            need, fearful,
        )  # fmt: skip
        for k in range(kinds):
            dying = _kept(died[k] + hungry[k] * (1 - fed[r]))
            for i in range(n):
                heads[i] = herds[i, k]
            grown, lost, killed, taken = _turn(
                k, heads, gains, losses, scope, need, fearful, n, ceiling[r, k], by_fear[r, k], used[k], born[k],
                _kept(quota[r]), dying, restock, after, given, asks,
            )  # fmt: skip
            # What one household can spare is offered to others first, so it must not always be the same that begin.
            spare, i = 0, start % max(n, 1)
            for _ in range(n):
                i = i + 1 if i + 1 < n else 0
                spare += given[i]
                herds[i, k] = after[i]
                if spare > 0 and asks[i] > 0:
                    spare -= 1
                    herds[i, k] = 1
            sums[c, BORN * kinds + k], sums[c, DIED * kinds + k] = grown, lost
            sums[c, SLAUGHTERED * kinds + k], sums[c, TAKEN * kinds + k] = killed + spare, taken
