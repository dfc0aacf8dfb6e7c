"""The collective farm: draught power, feed for the common herd, and pay in grain for those who work."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from partystate.foundation.kernels import chunked, kernel
from partystate.foundation.units import HECTARE, MILLION
from partystate.mechanisms.countryside.needs import slices, wants_of
from partystate.mechanisms.countryside.table import (
    ABLE,
    HORSES,
    MEMBER,
    NUMBER,
    OLD,
    TABLE,
    YOUNG,
    Households,
    by_region,
    columns,
    whole_sum,
)
from partystate.model.compiled import shares
from partystate.model.mechanism import Mechanism

KILOGRAMS = ("feed", "fund")
SHARED = ("wanted", "spare", "by work", "by mouth")  # kg a month of feed, kg to give, kg a worker, kg a mouth
FEED, FUND = range(len(KILOGRAMS))
WANTED, SPARE, BY_WORK, BY_MOUTH = range(len(SHARED))
EFFORT, FED, PRACTICE = range(len(("effort", "fed", "practice")))
MEMBERS, MEMBER_NEED, MEMBER_GRAIN, MEMBER_ABLE, MEMBER_PERSONS, LAND = (
    NUMBER[name] for name in ("members", "member_need", "member_grain", "member_able", "member_persons", "land")
)


class Rates(NamedTuple):
    """What kolkhozy do with grain, horses and land."""

    seed_kept: float
    sparing: float
    land_per_horse: float
    weak_horse: float
    smoothing: float
    fodder: float
    advance: float
    by_mouths: float
    learning: float


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
        "kolkhoz.fed", "kolkhoz.practice", "drive.joined", "drive.left",
    )  # fmt: skip
    reads_now = ("area.claim",)
    sets = (
        "kolkhoz.effort", "kolkhoz.fed", "kolkhoz.draught", "kolkhoz.paid", "kolkhoz.promised", "kolkhoz.practice",
        "area.machines",
    )  # fmt: skip
    tables = (*TABLE, "kolkhoz.grain", "kolkhoz.herd", "kolkhoz.land")
    flows = ("grain: kolkhozy -> households", "grain: kolkhozy -> feed")
    drivers = ("tractor_power",)
    parameters = {
        "kolkhoz.seed_kept": "kg per ha",
        "kolkhoz.sparing": "weight",
        "fields.land_per_horse": "ha",
        "kolkhoz.weak_horse": "share",
        "kolkhoz.tractor": "ratio",
        "kolkhoz.smoothing": "share per month",
        "kolkhoz.fodder": "share",
        "kolkhoz.advance": "share",
        "kolkhoz.by_mouths": "share",
        "kolkhoz.learning": "share per month",
    }
    when_off = {"S25": "Members get what remains after deliveries; how they are paid does not change how they work."}
    moves = {"S25": ("grain_harvest_dw",)}

    def step(self, now, look, draw, post, emit):
        weight, counts, wants, claim = (
            look["household.weight"],
            look["village.counts"],
            wants_of(look),
            look["area.claim"],
        )
        table, rows, place, rates = columns(look), look["household.rows"], look["household.place"], look.rates(Rates)
        pool, herd, land = look["kolkhoz.grain"], look["kolkhoz.herd"], look["kolkhoz.land"]
        whole, real = np.empty((len(KILOGRAMS), weight.size), np.int64), np.empty((len(SHARED), weight.size))
        _share_out(counts, land, herd, pool, look["area.stabled"], claim, wants, rates, whole, real)
        feed, fund = whole
        wanted, spare, by_work, by_mouth = real
        post("grain: kolkhozy -> feed", whole_sum(feed))
        left = slices(fund, fund, place, rows, weight)
        sums = np.zeros((rows.size, 1), dtype=np.int64)
        _pay(rows.size, table, rows, place, by_work, by_mouth, left, sums)
        paid = by_region(sums, place, weight)[:, 0]
        pool -= paid
        post("grain: kolkhozy -> households", whole_sum(paid))
        tractors = look.driver("tractor_power") * MILLION * look.p.tractor * shares(land.astype(float))
        results = {name: np.empty(weight.size) for name in self.sets if name != "kolkhoz.paid"}
        before = tuple(look[f"kolkhoz.{name}"] for name in ("effort", "fed", "practice"))
        new = look["drive.joined"] - look["drive.left"]
        _reckon(
            counts, land, herd, claim, new, feed, wanted, spare, paid, tractors, wants.months, rates, before,
            tuple(results.values()),
        )  # fmt: skip
        return results | {"kolkhoz.paid": paid}


@kernel
def _share_out(counts, land, herd, pool, stabled, claim, wants, rates, whole, real):
    """What the kolkhozy of each region give their animals, which goes out of ``pool``, and may give their members.

    Into ``whole`` (`KILOGRAMS`, region) and ``real`` (`SHARED`, region).
    """
    months, a_head = max(wants.months, 1.0), (wants.horse, wants.cow, wants.pig, wants.sheep)
    for r in range(land.size):
        wanted, need = 0.0, counts[r, MEMBER_NEED]
        for k in range(herd.shape[1]):
            wanted += herd[r, k] * a_head[k]
        wanted *= stabled[r] * rates.fodder
        seed = land[r] * rates.seed_kept / HECTARE if wants.seed > 0 else 0.0
        lacking = max(need - counts[r, MEMBER_GRAIN], 0)
        cover = min(max((pool[r] - seed) / max(wanted * months + lacking, 1.0), 0.0), 1.0)
        feed = int(min(wanted * cover**rates.sparing, float(max(pool[r], 0))))
        pool[r] -= feed
        spare = max(pool[r] - seed - wanted * cover * (months - 1), 0.0)
        # Until the quota is met members get an advance only, and not more than a month's need.
        advance = min(rates.advance * spare, need / months)
        fund = int(max((spare - claim[r]) / months, advance))
        whole[FEED, r], whole[FUND, r] = feed, fund
        real[WANTED, r], real[SPARE, r] = wanted, spare
        real[BY_WORK, r] = fund * (1 - rates.by_mouths) / max(counts[r, MEMBER_ABLE], 1)
        real[BY_MOUTH, r] = fund * rates.by_mouths / max(counts[r, MEMBER_PERSONS], 1)


@kernel
def _reckon(counts, land, herd, claim, new, feed, wanted, spare, paid, tractors, months, rates, before, now):
    """How kolkhozy stand after pay: from ``before`` (effort, feed, practice) into ``now``, in the order of `sets`."""
    effort, fed, draught, promised, practice, machines = now
    for r in range(land.size):
        need = counts[r, MEMBER_NEED]
        pay = min((counts[r, MEMBER_GRAIN] + paid[r]) / need, 1.0) if need > 0 else 1.0
        effort[r] = before[EFFORT][r] + rates.smoothing * (pay - before[EFFORT][r])
        cover = feed[r] / max(wanted[r], 1.0) if wanted[r] > 0 else 1.0
        fed[r] = before[FED][r] + rates.smoothing * (cover - before[FED][r])
        horses = herd[r, HORSES] * (rates.weak_horse + (1 - rates.weak_horse) * fed[r])
        power = (horses + tractors[r]) * rates.land_per_horse * HECTARE
        draught[r] = power / land[r] if land[r] > 0 else 1.0
        served = tractors[r] * rates.land_per_horse * HECTARE
        machines[r] = served / max(land[r] + counts[r, LAND], 1)
        # Members reckon with what is free for them, or at least with months as this one.
        free = spare[r] - paid[r]
        expected = min(max(free - claim[r], paid[r] * (max(months, 1.0) - 1)), free)
        promised[r] = min(max(expected / max(need, 1), 0.0), 1.0)
        # A common farm is learned in years, by those who stay: newcomers do not know it, and leave first.
        known = before[PRACTICE][r] + rates.learning * (1 - before[PRACTICE][r])
        practice[r] = min(known * max(counts[r, MEMBERS] - new[r], 0) / max(counts[r, MEMBERS], 1), 1.0)


@chunked
def _pay(first, last, h, rows, place, by_work, by_mouth, left, sums):
    h = Households(*h)
    for c in range(first, last):
        work, mouth, paid = by_work[place[c]], by_mouth[place[c]], 0
        if work + mouth <= 0:
            continue
        for i in range(rows[c]):
            if h.status[c, i] == MEMBER:
                mouths = h.people[c, i, YOUNG] + h.people[c, i, ABLE] + h.people[c, i, OLD]
                kg = min(int(work * h.people[c, i, ABLE] + mouth * mouths), left[c])
                h.grain[c, i] += kg
                left[c] -= kg
                paid += kg
        sums[c, 0] = paid
