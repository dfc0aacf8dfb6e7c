"""The names a scenario may use, gathered once from the record and the catalogue of mechanisms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache


@dataclass(frozen=True)
class Vocabulary:
    """Valid names by kind. `systems` are those some mechanism implements; `known_systems` all in the table of systems.

    variants: mechanism name -> names of its variants. series: gives the series a condition may name, when it is asked
    for, because only a history shows what is measured.
    """

    systems: frozenset[str] = frozenset()
    known_systems: frozenset[str] = frozenset()
    variants: Mapping[str, frozenset[str]] = field(default_factory=dict)
    parameters: frozenset[str] = frozenset()
    drivers: frozenset[str] = frozenset()
    persons: frozenset[str] = frozenset()
    traits: frozenset[str] = frozenset()
    series: Callable[[], frozenset[str]] = frozenset
    readings: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()


@lru_cache(maxsize=1)
def of_package() -> Vocabulary:
    """The vocabulary of the installed record and mechanisms."""
    from partystate import record
    from partystate.model import catalogue
    from partystate.model.founding import TRAITS

    known = record.load()
    mechanisms = catalogue.mechanisms()
    implemented = {system for mechanism in mechanisms.values() for system in mechanism.systems}
    return Vocabulary(
        systems=frozenset(implemented),
        known_systems=frozenset(known.systems),
        variants={name: frozenset(mechanism.variants) for name, mechanism in mechanisms.items()},
        parameters=frozenset(known.parameters),
        drivers=frozenset(row["driver"] for row in known.founding.drivers),
        persons=frozenset(row["person"] for row in known.founding["leaders"]),
        traits=frozenset(TRAITS),
        series=measured,
        readings=frozenset(known.readings),
        sources=frozenset(known.sources),
    )


@lru_cache(maxsize=1)
def measured() -> frozenset[str]:
    """The national series that the reference history measures, and those of sectors that run only by themselves."""
    from partystate.model import catalogue
    from partystate.runs.recipe import Recipe

    apart = [Recipe(only=sector) for sector in catalogue.SECTORS if sector not in catalogue.STANDARD]
    found = [recipe.built().simulate(seed=0).result().series for recipe in (Recipe(), *apart)]
    return frozenset(name for series in found for name, region in series if region is None)
