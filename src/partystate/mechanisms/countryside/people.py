"""The people of the village: births and deaths, coming of age, households that split, and those who leave for town."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from partystate.foundation.calendar import MONTHS_PER_YEAR as YEAR
from partystate.foundation.draws import bits, lane3, pairs, u01
from partystate.foundation.kernels import chunked, kernel
from partystate.foundation.units import STEPS
from partystate.mechanisms.countryside.families import (
    BEASTS,
    BORN,
    COUNTED,
    DIED,
    ENDED,
    ESTATE,
    EXCESS,
    LAND,
    LEFT,
    PURSE,
    SOWN,
    SPLIT,
    bury,
    end,
    part,
)  # fmt: skip
from partystate.mechanisms.countryside.table import (
    ABLE,
    AGES,
    KINDS,
    NUMBER,
    OLD,
    TABLE,
    TALLIED,
    YOUNG,
    by_region,
    households,
    whole,
)
from partystate.model.mechanism import Mechanism, reading

CHILD, WHO = range(1, 1 + len(("child", "who")))  # ordinals of the draws of a new household's id, and of who dies
DEATH, BIRTH, GROWTH = range(len(("death", "birth", "growth")))  # lanes of the first word of a household's draws
AGEING, GOING, PARTING = range(len(("ageing", "going", "parting")))  # and of the second
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
    tables = (*TABLE, "village.grain", "kolkhoz.land", "kolkhoz.sown")
    flows = (
        "people: unborn -> village", "people: village -> dead", "people: village -> towns",
        "grain: households -> villages", "money: households -> towns",
        *(f"{kind}: households -> dead" for kind in KINDS),
    )  # fmt: skip
    draws = ("life",)
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
        life = draw.stream("life")
        _live(rows.size, table, rows, place, life, rates, conceived, leaving, p.hungry_leave, sums)
        done = by_region(sums, place, weight)
        look["village.grain"][:] += done[:, ESTATE]
        look["kolkhoz.land"][:] += done[:, LAND]
        look["kolkhoz.sown"][:] += done[:, SOWN]
        total = done.sum(axis=0).tolist()
        for path, k in (("unborn -> village", BORN), ("village -> dead", DIED), ("village -> towns", LEFT)):
            post(f"people: {path}", total[k])
        post("grain: households -> villages", total[ESTATE])
        post("money: households -> towns", total[PURSE])
        for k, kind in enumerate(KINDS):
            post(f"{kind}: households -> dead", total[BEASTS + k])
        self._tell(look, counts[:, NUMBER["persons"]], done[:, EXCESS], emit)
        return {f"people.{name}": done[:, k] for k, name in enumerate(COUNTED[:ENDED])}

    @staticmethod
    def _tell(look, persons: np.ndarray, excess: np.ndarray, emit) -> None:
        """Writes down a famine once a plan, where the year's excess deaths first pass a share of a region's people."""
        before = look["village.tally"][:, TALLIED.index("excess")]
        dead, mark = before + excess, persons * look.p.famine_seen
        for r in ((before <= mark) & (dead > mark) & (persons > 0)).nonzero()[0]:
            plan = emit.last("directive", "grain plan")
            region, here = look.labels("region")[r], int(persons[r])
            if not emit.last("famine", region, after=plan):
                felt = (reading(name, look[column][r] / here) for name, column in FELT.items())
                emit(
                    "famine", f"Famine in {region}", place=region, because=(*felt, *plan),
                    excess_deaths_this_year=int(dead[r]), share_of_the_people=int(dead[r]) / here,
                )  # fmt: skip


@kernel
def _stirs(people, reserve, high, low, n, rates, conceived, leaving, out):
    """Into ``out`` (household,) whether anyone may be born, die, come of age or go; for most nobody does."""
    weak = STEPS * rates.threshold
    for i in range(n):
        young = np.float64(np.int32(people[i * len(AGES) + YOUNG]))
        able = np.float64(np.int32(people[i * len(AGES) + ABLE]))
        old = np.float64(np.int32(people[i * len(AGES) + OLD]))
        dying = young * rates.death_young + able * rates.death_able + old * rates.death_old
        out[i] = (
            int(np.float64(np.int32(reserve[i])) < weak)
            | int(dying + lane3(high[i], DEATH) >= 1)
            | int(able * rates.fertility * conceived + lane3(high[i], BIRTH) >= 1)
            | int(young * rates.comes_of_age + lane3(high[i], GROWTH) >= 1)
            | int(able * rates.grows_old + lane3(low[i], AGEING) >= 1)
            | int(able * leaving + lane3(low[i], GOING) >= 1)
            | (int(lane3(low[i], PARTING) < rates.split) & int(young + able + old >= rates.large))
            | int(young + able + old == 0)
        )


@chunked
def _live(first, last, h, rows, place, life, rates, conceived, leaving, hungry_leave, sums):
    room = h.id.shape[1]
    high, low, stirs = np.empty(room, np.uint64), np.empty(room, np.uint64), np.empty(room, np.uint8)
    usual = np.array([rates.death_young, rates.death_able, rates.death_old])
    mixed = usual.copy()
    for c in range(first, last):
        r, i, n = place[c], 0, rows[c]
        pairs(life, h.id[c], n, 0, high, low)
        _stirs(h.people[c].reshape(-1), h.reserve[c], high, low, n, rates, conceived[r], min(leaving[r], 1.0), stirs)
        while i < rows[c]:
            if stirs[i] == 0:
                i += 1
                continue
            me, people = h.id[c, i], h.people[c, i]
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
            dead = min(whole(expected, lane3(high[i], DEATH)), persons)
            sums[c, EXCESS] += dead - min(whole(normal, lane3(high[i], DEATH)), dead)
            if dead > 0:
                bury(people, u01(life, me, WHO), dead, mixed)
            sums[c, DIED] += dead
            conceiving = people[ABLE] * rates.fertility * conceived[r]
            born = min(whole(conceiving, lane3(high[i], BIRTH)), STEPS - people[YOUNG])
            grown = min(whole(people[YOUNG] * rates.comes_of_age, lane3(high[i], GROWTH)), people[YOUNG])
            aged = min(whole(people[ABLE] * rates.grows_old, lane3(low[i], AGEING)), people[ABLE])
            # Those who leave are of working age; hunger sends more from the same village, and drives some away.
            pull = leaving[r] * (1 + hungry_leave * lack) + rates.flight * lack
            gone = min(whole(people[ABLE] * min(pull, 1.0), lane3(low[i], GOING)), people[ABLE] - aged)
            people[YOUNG] += born - grown
            people[ABLE] += grown - aged - gone
            people[OLD] += aged
            sums[c, BORN] += born
            sums[c, LEFT] += gone
            persons = people[YOUNG] + people[ABLE] + people[OLD]
            if persons == 0:
                end(h, c, i, rows, sums)
                gap = rows[c]
                high[i], low[i], stirs[i] = high[gap], low[gap], stirs[gap]
                continue
            parts = lane3(low[i], PARTING) < rates.split
            if parts and persons >= rates.large and people[ABLE] > 1 and rows[c] < room:
                new = rows[c]
                part(h, c, i, new, bits(life, me, CHILD))
                rows[c] += 1
                sums[c, SPLIT] += 1
                pairs(life, h.id[c, new : new + 1], 1, 0, high[new : new + 1], low[new : new + 1])
                stirs[new] = 1
            i += 1
