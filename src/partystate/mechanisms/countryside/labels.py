"""Class labels and dekulakisation: who is called a kulak, who loses all, who is deported."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from partystate.foundation.calendar import MONTHS_PER_YEAR
from partystate.foundation.draws import first_of, pairs, second_of
from partystate.foundation.kernels import chunked, kernel
from partystate.mechanisms.countryside.table import (
    ABLE,
    ALONE,
    CATTLE,
    HORSES,
    KINDS,
    KULAK,
    NUMBER,
    OLD,
    TABLE,
    YOUNG,
    Households,
    by_region,
    columns,
    in_all,
    move,
    whole_sum,
)
from partystate.model.mechanism import Mechanism

COUNTED = ("labelled", "deported", "persons", "left", "grain", "purse", "land", "sown", *KINDS)
LABELLED, DEPORTED, PERSONS, LEFT, GRAIN, PURSE, LAND, SOWN, BEASTS = range(len(COUNTED) - len(KINDS) + 1)


class Rates(NamedTuple):
    """What the pass over households needs to know."""

    rich: float
    rich_rate: float
    others_rate: float
    deported: float


class Labels(Mechanism):
    name = "labels"
    claim = (
        "The label of kulak is given by quota: to the better off first, and to others who stand out against the "
        "kolkhoz; those labelled lose everything, and many are deported."
    )
    systems = ("S21",)
    sources = ("viola1996", "davies1980", "lewin1968")
    phase = "command"
    reads = (
        "village.counts", "area.ever_labelled", "household.weight", "household.place",
        "settlement.persons",
    )  # fmt: skip
    reads_now = ("area.effort",)
    sets = ("area.labelled", "area.ever_labelled", "labels.deported", "settlement.persons")
    tables = (*TABLE, "kolkhoz.grain", "kolkhoz.herd", "kolkhoz.land", "kolkhoz.sown")
    flows = (
        "people: village -> settlements", "people: village -> towns", "people: settlements -> dead",
        "people: settlements -> escaped", "grain: households -> kolkhozy", "money: households -> towns",
        *(f"{kind}: households -> kolkhozy" for kind in KINDS),
    )  # fmt: skip
    draws = ("label", "fate")
    events = ("sanction",)
    parameters = {
        "labels.rich": "ratio",
        "labels.rich_rate": "share per month",
        "labels.others_rate": "share per month",
        "labels.quota": "share",
        "labels.deported": "share",
        "labels.settlement_deaths": "share per year",
        "labels.settlement_flight": "share per year",
        "labels.noticed": "share",
    }
    when_off = {"S21": "Nobody is labelled a kulak, dispossessed or deported."}
    moves = {"S21": ("special_settlers",)}

    def step(self, now, look, draw, post, emit):
        p, weight, counts = look.p, look["household.weight"], look["village.counts"]
        ever, effort = look["area.ever_labelled"], look["area.effort"]
        all_ = np.maximum(counts[:, NUMBER["households"]], 1)
        pressure = _pressed(effort, ever, p.quota if look.on("S21") else 0.0)
        done = np.zeros((weight.size, len(COUNTED)), dtype=np.int64)
        if pressure is not None:
            mean = (counts[:, NUMBER["horses"]] + counts[:, NUMBER["cattle"]]) / all_
            done = self._take(look, draw, post, pressure, mean)
        total = in_all(done)
        settled = self._settlements(look, draw, post, total[PERSONS])
        struck = done[:, LABELLED] / all_
        if total[DEPORTED] > p.noticed * whole_sum(all_):
            emit(
                "sanction", f"{total[DEPORTED]} households deported",
                households=total[DEPORTED], persons=total[PERSONS],
            )  # fmt: skip
        return {
            "area.labelled": struck,
            "area.ever_labelled": ever + struck,
            "labels.deported": done[:, PERSONS],
            "settlement.persons": np.array(settled),
        }

    @staticmethod
    def _take(look, draw, post, pressure: np.ndarray, mean: np.ndarray) -> np.ndarray:
        """(region, counted) what households are struck, and what they lose; the kolkhozy get their grain and land."""
        table, rows, place = columns(look), look["household.rows"], look["household.place"]
        sums = np.zeros((rows.size, len(COUNTED)), dtype=np.int64)
        _strike(rows.size, table, rows, place, draw.stream("label"), pressure, mean, look.rates(Rates), sums)
        done = by_region(sums, place, look["household.weight"])
        total = in_all(done)
        look["kolkhoz.grain"][:] += done[:, GRAIN]
        look["kolkhoz.land"][:] += done[:, LAND]
        look["kolkhoz.sown"][:] += done[:, SOWN]
        look["kolkhoz.herd"][:] += done[:, BEASTS:]
        post("grain: households -> kolkhozy", total[GRAIN])
        post("money: households -> towns", total[PURSE])
        for k, kind in enumerate(KINDS):
            post(f"{kind}: households -> kolkhozy", total[BEASTS + k])
        post("people: village -> settlements", total[PERSONS])
        post("people: village -> towns", total[LEFT])
        return done

    @staticmethod
    def _settlements(look, draw, post, arrived: int) -> int:
        """Persons in special settlements after a month's arrivals, deaths and escapes."""
        p, held = look.p, int(look["settlement.persons"])
        lot = draw.one("fate", 0)
        dead = int(held * p.settlement_deaths / MONTHS_PER_YEAR + lot)
        fled = min(int(held * p.settlement_flight / MONTHS_PER_YEAR + lot), held - dead) if held else 0
        post("people: settlements -> dead", dead if held else 0)
        post("people: settlements -> escaped", fled)
        return held + arrived - (dead if held else 0) - fled


