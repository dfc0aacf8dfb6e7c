"""The procurement plan and its division among regions."""

from __future__ import annotations

import numpy as np

from partystate.foundation import calendar
from partystate.foundation.units import MEGATONNE
from partystate.mechanisms.countryside.table import NUMBER
from partystate.model.formulas import shares
from partystate.model.mechanism import Mechanism, reading


class GrainPlan(Mechanism):
    name = "grain_plan"
    claim = (
        "The plan for grain is a share of the harvest as reported, rising with the tempo of the line and with what "
        "can be taken through kolkhozy, and never far below last year's; the surplus regions carry most of it."
    )
    systems = ("S26", "S27")
    sources = ("markevich2021", "dw2004", "moshkov", "tauger1991")
    phase = "deliberate"
    reads = (
        "seen.hunger",
        "rural.tempo",
        "plan.habit",
        "plan.delivered",
        "village.counts",
        "state.grain",
        "area.minority",
    )
    reads_now = ("seen.harvest",)
    sets = ("plan.quota", "plan.habit", "plan.total")
    events = ("directive",)
    parameters = {
        "grain_plan.month": "months",
        "grain_plan.share": "share",
        "grain_plan.by_tempo": "share",
        "grain_plan.by_kolkhoz": "share",
        "grain_plan.ratchet": "share",
        "grain_plan.from_stock": "share",
        "grain_plan.reserve": "million t",
        "grain_plan.mercy": "share",
        "grain_plan.hunger_seen": "share",
        "grain_plan.by_surplus": "share",
        "grain_plan.targeting": "ratio",
        "grain_plan.habit": "share",
        "grain_plan.consumed": "kg per person",
        "grain_plan.no_exports": "share",
    }
    when_off = {
        "S26": "The plan is lower by the share that exports had in it.",
        "S27": "Hunger that is seen does not lower the plan.",
    }
    moves = {"S26": ("grain_procurement",), "S27": ("rural_excess_deaths_year",)}

    def step(self, now, look, draw, post, emit):
        p = look.p
        if calendar.month_of_year(now) != p.month:
            return None
        counts, harvest, tempo = look["village.counts"], look["seen.harvest"], float(look["rural.tempo"])
        in_kolkhozy = counts[:, NUMBER["members"]].sum() / max(counts[:, NUMBER["households"]].sum(), 1)
        persons = counts[:, NUMBER["persons"]]
        hungry = float((look["seen.hunger"] * persons).sum() / max(persons.sum(), 1))
        total = (p.share + p.by_tempo * tempo + p.by_kolkhoz * in_kolkhozy * tempo) * harvest.sum()
        claimed = look["plan.delivered"].sum()
        total = max(total, claimed * (1 + p.ratchet) * tempo)
        # What lies in store beyond a reserve need not be taken again.
        total = max(
            total - p.from_stock * max(int(look["state.grain"]) - p.reserve * MEGATONNE, 0.0), claimed / (1 + 1)
        )
        if look.on("S27"):
            total *= 1 - p.mercy * min(1.0, hungry / p.hunger_seen)
        if not look.on("S26"):
            total *= 1 - p.no_exports
        habit = look["plan.habit"] + p.habit * (shares(look["plan.delivered"]) - look["plan.habit"])
        surplus = shares(np.maximum(harvest - p.consumed * persons, 0.0))
        weights = p.by_surplus * surplus + (1 - p.by_surplus) * shares(habit)
        # Under a taut line some were asked for more than their grain explains; how much is disputed, down to nothing.
        quota = total * shares(weights * (1 + p.targeting * tempo * look["area.minority"]))
        because = (
            reading("harvest as reported, million t", harvest.sum() / MEGATONNE),
            reading("hungry as reported, share of the village", hungry),
        )
        emit(
            "directive", f"Plan for grain: {total / MEGATONNE:.1f} million tonnes", place="grain plan", because=because,
            million_tonnes=total / MEGATONNE, expected_harvest=harvest.sum() / MEGATONNE,
        )  # fmt: skip
        return {"plan.quota": quota, "plan.habit": habit, "plan.total": np.array(total)}
