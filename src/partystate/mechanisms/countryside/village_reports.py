"""What officials report of the countryside: a harvest half seen and half hoped for, hunger and unrest played down.

Households that join faster than was planned are reported as a success of the line, which is what the turn of November
1929 was argued from (Davies 1980; Lewin 1968). Of discontent other sectors hear what can be counted, disturbances,
which take several who dare together (Viola 1996 has their numbers). Left out: members on paper, and the plan as the
measure of deliveries; both were tried and changed nothing.
"""

from __future__ import annotations

import numpy as np

from partystate.foundation import calendar
from partystate.foundation.kernels import kernel
from partystate.foundation.units import HECTARE
from partystate.mechanisms.countryside.table import NUMBER, TALLIED, in_all
from partystate.model.compiled import mean, total
from partystate.model.mechanism import Mechanism

PERSONS, HUNGRY = NUMBER["persons"], NUMBER["hungry"]


class VillageReports(Mechanism):
    name = "village_reports"
    claim = (
        "The centre plans on a harvest estimated before it is in, the higher the tauter the line; hunger is reported "
        "late, and least by those who still owe grain; whoever joins a kolkhoz is a success of the line."
    )
    systems = ("S27", "S22")
    sources = ("dw2004", "tauger1991", "wheatcroft2004", "davies1980", "lewin1968", "viola1996")
    phase = "report"
    reads = (
        "area.weather", "kolkhoz.sown", "rural.tempo", "area.owing", "area.unrest", "food.missing",
        "seen.hunger", "seen.unrest", "seen.path", "seen.shortfall", "seen.yield", "seen.joined", "plan.delivered",
        "village.counts", "village.tally", "area.sown",
    )  # fmt: skip
    reads_now = ("state.relief",)
    sets = (
        "seen.harvest", "seen.missing", "seen.hunger", "seen.unrest", "seen.path", "seen.shortfall", "seen.yield",
        "seen.joined",
    )  # fmt: skip
    supplies = ("grain_shortfall", "collectivised", "village_unrest", "hardship", "joining_success")
    parameters = {
        "village_reports.month": "months",
        "village_reports.weather_seen": "weight",
        "village_reports.optimism": "share",
        "village_reports.known": "months",
        "village_reports.learning": "share per year",
        "village_reports.candour": "share",
        "village_reports.candour_owing": "share",
        "village_reports.memory": "share per month",
        "village_reports.season": "months",
        "village_reports.shortfall_memory": "share per month",
        "village_reports.great_unrest": "index",
        "village_reports.together": "weight",
        "village_reports.great_hunger": "share",
        "village_reports.news": "share per month",
        "village_reports.planned": "share per month",
    }
    when_off = {
        "S27": "Hunger is reported as with it, and nothing follows from it.",
        "S22": "Households that join a kolkhoz, since nobody presses them, are no success of the line.",
    }
    moves = {"S27": ("rural_excess_deaths_year",), "S22": ("collectivised_households",)}

    def step(self, now, look, draw, post, emit):
        p, tempo = look.p, float(look["rural.tempo"])
        missing, hunger, unrest = _reported(
            look["food.missing"], look["seen.hunger"], look["seen.unrest"], look["area.owing"], look["area.unrest"],
            look["village.counts"], p.candour_owing, p.candour, p.memory,
        )  # fmt: skip
        results = {"seen.missing": missing, "seen.hunger": hunger, "seen.unrest": unrest}
        if calendar.month_of_year(now) == p.month:
            seen = look["area.weather"] ** p.weather_seen
            sown = look["village.counts"][:, NUMBER["sown"]] + look["kolkhoz.sown"]
            expected = sown / HECTARE * look["seen.yield"] * seen
            results["seen.harvest"] = expected * (1 + p.optimism * tempo)
        if calendar.month_of_year(now) == p.known:
            results["seen.yield"] = self._yield(look, tempo)
        results |= self._shortfall(now, look)
        return results | self._supplied(look, results)

    @staticmethod
    def _yield(look, tempo: float) -> np.ndarray:
        """(region,) kg a hectare that the centre takes for normal: it follows the harvests as reported."""
        p, area, before = look.p, look["area.sown"] / HECTARE, look["seen.yield"]
        reaped = look["village.tally"][:, TALLIED.index("harvest")]
        reported = reaped / np.maximum(area, 1.0) * (1 + p.optimism * tempo)
        return before + p.learning * (reported - before) * (area > 0)

    @staticmethod
    def _shortfall(now, look) -> dict[str, np.ndarray]:
        """Deliveries of the harvest year against those of the year before at the same date, smoothed."""
        p, path = look.p, look["seen.path"].copy()
        month = calendar.month_of_year(now)
        delivered, before = total(look["plan.delivered"]), path[month - 1]
        path[month - 1] = delivered
        opening = (month - p.season) % calendar.MONTHS_PER_YEAR == 1
        missing = 0.0 if before <= 0 or opening else min(max(1 - float(delivered) / float(before), 0.0), 1.0)
        shortfall = float(look["seen.shortfall"])
        shortfall += p.shortfall_memory * (missing - shortfall)
        return {"seen.path": path, "seen.shortfall": np.array(shortfall)}

    @staticmethod
    def _success(look, joined: float) -> dict[str, np.ndarray]:
        """What part of the growth of kolkhozy, in the months that are news, exceeds the growth that was planned."""
        p, known = look.p, float(look["seen.joined"])
        growth, planned = p.news * (joined - known), p.planned * known
        success = 1 - planned / growth if growth > planned and look.on("S22") else 0.0
        return {"seen.joined": np.array(known + growth), "joining_success": np.array(success)}

    def _supplied(self, look, results) -> dict[str, np.ndarray]:
        """What other sectors follow of the countryside, as far as it is reported."""
        p, counts = look.p, in_all(look["village.counts"])
        persons, households = max(counts[NUMBER["persons"]], 1), max(counts[NUMBER["households"]], 1)
        joined = counts[NUMBER["members"]] / households
        return self._success(look, joined) | {
            "grain_shortfall": results["seen.shortfall"],
            "collectivised": np.array(joined),
            # Disturbances, which are counted, take several who dare together.
            "village_unrest": np.array(min(mean(results["seen.unrest"]) / p.great_unrest, 1.0) ** p.together),
            "hardship": np.array(min(counts[NUMBER["hungry"]] / persons / p.great_hunger, 1.0)),
        }


@kernel
def _reported(missing, hunger, unrest, owing, stirred, counts, candour_owing, candour, memory):
    """(region,) grain missing, hunger and unrest as reported: hunger late, and least by those who still owe grain."""
    told, felt, heard = np.empty(owing.size), np.empty(owing.size), np.empty(owing.size)
    for r in range(owing.size):
        frank = candour_owing if owing[r] > 0 else candour
        told[r] = missing[r] * frank
        hungry = counts[r, HUNGRY] / max(counts[r, PERSONS], 1) * frank
        felt[r] = hunger[r] + memory * (hungry - hunger[r])
        heard[r] = unrest[r] + (stirred[r] - unrest[r]) / (1 + 1)
    return told, felt, heard
