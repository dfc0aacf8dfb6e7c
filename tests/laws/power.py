"""The struggle for power, whole: histories of any scenario, and the laws that hold in each of their months."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from partystate import record
from partystate.engine.runner import RunSetting, Simulation
from partystate.model import catalogue
from partystate.model.schema import CANDIDATE, COMMITTEE, FULL, OUT, PARTY, RUNGS, SCHEMA, SEATS
from partystate.runs.scenario import ALIKE

OFFICE = RUNGS.index("office lost")
POLITBURO = RUNGS.index("out of Politburo")
CENTRAL = RUNGS.index("out of Central Committee")
EXPELLED = RUNGS.index("expelled")
NO_SEAT = -2
BOUNDS = {"share": (0, 1), "position": (-1, 1), "flag": (0, 1)}
RANKS = {
    "leader.seat": (0, len(SEATS) - 1),
    "leader.rung": (0, len(RUNGS) - 1),
    "leader.bloc": (0, 2),
    "post.rank": (1, 3),
}
ROUNDING = 1e-12


@dataclass(frozen=True)
class Case:
    """One scenario with its seed. ``changes``: parameter -> value or pair; ``scaled``: driver -> factor."""

    seed: int = 1
    off: frozenset[str] = frozenset()
    variants: Mapping[str, str] = field(default_factory=dict)
    holder: str | None = None
    identical: bool = False
    changes: Mapping[str, float] = field(default_factory=dict)
    scaled: Mapping[str, float] = field(default_factory=dict)
    scale: int = 200

    def start(self, strict: bool = False, details: bool = True, model: catalogue.Model | None = None) -> Simulation:
        """Its history before the first month. ``model``: another one than that of the scenario."""
        setting = RunSetting(
            seed=self.seed,
            parameters=record.load().parameters.resolve(None, dict(self.changes), None),
            founding=record.load().founding,
            scale=self.scale,
            holder=self.holder,
            alike=frozenset(ALIKE) if self.identical else frozenset(),
            drivers={name: times(factor) for name, factor in self.scaled.items()},
            strict=strict,
            details=details,
        )
        return Simulation(model or catalogue.assemble(self.off, self.variants), setting)


def times(factor: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda values: values * factor


@lru_cache
def drivers() -> tuple[str, ...]:
    return tuple(sorted({name for kind in catalogue.mechanisms().values() for name in kind.drivers}))


@lru_cache
def parameters() -> tuple[str, ...]:
    """Parameters of the mechanisms that have a range."""
    known = record.load().parameters
    used = {key for kind in catalogue.mechanisms().values() for key in kind.parameters}
    return tuple(sorted(key for key in used if known[key].distribution != "fixed"))


def extremes(end: str) -> dict[str, float]:
    """Every parameter at one end of its plausible range: ``low`` or ``high``."""
    return {key: getattr(record.load().parameters[key], end) for key in parameters()}


def broken(simulation: Simulation) -> list[str]:
    """The laws that do not hold at the end of this month, each in a line that begins with its name."""
    return [
        line for law in (_numbers, _books, _bodies, _seats, _offices) for line in law(simulation, simulation.world.now)
    ]


def _numbers(simulation: Simulation, now: Mapping[str, np.ndarray]) -> Iterator[str]:
    """No value is missing; shares, views, flags and ranks keep their bounds; references point to somebody."""
    leaders = len(simulation.world.labels["leader"])
    for name, column in SCHEMA.items():
        if name not in now:
            continue
        values = np.asarray(now[name])
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            yield f"finite: {name}"
            continue
        low, high = BOUNDS.get(column.unit, RANKS.get(name, (-np.inf, np.inf)))
        if values.size and (values.min() < low - ROUNDING or values.max() > high + ROUNDING):
            yield f"bounds: {name} from {values.min():g} to {values.max():g}, allowed {low:g} to {high:g}"
    for name in ("leader.patron", "office.holder", "committee.patron", "post.patron", "region.base"):
        if now[name].min() < -1 or now[name].max() >= leaders:
            yield f"reference: {name}"
    for name in ("leader.clients", "leader.committee_clients"):
        if now[name].sum() > 1 + ROUNDING:
            yield f"whole: {name} sums to {now[name].sum():g}"
    for name in ("leader.power", "leader.power_seen"):
        if np.abs(now[name].sum(axis=-1) - 1).max() > ROUNDING:
            yield f"whole: {name} does not sum to 1"


def _books(simulation: Simulation, now: Mapping[str, np.ndarray]) -> Iterator[str]:
    """Ledger and tables agree to the unit."""
    posts, people = simulation.ledger.accounts["posts"], simulation.ledger.accounts["people"]
    appointed = int(now["post.appointed"].sum())
    if (posts["central"], posts["local"]) != (appointed, now["post.appointed"].size - appointed):
        yield f"posts: {posts} in the ledger, {appointed} of {now['post.appointed'].size} in the table"
    held = people["members"] + people["candidates"]
    rolls = {
        "rows": simulation.setting.scale * int(now["member.rows"].sum()),
        "regions": int(now["party.by_region"].sum()),
        "classes": int(now["party.by_class"].sum()),
    }
    if any(counted != held for counted in rolls.values()):
        yield f"members: {held} in the ledger, {rolls} in the tables"


def _bodies(simulation: Simulation, now: Mapping[str, np.ndarray]) -> Iterator[str]:
    """No body is larger than its statute; nobody sits twice; a seat of a leader is one that he holds."""
    size = statute(simulation)
    seat, alive = now["leader.seat"], now["leader.alive"] > 0
    person = now["committee.person"]
    leaders = person[person >= 0]
    counts = {
        "politburo_size": int((seat == FULL).sum()),
        "politburo_candidates": int((seat == CANDIDATE).sum()),
        "committee_size": int((person > NO_SEAT).sum()),
    }
    for body, count in counts.items():
        if count > size[body]:
            yield f"statute: {body} {count}, allowed {size[body]}"
    if np.unique(leaders).size != leaders.size:
        yield "twice: a leader holds two seats of the Central Committee"
    if (~alive & (seat > PARTY)).any():
        yield "dead: a dead leader has a seat"


def _seats(simulation: Simulation, now: Mapping[str, np.ndarray]) -> Iterator[str]:
    """A rung of the ladder leaves at most the seat that goes with it; whoever is out of the party was expelled."""
    seat, rung = now["leader.seat"], now["leader.rung"]
    names = simulation.world.labels["leader"]
    allowed = np.full(rung.size, FULL)
    allowed[rung >= POLITBURO] = COMMITTEE
    allowed[rung >= CENTRAL] = PARTY
    allowed[rung >= EXPELLED] = OUT
    for person in np.flatnonzero(seat > allowed):
        yield f"rung: {names[person]} is {RUNGS[rung[person]]} and has the seat {SEATS[seat[person]]}"
    for person in np.flatnonzero((seat == OUT) & (rung < EXPELLED)):
        yield f"rung: {names[person]} is out of the party and not expelled"


def _offices(simulation: Simulation, now: Mapping[str, np.ndarray]) -> Iterator[str]:
    """Nobody holds an office who is dead, out of the party or put out of the Politburo, or lost his offices this month.

    Whoever lost an office and kept his seat may be elected to another later.
    """
    names, offices = simulation.world.labels["leader"], simulation.world.labels["office"]
    for office, holder in enumerate(now["office.holder"]):
        if holder < 0:
            continue
        if now["leader.alive"][holder] == 0 or now["leader.seat"][holder] < PARTY:
            yield f"office: {names[holder]} holds {offices[office]}, dead or out of the party"
        rung, struck = now["leader.rung"][holder], now["leader.sanctioned"][holder] == simulation.month - 1
        if rung >= POLITBURO or (rung >= OFFICE and struck):
            yield f"removed: {names[holder]} holds {offices[office]}, {RUNGS[rung]}"


def statute(simulation: Simulation) -> dict[str, int]:
    """Sizes of the elected bodies in force this month: those of January 1922 as founded, then by the congresses."""
    size = founded_sizes()
    for month in range(simulation.month):
        for _, sizes in simulation.world.calendar.get(("congress", month), []):
            size |= {body: number for body, number in sizes.items() if body in size}
    return size


def founded_sizes() -> dict[str, int]:
    """January 1922: the first committee size of the calendar, and the Politburo with those seated that spring."""
    tables = record.load().founding
    seats = [row["seat"] for row in tables["leaders"]]
    given = sum(row["kind"] == "seat" and row["seat"] == "full" for row in tables["given"])
    return {
        "politburo_size": seats.count("full") + given,
        "politburo_candidates": seats.count("candidate"),
        "committee_size": next(int(row["committee_size"]) for row in tables["calendar"] if row["committee_size"]),
    }


def flows_explain(simulation: Simulation, opening: Mapping[str, Mapping[str, int]]) -> bool:
    """Whether the flows written down lead from the opening balances to those of today, to the unit."""
    held = {stock: dict(accounts) for stock, accounts in opening.items()}
    for row in simulation.ledger.rows:
        held[row.stock][row.source] -= row.amount
        held[row.stock][row.target] += row.amount
    return held == simulation.ledger.accounts


def secretaries(simulation: Simulation) -> np.ndarray:
    """(months,) how many persons headed the Secretariat at the end of each month."""
    columns = simulation.result().leaders
    heads = np.array(["secretariat" in held.split(";") for held in columns["offices"]])
    return heads.reshape(simulation.month, -1).sum(axis=1)


def beyond(simulation: Simulation) -> list[str]:
    """Measured series that leave their bounds: shares (percent where the record has percent), views, sums of votes."""
    faults = []
    for (name, _region), values in simulation.recorder.series.items():
        seen = values[: simulation.month]
        seen = seen[~np.isnan(seen)]
        low, high = _series_bounds(name)
        if seen.size and not (low - ROUNDING <= seen.min() and seen.max() <= high + ROUNDING):
            faults.append(f"{name}: {seen.min():g} to {seen.max():g}, allowed {low:g} to {high:g}")
    return faults


def _series_bounds(name: str) -> tuple[float, float]:
    if name.startswith("opposition_"):
        return 0, 1
    if name.startswith(("mood_", "line_")):
        return -1, 1
    return 0, 100 if name.endswith("_share") else np.finfo(float).max
