"""What officials report of the countryside: a harvest half seen and half hoped for, hunger and unrest played down."""

from __future__ import annotations

import numpy as np

from partystate.foundation import calendar
from partystate.foundation.units import HECTARE
from partystate.mechanisms.countryside.table import NUMBER
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
        "area.yield", "area.weather", "kolkhoz.sown", "rural.tempo", "area.owing", "area.unrest", "food.missing",
        "seen.hunger", "seen.unrest",
        "village.counts",
    )  # fmt: skip
    reads_now = ("state.relief",)
    sets = ("seen.harvest", "seen.missing", "seen.hunger", "seen.unrest")
    parameters = {
        "village_reports.month": "months",
        "village_reports.normal_yield": "kg per ha",
        "village_reports.weather_seen": "weight",
        "village_reports.optimism": "share",
        "village_reports.candour": "share",
        "village_reports.candour_owing": "share",
        "village_reports.memory": "share per month",
    }
    when_off = {
        "S27": "Hunger is reported as with it, and nothing follows from it.",
    }
    moves = {"S27": ("famine_deaths",)}

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
            expected = sown / HECTARE * p.normal_yield * look["area.yield"] * seen
            results["seen.harvest"] = expected * (1 + p.optimism * tempo)
        return results
