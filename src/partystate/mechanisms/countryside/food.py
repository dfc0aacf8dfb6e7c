"""Eating and feeding: how a household stretches its grain, and what hunger does to its strength."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import prange

from partystate.foundation.kernels import chunked
from partystate.foundation.units import STEPS
from partystate.mechanisms.countryside.needs import need, slices, spend, wants_of
from partystate.mechanisms.countryside.table import (
    ABLE,
    CATTLE,
    HORSES,
    MEMBER,
    OLD,
    PIGS,
    SHEEP,
    TABLE,
    YOUNG,
    by_region,
    households,
)
from partystate.model.mechanism import Mechanism

COUNTED = ("eaten", "fed", "feed_wanted", "relieved", "missing", "spoilt")  # kg
EATEN, FED, FEED_WANTED, RELIEVED, MISSING, SPOILT = range(len(COUNTED))


class Rates(NamedTuple):
    """What the pass over households needs to know."""

    stretching: float
    sparing: float
    milk: float
    mutton: float
    garden: float
    hard_year: float
    wasting: float
    mending: float
    spoiling: float


class Food(Mechanism):
    name = "food"
    claim = (
        "A household that will not reach the next harvest eats less early on and starves its animals first; after "
        "months below what a body needs, people die of it."
    )
    systems = ("S27",)
    sources = ("dw2004", "wheatcroft2004")
    phase = "life"
    reads = (
        "village.wants",
        "area.stabled",
        "area.garden",
        "kolkhoz.promised",
        "area.coercion",
        "household.weight",
        "household.place",
    )
    reads_now = ("market.bought",)
    sets = ("food.fed", "food.eaten", "food.missing", "food.relieved")
    tables = (*TABLE, "relief.grain")
    flows = (
        "grain: households -> eaten", "grain: households -> feed", "grain: relief -> eaten",
        "grain: households -> spoilt",
    )  # fmt: skip
    parameters = {
        "food.stretching": "weight",
        "food.sparing": "weight",
        "food.milk": "kg per month",
        "food.mutton": "kg per month",
        "food.garden": "kg per month",
        "food.hard_year": "share",
        "food.wasting": "share per month",
        "food.mending": "share per month",
        "food.spoiling": "share per month",
        "food.seized_stores": "share",
    }
    when_off = {"S27": "Hunger is felt and reported as it is; no relief is given and no plan is cut because of it."}
    moves = {"S27": ("rural_excess_deaths_year",)}

    def step(self, now, look, draw, post, emit):
        weight, stock = look["household.weight"], look["relief.grain"]
        table, rows, place = households(look), look["household.rows"], look["household.place"]
        sums = np.zeros((rows.size, len(COUNTED)), dtype=np.int64)
        left = slices(stock, stock, place, rows, weight)
        garden = look["area.garden"] * (1 - look.p.seized_stores * look["area.coercion"])
        _eat(
            rows.size, table, rows, place, left, garden, look["area.stabled"], look["kolkhoz.promised"], wants_of(look),
            look.rates(Rates), sums,
        )  # fmt: skip
        done = by_region(sums, place, weight)
        stock -= done[:, RELIEVED]
        post("grain: households -> eaten", done[:, EATEN].sum())
        post("grain: households -> feed", done[:, FED].sum())
        post("grain: relief -> eaten", done[:, RELIEVED].sum())
        post("grain: households -> spoilt", done[:, SPOILT].sum())
        return {
            "food.fed": done[:, FED] / np.maximum(done[:, FEED_WANTED], 1),
            "food.eaten": done[:, EATEN] + done[:, RELIEVED],
            "food.missing": done[:, MISSING],
            "food.relieved": done[:, RELIEVED],
        }


@chunked
def _eat(chunks, h, rows, place, left, garden, stabled, promised, wants, rates, sums):
    for c in prange(chunks):
        stores = garden[place[c]] * rates.garden
        eaten, fed, feed_wanted, relieved, missing, spoilt = 0, 0, 0, 0, 0, 0
        for i in range(rows[c]):
            adults = h.people[c, i, ABLE] + h.people[c, i, OLD]
            hunger_free = adults * wants.food + h.people[c, i, YOUNG] * wants.child
            have = h.grain[c, i] + h.hidden[c, i]
            # A member reckons with what the kolkhoz still holds for its people.
            hopes = promised[place[c]] if h.status[c, i] == MEMBER else 0.0
            cover = hopes + have / max(need(h, c, i, wants, stabled[place[c]]), 1.0)
            feed = h.herd[c, i, HORSES] * wants.horse + h.herd[c, i, CATTLE] * wants.cow
            feed += h.herd[c, i, PIGS] * wants.pig + h.herd[c, i, SHEEP] * wants.sheep
            feed *= 0.0 if h.herder[c, i] else stabled[place[c]]
            feed_wanted += int(feed)
            meal = hunger_free
            if cover < 1:
                meal *= cover**rates.stretching
                feed *= cover**rates.sparing
            food = min(int(meal), have)
            grain_fed = min(int(feed), have - food)
            gift = min(max(int(hunger_free) - food, 0), left[c])
            left[c] -= gift
            spend(h, c, i, food + grain_fed)
            lost = int(h.hidden[c, i] * rates.spoiling)
            h.hidden[c, i] -= lost
            # What animals and the garden give counts as grain of the same worth.
            beside = h.herd[c, i, CATTLE] * rates.milk + h.herd[c, i, SHEEP] * rates.mutton * h.herder[c, i]
            beside += adults * stores
            level = (food + gift + beside) / max(hunger_free, 1.0) / rates.hard_year
            # A fixed trait of the household rounds the small steps of a byte without drift.
            change = STEPS * (rates.mending if level >= 1 else rates.wasting) * (min(level, 1 + 1) - 1)
            strength = h.reserve[c, i] + change + h.taste[c, i] / STEPS
            h.reserve[c, i] = int(min(max(strength, 0.0), STEPS))
            eaten += food
            fed += grain_fed
            relieved += gift
            missing += max(int(hunger_free) - food - gift, 0)
            spoilt += lost
        sums[c, EATEN], sums[c, FED], sums[c, FEED_WANTED] = eaten, fed, feed_wanted
        sums[c, RELIEVED], sums[c, MISSING], sums[c, SPOILT] = relieved, missing, spoilt
