"""The villages of January 1922: households by region with people, land, animals and what is left of a bad harvest."""

from __future__ import annotations

import numpy as np

from partystate.foundation import calendar, draws
from partystate.foundation.kernels import CHUNK
from partystate.foundation.units import HECTARE, MEGATONNE, MILLION, ROUBLE, THOUSAND
from partystate.mechanisms.countryside.census import Means, draw_households
from partystate.mechanisms.countryside.table import (
    ABLE,
    COUNTS,
    KINDS,
    OLD,
    SCHEMA_NAMES,
    TALLIED,
    YOUNG,
    ZONES,
    Households,
    empty,
)
from partystate.model.formulas import shares

OUTSIDE = {
    "grain": ("fields", "eaten", "feed", "seed", "spoilt", "towns", "exported"),
    "people": ("unborn", "dead", "towns", "escaped"),
    "money": ("towns",),
    **dict.fromkeys(KINDS, ("bred", "dead", "slaughtered")),
}
INSIDE = {
    "grain": ("households", "kolkhozy", "villages", "state", "relief"),
    "people": ("village", "settlements"),
    "money": ("households",),
    **dict.fromkeys(KINDS, ("households", "kolkhozy")),
}
PARAMETERS = {
    "village_books.households": "ratio",
    "village_books.least_rows": "items",
    "village_books.filled": "share",
    "village_books.young": "persons",
    "village_books.able": "persons",
    "village_books.old": "persons",
    "village_books.size_spread": "share",
    "village_books.wealth_spread": "share",
    "village_books.land_spread": "share",
    "village_books.land": "ratio",
    "village_books.sown_part": "share",
    "village_books.stock": "ratio",
    "village_books.stock_spread": "share",
    "village_books.poor_below": "share",
    "village_books.purse": "roubles",
    "village_books.herder_land": "share",
    "fields.seed_rate": "kg per ha",
    "herds.herder_herd": "ratio",
    "market.network": "share",
    "village_reports.normal_yield": "kg per ha",
    "village_books.state_stock": "million t",
    **{f"village_books.{kind}_room": "ratio" for kind in KINDS},
}


