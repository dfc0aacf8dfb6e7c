"""Other states in numbers: capabilities (COW NMC 6), alliances with the USSR (ATOP), wars it fought (COW)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from partystate.foundation.problems import Collector
from partystate.record.schema import Column, Table, number, text, whole

CAPABILITIES_SOURCE, ALLIANCES_SOURCE, WARS_SOURCE = "cow_nmc6", "atop", "cow_wars"


@dataclass(frozen=True, slots=True)
class Capability:
    """One state in one year: thousand t, thousand current US$, thousand persons, thousand t of coal equivalent.

    Spending of the USSR in 1921-31 rests on official exchange rates and is not credible in level; use `cinc`, the share
    of world capabilities, and comparisons between states.
    """

    country: str
    year: int
    iron_steel: float | None
    military_spending: float | None
    military_personnel: float | None
    energy: float | None
    population: float | None
    urban_population: float | None
    cinc: float | None


@dataclass(frozen=True, slots=True)
class Alliance:
    """What an agreement between the USSR and a partner obliged them to in one year."""

    partner: str
    year: int
    defence: bool
    offence: bool
    neutrality: bool
    nonaggression: bool
    consultation: bool


@dataclass(frozen=True, slots=True)
class War:
    """One pair of states in one year of an interstate war, with the codes of the Correlates of War project."""

    warnum: int
    ccode1: int
    ccode2: int
    year: int
    initiator1: int
    initiator2: int
    outcome1: int
    outcome2: int
    batdeath1: int
    batdeath2: int


def _obligation(name: str) -> Column:
    def parse(cell: str) -> bool:
        if cell not in ("0", "1"):
            raise ValueError("0 or 1")
        return cell == "1"

    return Column(name, parse)


_MEASURES = (
    "iron_steel", "military_spending", "military_personnel", "energy", "population", "urban_population", "cinc",
)  # fmt: skip
_OBLIGATIONS = ("defence", "offence", "neutrality", "nonaggression", "consultation")
_WAR = (
    "warnum", "ccode1", "ccode2", "year", "initiator1", "initiator2", "outcome1", "outcome2", "batdeath1", "batdeath2",
)  # fmt: skip
CAPABILITIES = Table(
    "capabilities.csv",
    Capability,
    (text("country"), whole("year"), *(number(name, False) for name in _MEASURES)),
    ("country", "year"),
)
ALLIANCES = Table(
    "alliances.csv", Alliance, (text("partner"), whole("year"), *map(_obligation, _OBLIGATIONS)), ("partner", "year")
)
WARS = Table("wars.csv", War, tuple(map(whole, _WAR)), ("warnum", "ccode1", "ccode2", "year"))


def read_capabilities(folder: Path, faults: Collector) -> tuple[Capability, ...]:
    return tuple(one for _, one in CAPABILITIES.read(folder, faults))


def read_alliances(folder: Path, faults: Collector) -> tuple[Alliance, ...]:
    return tuple(one for _, one in ALLIANCES.read(folder, faults))


def read_wars(folder: Path, faults: Collector) -> tuple[War, ...]:
    return tuple(one for _, one in WARS.read(folder, faults))
