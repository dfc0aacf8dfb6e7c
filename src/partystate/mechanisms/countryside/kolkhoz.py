"""The collective farm: draught power, feed for the common herd, and pay in grain for those who work."""

from __future__ import annotations

import numpy as np

from partystate.foundation.kernels import chunked
from partystate.foundation.units import HECTARE, MILLION
from partystate.mechanisms.countryside.needs import slices, wants_of
from partystate.mechanisms.countryside.table import (
    ABLE,
    HORSES,
    MEMBER,
    NUMBER,
    TABLE,
    by_region,
    households,
)
from partystate.model.formulas import bounded, shares
from partystate.model.mechanism import Mechanism


class Kolkhoz(Mechanism):
    name = "kolkhoz"
    claim = (
        "A kolkhoz pays its members what deliveries, seed and feed leave over; badly paid, they work its fields badly "
        "and live by their plots."
    )
    systems = ("S25",)
    sources = ("davies1980", "dw2004", "hunter1988", "fitzpatrick1994")
    phase = "command"
    reads = (
        "village.counts", "area.stabled", "village.wants", "household.weight", "household.place", "kolkhoz.effort",
        "kolkhoz.fed",
    )  # fmt: skip
    reads_now = ("area.claim",)
    sets = ("kolkhoz.effort", "kolkhoz.fed", "kolkhoz.draught", "kolkhoz.paid", "kolkhoz.promised")
    tables = (*TABLE, "kolkhoz.grain", "kolkhoz.herd", "kolkhoz.land")
    flows = ("grain: kolkhozy -> households", "grain: kolkhozy -> feed")
    drivers = ("tractor_power",)
    parameters = {
        "kolkhoz.seed_kept": "kg per ha",
        "kolkhoz.sparing": "weight",
        "kolkhoz.land_per_horse": "ha",
        "kolkhoz.weak_horse": "share",
        "kolkhoz.tractor": "ratio",
        "kolkhoz.smoothing": "share per month",
        "kolkhoz.fodder": "share",
        "kolkhoz.advance": "share",
    }
    when_off = {"S25": "Members get what remains after deliveries; how they are paid does not change how they work."}
    moves = {"S25": ("grain_harvest_dw",)}

    def step(self, now, look, draw, post, emit):
        p, weight, counts = look.p, look["household.weight"], look["village.counts"]
        table, rows, place = households(look), look["household.rows"], look["household.place"]
        pool, herd, land = look["kolkhoz.grain"], look["kolkhoz.herd"], look["kolkhoz.land"]
        wants = wants_of(look)
        months = max(wants.months, 1.0)
        seed = land * p.seed_kept / HECTARE * (wants.seed > 0)
        a_month = herd @ np.array([wants.horse, wants.cow, wants.pig, wants.sheep]) * look["area.stabled"]
        hungry = np.maximum(counts[:, NUMBER["member_need"]] - counts[:, NUMBER["member_grain"]], 0)
        need = a_month * months * p.fodder + hungry
        cover = bounded((pool - seed) / np.maximum(need, 1.0), 0.0, 1.0)
        feed = np.minimum(a_month * p.fodder * cover**p.sparing, np.maximum(pool, 0)).astype(np.int64)
        pool -= feed
        post("grain: kolkhozy -> feed", feed.sum())
        spare = np.maximum(pool - seed - a_month * p.fodder * cover * (months - 1), 0.0)
        # Until the quota is met members get an advance only.
        fund = (np.maximum(spare - look["area.claim"], p.advance * spare) / months).astype(np.int64)
        able = np.maximum(counts[:, NUMBER["member_able"]], 1)
        each = fund / able
        left = slices(fund, fund, place, rows, weight)
        sums = np.zeros((rows.size, 1), dtype=np.int64)
        _pay(rows.size, table, rows, place, each, left, sums)
        paid = by_region(sums, place, weight)[:, 0]
        pool -= paid
        post("grain: kolkhozy -> households", paid.sum())
        enough = counts[:, NUMBER["member_need"]]
        cover = (counts[:, NUMBER["member_grain"]] + paid) / np.maximum(enough, 1.0)
        pay = np.where(enough > 0, bounded(cover, 0.0, 1.0), 1.0)
        fed = np.where(a_month > 0, feed / np.maximum(a_month * p.fodder, 1.0), 1.0)
        effort = look["kolkhoz.effort"] + p.smoothing * (pay - look["kolkhoz.effort"])
        smooth_fed = look["kolkhoz.fed"] + p.smoothing * (fed - look["kolkhoz.fed"])
        tractors = look.driver("tractor_power") * MILLION * p.tractor * shares(land.astype(float))
        horses = herd[:, HORSES] * (p.weak_horse + (1 - p.weak_horse) * smooth_fed)
        draught = (horses + tractors) * p.land_per_horse * HECTARE / np.maximum(land, 1)
        return {
            "kolkhoz.effort": effort,
            "kolkhoz.fed": smooth_fed,
            "kolkhoz.draught": np.where(land > 0, draught, 1.0),
            "kolkhoz.paid": paid,
            "kolkhoz.promised": bounded((spare - paid - look["area.claim"]) / np.maximum(enough, 1.0), 0.0, 1.0),
        }


@chunked
def _pay(first, last, h, rows, place, each, left, sums):
    for c in range(first, last):
        rate, paid = each[place[c]], 0
        if rate <= 0:
            continue
        for i in range(rows[c]):
            if h.status[c, i] == MEMBER:
                kg = min(int(rate * h.people[c, i, ABLE]), left[c])
                h.grain[c, i] += kg
                left[c] -= kg
                paid += kg
        sums[c, 0] = paid