def settle(founding, world, accounts) -> None:
    """Fills the table of households and the columns of the countryside, and opens its accounts."""
    own = {key for key in founding.values if key.startswith("village_books.")}
    v = {key.partition(".")[2]: founding.values[key] for key in own.union(PARAMETERS)}
    rows_of = founding.data["countryside"]

    def column(name: str) -> np.ndarray:
        return np.array([float(row[name]) for row in rows_of])

    number = column("households") * THOUSAND * v["households"]
    size = np.maximum(np.round(number / founding.households), v["least_rows"]).astype(np.int64)
    size = np.minimum(size, number.astype(np.int64))
    weight = np.maximum(np.round(number / size), 1).astype(np.int64)
    full = int(CHUNK * v["filled"])
    counts = -(-size // full)
    place = np.repeat(np.arange(len(rows_of)), counts)
    first = np.concatenate([np.arange(n) * full for n in counts])
    rows = np.minimum(size[place] - first, full)
    columns = empty(rows.size, CHUNK)
    table = Households(*map(columns.__getitem__, SCHEMA_NAMES))
    land = column("grain_area") * v["land"] * MILLION / number  # ha a household
    herd = np.stack([column(kind) for kind in KINDS], axis=1)
    food = v["food"] * (v["able"] + v["old"] + v["child"] * v["young"])
    stock = column("stock") * v["stock"] * (food * _months_left(v) + land * v["seed_rate"])
    means = Means(
        land, herd, column("herders"), stock, v["young"], v["able"], v["old"], v["size_spread"], v["wealth_spread"],
        v["land_spread"], v["sown_part"], v["stock_spread"], v["poor_below"], v["purse"] * ROUBLE, v["herder_land"],
        v["herder_herd"],
    )  # fmt: skip
    ids = np.array([draws.entity_id(row["region"]) for row in rows_of], dtype=np.uint64)
    stream = draws.stream(founding.seed, "village_books.household", 0)
    draw_households(rows.size, table, rows, place, first, ids, stream, means, size, weight)
    world.now.update(columns)
    world.now.update(_regions(founding, v, rows_of, column, herd, number, land))
    persons = v["young"] + v["able"] + v["old"]
    world.now["area.ceiling"] = herd / persons * np.array([v[f"{kind}_room"] for kind in KINDS])
    world.now.update({"household.weight": weight, "household.rows": rows.astype(np.int64), "household.place": place})
    world.now["household.asking"] = np.zeros((rows.size, len(KINDS)))
    world.now["meat.quota"] = np.zeros((len(rows_of), len(KINDS)))
    _open(world.now, table, rows, place, weight, accounts, v)


def _months_left(v) -> float:
    """Months from January to the harvest."""
    return v["harvest"] - 1


def _regions(founding, v, rows_of, column, herd, number, land) -> dict[str, np.ndarray]:
    """Columns by region: what the land is like, and nothing yet of what politics will make of it."""
    n = len(rows_of)
    zones = (*ZONES, "")
    near = np.array([[_near(a, b) for b in rows_of] for a in rows_of], dtype=float)
    none, one, whole_numbers = np.zeros(n), np.ones(n), np.zeros(n, dtype=np.int64)
    yields = column("yield")
    area = land * number
    return {
        "area.id": np.array([draws.entity_id(row["region"]) for row in rows_of], dtype=np.uint64),
        "area.zone": np.array([zones.index(row["zone"]) for row in rows_of]),
        "area.yield": yields / (shares(area) @ yields),
        "area.land": area * HECTARE,
        "area.neighbours": shares(near),
        "area.weather": one, "area.stabled": column("stabled"), "area.garden": column("garden"),
        "area.minority": column("ukrainian"),
        "area.ports": column("ports"),
        **{f"area.{name}": none for name in AREA},
        **dict.fromkeys(SIGNALS, none),
        "village.grain": whole_numbers.copy(), "relief.grain": whole_numbers.copy(),
        "kolkhoz.grain": whole_numbers.copy(), "kolkhoz.land": whole_numbers.copy(),
        "kolkhoz.sown": whole_numbers.copy(), "kolkhoz.herd": np.zeros((n, len(KINDS)), dtype=np.int64),
        "kolkhoz.practice": none, "kolkhoz.effort": one, "kolkhoz.fed": one, "kolkhoz.draught": one,
        "market.network": np.array(v["network"]), "market.open": one,
        "plan.habit": shares(np.maximum(area * yields, 0)), "seen.yield": v["normal_yield"] * yields,
        "seen.path": np.zeros(calendar.MONTHS_PER_YEAR), "state.grain": np.array(int(v["state_stock"] * MEGATONNE)),
        "village.counts": np.zeros((n, len(COUNTS)), dtype=np.int64),
        "village.tally": np.zeros((n, len(TALLIED))),
        **{name: np.array(0.0) for name in SCALARS},
    }  # fmt: skip


AREA = ("disruption", "coercion", "fear", "effort", "unrest", "labelled", "ever_labelled", "owing", "claim", "taken",
        "struck", "food", "sown")  # fmt: skip
SIGNALS = (
    "fields.harvest", "fields.seed", "fields.sown", "market.state", "market.private", "market.bought", "market.wanted",
    "food.fed", "food.eaten", "food.missing", "food.relieved", "people.born", "people.died", "people.excess",
    "people.left", "people.split", "state.relief", "seen.harvest", "seen.missing", "seen.hunger", "seen.unrest",
    "plan.quota", "plan.delivered", "kolkhoz.paid", "kolkhoz.promised", "area.machines", "drive.joined", "drive.left",
    "labels.deported",
)  # fmt: skip
SCALARS = (
    "market.premium", "market.share", "market.goods", "seen.shortfall", "seen.joined", "state.ration_met",
    "state.exported", "state.exports_year", "state.used", "plan.spared", "seen.horses", "plan.total", "plan.fulfilled",
    "rural.tempo", "rural.signal", "rural.push", "rural.retreats", "rural.retreated", "plots.allowed", "passport.on",
    "ladder.ceiling", "settlement.persons",
)  # fmt: skip


def _near(a, b) -> bool:
    """Whether two regions share an edge on the tile grid, or would if the grid had no gaps there."""
    rows = abs(int(a["tile_row"]) - int(b["tile_row"]))
    columns = abs(int(a["tile_col"]) - int(b["tile_col"]))
    return rows + columns == 1


def _open(now, table, rows, place, weight, accounts, v) -> None:
    """Opens the ledger: what is inside as it was drawn, and outside enough to draw on."""
    of = weight[place]
    used = np.arange(table.id.shape[1]) < rows[:, None]

    def held(values) -> int:
        return int((np.where(used, values, 0).sum(axis=1, dtype=np.int64) * of).sum())

    inside = {
        ("grain", "households"): held(table.grain) + held(table.hidden),
        ("grain", "state"): int(now["state.grain"]),
        ("people", "village"): sum(held(table.people[:, :, a]) for a in (YOUNG, ABLE, OLD)),
        ("money", "households"): held(table.cash),
        **{(kind, "households"): held(table.herd[:, :, k]) for k, kind in enumerate(KINDS)},
    }
    plenty = MEGATONNE * MILLION  # more than any history can use
    for stock, names in INSIDE.items():
        accounts.setdefault(stock, {}).update({name: inside.get((stock, name), 0) for name in names})
    for stock, names in OUTSIDE.items():
        accounts[stock].update(dict.fromkeys(names, plenty))
