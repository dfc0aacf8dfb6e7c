"""The people of the village: births and deaths, coming of age, households that split, and those who leave for town."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import prange

from partystate.foundation.calendar import MONTHS_PER_YEAR as YEAR
from partystate.foundation.draws import bits, four
from partystate.foundation.kernels import chunked, kernel
from partystate.foundation.units import STEPS
from partystate.mechanisms.countryside.table import (
    ABLE,
    KINDS,
    NUMBER,
    OLD,
    TABLE,
    TALLIED,
    YOUNG,
    by_region,
    households,
    move,
    whole,
)
from partystate.model.mechanism import Mechanism, reading

COUNTED = ("born", "died", "excess", "left", "split", "ended", "estate", "purse", "horses", "cattle", "pigs", "sheep")
BORN, DIED, EXCESS, LEFT, SPLIT, ENDED, ESTATE, PURSE, BEASTS = range(len(COUNTED) - len(KINDS) + 1)
CHILD = 1  # ordinal of the draw that gives a new household its id
FELT = {
    "grain eaten this month, kg a person": "food.eaten", "relief this month, kg a person": "food.relieved",
    "grain procured since the harvest, kg a person": "plan.delivered",
}  # fmt: skip


class Rates(NamedTuple):
    """Monthly chances, and what hunger adds to them."""

    fertility: float
    comes_of_age: float
    grows_old: float
    death_young: float
    death_able: float
    death_old: float
    hunger: float
    threshold: float
    frail: float
    flight: float
    split: float
    large: float


class People(Mechanism):
    name = "people"
    claim = (
        "Hunger kills late and steeply: when a body's reserve is half gone the risk of death rises with the square "
        "of what is missing, children and the old first; births fall nine months after."
    )
    systems = ("S27", "S36", "S37")
    sources = ("adk1993", "dw2004", "wheatcroft2004", "danilov1988")
    phase = "life"
    reads = (
        "village.counts", "village.tally", "area.food", "passport.on", "plan.delivered", "household.weight",
        "household.place",
    )  # fmt: skip
    reads_now = ("food.eaten", "food.relieved", "herds.died")
    sets = ("people.born", "people.died", "people.excess", "people.left", "people.split")
    tables = (*TABLE, "village.grain")
    flows = (
        "people: unborn -> village", "people: village -> dead", "people: village -> towns",
        "grain: households -> villages", "money: households -> towns",
        *(f"{kind}: households -> dead" for kind in KINDS),
    )  # fmt: skip
    draws = ("life", "way")
    drivers = ("town_migration",)
    events = ("famine",)
    parameters = {
        "people.fertility": "share per year",
        "people.comes_of_age": "share per year",
        "people.grows_old": "share per year",
        "people.death_young": "share per year",
        "people.death_able": "share per year",
        "people.death_old": "share per year",
        "people.hunger": "share per month",
        "people.threshold": "share",
        "people.frail": "ratio",
        "people.flight": "share per month",
        "people.bound": "share",
        "people.hungry_leave": "ratio",
        "people.split": "share per year",
        "people.large": "persons",
        "people.birth_hunger": "share",
        "people.famine_seen": "share",
    }
    when_off = {
        "S27": "People die and leave as hunger drives them; no relief is given and no plan is cut because of it.",
        "S36": "Nobody leaves the village for the towns but in flight from hunger.",
        "S37": "Internal passports are never introduced.",
    }
    moves = {"S27": ("rural_excess_deaths_year",), "S36": ("rural_population",), "S37": ("rural_population",)}

    def step(self, now, look, draw, post, emit):
        p, counts, weight = look.p, look["village.counts"], look["household.weight"]
        table, rows, place = households(look), look["household.rows"], look["household.place"]
        bound = float(look["passport.on"]) * p.bound
        going = look.driver("town_migration") if look.on("S36") else 0.0
        leaving = np.full(weight.size, going / max(counts[:, NUMBER["able"]].sum(), 1))
        conceived = 1 - p.birth_hunger * look["area.food"]
        rates = Rates(
            p.fertility / YEAR, p.comes_of_age / YEAR, p.grows_old / YEAR, p.death_young / YEAR, p.death_able / YEAR,
            p.death_old / YEAR, p.hunger, p.threshold, p.frail, p.flight * (1 - bound), p.split / YEAR, p.large,
        )  # fmt: skip
        sums = np.zeros((rows.size, len(COUNTED)), dtype=np.int64)
        life, way = draw.stream("life"), draw.stream("way")
        _live(rows.size, table, rows, place, life, way, rates, conceived, leaving, p.hungry_leave, sums)
        done = by_region(sums, place, weight)
        look["village.grain"][:] += done[:, ESTATE]
        for path, k in (("unborn -> village", BORN), ("village -> dead", DIED), ("village -> towns", LEFT)):
            post(f"people: {path}", done[:, k].sum())
        post("grain: households -> villages", done[:, ESTATE].sum())
        post("money: households -> towns", done[:, PURSE].sum())
        for k, kind in enumerate(KINDS):
            post(f"{kind}: households -> dead", done[:, BEASTS + k].sum())
        self._tell(look, counts[:, NUMBER["persons"]], done[:, EXCESS], emit)
        return {f"people.{name}": done[:, k] for k, name in enumerate(COUNTED[:ENDED])}

    @staticmethod
    def _tell(look, persons: np.ndarray, excess: np.ndarray, emit) -> None:
        """Writes down a famine once a plan, where the year's excess deaths first pass a share of a region's people."""
        before, plan = look["village.tally"][:, TALLIED.index("excess")], emit.last("directive", "grain plan")
        dead, mark = before + excess, persons * look.p.famine_seen
        for r in np.flatnonzero((before <= mark) & (dead > mark) & (persons > 0)):
            region, here = look.labels("region")[r], int(persons[r])
            if not emit.last("famine", region, after=plan):
                felt = (reading(name, look[column][r] / here) for name, column in FELT.items())
                emit(
                    "famine", f"Famine in {region}", place=region, because=(*felt, *plan),
                    excess_deaths_this_year=int(dead[r]), share_of_the_people=int(dead[r]) / here,
                )  # fmt: skip


@kernel
def _bury(people, u, dead, weights):
    """Takes ``dead`` persons from a household's ages (3,), each age in proportion to its ``weights``."""
    for _ in range(dead):
        total = 0.0
        for a in range(people.size):
            total += people[a] * weights[a]
        mark, a = u * total, 0
        while a < people.size - 1 and mark >= people[a] * weights[a]:
            mark -= people[a] * weights[a]
            a += 1
        while people[a] == 0:
            a = a - 1 if a > 0 else people.size - 1
        people[a] -= 1


