"""The books of the countryside: counts the table, holds it against the ledger, and writes the series."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from partystate.foundation import calendar
from partystate.foundation.kernels import chunked
from partystate.foundation.units import HECTARE, MEGATONNE, MILLION, PERCENT, POOD, STEPS, THOUSAND
from partystate.mechanisms.countryside import founders
from partystate.mechanisms.countryside.needs import Wants, needs
from partystate.mechanisms.countryside.table import (
    ABLE,
    ALONE,
    CATTLE,
    COUNTS,
    HORSES,
    KINDS,
    KULAK,
    NUMBER,
    OLD,
    PIGS,
    SHEEP,
    TABLE,
    TALLIED,
    YOUNG,
    by_region,
    households,
)
from partystate.model.ledger import BooksDoNotBalance
from partystate.model.mechanism import Mechanism

(
    N_HOUSEHOLDS, N_MEMBERS, N_LABELLED, N_PERSONS, N_MEMBER_PERSONS, N_YOUNG, N_ABLE, N_OLD, N_MEMBER_ABLE,
    N_HORSES, N_CATTLE, N_PIGS, N_SHEEP, N_MEMBER_HORSES, N_MEMBER_CATTLE, N_MEMBER_PIGS, N_MEMBER_SHEEP,
    N_GRAIN, N_HIDDEN, N_MEMBER_GRAIN, N_CASH, N_LAND, N_SOWN, N_NEED, N_MEMBER_NEED, N_DEFICIT, N_REACH, N_HUNGRY,
) = range(len(COUNTS))  # fmt: skip


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
    sets = ("village.counts", "kolkhoz.members", "village.wants", "village.tally", "area.food")
    tables = (*TABLE, "kolkhoz.grain", "kolkhoz.herd", "kolkhoz.land", "village.grain", "state.grain",
              "relief.grain", "kolkhoz.sown")  # fmt: skip
    parameters = {
        "village_books.food": "kg per month",
        "village_books.child": "ratio",
        "village_books.horse": "kg per month",
        "village_books.cow": "kg per month",
        "village_books.pig": "kg per month",
        "village_books.sheep": "kg per month",
        "village_books.seed": "kg per ha",
        "village_books.harvest": "months",
        "village_books.autumn": "months",
        "village_books.spring": "months",
        "village_books.autumn_part": "share",
        "village_books.seen_kept": "ratio",
        "village_books.seen_searching": "ratio",
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
        world.now["village.counts"] = self._count(world.now, p, wants)

    def step(self, now, look, draw, post, emit):
        wants = wants_in(look.p, calendar.month_of_year(now + 1))
        counts = self._count(look, look.p, wants)
        self._check(look, counts, post)
        hungry = counts[:, NUMBER["hungry"]] / np.maximum(counts[:, NUMBER["persons"]], 1)
        self._measure(now, look, emit)
        return {
            "village.counts": counts,
            "kolkhoz.members": counts[:, NUMBER["members"]],
            "village.wants": np.array(wants),
            "village.tally": self._year(now, look, emit),
            "area.food": look["area.food"] + (hungry - look["area.food"]) / look.p.birth_lag,
        }

    @staticmethod
    def _count(look, p, wants: Wants) -> np.ndarray:
        """(region, count) the table as it stands."""
        table, rows, place = households(look), look["household.rows"], look["household.place"]
        kept = np.maximum(p.seen_kept - p.seen_searching * look["area.coercion"], 0.0)
        sums = np.zeros((rows.size, len(COUNTS)), dtype=np.int64)
        _count(rows.size, table, rows, place, look["area.stabled"], wants, kept, p.hungry, sums)
        return by_region(sums, place, look["household.weight"])

    @staticmethod
    def _check(look, counts: np.ndarray, post) -> None:
        """Table, common stocks and ledger agree to the kilogram, the head and the person."""
        total, common = counts.sum(axis=0).tolist(), look["kolkhoz.herd"].sum(axis=0).tolist()
        held = {
            ("grain", "households"): total[NUMBER["grain"]] + total[NUMBER["hidden"]],
            ("grain", "kolkhozy"): look["kolkhoz.grain"].sum(),
            ("grain", "villages"): look["village.grain"].sum(),
            ("grain", "state"): int(look["state.grain"]),
            ("grain", "relief"): look["relief.grain"].sum(),
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
        total = counts.sum(axis=0)
        share = counts[:, NUMBER["members"]] / np.maximum(counts[:, NUMBER["households"]], 1)
        emit.measure(
            "collectivised_households", PERCENT * total[NUMBER["members"]] / max(total[NUMBER["households"]], 1)
        )
        emit.measure("rural_population", total[NUMBER["persons"]] / MILLION)
        emit.measure("village_hungry_share", PERCENT * total[NUMBER["hungry"]] / max(total[NUMBER["persons"]], 1))
        emit.measure("rural_excess_deaths", look["people.excess"].sum() / THOUSAND)
        emit.measure("state_grain_stock", int(look["state.grain"]) / MEGATONNE)
        emit.measure("village_unrest_index", look["area.unrest"].mean())
        emit.measure("grain_coercion", look["area.coercion"].mean())
        emit.measure("special_settlers", int(look["settlement.persons"]))
        for region, value in zip(look.labels("region"), (PERCENT * share).tolist(), strict=True):
            emit.measure("collectivised_households", value, region)
        if calendar.month_of_year(now) == 1:
            herd = look["kolkhoz.herd"].sum(axis=0)
            for k, name in enumerate(("horses_jan", "cattle_jan", "pigs_jan", "sheep_goats_jan")):
                emit.measure(name, (total[NUMBER[KINDS[k]]] + herd[k]) / MILLION)
            emit.measure("peasant_households", total[NUMBER["households"]] / MILLION)
            emit.measure("grain_village_stock", (total[NUMBER["grain"]] + total[NUMBER["hidden"]]) / MEGATONNE)

    @staticmethod
    def _year(now: int, look, emit) -> np.ndarray:
        """(region, tallied) sums of the year so far; written down when the year they belong to is over."""
        p, month = look.p, calendar.month_of_year(now)
        tally = look["village.tally"].copy()
        flows = {
            "harvest": look["fields.harvest"],
            "excess": look["people.excess"],
            "born": look["people.born"],
            "died": look["people.died"],
            "deported": look["labels.deported"],
            "unrest": look["area.unrest"] * look["village.counts"][:, NUMBER["households"]],
        }
        for name, amount in flows.items():
            tally[:, TALLIED.index(name)] += amount
        if month == p.harvest + 1:
            emit.measure("sown_area_grain", look["area.sown"].sum() / HECTARE / MILLION)
        labels = look.labels("region")
        if month == p.harvest - 1 and now >= calendar.MONTHS_PER_YEAR / (1 + 1):
            emit.measure("grain_procurement", look["plan.delivered"].sum() / MEGATONNE, back=month)
            emit.measure("grain_procurement_plan", float(look["plan.total"]) / MEGATONNE, back=month)
            for region, value in zip(labels, (look["plan.delivered"] / MEGATONNE).tolist(), strict=True):
                emit.measure("grain_procurement", value, region, back=month)
        if month == calendar.MONTHS_PER_YEAR:
            emit.measure("grain_procurement_halfyear", look["plan.delivered"].sum() / POOD / MILLION)
            year = tally.sum(axis=0)
            emit.measure("grain_harvest_dw", year[TALLIED.index("harvest")] / MEGATONNE)
            emit.measure("rural_excess_deaths_year", year[TALLIED.index("excess")] / MILLION)
            emit.measure("rural_births", year[TALLIED.index("born")] / MILLION)
            emit.measure("rural_deaths", year[TALLIED.index("died")] / MILLION)
            emit.measure("dekulak_deported_year", year[TALLIED.index("deported")] / MILLION)
            for r, region in enumerate(labels):
                emit.measure("rural_excess_deaths_year", tally[r, TALLIED.index("excess")] / MILLION, region)
                emit.measure("grain_harvest_dw", tally[r, TALLIED.index("harvest")] / MEGATONNE, region)
            tally[:] = 0
        return tally


def wants_in(p, month: int) -> Wants:
    """What a household wants in a month of the year, after that month's sowing and harvest."""
    year = calendar.MONTHS_PER_YEAR
    # In the first month of the harvest the rest of it is a month away; then the barn must last until the next.
    months = 1 if month == p.harvest else (p.harvest - month - 1) % year + 1
    before_autumn = p.harvest < month < p.autumn
    before_spring = not p.spring <= month <= p.harvest
    part = 1.0 if before_autumn else (1 - p.autumn_part) * before_spring
    food = p.food
    return Wants(food, food * p.child, p.horse, p.cow, p.pig, p.sheep, part * p.seed / HECTARE, months)


