"""What officials report of the countryside: a harvest half seen and half hoped for, hunger and unrest played down."""

from __future__ import annotations

import numpy as np

from partystate.foundation import calendar
from partystate.foundation.units import HECTARE
from partystate.mechanisms.countryside.table import NUMBER, TALLIED
from partystate.model.formulas import mean
from partystate.model.mechanism import Mechanism


class VillageReports(Mechanism):
    name = "village_reports"
    claim = (
        "The centre plans on a harvest estimated before it is in, the higher the tauter the line; hunger is reported "
        "late, and least by those who still owe grain."
    )
    systems = ("S27",)
    sources = ("dw2004", "tauger1991", "wheatcroft2004")
    phase = "report"
    reads = (
        "area.weather", "kolkhoz.sown", "rural.tempo", "area.owing", "area.unrest", "food.missing",
        "seen.hunger", "seen.unrest", "seen.path", "seen.shortfall", "seen.yield", "plan.delivered", "village.counts",
        "village.tally", "area.sown",
    )  # fmt: skip
    reads_now = ("state.relief",)
    sets = ("seen.harvest", "seen.missing", "seen.hunger", "seen.unrest", "seen.path", "seen.shortfall", "seen.yield")
    supplies = ("grain_shortfall", "collectivised", "village_unrest", "hardship")
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
        "village_reports.great_hunger": "share",
    }
    when_off = {
        "S27": "Hunger is reported as with it, and nothing follows from it.",
    }
    moves = {"S27": ("rural_excess_deaths_year",)}

    def step(self, now, look, draw, post, emit):
        p, tempo = look.p, float(look["rural.tempo"])
        candour = np.where(look["area.owing"] > 0, p.candour_owing, p.candour)
        persons = np.maximum(look["village.counts"][:, NUMBER["persons"]], 1)
        hungry = look["village.counts"][:, NUMBER["hungry"]] / persons * candour
        results = {
            "seen.missing": look["food.missing"] * candour,
            "seen.hunger": look["seen.hunger"] + p.memory * (hungry - look["seen.hunger"]),
            "seen.unrest": look["seen.unrest"] + (look["area.unrest"] - look["seen.unrest"]) / (1 + 1),
        }
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
        delivered, before = look["plan.delivered"].sum(), path[month - 1]
        path[month - 1] = delivered
        opening = (month - p.season) % calendar.MONTHS_PER_YEAR == 1
        missing = 0.0 if before <= 0 or opening else min(max(1 - float(delivered) / float(before), 0.0), 1.0)
        shortfall = float(look["seen.shortfall"])
        shortfall += p.shortfall_memory * (missing - shortfall)
        return {"seen.path": path, "seen.shortfall": np.array(shortfall)}

    @staticmethod
    def _supplied(look, results) -> dict[str, np.ndarray]:
        """What other sectors follow of the countryside, as far as it is reported."""
        p, counts = look.p, look["village.counts"].sum(axis=0).tolist()
        persons, households = max(counts[NUMBER["persons"]], 1), max(counts[NUMBER["households"]], 1)
        return {
            "grain_shortfall": results["seen.shortfall"],
            "collectivised": np.array(counts[NUMBER["members"]] / households),
            "village_unrest": np.array(min(mean(results["seen.unrest"]) / p.great_unrest, 1.0)),
            "hardship": np.array(min(counts[NUMBER["hungry"]] / persons / p.great_hunger, 1.0)),
        }
