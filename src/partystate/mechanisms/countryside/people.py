"""The people of the village: births and deaths, coming of age, households that split, and those who leave for town."""

from __future__ import annotations

import numpy as np

from partystate.foundation.calendar import MONTHS_PER_YEAR as YEAR
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
    passed,
)  # fmt: skip
from partystate.mechanisms.countryside.lives import Rates, live
from partystate.mechanisms.countryside.table import (
    KINDS,
    NUMBER,
    TABLE,
    TALLIED,
    by_region,
    columns,
    in_all,
    whole_sum,
)  # fmt: skip
from partystate.model.mechanism import Mechanism, reading

FELT = {
    "grain eaten this month, kg a person": "food.eaten", "relief this month, kg a person": "food.relieved",
    "grain procured since the harvest, kg a person": "plan.delivered",
}  # fmt: skip


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
        "people.families": "share",
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
        table, rows, place = columns(look), look["household.rows"], look["household.place"]
        bound = float(look["passport.on"]) * p.bound
        going = look.driver("town_migration") if look.on("S36") else 0.0
        leaving = np.full(weight.size, going / max(whole_sum(counts[:, NUMBER["able"]]), 1))
        conceived = 1 - p.birth_hunger * look["area.food"]
        rates = Rates(
            p.fertility / YEAR, p.comes_of_age / YEAR, p.grows_old / YEAR, p.death_young / YEAR, p.death_able / YEAR,
            p.death_old / YEAR, p.hunger, p.threshold, p.frail, p.flight * (1 - bound), p.split / YEAR, p.large,
            p.families,
        )  # fmt: skip
        sums = np.zeros((rows.size, len(COUNTED)), dtype=np.int64)
        life = draw.stream("life")
        live(rows.size, table, rows, place, life, rates, conceived, leaving, p.hungry_leave, sums)
        done = by_region(sums, place, weight)
        look["village.grain"][:] += done[:, ESTATE]
        look["kolkhoz.land"][:] += done[:, LAND]
        look["kolkhoz.sown"][:] += done[:, SOWN]
        total = in_all(done)
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
        for r in passed(before, excess, persons, look.p.famine_seen):
            plan = emit.last("directive", "grain plan")
            region, here = look.labels("region")[r], int(persons[r])
            dead = before[r] + excess[r]
            if not emit.last("famine", region, after=plan):
                felt = (reading(name, look[column][r] / here) for name, column in FELT.items())
                emit(
                    "famine", f"Famine in {region}", place=region, because=(*felt, *plan),
                    excess_deaths_this_year=int(dead), share_of_the_people=int(dead) / here,
                )  # fmt: skip