@chunked
def _count(first, last, h, rows, place, stabled, wants, kept, hungry_below, sums):
    size = h.id.shape[1]
    food, feed, wanting = np.empty(size), np.empty(size), np.empty(size)
    for c in range(first, last):
        needs(h, c, rows[c], wants, stabled[place[c]], food, feed, wanting)
        s, n, seen, weak = sums[c], rows[c], kept[place[c]], hungry_below * STEPS
        young, able, old, horses, cattle, pigs, sheep = 0, 0, 0, 0, 0, 0, 0
        grain, hidden, cash, land, sown = 0, 0, 0, 0, 0
        alone_need, deficit, reach, hungry, labelled = 0, 0, 0, 0, 0
        for i in range(n):
            wanted, held = wanting[i], h.grain[c, i] + h.hidden[c, i]
            whole_need, persons = int(wanted), h.people[c, i, YOUNG] + h.people[c, i, ABLE] + h.people[c, i, OLD]
            young += h.people[c, i, YOUNG]
            able += h.people[c, i, ABLE]
            old += h.people[c, i, OLD]
            horses += h.herd[c, i, HORSES]
            cattle += h.herd[c, i, CATTLE]
            pigs += h.herd[c, i, PIGS]
            sheep += h.herd[c, i, SHEEP]
            grain += h.grain[c, i]
            hidden += h.hidden[c, i]
            cash += h.cash[c, i]
            land += h.land[c, i]
            sown += h.sown[c, i]
            labelled += h.label[c, i] == KULAK
            hungry += persons * (h.reserve[c, i] < weak)
            deficit += max(whole_need - held, 0)
            if h.status[c, i] == ALONE:
                alone_need += whole_need
                reach += max(int(h.grain[c, i] - seen * wanted), 0)
                continue
            s[N_MEMBERS] += 1
            s[N_MEMBER_PERSONS] += persons
            s[N_MEMBER_ABLE] += h.people[c, i, ABLE]
            s[N_MEMBER_GRAIN] += held
            s[N_MEMBER_NEED] += whole_need
            for k in range(len(KINDS)):
                s[N_MEMBER_HORSES + k] += h.herd[c, i, k]
        s[N_HOUSEHOLDS], s[N_PERSONS], s[N_LABELLED], s[N_HUNGRY] = n, young + able + old, labelled, hungry
        s[N_YOUNG], s[N_ABLE], s[N_OLD], s[N_LAND], s[N_SOWN] = young, able, old, land, sown
        s[N_HORSES], s[N_CATTLE], s[N_PIGS], s[N_SHEEP] = horses, cattle, pigs, sheep
        s[N_GRAIN], s[N_HIDDEN], s[N_CASH] = grain, hidden, cash
        s[N_NEED], s[N_DEFICIT], s[N_REACH] = alone_need, deficit, reach
