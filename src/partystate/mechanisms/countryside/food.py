"""Eating and feeding: how a household stretches its grain, and what hunger does to its strength."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from partystate.foundation.kernels import chunked, kernel
from partystate.foundation.units import STEPS
from partystate.mechanisms.countryside.needs import heads, needs, powers, serve, single, slices, wants_of
from partystate.mechanisms.countryside.table import (
    ABLE,
    AGES,
    CATTLE,
    MEMBER,
    OLD,
    SHEEP,
    TABLE,
    Households,
    by_region,
    columns,
    in_all,
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
        table, rows, place = columns(look), look["household.rows"], look["household.place"]
        sums = np.zeros((rows.size, len(COUNTED)), dtype=np.int64)
        left = slices(stock, stock, place, rows, weight)
        garden = look["area.garden"] * (1 - look.p.seized_stores * look["area.coercion"])
        _eat(
            rows.size, table, rows, place, left, garden, look["area.stabled"], look["kolkhoz.promised"], wants_of(look),
            look.rates(Rates), powers(look.p.stretching), powers(look.p.sparing), sums,
        )  # fmt: skip
        done = by_region(sums, place, weight)
        stock -= done[:, RELIEVED]
        total = in_all(done)
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


@kernel
def _cover(h, c, n, hope, wanting, cover):
    """Into ``cover`` (household,) what part of its needs a household can meet; 1 if it need not stretch its grain."""
    grain, hidden, status = h.grain[c], h.hidden[c], h.status[c]
    hope, none, one = single(hope), single(0), single(1)
    for i in range(n):
        have, needed = single(np.int32(grain[i] + hidden[i])), wanting[i]
        # A member reckons with what the kolkhoz still holds for its people.
        promised = hope if status[i] == MEMBER else none
        part = promised + have / max(needed, one)
        cover[i] = min(part, one) if have < needed * (one - promised) else one


@kernel
def _stretch(cover, n, meals, feeds, places, meal, feed):
    """How much smaller meals and feed are, where grain must be stretched: `raised` for two tables of one size.

    In two passes, as the first can work on several at once, while looking up goes one by one.
    """
    size, last = single(meals.size - 1), np.int32(meals.size - 1 - 1)
    for i in range(n):
        place = cover[i] * size
        k = min(np.int32(place), last)
        places[i] = k
        feed[i] = place - single(k)
    for i in range(n):
        k, part = np.uint64(places[i]), feed[i]
        a, b = meals[k], feeds[k]
        meal[i] = a + part * (meals[k + np.uint64(1)] - a)
        feed[i] = b + part * (feeds[k + np.uint64(1)] - b)


@kernel
def _portion(h, c, n, rates, hungers, feeding, meal, feed, eaten, lacks):
    """What the first ``n`` households of a chunk take from their barns for themselves and for their animals.

    Into ``eaten`` the kg that go on each table, into ``lacks`` those that are missing there. Returns kg eaten, fed,
    needed as feed, missing, and spoilt in hiding. Without branches and in 32 bits, to work on several at once.
    """
    grain, hidden, spoiling = h.grain[c], h.hidden[c], single(rates.spoiling)
    food, fed, feed_wanted, missing, spoilt = np.int32(0), np.int32(0), np.int32(0), np.int32(0), np.int32(0)
    for i in range(n):
        have = np.int32(grain[i] + hidden[i])
        kg = min(np.int32(hungers[i] * meal[i]), have)
        to_animals = min(np.int32(feeding[i] * feed[i]), np.int32(have - kg))
        lack = max(np.int32(np.int32(hungers[i]) - kg), np.int32(0))
        used = np.int32(kg + to_animals)
        barn = min(grain[i], used)
        grain[i] -= barn
        rest = np.int32(hidden[i] - np.int32(used - barn))
        lost = np.int32(single(rest) * spoiling)
        hidden[i] = np.int32(rest - lost)
        eaten[i], lacks[i] = kg, lack
        food = np.int32(food + kg)
        fed = np.int32(fed + to_animals)
        feed_wanted = np.int32(feed_wanted + np.int32(feeding[i]))
        missing = np.int32(missing + lack)
        spoilt = np.int32(spoilt + lost)
    return food, fed, feed_wanted, missing, spoilt


@kernel
def _strengthen(h, c, n, stores, rates, hungers, eaten, gifts):
    """What has come on the table, ``eaten`` and ``gifts``, makes bodies stronger or weaker."""
    people, herd, herder = h.people[c].reshape(-1), h.herd[c].reshape(-1).view(np.uint32), h.herder[c]
    reserve, taste = h.reserve[c], h.taste[c]
    milk, mutton, stores, most = single(rates.milk), single(rates.mutton), single(stores), single(STEPS)
    none, one, step = single(0), single(1), single(1 / STEPS)
    mending, wasting, usual = most * single(rates.mending), most * single(rates.wasting), single(rates.hard_year)
    for i in range(n):
        adults = np.int32(people[i * len(AGES) + ABLE]) + np.int32(people[i * len(AGES) + OLD])
        cattle, sheep = single(heads(herd[i], CATTLE)), single(heads(herd[i], SHEEP))
        # What animals and the garden give counts as grain of the same worth.
        beside = cattle * milk + (sheep * mutton if herder[i] else none) + single(np.int32(adults)) * stores
        level = (single(np.int32(eaten[i] + gifts[i])) + beside) / (max(hungers[i], one) * usual)
        # A fixed trait of the household rounds the small steps of a byte without drift.
        over = min(level, one + one) - one
        # A body spares itself: half rations waste it far less than half as fast as none.
        change = mending * over if over >= none else -wasting * over * over
        strength = single(np.int32(reserve[i])) + change + single(np.int32(taste[i])) * step
        reserve[i] = np.int32(min(max(strength, none), most))


@chunked
def _eat(first, last, h, rows, place, left, garden, stabled, promised, wants, rates, meals, feeds, sums):
    h = Households(*h)
    size = h.id.shape[1]
    hungers, feeding, wanting = np.empty(size, np.float32), np.empty(size, np.float32), np.empty(size, np.float32)
    cover, meal, feed = np.empty(size, np.float32), np.empty(size, np.float32), np.empty(size, np.float32)
    places, eaten, gifts = np.empty(size, np.uint32), np.empty(size, np.int32), np.empty(size, np.int32)
    for c in range(first, last):
        r, n = place[c], rows[c]
        needs(h, c, n, wants, stabled[r], hungers, feeding, wanting)
        _cover(h, c, n, promised[r], wanting, cover)
        _stretch(cover, n, meals, feeds, places, meal, feed)
        food, fed, feed_wanted, missing, spoilt = _portion(h, c, n, rates, hungers, feeding, meal, feed, eaten, gifts)
        given = missing if missing <= left[c] else serve(gifts, n, left[c])
        _strengthen(h, c, n, garden[r] * rates.garden, rates, hungers, eaten, gifts)
        left[c] -= given
        sums[c, EATEN], sums[c, FED], sums[c, FEED_WANTED] = food, fed, feed_wanted
        sums[c, RELIEVED], sums[c, MISSING], sums[c, SPOILT] = given, missing - given, spoilt
