"""The books of the countryside: counts the table, holds it against the ledger, and writes the series."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from partystate.foundation import calendar
from partystate.foundation.kernels import kernel
from partystate.foundation.units import HECTARE, MEGATONNE, MILLION, PERCENT, POOD, THOUSAND
from partystate.mechanisms.countryside import founders
from partystate.mechanisms.countryside.counting import count
from partystate.mechanisms.countryside.needs import Wants
from partystate.mechanisms.countryside.table import (
    COUNTS,
    KINDS,
    NUMBER,
    SCHEMA_NAMES,
    TABLE,
    TALLIED,
    by_region,
    columns,
    in_all,
    whole_sum,
)
from partystate.model.compiled import mean
from partystate.model.ledger import BooksDoNotBalance
from partystate.model.mechanism import Mechanism

HOUSEHOLDS, MEMBERS, PERSONS, HUNGRY = (NUMBER[name] for name in ("households", "members", "persons", "hungry"))


class VillageBooks(Mechanism):
    name = "village_books"
    claim = "Grain, animals and people are neither made nor lost but by what the mechanisms of the countryside do."
    systems = ("S18",)
    sources = ("danilov1988", "dw1994_web")
    phase = "account"
    reads = ("village.tally", "village.counts", "area.food", "plan.total")
    reads_now = (
        "area.stabled", "household.weight", "household.place", "area.coercion", "fields.harvest", "plan.delivered",
        "people.excess", "people.born", "people.died", "area.sown", "area.unrest", "settlement.persons",
        "labels.deported",
    )  # fmt: skip
    sets = ("village.counts", "village.wants", "village.tally", "area.food")
    tables = (*TABLE, "kolkhoz.grain", "kolkhoz.herd", "kolkhoz.land", "village.grain", "state.grain",
              "relief.grain", "kolkhoz.sown")  # fmt: skip
    parameters = {
        "village_books.food": "kg per month",
        "village_books.child": "ratio",
        "village_books.horse": "kg per month",
        "village_books.cow": "kg per month",
        "village_books.pig": "kg per month",
        "village_books.sheep": "kg per month",
        "village_books.harvest": "months",
        "fields.autumn": "months",
        "fields.spring": "months",
        "fields.autumn_share": "share",
        "procurement.protected": "ratio",
        "procurement.searching": "ratio",
        "village_books.hungry": "share",
        "village_books.birth_lag": "months",
        **founders.PARAMETERS,
    }
    when_off = {"S18": "The books are kept as ever."}
    moves = {"S18": ("grain_harvest_dw",)}

    def found(self, founding, world, accounts, scale):
        founders.settle(founding, world, accounts)
        p = SimpleNamespace(**{key.partition(".")[2]: founding.values[key] for key in self.parameters})
        wants = wants_in(p, 1)
        world.now["village.wants"] = np.array(wants)
        table = tuple(map(world.now.__getitem__, SCHEMA_NAMES))
        world.now["village.counts"] = self._count(table, world.now, p, wants)

    def step(self, now, look, draw, post, emit):
        wants = wants_in(look.p, calendar.month_of_year(now + 1))
        counts = self._count(columns(look), look, look.p, wants)
        self._check(look, counts, post)
        self._measure(now, look, emit)
        return {
            "village.counts": counts,
            "village.wants": np.array(wants),
            "village.tally": self._year(now, look, emit),
            "area.food": _hungered(look["area.food"], counts, look.p.birth_lag),
        }

    @staticmethod
    def _count(table: tuple, look, p, wants: Wants) -> np.ndarray:
        """(region, count) the table as it stands."""
        rows, place = look["household.rows"], look["household.place"]
        kept = np.maximum(p.protected - p.searching * look["area.coercion"], 0.0)
        sums = np.zeros((rows.size, len(COUNTS)), dtype=np.int64)
        count(rows.size, table, rows, place, look["area.stabled"], wants, kept, p.hungry, sums)
        return by_region(sums, place, look["household.weight"])

    @staticmethod
    def _check(look, counts: np.ndarray, post) -> None:
        """Table, common stocks and ledger agree to the kilogram, the head and the person."""
        total, common = in_all(counts), in_all(look["kolkhoz.herd"])
        held = {
            ("grain", "households"): total[NUMBER["grain"]] + total[NUMBER["hidden"]],
            ("grain", "kolkhozy"): whole_sum(look["kolkhoz.grain"]),
            ("grain", "villages"): whole_sum(look["village.grain"]),
            ("grain", "state"): int(look["state.grain"]),
            ("grain", "relief"): whole_sum(look["relief.grain"]),
            ("people", "village"): total[NUMBER["persons"]],
            ("people", "settlements"): int(look["settlement.persons"]),
            ("money", "households"): total[NUMBER["cash"]],
        }
        for k, kind in enumerate(KINDS):
            held[kind, "households"] = total[NUMBER[kind]]
            held[kind, "kolkhozy"] = common[k]
        for (stock, account), amount in held.items():
            booked = post.balance(stock, account)
            if amount != booked:
                raise BooksDoNotBalance(f"{amount} of {stock} with the {account} by count, {booked} in the ledger")

    @staticmethod
    def _measure(now: int, look, emit) -> None:
        """Stocks on the first of the month, which is the record's convention."""
        counts = look["village.counts"]
        total = in_all(counts)
        number, persons = total[NUMBER["households"]], total[NUMBER["persons"]]
        emit.measures(
            {
                "collectivised_households": PERCENT * total[NUMBER["members"]] / max(number, 1),
                "rural_population": persons / MILLION,
                "village_hungry_share": PERCENT * total[NUMBER["hungry"]] / max(persons, 1),
                "rural_excess_deaths": whole_sum(look["people.excess"]) / THOUSAND,
                "state_grain_stock": int(look["state.grain"]) / MEGATONNE,
                "village_unrest_index": mean(look["area.unrest"]),
                "grain_coercion": mean(look["area.coercion"]),
                "special_settlers": int(look["settlement.persons"]),
            }
        )
        emit.by_region("collectivised_households", PERCENT * _joined(counts))
        if calendar.month_of_year(now) == 1:
            herd = look["kolkhoz.herd"].sum(axis=0)
            for k, name in enumerate(("horses_jan", "cattle_jan", "pigs_jan", "sheep_goats_jan")):
                emit.measure(name, (total[NUMBER[KINDS[k]]] + herd[k]) / MILLION)
            emit.measure("peasant_households", number / MILLION)
            emit.measure("grain_village_stock", (total[NUMBER["grain"]] + total[NUMBER["hidden"]]) / MEGATONNE)

    @staticmethod
    def _year(now: int, look, emit) -> np.ndarray:
        """(region, tallied) sums of the year so far; written down when the year they belong to is over."""
        p, month = look.p, calendar.month_of_year(now)
        tally = look["village.tally"].copy()
        year = (look[name] for name in ("fields.harvest", "people.excess", "people.born", "people.died"))
        _add_up(tally, *year, look["labels.deported"], look["area.unrest"], look["village.counts"])
        if month == p.harvest + 1:
            emit.measure("sown_area_grain", look["area.sown"].sum() / HECTARE / MILLION)
        if month == p.harvest - 1 and now >= calendar.MONTHS_PER_YEAR / (1 + 1):
            emit.measure("grain_procurement", look["plan.delivered"].sum() / MEGATONNE, back=month)
            emit.measure("grain_procurement_plan", float(look["plan.total"]) / MEGATONNE, back=month)
            emit.by_region("grain_procurement", look["plan.delivered"] / MEGATONNE, back=month)
        if month == calendar.MONTHS_PER_YEAR:
            emit.measure("grain_procurement_halfyear", look["plan.delivered"].sum() / POOD / MILLION)
            year = tally.sum(axis=0)
            emit.measure("grain_harvest_dw", year[TALLIED.index("harvest")] / MEGATONNE)
            emit.measure("rural_excess_deaths_year", year[TALLIED.index("excess")] / MILLION)
            emit.measure("rural_births", year[TALLIED.index("born")] / MILLION)
            emit.measure("rural_deaths", year[TALLIED.index("died")] / MILLION)
            emit.measure("dekulak_deported_year", year[TALLIED.index("deported")] / MILLION)
            emit.by_region("rural_excess_deaths_year", tally[:, TALLIED.index("excess")] / MILLION)
            emit.by_region("grain_harvest_dw", tally[:, TALLIED.index("harvest")] / MEGATONNE)
            tally[:] = 0
        return tally


