"""The countryside alone: histories of any scenario, and a recount of its books that shares no code with its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from partystate import record
from partystate.engine.runner import RunSetting, Simulation
from partystate.model import catalogue
from partystate.model.schema import SCHEMA

SECTOR = "countryside"
FEWEST = 10**9  # households a row: every region gets the least number of rows that it may have
KINDS = ("horses", "cattle", "pigs", "sheep")
ALONE, MEMBER, LABELS, STEPS = 0, 1, 3, 250
BYTES = {"people": 255, "herd": STEPS, "reserve": STEPS, "memory": STEPS, "taste": STEPS, "skill": STEPS,
         "label": LABELS - 1, "status": MEMBER, "herder": 1}  # fmt: skip
UNBOUNDED = {
    "market.premium",  # a share of the state's price, which private trade may pay more than twice over
    # What is wrong with the others, tests of their own say in test_countryside_laws.py.
    "area.coercion", "area.struck", "kolkhoz.members",
}  # fmt: skip
NOTICED = "labels.noticed"
ROUNDING = 1e-9


@dataclass(frozen=True)
class Case:
    """One scenario with its seed. ``changes``: parameter -> value; ``scaled``: driver -> factor; households a row."""

    seed: int = 1
    off: frozenset[str] = frozenset()
    variants: Mapping[str, str] = field(default_factory=dict)
    changes: Mapping[str, float] = field(default_factory=dict)
    scaled: Mapping[str, float] = field(default_factory=dict)
    households: int = FEWEST

    def model(self) -> catalogue.Model:
        return catalogue.assemble(self.off, self.variants, (SECTOR,))

    def start(self, strict: bool = False, details: bool = True, model: catalogue.Model | None = None) -> Simulation:
        """Its history before the first month. ``model``: another one than that of the scenario."""
        setting = RunSetting(
            seed=self.seed,
            parameters=record.load().parameters.resolve(None, dict(self.changes), None),
            founding=record.load().founding,
            households=self.households,
            drivers={name: times(factor) for name, factor in self.scaled.items()},
            strict=strict,
            details=details,
        )
        return Simulation(model or self.model(), setting)

    def run(self, months: int, **how) -> Simulation:
        simulation = self.start(**how)
        simulation.run(months)
        return simulation


def times(factor: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda values: values * factor


def shift(simulation: Simulation, months: int) -> None:
    """The drivers as they are so many months later."""
    moved = {name: np.concatenate([path[months:], path[:months]]) for name, path in simulation.world.drivers.items()}
    simulation.world.drivers = moved


@lru_cache
def mechanisms() -> dict[str, type]:
    found = catalogue.mechanisms().items()
    return {name: kind for name, kind in found if catalogue.sector_of(kind) == SECTOR}


@lru_cache
def systems() -> tuple[str, ...]:
    return tuple(sorted({system for kind in mechanisms().values() for system in kind.systems}))


@lru_cache
def drivers() -> tuple[str, ...]:
    return tuple(sorted({name for kind in mechanisms().values() for name in kind.drivers}))


@lru_cache
def parameters() -> tuple[str, ...]:
    """Parameters of the sector that have a range."""
    known = record.load().parameters
    used = {key for kind in mechanisms().values() for key in kind.parameters}
    return tuple(sorted(key for key in used if known[key].distribution != "fixed"))


def extremes(end: str) -> dict[str, float]:
    """Every parameter at one end of its plausible range: ``low`` or ``high``."""
    return {key: getattr(record.load().parameters[key], end) for key in parameters()}


def central() -> dict[str, float]:
    """Every parameter at its central value: what is left is the chance of weather and of households."""
    return {key: record.load().parameters[key].value for key in parameters()}


def within(key: str, part: float) -> float:
    """A value ``part`` of the way from one end of a range to the other, -1/2 to 3/2, kept to what the unit allows.

    Beyond the ends a share stays a share, and what was above 0 stays above 0.
    """
    parameter = record.load().parameters[key]
    value = parameter.low + part * (parameter.high - parameter.low)
    if parameter.low >= 0:
        value = max(value, parameter.low / 2)
    return min(value, 1.0) if parameter.unit.startswith("share") and parameter.high <= 1 else value


# --- what is counted --------------------------------------------------------------------------------------------
def used(now: Mapping[str, np.ndarray]) -> np.ndarray:
    """(chunk, row) whether a row holds a household; rows that no chunk uses are left out."""
    rows = now["household.rows"]
    return np.arange(rows.max()) < rows[:, None]


def column(now: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    """(household, ...) the values of all rows in use, chunk after chunk."""
    mask = used(now)
    return now[f"household.{name}"][:, : mask.shape[1]][mask]


def regional(now: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    """(region, ...) sum of a column over the households of each region, in households and not in rows."""
    values, place, weight = column(now, name).astype(np.int64), now["household.place"], now["household.weight"]
    out = np.zeros((weight.size, *values.shape[1:]), dtype=np.int64)
    np.add.at(out, np.repeat(place, now["household.rows"]), values)
    return (out.T * weight).T


def number(now: Mapping[str, np.ndarray]) -> np.ndarray:
    """(region,) households."""
    rows = np.bincount(now["household.place"], now["household.rows"], now["household.weight"].size)
    return rows.astype(np.int64) * now["household.weight"]


def identities(now: Mapping[str, np.ndarray]) -> dict[int, int]:
    """Id of every row in use -> its region."""
    place = np.repeat(now["household.place"], now["household.rows"])
    return dict(zip(column(now, "id").tolist(), place.tolist(), strict=True))


def land(now: Mapping[str, np.ndarray]) -> np.ndarray:
    """(region,) land of households and kolkhozy, 1/100 ha."""
    return regional(now, "land") + now["kolkhoz.land"]


def held(now: Mapping[str, np.ndarray]) -> dict[tuple[str, str], int]:
    """(stock, account) -> how much of it lies there, by the table and the common stocks."""
    found = {
        ("grain", "households"): int((regional(now, "grain") + regional(now, "hidden")).sum()),
        ("grain", "kolkhozy"): int(now["kolkhoz.grain"].sum()),
        ("grain", "villages"): int(now["village.grain"].sum()),
        ("grain", "relief"): int(now["relief.grain"].sum()),
        ("grain", "state"): int(now["state.grain"]),
        ("people", "village"): int(regional(now, "people").sum()),
        ("people", "settlements"): int(now["settlement.persons"]),
        ("money", "households"): int(regional(now, "cash").sum()),
    }
    herds = regional(now, "herd").sum(axis=0)
    for k, kind in enumerate(KINDS):
        found[kind, "households"] = int(herds[k])
        found[kind, "kolkhozy"] = int(now["kolkhoz.herd"][:, k].sum())
    return found


# --- what must hold ---------------------------------------------------------------------------------------------
def broken(simulation: Simulation) -> list[str]:
    """The laws of a single month that do not hold at its end, each in a line that begins with its name."""
    now = simulation.world.now
    rows, room = now["household.rows"], now["household.id"].shape[1]
    if rows.min() < 0 or rows.max() > room:
        return [f"rows: {rows.min()} to {rows.max()} in chunks for {room}"]
    return [line for law in (_numbers, _rows, _fields, _stocks) for line in law(simulation, now)]


def _numbers(simulation: Simulation, now: Mapping[str, np.ndarray]) -> Iterator[str]:
    """No value is missing; no stock is negative; shares and flags lie in 0 to 1."""
    stocks = {"kg", "persons", "head", "households", "1/100 ha", "kopecks", "ratio", "items", "head per person"}
    for name, column in SCHEMA.items():
        if name not in now or name in UNBOUNDED or not {"region", "one", "want", "chunk"} & set(column.axis):
            continue
        values = np.asarray(now[name])
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            yield f"finite: {name}"
            continue
        high = 1 if column.unit in ("share", "flag") else np.inf
        low = 0 if high == 1 or column.unit in stocks else -np.inf
        if values.size and (values.min() < low - ROUNDING or values.max() > high + ROUNDING):
            yield f"bounds: {name} from {values.min():g} to {values.max():g}, allowed {low:g} to {high:g}"


def _rows(simulation: Simulation, now: Mapping[str, np.ndarray]) -> Iterator[str]:
    """Bytes keep to their steps, a household has people, and every id is one household's."""
    for name, most in BYTES.items():
        values = column(now, name)
        if values.size and values.max() > most:
            yield f"bytes: household.{name} up to {values.max()}, allowed {most}"
    if (column(now, "people").sum(axis=1) == 0).any():
        yield "people: a household without people"
    ids = column(now, "id")
    if np.unique(ids).size != ids.size:
        yield f"ids: {ids.size - np.unique(ids).size} twice"


