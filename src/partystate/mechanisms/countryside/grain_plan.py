"""The procurement plan and its division among regions."""

from __future__ import annotations

import numpy as np

from partystate.foundation import calendar
from partystate.foundation.units import MEGATONNE
from partystate.mechanisms.countryside.table import HORSES, NUMBER
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
        "area.ports",
        "plan.quota",
        "plan.total",
        "seen.horses",
        "kolkhoz.herd",
    )
    reads_now = ("seen.harvest",)
    sets = ("plan.quota", "plan.habit", "plan.total", "plan.spared", "seen.horses")
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
        "grain_plan.most": "share",
        "grain_plan.targeting": "ratio",
        "grain_plan.ports": "ratio",
        "grain_plan.habit": "share",
        "grain_plan.consumed": "kg per person",
        "grain_plan.no_exports": "share",
        "grain_plan.horses_lost": "share",
        "grain_plan.correction": "share per month",
        "grain_plan.tolerated": "share",
        "grain_plan.corrected_from": "months",
        "procurement.months": "months",
        "procurement.late": "weight",
    }
    when_off = {
        "S26": "The plan is lower by the share that exports had in it.",
        "S27": "Neither hunger that is seen nor arrears lower the plan.",
    }
    moves = {"S26": ("grain_procurement",), "S27": ("rural_excess_deaths_year",)}

    def step(self, now, look, draw, post, emit):
        p = look.p
        elapsed = (calendar.month_of_year(now) - p.month) % calendar.MONTHS_PER_YEAR
        if elapsed:
            return self._correct(look, elapsed)
        counts, harvest, tempo = look["village.counts"], look["seen.harvest"], float(look["rural.tempo"])
        in_kolkhozy = counts[:, NUMBER["members"]].sum() / max(counts[:, NUMBER["households"]].sum(), 1)
        persons = counts[:, NUMBER["persons"]]
        hunger = look["seen.hunger"]
        hungry = float((hunger * persons).sum() / max(persons.sum(), 1))
        total = (p.share + p.by_tempo * tempo + p.by_kolkhoz * in_kolkhozy * tempo) * harvest.sum()
        claimed = look["plan.delivered"].sum()
        total = max(total, claimed * (1 + p.ratchet) * tempo)
        # What lies in store beyond a reserve need not be taken again.
        total = max(
            total - p.from_stock * max(int(look["state.grain"]) - p.reserve * MEGATONNE, 0.0), claimed / (1 + 1)
        )
        habit = look["plan.habit"] + p.habit * (shares(look["plan.delivered"]) - look["plan.habit"])
        surplus = shares(np.maximum(harvest - p.consumed * persons, 0.0))
        weights = p.by_surplus * surplus + (1 - p.by_surplus) * shares(habit)
        # Grain is taken first where it is nearest to the ships.
        weights *= 1 + p.ports * look["area.ports"]
        # Under a taut line some were asked for more than their grain explains; how much is disputed, down to nothing.
        quota = total * shares(weights * (1 + p.targeting * tempo * look["area.minority"]))
        if look.on("S27"):
            quota *= 1 - p.mercy * np.minimum(1.0, hunger / p.hunger_seen)
        quota = np.minimum(quota, p.most * harvest) * (1 if look.on("S26") else 1 - p.no_exports)
        total = quota.sum()
        horses = counts[:, NUMBER["horses"]].sum() + look["kolkhoz.herd"][:, HORSES].sum()
        most = max(float(look["seen.horses"]), float(horses))
        # Once a census shows what has become of the horses, fodder is set aside and less meat asked for.
        spared = min((1 - horses / most) / p.horses_lost, 1.0)
        because = (
            reading("harvest as reported, million t", harvest.sum() / MEGATONNE),
            reading("hungry as reported, share of the village", hungry),
        )
        emit(
            "directive", f"Plan for grain: {total / MEGATONNE:.1f} million tonnes", place="grain plan", because=because,
            million_tonnes=total / MEGATONNE, expected_harvest=harvest.sum() / MEGATONNE,
        )  # fmt: skip
        return {
            "plan.quota": quota, "plan.habit": habit, "plan.total": np.array(total), "plan.spared": np.array(spared),
            "seen.horses": np.array(most),
        }  # fmt: skip

    @staticmethod
    def _correct(look, elapsed: int) -> dict[str, np.ndarray] | None:
        """Late in the season a plan that a region is far behind with is lowered, by part of what is missing."""
        p, quota = look.p, look["plan.quota"]
        if elapsed < p.corrected_from or elapsed > p.months or not look.on("S27"):
            return None
        due = quota * min(1.0, elapsed / p.months) ** p.late
        behind = np.maximum(1 - look["plan.delivered"] / np.maximum(due, 1.0) - p.tolerated, 0.0)
        corrected = quota * (1 - p.correction * behind)
        return {
            "plan.quota": corrected,
            "plan.total": look["plan.total"] * (corrected.sum() / max(quota.sum(), 1.0)),
        }
