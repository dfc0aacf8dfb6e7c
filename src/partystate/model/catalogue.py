"""Finds the mechanisms, checks their declarations against each other, and derives the order of the month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module, metadata
from pkgutil import iter_modules

from partystate.foundation import draws
from partystate.foundation.problems import did_you_mean, problem
from partystate.model.ledger import parse_flow
from partystate.model.mechanism import CADENCES, PHASES, Mechanism
from partystate.model.schema import SCHEMA

SECTORS = ("power", "countryside")
STANDARD = ("power",)  # the sectors of a run that names none; another joins once its coupling is tested
GIVEN = ("foreign", "security", "admission stops")  # what no sector gives yet
FORCED = {"power": "party line", "countryside": "economy"}  # what the record gives in place of a sector that rests
ENTRY_POINTS = "partystate.mechanisms"


class CatalogueFault(Exception):
    """Declarations that contradict each other: a defect of a mechanism, named with both sides."""


@dataclass(frozen=True)
class Model:
    """Mechanisms in the order of the month, what is off and which variants are chosen. Never edited: derive anew."""

    mechanisms: tuple[Mechanism, ...]
    off: frozenset[str] = frozenset()
    variants: Mapping[str, str] = field(default_factory=dict)
    sectors: tuple[str, ...] = STANDARD

    def forced(self) -> list[str]:
        """What is held to the record in runs of this model."""
        return [*(what for sector, what in FORCED.items() if sector not in self.sectors), *GIVEN]

    def meaning_of_off(self) -> dict[str, str]:
        """System that is off -> what that means in this model."""
        return {system: meaning_of_off(system) for system in sorted(self.off)}


@lru_cache(maxsize=1)
def mechanisms() -> Mapping[str, type[Mechanism]]:
    """All mechanism classes by name: built-in ones, then those of installed packages."""
    found: dict[str, type[Mechanism]] = {}
    for sector in SECTORS:
        package = import_module(f"partystate.mechanisms.{sector}")
        for module in sorted(m.name for m in iter_modules(package.__path__)):
            path = f"{package.__name__}.{module}"
            for item in vars(import_module(path)).values():
                if isinstance(item, type) and issubclass(item, Mechanism) and item.__module__ == path:
                    found[item.name] = item
    for entry in metadata.entry_points(group=ENTRY_POINTS):
        found[entry.name] = entry.load()
    return found


def sector_of(kind: type[Mechanism]) -> str:
    """The sector whose folder a mechanism stands in; "" for one added by another package, which runs with any."""
    here = f"{__package__.split('.')[0]}.mechanisms."
    return kind.__module__.removeprefix(here).split(".")[0] if kind.__module__.startswith(here) else ""


def systems(sectors: tuple[str, ...] = STANDARD) -> dict[str, list[str]]:
    """System id -> names of the mechanisms that carry it in these sectors."""
    carried: dict[str, list[str]] = {}
    for name, kind in mechanisms().items():
        if sector_of(kind) not in (*sectors, ""):
            continue
        for system in kind.systems:
            carried.setdefault(system, []).append(name)
    return dict(sorted(carried.items()))


def meaning_of_off(system: str) -> str:
    """What "without it" means, gathered from the mechanisms that carry the system."""
    return " ".join(kind.when_off[system] for kind in mechanisms().values() if system in kind.when_off)


def assemble(off=frozenset(), variants: Mapping[str, str] | None = None, sectors: tuple[str, ...] = STANDARD) -> Model:
    """The model of some sectors with some systems off and some variants chosen.

    Raises ``Problem`` for ids that do not exist.
    """
    kinds, known = mechanisms(), systems(sectors)
    variants = dict(variants or {})
    for system in sorted(off):
        if system not in known and system in systems(SECTORS):
            carriers = [sector for sector in SECTORS if system in systems((sector,))]
            hint = f"It belongs to a sector that does not run here: {', '.join(carriers)}. "
            hint += did_you_mean(system, known)
            raise problem("systems", "off", "a system that is built", system, hint)
        if system not in known:
            raise problem("systems", "off", "a system that is built", system, did_you_mean(system, known))
    for name, variant in variants.items():
        if name not in kinds:
            raise problem("variants", name, "a mechanism", name, did_you_mean(name, kinds))
        if variant not in kinds[name].variants:
            raise problem("variants", name, f"one of {', '.join(kinds[name].variants) or 'no variants'}", variant)
    chosen = [kind() for kind in kinds.values() if sector_of(kind) in (*sectors, "")]
    return Model(in_order(chosen), frozenset(off), variants, tuple(sectors))


def in_order(chosen: list[Mechanism]) -> tuple[Mechanism, ...]:
    """Mechanisms by phase, and inside a phase so that what is read "now" has been written."""
    writer = check(chosen)
    order: list[Mechanism] = []
    done: set[str] = set()
    for phase in PHASES:
        waiting = sorted((m for m in chosen if m.phase == phase), key=lambda m: m.name)
        names = {m.name for m in waiting}
        while waiting:
            ready = next((m for m in waiting if not (_waits_for(m, writer) & names) - done), None)
            if ready is None:
                raise CatalogueFault(f"{phase}: reads_now go round in a circle among {[m.name for m in waiting]}")
            order.append(ready)
            done.add(ready.name)
            waiting.remove(ready)
    return tuple(order)


def _waits_for(mechanism: Mechanism, writer: Mapping[str, str]) -> set[str]:
    return {writer[column] for column in mechanism.reads_now if column in writer} - {mechanism.name}


def check(chosen: list[Mechanism]) -> dict[str, str]:
    """One writer per column, known columns, phases and flows, one code per decision. Returns column -> writer."""
    writer: dict[str, str] = {}
    codes: dict[int, str] = {}
    phase_of = {m.name: PHASES.index(m.phase) for m in chosen}
    for m in chosen:
        if m.cadence not in CADENCES:
            raise CatalogueFault(f"{m.name}: cadence {m.cadence!r} is not one of {', '.join(CADENCES)}")
        for column in (*m.sets, *m.keeps):
            if column in writer:
                raise CatalogueFault(f"{column} is written by {writer[column]} and by {m.name}; expected one writer")
            writer[column] = m.name
        for column in (*m.reads, *m.reads_now, *m.sets, *m.keeps, *m.tables):
            if column not in SCHEMA:
                raise CatalogueFault(f"{m.name} declares {column!r}, which is not in the schema")
        for flow in m.flows:
            parse_flow(flow)
        for decision in m.draws:
            code = draws.decision_code(f"{m.name}.{decision}")
            if codes.setdefault(code, f"{m.name}.{decision}") != f"{m.name}.{decision}":
                raise CatalogueFault(f"{m.name}.{decision} and {codes[code]} have the same code; rename one")
    for m in chosen:
        for column in m.tables:
            if column in writer:
                raise CatalogueFault(f"{m.name} changes the stocks {column}, but {writer[column]} sets or keeps them")
        for column in m.reads_now:
            if column in writer and phase_of[writer[column]] > phase_of[m.name]:
                raise CatalogueFault(f"{m.name} reads {column} now, but {writer[column]} writes it later in the month")
        for column in m.keeps:
            readers = [o.name for o in chosen if o is not m and column in (*o.reads, *o.reads_now)]
            if readers:
                raise CatalogueFault(f"{column} is kept by {m.name} alone, but {readers} read it")
    return writer