def _fields(simulation: Simulation, now: Mapping[str, np.ndarray]) -> Iterator[str]:
    """Nobody sows more than the land bears."""
    values, weight = simulation.values, now["household.weight"]
    area, sown = (column(now, name).astype(np.int64) for name in ("land", "sown"))
    most = max(values["fields.most_sown"], values["fields.commanded"])
    # Land and sown land are halved by whole units when a household splits, and dealt out in whole units.
    if (sown > area * most + len(KINDS)).any():
        yield f"sown: {(sown - area * most).max():.0f} more than the land bears"
    # Whoever leaves a kolkhoz takes whole units of both.
    over = now["kolkhoz.sown"] - now["kolkhoz.land"] * most
    if (over > number(now) + len(KINDS) * weight).any():
        yield f"sown: {over.max():.0f} more than the land of the kolkhozy bears"


def _stocks(simulation: Simulation, now: Mapping[str, np.ndarray]) -> Iterator[str]:
    """Ledger and table agree to the kilogram, the head, the person and the kopeck."""
    for (stock, account), amount in held(now).items():
        booked = simulation.ledger.accounts[stock][account]
        if amount != booked:
            yield f"{stock}: {amount} with the {account}, {booked} in the ledger"


# Signal -> flows that it must equal: (mechanism or "" for any, stock, source, target).
SIGNALS = {
    "people.born": [("", "people", "unborn", "village")],
    "people.died": [("", "people", "village", "dead")],
    "people.left": [("people", "people", "village", "towns")],
    "labels.deported": [("", "people", "village", "settlements")],
    "fields.harvest": [("", "grain", "fields", "households"), ("", "grain", "fields", "kolkhozy")],
    "fields.seed": [("", "grain", "households", "seed"), ("", "grain", "kolkhozy", "seed")],
    "market.state": [("market", "grain", "households", "state")],
    "market.private": [("market", "grain", "households", "villages")],
    "market.bought": [("", "grain", "villages", "households")],
    "food.eaten": [("", "grain", "households", "eaten"), ("", "grain", "relief", "eaten")],
    "food.relieved": [("", "grain", "relief", "eaten")],
    "kolkhoz.paid": [("kolkhoz", "grain", "kolkhozy", "households")],
    "area.taken": [("procurement", "grain", "households", "state")],
    "state.exported": [("", "grain", "state", "exported")],
    "state.used": [("", "grain", "state", "towns")],
    "state.relief": [("", "grain", "state", "relief")],
}


