"""The collectivisation drive: officials press and compete, households join, and leave when they may."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from partystate.foundation.kernels import kernel
from partystate.mechanisms.countryside.joining import (
    BEASTS,
    COUNTED,
    GRAIN,
    JOINED,
    LAND,
    LEFT,
    SOWN,
    STOCKS,
    Rates,
    choose,
)
from partystate.mechanisms.countryside.needs import all_slices, wants_of
from partystate.mechanisms.countryside.table import (
    KINDS,
    NUMBER,
    TABLE,
    by_region,
    columns,
    in_all,
)
from partystate.model.mechanism import Mechanism

HOUSEHOLDS, MEMBERS = NUMBER["households"], NUMBER["members"]


class Pressure(NamedTuple):
    """What officials go by."""

    surplus: float
    elsewhere: float
    complete: float
    nearly: float
    beyond: float
    ahead: float


class Feeling(NamedTuple):
    """What the drive does to those it touches."""

    expected: float
    unrest_join: float
    unrest_label: float
    unrest_taken: float
    disrupted: float
    disrupted_label: float
    settling: float


class Drive(Mechanism):
    name = "drive"
    claim = (
        "Officials are judged against their neighbours, so a signal from the centre turns into a race beyond it; "
        "households join under pressure and because others have, and leave once pressure is lifted."
    )
    systems = ("S22", "S69", "S23")
    sources = ("davies1980", "viola1996", "lewin1968", "pianciola")
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
        "drive.settled": "share",
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
        "drive.expected": "months",
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
        p, counts, plots = look.p, look["village.counts"], float(look["plots.allowed"])
        effort, share = np.empty(counts.shape[0]), np.empty(counts.shape[0])
        race = p.race if look.variant != "no_race" and look.on("S69") else 0.0
        eased = 1 - float(look["rural.retreated"]) * (1 - p.eased)
        _press(
            counts, look["plan.quota"], look["area.neighbours"], float(look["rural.push"]), race, eased,
            look.rates(Pressure), effort, share,
        )  # fmt: skip
        taken = p.taken_plots if plots else p.taken_no_plots
        joined, left = self._move(look, draw, post, effort, share, plots, taken)
        fear, unrest, disruption = np.empty(effort.size), np.empty(effort.size), np.empty(effort.size)
        stirred = look.on("S23") and look.variant != "quiet"
        _felt(
            counts, joined, left, effort, look["area.labelled"], look["area.struck"], look["area.disruption"], taken,
            stirred, look.rates(Feeling), fear, unrest, disruption,
        )  # fmt: skip
        return {
            "area.effort": effort,
            "area.fear": fear,
            "area.unrest": unrest,
            "area.disruption": disruption,
            "drive.joined": joined,
            "drive.left": left,
        }

    def _move(self, look, draw, post, effort, share, plots: float, taken: float):
        """Households join and leave; land, seed beds and animals go with them."""
        weight, counts = look["household.weight"], look["village.counts"]
        table, rows, place = columns(look), look["household.rows"], look["household.place"]
        pool = look["kolkhoz.grain"]
        land, sown, herd = look["kolkhoz.land"], look["kolkhoz.sown"], look["kolkhoz.herd"]
        # What a member who leaves may take along: an equal part, as far as the common stock allows.
        common, parts = _common(land, sown, pool, herd, counts)
        left = all_slices(common, place, rows, weight)
        sums = np.zeros((rows.size, len(COUNTED)), dtype=np.int64)
        stream, rates, stabled = draw.stream("choice"), look.rates(Rates), look["area.stabled"]
        choose(
            rows.size, table, rows, place, stream, effort, share, look["area.machines"], plots, taken, parts, left,
            stabled, wants_of(look), rates, sums,
        )  # fmt: skip
        done = by_region(sums, place, weight)
        pool += done[:, GRAIN]
        totals = in_all(done)
        brought = totals[GRAIN]
        post("grain: households -> kolkhozy" if brought > 0 else "grain: kolkhozy -> households", abs(brought))
        land += done[:, LAND]
        sown += done[:, SOWN]
        herd += done[:, BEASTS:]
        for kind, total in zip(KINDS, totals[BEASTS:], strict=True):
            flow = "households -> kolkhozy" if total > 0 else "kolkhozy -> households"
            post(f"{kind}: {flow}", abs(total))
        return done[:, JOINED], done[:, LEFT]


@kernel
def _common(land, sown, pool, herd, counts):
    """The common stocks (region, stock), and an equal part of them for each member."""
    common = np.empty((land.size, STOCKS + herd.shape[1]), np.int64)
    parts = np.empty(common.shape)
    for r in range(land.size):
        common[r, 0], common[r, 1], common[r, 1 + 1] = land[r], sown[r], pool[r]
        for k in range(herd.shape[1]):
            common[r, STOCKS + k] = herd[r, k]
        for k in range(common.shape[1]):
            parts[r, k] = common[r, k] / max(counts[r, MEMBERS], 1)
    return common, parts


@kernel
def _press(counts, quota, neighbours, push, race, eased, rates, effort, share):
    """Into ``effort`` (region,) how hard officials press: the signal, and the race with neighbours; into ``share``

    the share of members. Grain regions come first, those with the highest quotas; nobody hurries where it is done.
    """
    asked, households = 0.0, 0
    for r in range(quota.size):
        share[r] = counts[r, MEMBERS] / max(counts[r, HOUSEHOLDS], 1)
        asked += quota[r]
        households += max(counts[r, HOUSEHOLDS], 1)
    marked = rates.surplus * asked / households
    for r in range(quota.size):
        each, near = quota[r] / max(counts[r, HOUSEHOLDS], 1), 0.0
        for k in range(quota.size):
            near += neighbours[r, k] * share[k]
        rank = min(each / marked, 1.0) if marked > 0 else 0.0
        undone = min(max((rates.complete - share[r]) / rates.nearly, rates.beyond), 1.0)
        behind = min(max(near + rates.ahead - share[r], 0.0), 1.0)
        pressed = push * (rates.elsewhere + (1 - rates.elsewhere) * rank) * undone * (1 + race * behind)
        effort[r] = min(max(pressed, 0.0), 1.0) * eased


@kernel
def _felt(counts, joined, left, effort, labelled, struck, before, taken, stirred, rates, fear, unrest, disruption):
    """What a month of the drive leaves behind (region,): fear for animals, open discontent, fields in disorder."""
    for r in range(effort.size):
        households = max(counts[r, HOUSEHOLDS], 1)
        change, forced = (joined[r] - left[r]) / households, max(joined[r], 0) / households * effort[r]
        fear[r] = taken * (1 - np.exp(-rates.expected * max(change, 0.0) * effort[r]))
        felt = rates.unrest_join * forced + rates.unrest_label * labelled[r] + rates.unrest_taken * struck[r]
        unrest[r] = felt if stirred else 0.0
        shock = rates.disrupted * abs(change) * effort[r] + rates.disrupted_label * labelled[r]
        disruption[r] = min(max(before[r] * (1 - rates.settling) + shock, 0.0), 1.0)
