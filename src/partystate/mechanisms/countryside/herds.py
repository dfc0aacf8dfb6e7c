"""Herds: breeding, loss for want of feed, slaughter for meat, from need, and before they can be taken."""

from __future__ import annotations

import numpy as np
from numba import prange

from partystate.foundation.calendar import MONTHS_PER_YEAR
from partystate.foundation.draws import eight, lane
from partystate.foundation.kernels import chunked, kernel
from partystate.foundation.units import STEPS
from partystate.mechanisms.countryside.table import (
    ABLE,
    ALONE,
    KINDS,
    OLD,
    TABLE,
    YOUNG,
    by_region,
    households,
    whole,
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
        for k, kind in enumerate(KINDS):
            total, herd = done[:, :, k].sum(axis=0), common[:, :, k].sum(axis=0)
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


@chunked
def _breed(
    chunks, h, rows, place, first, stream, ceiling, room, fed, by_fear, quota, distress, restock, herder_herd,
    born, died, used, hungry, sums,
):  # fmt: skip
    kinds = born.size
    for c in prange(chunks):
        r, spare = place[c], np.zeros(born.size, dtype=np.int64)
        dying = died + hungry * (1 - fed[r])
        # What one household can spare is offered to others first, so it must not always be the same that begin.
        i = first % max(rows[c], 1)
        for _ in range(rows[c]):
            i = i + 1 if i + 1 < rows[c] else 0
            gains, losses = eight(stream, h.id[c, i], 0)
            mouths = h.people[c, i, YOUNG] + h.people[c, i, ABLE] + h.people[c, i, OLD]
            alone = h.status[c, i] == ALONE
            scope = mouths * (1.0 if alone else room) * (herder_herd if h.herder[c, i] else 1.0)
            need = distress * (1 - h.reserve[c, i] / STEPS)
            for k in range(kinds):
                n, most, gain = h.herd[c, i, k], ceiling[r, k] * scope, lane(gains, k)
                if n == 0:
                    if spare[k] > 0 and gain < restock * min(most, 1.0):
                        spare[k] -= 1
                        h.herd[c, i, k] = 1
                    continue
                loss, full = lane(losses, k), n / max(most, 1 / STEPS)
                given = min(whole(n * _kept(used[k] * full * full), loss), n)
                eaten = need + (by_fear[r, k] if alone else 0.0)
                slaughtered = min(whole(n * _kept(eaten), 1 - loss), n - given)
                taken = min(whole(n * _kept(quota[r]), gain), n - given - slaughtered)
                left = n - given - slaughtered - taken
                dead = min(whole(n * _kept(dying[k]), 1 - gain), left)
                young = min(whole(n * born[k], gain), STEPS - n)
                if given + slaughtered + taken + dead + young == 0:
                    continue
                h.herd[c, i, k] = left + young - dead
                spare[k] += given
                sums[c, BORN * kinds + k] += young
                sums[c, DIED * kinds + k] += dead
                sums[c, SLAUGHTERED * kinds + k] += slaughtered
                sums[c, TAKEN * kinds + k] += taken
        for k in range(kinds):
            sums[c, SLAUGHTERED * kinds + k] += spare[k]