@kernel
def _hungered(food, counts, lag):
    """(region,) how far hunger has been felt of late: smoothed over ``lag`` months."""
    felt = np.empty(food.size)
    for r in range(food.size):
        hungry = counts[r, HUNGRY] / max(counts[r, PERSONS], 1)
        felt[r] = food[r] + (hungry - food[r]) / lag
    return felt


@kernel
def _joined(counts):
    """(region,) the share of households that are members of a kolkhoz."""
    share = np.empty(counts.shape[0])
    for r in range(share.size):
        share[r] = counts[r, MEMBERS] / max(counts[r, HOUSEHOLDS], 1)
    return share


@kernel
def _add_up(tally, harvest, excess, born, died, deported, unrest, counts):
    """Adds a month to the sums of the year, in the order of `TALLIED`; unrest weighs by the households it is among."""
    for r in range(tally.shape[0]):
        felt = unrest[r] * counts[r, HOUSEHOLDS]
        month = (float(harvest[r]), float(excess[r]), float(born[r]), float(died[r]), float(deported[r]), felt)
        for k in range(len(month)):
            tally[r, k] += month[k]


def wants_in(p, month: int) -> Wants:
    """What a household wants in a month of the year, after that month's sowing and harvest."""
    year = calendar.MONTHS_PER_YEAR
    # In the first month of the harvest the rest of it is a month away; then the barn must last until the next.
    months = 1 if month == p.harvest else (p.harvest - month - 1) % year + 1
    before_autumn = p.harvest < month < p.autumn
    before_spring = not p.spring <= month <= p.harvest
    part = 1.0 if before_autumn else (1 - p.autumn_share) * before_spring
    food = p.food
    return Wants(food, food * p.child, p.horse, p.cow, p.pig, p.sheep, part * p.seed_rate / HECTARE, months)
