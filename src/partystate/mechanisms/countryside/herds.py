"""Herds: breeding, loss for want of feed, slaughter for meat, from need, and before they can be taken."""

from __future__ import annotations

import numpy as np

from partystate.foundation.calendar import MONTHS_PER_YEAR
from partystate.foundation.draws import u01
from partystate.foundation.kernels import kernel
from partystate.mechanisms.countryside.breeding import BORN, COUNTED, DIED, SLAUGHTERED, TAKEN, breed, kept
from partystate.mechanisms.countryside.table import KINDS, NUMBER, TABLE, by_region, households
from partystate.model.mechanism import Mechanism

RATES = [tuple(f"{what}_{kind}" for kind in KINDS) for what in ("born", "died", "used", "hungry", "fear")]


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
        "area.ceiling", "area.coercion", "area.fear", "village.counts", "meat.quota", "plots.allowed",
        "household.weight", "household.place", "kolkhoz.fed", "kolkhoz.practice", "area.id",
    )  # fmt: skip
    reads_now = ("food.fed",)
    sets = ("herds.slaughtered", "herds.died")
    tables = (*TABLE, "kolkhoz.herd", "household.asking")
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
        "herds.deterred": "share",
        "herds.restock": "share per month",
        "herds.plot_room": "share",
        "herds.careless": "share per year",
    }
    variants = ("no_fear",)
    when_off = {"S23": "Nobody slaughters animals because they may be taken, and nobody shows discontent."}
    moves = {"S23": ("cattle_jan", "horses_jan")}

    def step(self, now, look, draw, post, emit):
        p, weight = look.p, look["household.weight"]
        table, rows, place = households(look), look["household.rows"], look["household.place"]
        # Straw and pasture carry animals through a small want of feed, not through a great one.
        lean = np.square(1 - np.minimum(look["food.fed"], 1.0))
        afraid_of = look.on("S23") and look.variant != "no_fear"
        fear = look["area.fear"] if afraid_of else np.zeros(lean.size)
        *year, afraid = map(look.row, RATES)
        year = [_year(share) for share in year]
        by_fear = fear[:, None] * afraid
        room = p.plot_room * float(look["plots.allowed"])
        meat = look["meat.quota"]
        # Who has more than others is taxed and searched first: under coercion households want fewer animals.
        wanted = look["area.ceiling"] * (1 - p.deterred * np.minimum(look["area.coercion"], 1))[:, None]
        sums = np.zeros((rows.size, len(COUNTED) * len(KINDS)), dtype=np.int64)
        breed(
            rows.size, table, rows, place, now, draw.stream("fate"), wanted, room, lean, by_fear,
            meat, p.distress, p.restock, p.herder_herd, *year, look["household.asking"], sums,
        )  # fmt: skip
        done = by_region(sums, place, weight).reshape(weight.size, len(COUNTED), len(KINDS))
        common = np.zeros((weight.size, len(COUNTED), len(KINDS)), dtype=np.int64)
        _keep_common(
            look["kolkhoz.herd"], look["kolkhoz.fed"], look["village.counts"][:, NUMBER["member_persons"]],
            look["area.ceiling"], meat, look["area.id"], draw.stream("kolkhoz"),
            _year(p.careless) * (1 - look["kolkhoz.practice"]), *year, common,
        )  # fmt: skip
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


def _year(share):
    """A yearly share as one of a month."""
    return share / MONTHS_PER_YEAR


@kernel
def _keep_common(herd, fed, persons, ceiling, quota, ids, stream, careless, born, died, used, hungry, counts):
    """What happens to the common herds (region, kind), which are kept with less care, into ``counts``

    (region, counted, kind).
    """
    for r in range(herd.shape[0]):
        lean = (1 - min(fed[r], 1.0)) ** (1 + 1)
        for k in range(herd.shape[1]):
            heads, lot = herd[r, k], u01(stream, ids[r], k)
            full = heads / max(ceiling[r, k] * persons[r], 1.0)
            young = int(heads * born[k] * kept(1 + 1 - full) + lot)
            killed = min(int(heads * (used[k] * min(full * full, 1.0) + quota[r, k]) + lot), heads)
            lost = heads * (died[k] + careless[r] + hungry[k] * lean) + 1 - lot
            dead = int(min(lost, float(heads - killed)))
            young, killed, dead = max(young, 0), max(killed, 0), max(dead, 0)
            counts[r, BORN, k], counts[r, SLAUGHTERED, k], counts[r, DIED, k] = young, killed, dead
            herd[r, k] = heads + (young - killed - dead)
