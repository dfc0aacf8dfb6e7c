"""Sowing and harvest, of households and of kolkhozy."""

from __future__ import annotations

import numpy as np

from partystate.foundation import calendar
from partystate.foundation.units import HECTARE
from partystate.mechanisms.countryside.fieldwork import COUNTED, HARVEST, SEED, SOWN, Rates, deal, reap, sow
from partystate.mechanisms.countryside.needs import powers
from partystate.mechanisms.countryside.table import NUMBER, TABLE, by_region, columns
from partystate.model.formulas import bounded
from partystate.model.mechanism import Mechanism


class Fields(Mechanism):
    name = "fields"
    claim = (
        "Draught power limits what a peasant sows and how well a kolkhoz farms: the same loss of horses lowers the "
        "area of the one and the yield of the other."
    )
    systems = ("S18", "S25")
    sources = ("davies1980", "dw2004", "hunter1988")
    phase = "life"
    reads = (
        "area.yield", "area.disruption", "village.counts", "kolkhoz.draught", "kolkhoz.effort",
        "household.weight", "household.place",
    )  # fmt: skip
    reads_now = ("area.weather",)
    sets = ("fields.harvest", "fields.seed", "fields.sown", "area.sown")
    tables = (*TABLE, "kolkhoz.grain", "kolkhoz.land", "kolkhoz.sown")
    flows = (
        "grain: fields -> households", "grain: fields -> kolkhozy", "grain: households -> seed",
        "grain: kolkhozy -> seed",
    )  # fmt: skip
    draws = ("luck",)
    parameters = {
        "fields.land_per_horse": "ha",
        "fields.own_draught": "share",
        "fields.sowing_power": "weight",
        "fields.most_sown": "ratio",
        "fields.deterrence": "share",
        "fields.repartition": "share per year",
        "fields.seed_rate": "kg per ha",
        "fields.seed_first": "share",
        "fields.timeliness": "weight",
        "fields.skill_spread": "share",
        "fields.luck_spread": "share",
        "fields.hiding": "share",
        "fields.potential_yield": "kg per ha",
        "fields.trend": "share per year",
        "fields.autumn": "months",
        "fields.spring": "months",
        "fields.autumn_share": "share",
        "fields.reaping": "months",
        "fields.early_share": "share",
        "fields.lost": "share",
        "fields.kolkhoz_lost": "share",
        "fields.commanded": "ratio",
        "fields.commanded_power": "weight",
        "fields.effort_yield": "share",
    }
    when_off = {
        "S18": "Households and kolkhozy farm as they do; only the weather is the same each year.",
        "S25": "Members of a kolkhoz work its fields as well as their own, whatever they are paid.",
    }
    moves = {"S18": ("grain_harvest_dw",), "S25": ("grain_harvest_dw",)}

    def step(self, now, look, draw, post, emit):
        p, month = look.p, calendar.month_of_year(now)
        nothing = np.zeros(look["area.yield"].size, dtype=np.int64)
        results = {"fields.harvest": nothing, "fields.seed": nothing, "fields.sown": nothing}
        if month == p.autumn:
            table, rows = columns(look), look["household.rows"]
            deal(rows.size, table, rows, p.repartition)
        if month in (p.autumn, p.spring):
            return results | self._sow(look, post, p.autumn_share if month == p.autumn else 1.0)
        if month == p.reaping:
            return results | self._reap(now, look, draw, post, p.early_share, False)
        if month == p.reaping + 1:
            return results | self._reap(now, look, draw, post, 1 - p.early_share, True)
        return results

    def _sow(self, look, post, part: float) -> dict[str, np.ndarray]:
        """Sow up to ``part`` of the year's area; in spring whatever autumn has left."""
        p, weight = look.p, look["household.weight"]
        table, rows, place = columns(look), look["household.rows"], look["household.place"]
        sums = np.zeros((rows.size, len(COUNTED)), dtype=np.int64)
        rates, grown = look.rates(Rates), powers(p.sowing_power)
        sow(rows.size, table, rows, place, part, rates, grown, self._draught(look), sums)
        own = by_region(sums, place, weight)
        land, pool, sown = look["kolkhoz.land"], look["kolkhoz.grain"], look["kolkhoz.sown"]
        power = look["kolkhoz.draught"]
        wanted = land * p.commanded * np.minimum(1.0, power) ** p.commanded_power * part - sown
        most = pool / p.seed_rate * HECTARE
        area = bounded(wanted, 0.0, most).astype(np.int64)
        seed = np.minimum((area * p.seed_rate / HECTARE).astype(np.int64), pool)
        sown += area
        pool -= seed
        post("grain: households -> seed", own[:, SEED].sum())
        post("grain: kolkhozy -> seed", seed.sum())
        return {"fields.seed": own[:, SEED] + seed, "fields.sown": own[:, SOWN] + area}

    def _reap(self, now, look, draw, post, part: float, last: bool) -> dict[str, np.ndarray]:
        """Harvest ``part`` of what is sown; with ``last`` the fields are then empty."""
        p, weight = look.p, look["household.weight"]
        table, rows, place = columns(look), look["household.rows"], look["household.place"]
        years = now / calendar.MONTHS_PER_YEAR
        base = p.potential_yield * (1 + p.trend) ** years * look["area.yield"] * look["area.weather"]
        base *= 1 - look["area.disruption"]
        sums = np.zeros((rows.size, len(COUNTED)), dtype=np.int64)
        stream, rates = draw.stream("luck"), look.rates(Rates)
        kept = base * (1 - p.lost)
        late, draught = powers(p.timeliness), self._draught(look)
        reap(rows.size, table, rows, place, part, last, rates, late, stream, kept, draught, sums)
        own = by_region(sums, place, weight)
        sown, pool = look["kolkhoz.sown"], look["kolkhoz.grain"]
        effort = look["kolkhoz.effort"] if look.on("S25") else np.ones(base.size)
        power = np.minimum(1.0, look["kolkhoz.draught"]) ** p.timeliness
        kg = base * power * (1 - p.effort_yield * (1 - effort)) * (1 - p.kolkhoz_lost)
        reaped = (sown * part * kg / HECTARE).astype(np.int64)
        pool += reaped
        results = {"fields.harvest": own[:, HARVEST] + reaped}
        if last:
            results["area.sown"] = own[:, SOWN] + sown
            sown[:] = 0
        post("grain: fields -> households", own[:, HARVEST].sum())
        post("grain: fields -> kolkhozy", reaped.sum())
        return results

    @staticmethod
    def _draught(look) -> np.ndarray:
        """(region,) horses of the village beside those its land needs; 1 is enough."""
        counts = look["village.counts"]
        land = np.maximum(counts[:, NUMBER["land"]], 1) / HECTARE
        alone = counts[:, NUMBER["horses"]] - counts[:, NUMBER["member_horses"]]
        return alone * look.p.land_per_horse / land