@kernel
def _pressed(effort, ever, quota):
    """(region,) how hard officials press where the quota is not yet reached; None where nobody does."""
    pressure, some = np.zeros(ever.size), False
    for r in range(ever.size):
        if quota - ever[r] > 0 and effort[r] > 0:
            pressure[r], some = effort[r], True
    return pressure if some else None


@chunked
def _strike(first, last, h, rows, place, stream, pressure, mean, rates, sums):
    h = Households(*h)
    lots, others = np.empty(h.id.shape[1], np.uint64), np.empty(h.id.shape[1], np.uint64)
    for c in range(first, last):
        r, i = place[c], 0
        if pressure[r] <= 0:
            continue
        pairs(stream, h.id[c], rows[c], 0, lots, others)
        most = max(rates.rich_rate, rates.others_rate) * pressure[r]
        while i < rows[c]:
            if first_of(lots[i]) >= most or h.status[c, i] != ALONE or h.label[c, i] == KULAK:
                i += 1
                continue
            beasts = h.herd[c, i, HORSES] + h.herd[c, i, CATTLE]
            rich = beasts > rates.rich * mean[r] and not h.herder[c, i]
            if first_of(lots[i]) >= (rates.rich_rate if rich else rates.others_rate) * pressure[r]:
                i += 1
                continue
            sums[c, LABELLED] += 1
            _dispossess(h, c, i, sums)
            if second_of(lots[i]) >= rates.deported:
                # Half of its people leave for the towns; the rest stay on without land or animals.
                h.label[c, i] = KULAK
                gone = h.people[c, i, ABLE] // (1 + 1)
                h.people[c, i, ABLE] -= gone
                sums[c, LEFT] += gone
                i += 1
                continue
            sums[c, DEPORTED] += 1
            sums[c, PERSONS] += h.people[c, i, YOUNG] + h.people[c, i, ABLE] + h.people[c, i, OLD]
            rows[c] -= 1
            if i != rows[c]:
                move(h, c, i, rows[c])
                lots[i] = lots[rows[c]]


@kernel
def _dispossess(h, c, i, sums):
    """Grain, land and animals go to the kolkhoz, money to the state."""
    sums[c, GRAIN] += h.grain[c, i] + h.hidden[c, i]
    sums[c, LAND] += h.land[c, i]
    sums[c, SOWN] += h.sown[c, i]
    sums[c, PURSE] += h.cash[c, i]
    h.grain[c, i], h.hidden[c, i], h.cash[c, i] = 0, 0, 0
    h.land[c, i], h.sown[c, i] = 0, 0
    for k in range(h.herd.shape[-1]):
        sums[c, BEASTS + k] += h.herd[c, i, k]
        h.herd[c, i, k] = 0
