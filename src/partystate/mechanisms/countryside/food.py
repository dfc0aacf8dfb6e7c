"""Eating and feeding: how a household stretches its grain, and what hunger does to its strength."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from partystate.foundation.kernels import chunked
from partystate.foundation.units import STEPS
from partystate.mechanisms.countryside.needs import needs, powers, raised, slices, spend, wants_of
from partystate.mechanisms.countryside.table import (
    ABLE,
    CATTLE,
    MEMBER,
    OLD,
    SHEEP,
    TABLE,
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
            look.rates(Rates), powers(look.p.stretching), powers(look.p.sparing), sums,
        )  # fmt: skip
        done = by_region(sums, place, weight)
        stock -= done[:, RELIEVED]
        total = done.sum(axis=0).tolist()
        post("grain: households -> eaten", total[EATEN])
        post("grain: households -> feed", total[FED])
        post("grain: relief -> eaten", total[RELIEVED])
        post("grain: households -> spoilt", total[SPOILT])
        return {
            "food.fed": done[:, FED] / np.maximum(done[:, FEED_WANTED], 1),
            "food.eaten": done[:, EATEN] + done[:, RELIEVED],
            "food.missing": done[:, MISSING],
            "food.relieved": done[:, RELIEVED],
        }


@chunked
def _eat(first, last, h, rows, place, left, garden, stabled, promised, wants, rates, meals, feeds, sums):
    size = h.id.shape[1]
    hungers, feeding, wanting = np.empty(size), np.empty(size), np.empty(size)
    for c in range(first, last):
        needs(h, c, rows[c], wants, stabled[place[c]], hungers, feeding, wanting)
        r, gifts = place[c], left[c]
        stores, hope = garden[r] * rates.garden, promised[r]
        people, herd, reserve, taste = h.people[c], h.herd[c], h.reserve[c], h.taste[c]
        eaten, fed, feed_wanted, relieved, missing, spoilt = 0, 0, 0, 0, 0, 0
        for i in range(rows[c]):
            adults, herder = people[i, ABLE] + people[i, OLD], h.herder[c, i]
            hunger_free, feed, needed = hungers[i], feeding[i], wanting[i]
            have = h.grain[c, i] + h.hidden[c, i]
            feed_wanted += int(feed)
            meal = hunger_free
            # A member reckons with what the kolkhoz still holds for its people.
            if have < needed and (h.status[c, i] != MEMBER or have < needed * (1 - hope)):
                cover = (hope if h.status[c, i] == MEMBER else 0.0) + have / max(needed, 1.0)
                if cover < 1:
                    meal *= raised(cover, meals)
                    feed *= raised(cover, feeds)
            food = min(int(meal), have)
            grain_fed = min(int(feed), have - food)
            gift = min(max(int(hunger_free) - food, 0), gifts)
            gifts -= gift
            spend(h, c, i, food + grain_fed)
            if h.hidden[c, i] > 0:
                lost = int(h.hidden[c, i] * rates.spoiling)
                h.hidden[c, i] -= lost
                spoilt += lost
            # What animals and the garden give counts as grain of the same worth.
            beside = herd[i, CATTLE] * rates.milk + herd[i, SHEEP] * rates.mutton * herder + adults * stores
            level = (food + gift + beside) / (max(hunger_free, 1.0) * rates.hard_year)
            # A fixed trait of the household rounds the small steps of a byte without drift.
            change = STEPS * (rates.mending if level >= 1 else rates.wasting) * (min(level, 1 + 1) - 1)
            strength = reserve[i] + change + taste[i] / STEPS
            reserve[i] = int(min(max(strength, 0.0), STEPS))
            eaten += food
            fed += grain_fed
            relieved += gift
            missing += max(int(hunger_free) - food - gift, 0)
        left[c] = gifts
        sums[c, EATEN], sums[c, FED], sums[c, FEED_WANTED] = eaten, fed, feed_wanted
        sums[c, RELIEVED], sums[c, MISSING], sums[c, SPOILT] = relieved, missing, spoilt