@chunked
def _live(chunks, h, rows, place, life, way, rates, conceived, leaving, hungry_leave, sums):
    for c in prange(chunks):
        r, i = place[c], 0
        usual = np.array([rates.death_young, rates.death_able, rates.death_old])
        mixed = usual.copy()
        while i < rows[c]:
            me, people = h.id[c, i], h.people[c, i]
            u, v = four(life, me, 0), four(way, me, 0)
            lack = max(1 - h.reserve[c, i] / STEPS / rates.threshold, 0.0)
            risk = rates.hunger * lack * lack
            mixed[YOUNG] = usual[YOUNG] + risk * rates.frail
            mixed[ABLE] = usual[ABLE] + risk
            mixed[OLD] = usual[OLD] + risk * rates.frail
            normal, expected = 0.0, 0.0
            for a in range(usual.size):
                normal += people[a] * usual[a]
                expected += people[a] * mixed[a]
            persons = people[YOUNG] + people[ABLE] + people[OLD]
            dead = min(whole(expected, u[0]), persons)
            sums[c, EXCESS] += dead - min(whole(normal, u[0]), dead)
            if dead > 0:
                _bury(people, u[1], dead, mixed)
            sums[c, DIED] += dead
            born = min(whole(people[ABLE] * rates.fertility * conceived[r], u[2]), STEPS - people[YOUNG])
            grown = min(whole(people[YOUNG] * rates.comes_of_age, u[3]), people[YOUNG])
            aged = min(whole(people[ABLE] * rates.grows_old, v[0]), people[ABLE])
            # Those who leave are of working age; hunger sends more from the same village, and drives some away.
            pull = leaving[r] * (1 + hungry_leave * lack) + rates.flight * lack
            gone = min(whole(people[ABLE] * min(pull, 1.0), v[1]), people[ABLE] - aged)
            people[YOUNG] += born - grown
            people[ABLE] += grown - aged - gone
            people[OLD] += aged
            sums[c, BORN] += born
            sums[c, LEFT] += gone
            persons = people[YOUNG] + people[ABLE] + people[OLD]
            if persons == 0:
                _end(h, c, i, rows, sums)
                continue
            if persons >= rates.large and people[ABLE] > 1 and v[2] < rates.split and rows[c] < h.id.shape[1]:
                _part(h, c, i, rows[c], bits(way, me, CHILD))
                rows[c] += 1
                sums[c, SPLIT] += 1
            i += 1


@kernel
def _end(h, c, i, rows, sums):
    """A household dies out: its grain goes to the village, its land to a neighbour, its animals perish."""
    sums[c, ENDED] += 1
    sums[c, ESTATE] += h.grain[c, i] + h.hidden[c, i]
    sums[c, PURSE] += h.cash[c, i]
    for k in range(h.herd.shape[-1]):
        sums[c, BEASTS + k] += h.herd[c, i, k]
    rows[c] -= 1
    last = rows[c]
    land, sown = h.land[c, i], h.sown[c, i]
    if i != last:
        move(h, c, i, last)
    if last > 0:
        heir = min(i, last - 1)
        h.land[c, heir] += land
        h.sown[c, heir] += sown


@kernel
def _part(h, c, i, new, identity):
    """Half of a household founds another: half the people, land and animals, by whole units."""
    h.id[c, new] = identity
    h.label[c, new], h.status[c, new], h.herder[c, new] = h.label[c, i], h.status[c, i], h.herder[c, i]
    h.reserve[c, new], h.memory[c, new] = h.reserve[c, i], h.memory[c, i]
    h.taste[c, new] = np.uint8(identity % np.uint64(STEPS))
    h.skill[c, new] = np.uint8((identity // np.uint64(STEPS)) % np.uint64(STEPS))
    h.grain[c, new] = h.grain[c, i] // (1 + 1)
    h.hidden[c, new] = h.hidden[c, i] // (1 + 1)
    h.cash[c, new] = h.cash[c, i] // (1 + 1)
    h.land[c, new] = h.land[c, i] // (1 + 1)
    h.sown[c, new] = h.sown[c, i] // (1 + 1)
    h.grain[c, i] -= h.grain[c, new]
    h.hidden[c, i] -= h.hidden[c, new]
    h.cash[c, i] -= h.cash[c, new]
    h.land[c, i] -= h.land[c, new]
    h.sown[c, i] -= h.sown[c, new]
    for a in range(h.people.shape[-1]):
        h.people[c, new, a] = h.people[c, i, a] // (1 + 1)
        h.people[c, i, a] -= h.people[c, new, a]
    for k in range(h.herd.shape[-1]):
        h.herd[c, new, k] = h.herd[c, i, k] // (1 + 1)
        h.herd[c, i, k] -= h.herd[c, new, k]
