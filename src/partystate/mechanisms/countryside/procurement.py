"""Procurement by force: what officials behind on their quota take from kolkhozy and from barns."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from partystate.foundation import calendar
from partystate.foundation.kernels import chunked
from partystate.foundation.units import HECTARE, STEPS
from partystate.mechanisms.countryside.needs import needs, wants_of
from partystate.mechanisms.countryside.table import ALONE, NUMBER, TABLE, by_region, households
from partystate.model.formulas import bounded
from partystate.model.mechanism import Mechanism

COUNTED = ("taken", "struck")  # kg, households
TAKEN, STRUCK = range(len(COUNTED))


class Rates(NamedTuple):
    """What the pass over households needs to know."""

    protected: float
    searching: float
    mark: float
    fading: float


class Procurement(Mechanism):
    name = "procurement"
    claim = (
        "Officials behind schedule climb the ladder as far as they are allowed, from persuasion to searches and fines, "
        "and copy neighbours who met their quota; from a kolkhoz grain is taken before its members are paid."
    )
    systems = ("S20", "S25")
    sources = ("davies1980", "dw2004", "hughes1996")
    phase = "command"
    reads = (
        "area.coercion", "area.stabled", "village.counts", "village.wants", "household.weight", "household.place",
        "plan.delivered", "area.neighbours",
    )  # fmt: skip
    reads_now = ("plan.quota", "ladder.ceiling", "market.state", "rural.tempo", "rural.push", "plots.allowed")
    sets = (
        "plan.delivered",
        "plan.fulfilled",
        "area.coercion",
        "area.owing",
        "area.claim",
        "area.taken",
        "area.struck",
        "market.open",
    )
    tables = (*TABLE, "kolkhoz.grain", "kolkhoz.land", "state.grain")
    flows = ("grain: households -> state", "grain: kolkhozy -> state")
    parameters = {
        "procurement.first": "months",
        "procurement.months": "months",
        "procurement.late": "weight",
        "procurement.protected": "ratio",
        "procurement.searching": "ratio",
        "procurement.reach": "share",
        "procurement.kolkhoz_reach": "share",
        "procurement.kolkhoz_kept": "ratio",
        "procurement.kept_by_tempo": "share",
        "procurement.seed_kept": "kg per ha",
        "procurement.climb": "share",
        "procurement.climb_race": "share",
        "procurement.descend": "share per month",
        "procurement.above": "ratio",
        "procurement.mark": "share",
        "procurement.fading": "share per month",
        "procurement.closing": "share",
        "procurement.reopened": "share",
    }
    variants = ("no_race",)
    when_off = {
        "S20": "Nothing is taken from households by force; kolkhozy still deliver.",
        "S25": "A kolkhoz delivers only what is left when seed, feed and food are set aside.",
    }
    moves = {"S20": ("grain_procurement",), "S25": ("grain_procurement",)}

    def step(self, now, look, draw, post, emit):
        p, month, weight = look.p, calendar.month_of_year(now), look["household.weight"]
        table, rows, place = households(look), look["household.rows"], look["household.place"]
        quota, elapsed = look["plan.quota"], (month - p.first) % calendar.MONTHS_PER_YEAR + 1
        opens = elapsed == 1
        had = np.zeros(quota.size) if opens else look["plan.delivered"]
        delivered = had + look["market.state"]
        season = elapsed <= p.months
        due = quota * min(1.0, elapsed / p.months) ** p.late
        gap = np.maximum(due - delivered, 0.0) * season
        from_kolkhozy = self._from_kolkhozy(look, gap)
        coercion = look["area.coercion"]
        reach = np.maximum(look["village.counts"][:, NUMBER["reach"]], 1)
        control = p.reach * coercion
        share = np.minimum((gap - from_kolkhozy) / reach, control) if look.on("S20") else np.zeros(quota.size)
        sums = np.zeros((rows.size, len(COUNTED)), dtype=np.int64)
        _take(
            rows.size,
            table,
            rows,
            place,
            share,
            coercion,
            look["area.stabled"],
            wants_of(look),
            look.rates(Rates),
            sums,
        )
        done = by_region(sums, place, weight)
        taken = done[:, TAKEN]
        from_barns, from_pools = int(taken.sum()), int(from_kolkhozy.sum())
        look["state.grain"][...] += from_barns + from_pools
        post("grain: households -> state", from_barns)
        post("grain: kolkhozy -> state", from_pools)
        delivered = delivered + taken + from_kolkhozy
        fulfilled = delivered / np.maximum(due, 1.0)
        counts = look["village.counts"]
        return {
            "plan.delivered": delivered,
            "plan.fulfilled": np.array(delivered.sum() / max(due.sum(), 1.0)),
            "area.coercion": self._ladder(look, fulfilled, season),
            "market.open": self._trade(look, quota, delivered),
            "area.owing": np.maximum(quota - delivered, 0.0),
            "area.claim": np.maximum(quota - delivered, 0.0) * season,
            "area.taken": taken,
            "area.struck": np.minimum(done[:, STRUCK] / np.maximum(counts[:, NUMBER["households"]], 1), 1.0),
        }

    @staticmethod
    def _from_kolkhozy(look, gap: np.ndarray) -> np.ndarray:
        """kg delivered by kolkhozy, which keep back seed, and food as long as the line is mild."""
        p, pool, counts = look.p, look["kolkhoz.grain"], look["village.counts"]
        seed = look["kolkhoz.land"] * p.seed_kept / HECTARE
        food = counts[:, NUMBER["member_need"]] * p.kolkhoz_kept
        food = food * (1 - p.kept_by_tempo * float(look["rural.tempo"])) if look.on("S25") else food
        free = np.maximum(pool - seed - np.maximum(food - counts[:, NUMBER["member_grain"]], 0), 0.0)
        given = np.minimum(gap, free * p.kolkhoz_reach).astype(np.int64)
        pool -= given
        return given

    @staticmethod
    def _trade(look, quota: np.ndarray, delivered: np.ndarray) -> np.ndarray:
        """How far private trade is let be: closed with force and drive, reopened for what is left over a met quota."""
        p = look.p
        closed = p.closing * look["area.coercion"] + float(look["rural.push"])
        again = p.reopened * float(look["plots.allowed"]) * (delivered >= quota)
        return bounded(np.maximum(1 - closed, again), 0.0, 1.0)

    @staticmethod
    def _ladder(look, fulfilled: np.ndarray, season: bool) -> np.ndarray:
        """Coercion by region: up when behind, and when neighbours are ahead; down once the quota is met."""
        p, before = look.p, look["area.coercion"]
        behind = np.maximum(1 - fulfilled, 0.0) * season
        ahead = np.maximum(look["area.neighbours"] @ np.minimum(fulfilled, 1) - np.minimum(fulfilled, 1), 0.0) * season
        race = 0.0 if look.variant == "no_race" else p.climb_race
        rise = p.climb * behind + race * ahead * float(look["rural.tempo"])
        fall = p.descend * (behind <= 0)
        return bounded(before + rise - fall, 0.0, min(p.above * float(look["ladder.ceiling"]), 1.0))


@chunked
def _take(first, last, h, rows, place, share, coercion, stabled, wants, rates, sums):
    size = h.id.shape[1]
    food, feed, wanting = np.empty(size), np.empty(size), np.empty(size)
    for c in range(first, last):
        r, taken, struck = place[c], 0, 0
        if share[r] > 0:
            needs(h, c, rows[c], wants, stabled[r], food, feed, wanting)
        kept = max(rates.protected - rates.searching * coercion[r], 0.0)
        for i in range(rows[c]):
            # What was taken is remembered, and the memory fades.
            memory = h.memory[c, i] * (1 - rates.fading)
            if share[r] > 0 and h.status[c, i] == ALONE:
                free = h.grain[c, i] - kept * wanting[i]
                kg = int(free * share[r]) if free > 0 else 0
                if kg > 0:
                    memory += STEPS * rates.mark * kg / (h.grain[c, i] + h.hidden[c, i])
                    h.grain[c, i] -= kg
                    taken += kg
                    struck += 1
            h.memory[c, i] = int(min(memory + h.taste[c, i] / STEPS * (memory > 0), STEPS))
        sums[c, TAKEN], sums[c, STRUCK] = taken, struck
