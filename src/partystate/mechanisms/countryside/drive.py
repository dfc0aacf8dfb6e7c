"""The collectivisation drive: officials press and compete, households join, and leave when they may."""

from __future__ import annotations

import numpy as np

from partystate.mechanisms.countryside.joining import (
    BEASTS,
    COUNTED,
    GRAIN,
    JOINED,
    LAND,
    LEFT,
    SOWN,
    Rates,
    choose,
)
from partystate.mechanisms.countryside.needs import all_slices, wants_of
from partystate.mechanisms.countryside.table import (
    KINDS,
    NUMBER,
    TABLE,
    by_region,
    households,
)
from partystate.model.formulas import bounded
from partystate.model.mechanism import Mechanism


class Drive(Mechanism):
    name = "drive"
    claim = (
        "Officials are judged against their neighbours, so a signal from the centre turns into a race beyond it; "
        "households join under pressure and because others have, and leave once pressure is lifted."
    )
    systems = ("S22", "S69", "S23")
    sources = ("davies1980", "viola1996", "lewin1968")
    phase = "command"
    reads = (
        "village.counts", "village.wants", "area.stabled", "household.weight", "household.place", "area.neighbours",
        "area.disruption", "area.labelled", "area.machines", "plan.quota",
    )  # fmt: skip
    reads_now = ("rural.push", "rural.retreated", "plots.allowed", "area.struck", "kolkhoz.paid")
    sets = (
        "area.effort", "area.fear", "area.unrest", "area.disruption", "drive.joined", "drive.left",
    )  # fmt: skip
    tables = (*TABLE, "kolkhoz.grain", "kolkhoz.herd", "kolkhoz.land", "kolkhoz.sown")
    flows = (
        "grain: households -> kolkhozy",
        "grain: kolkhozy -> households",
        *(f"{kind}: households -> kolkhozy" for kind in KINDS),
        *(f"{kind}: kolkhozy -> households" for kind in KINDS),
    )
    draws = ("choice",)
    parameters = {
        "drive.pressed": "weight",
        "drive.imitation": "weight",
        "drive.reluctance": "weight",
        "drive.wealth": "weight",
        "drive.machines": "weight",
        "drive.no_plots": "weight",
        "drive.spread": "weight",
        "drive.join": "share per month",
        "drive.leave": "share per month",
        "drive.leave_bar": "weight",
        "drive.held_back": "ratio",
        "drive.taste": "weight",
        "drive.brought": "share",
        "drive.race": "weight",
        "drive.ahead": "share",
        "drive.eased": "share",
        "drive.surplus": "ratio",
        "drive.elsewhere": "share",
        "drive.complete": "share",
        "drive.nearly": "share",
        "drive.beyond": "share",
        "drive.taken_no_plots": "share",
        "drive.taken_plots": "share",
        "drive.expected": "ratio",
        "drive.unrest_join": "weight",
        "drive.unrest_label": "weight",
        "drive.unrest_taken": "weight",
        "drive.disrupted": "share",
        "drive.disrupted_label": "weight",
        "drive.settling": "share per month",
    }
    variants = ("no_race", "quiet")
    when_off = {
        "S22": "Nobody is pressed to join a kolkhoz.",
        "S23": "Nobody slaughters animals because they may be taken, and nobody shows discontent.",
        "S69": "Officials press exactly as hard as the centre signals.",
    }
    moves = {
        "S22": ("collectivised_households",), "S23": ("village_unrest_index",), "S69": ("collectivised_households",),
    }  # fmt: skip

    def step(self, now, look, draw, post, emit):
        p, counts = look.p, look["village.counts"]
        all_, members = np.maximum(counts[:, NUMBER["households"]], 1), counts[:, NUMBER["members"]]
        share, push = members / all_, float(look["rural.push"])
        effort = self._effort(look, share, push, all_)
        plots = float(look["plots.allowed"])
        taken = p.taken_plots if plots else p.taken_no_plots
        joined, left = self._move(look, draw, post, effort, share, plots, taken)
        change = (joined - left) / all_
        by_force = np.maximum(joined, 0) / all_ * effort
        unrest = (
            p.unrest_join * by_force + p.unrest_label * look["area.labelled"] + p.unrest_taken * look["area.struck"]
        )
        fear = taken * (1 - np.exp(-p.expected * np.maximum(change, 0.0)))
        shock = p.disrupted * np.abs(change) + p.disrupted_label * look["area.labelled"]
        return {
            "area.effort": effort,
            "area.fear": fear,
            "area.unrest": unrest if look.on("S23") and look.variant != "quiet" else np.zeros(unrest.size),
            "area.disruption": bounded(look["area.disruption"] * (1 - p.settling) + shock, 0.0, 1.0),
            "drive.joined": joined,
            "drive.left": left,
        }

    @staticmethod
    def _effort(look, share: np.ndarray, push: float, households: np.ndarray) -> np.ndarray:
        """How hard the officials of each region press: the signal, and the race with their neighbours.

        The grain regions come first, those with the highest quotas; and nobody hurries where a region counts as done.
        """
        p = look.p
        each = look["plan.quota"] / households
        rank = bounded(each / np.maximum(p.surplus * look["plan.quota"].sum() / households.sum(), 1 / households), 0, 1)
        push = push * (p.elsewhere + (1 - p.elsewhere) * rank)
        push *= bounded((p.complete - share) / p.nearly, p.beyond, 1.0)
        race = p.race if look.variant != "no_race" and look.on("S69") else 0.0
        behind = look["area.neighbours"] @ share + p.ahead - share
        target = bounded(push * (1 + race * bounded(behind, 0.0, 1.0)), 0.0, 1.0)
        eased = float(look["rural.retreated"])
        return target * (1 - eased * (1 - p.eased))

    def _move(self, look, draw, post, effort, share, plots: float, taken: float):
        """Households join and leave; land, seed beds and animals go with them."""
        weight, counts = look["household.weight"], look["village.counts"]
        table, rows, place = households(look), look["household.rows"], look["household.place"]
        pool = look["kolkhoz.grain"]
        land, sown, herd = look["kolkhoz.land"], look["kolkhoz.sown"], look["kolkhoz.herd"]
        members = np.maximum(counts[:, NUMBER["members"]], 1)
        # What a member who leaves may take along: an equal part, as far as the common stock allows.
        common = np.column_stack((land, sown, pool, herd))
        parts, left = common / members[:, None], all_slices(common, place, rows, weight)
        sums = np.zeros((rows.size, len(COUNTED)), dtype=np.int64)
        stream, rates, stabled = draw.stream("choice"), look.rates(Rates), look["area.stabled"]
        choose(
            rows.size, table, rows, place, stream, effort, share, look["area.machines"], plots, taken, parts, left,
            stabled, wants_of(look), rates, sums,
        )  # fmt: skip
        done = by_region(sums, place, weight)
        pool += done[:, GRAIN]
        totals = done.sum(axis=0).tolist()
        brought = totals[GRAIN]
        post("grain: households -> kolkhozy" if brought > 0 else "grain: kolkhozy -> households", abs(brought))
        land += done[:, LAND]
        sown += done[:, SOWN]
        herd += done[:, BEASTS:]
        for kind, total in zip(KINDS, totals[BEASTS:], strict=True):
            flow = "households -> kolkhozy" if total > 0 else "kolkhozy -> households"
            post(f"{kind}: {flow}", abs(total))
        return done[:, JOINED], done[:, LEFT]