class Recount:
    """Follows one history from its first month and recounts it; call it after every month for what does not hold.

    The deported are told apart from households that ended by the chronicle, so the case should let it tell all of
    them (``labels.noticed`` at 0).
    """

    def __init__(self, simulation: Simulation) -> None:
        now = simulation.world.now
        self.opening = {stock: dict(accounts) for stock, accounts in simulation.ledger.accounts.items()}
        self.ids, self.households, self.seen = identities(now), number(now), 0

    def __call__(self, simulation: Simulation) -> list[str]:
        laws = (self._households, self._signals)
        return [*broken(simulation), *(line for law in laws for line in law(simulation, simulation.world.now))]

    def _households(self, simulation: Simulation, now: Mapping[str, np.ndarray]) -> Iterator[str]:
        """Households of a region = those founded + split off - gone; all that split off are in the signal."""
        ids, weight = identities(now), now["household.weight"]
        come, gone = (
            np.bincount([of[i] for i in of.keys() - other.keys()], minlength=weight.size).astype(np.int64) * weight
            for of, other in ((ids, self.ids), (self.ids, ids))
        )
        split = now["people.split"].astype(np.int64)
        # A household that split off may be gone before the month is out.
        gone += split - come
        self.households += split - gone
        told = [event for event in simulation.chronicle.events if event.month == simulation.month - 1]
        deported = sum(event.numbers["households"] for event in told if event.mechanism == "labels")
        ended, lost = int(gone.sum()) - deported, int(now["people.died"].sum() + now["people.left"].sum())
        if (come > split).any():
            yield f"households: {come.sum()} came, {split.sum()} split off"
        if not 0 <= ended <= lost:
            yield f"households: {gone.sum()} gone, {deported} deported, {lost} persons dead or gone to the towns"
        if (number(now) != self.households).any():
            yield "households: not those founded, plus those that split off, less those that are gone"
        self.ids = ids

    def _signals(self, simulation: Simulation, now: Mapping[str, np.ndarray]) -> Iterator[str]:
        """What the mechanisms say of the month is what they posted."""
        amounts: dict[tuple[str, ...], int] = {}
        for row in simulation.ledger.rows[self.seen :]:
            for mechanism in ("", row.mechanism):
                key = (mechanism, row.stock, row.source, row.target)
                amounts[key] = amounts.get(key, 0) + row.amount
        self.seen = len(simulation.ledger.rows)

        def posted(flows) -> int:
            return sum(amounts.get(flow, 0) for flow in flows)

        for signal, flows in SIGNALS.items():
            if int(now[signal].sum()) != posted(flows):
                yield f"signal: {signal} {int(now[signal].sum())}, {posted(flows)} posted"
        for k, kind in enumerate(KINDS):
            killed = [("herds", kind, source, "slaughtered") for source in ("households", "kolkhozy")]
            died = [("herds", kind, source, "dead") for source in ("households", "kolkhozy")]
            for signal, flows in (("herds.slaughtered", killed), ("herds.died", died)):
                if int(now[signal][:, k].sum()) != posted(flows):
                    yield f"signal: {signal} {int(now[signal][:, k].sum())} {kind}, {posted(flows)} posted"

    def flows_explain(self, simulation: Simulation) -> bool:
        """Whether the flows written down lead from the opening balances to those of today, to the unit."""
        balances = {stock: dict(accounts) for stock, accounts in self.opening.items()}
        for row in simulation.ledger.rows:
            balances[row.stock][row.source] -= row.amount
            balances[row.stock][row.target] += row.amount
        return balances == simulation.ledger.accounts
