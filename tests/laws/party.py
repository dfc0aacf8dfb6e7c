"""The party alone: membership, drives, verifications, promotion; the struggle stays as it stood in January 1922."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from partystate import record
from partystate.engine.runner import RunSetting, Simulation
from partystate.foundation import calendar
from partystate.mechanisms.power import roll
from partystate.mechanisms.power.enrolment import Enrolment
from partystate.mechanisms.power.membership import BOOKS, Membership
from partystate.mechanisms.power.promotion import Promotion
from partystate.mechanisms.power.verification import Verification
from partystate.model.catalogue import Model, in_order

MECHANISMS = (Membership, Enrolment, Verification, Promotion)
SYSTEMS = ("S02", "S09", "S49")


@lru_cache
def resolved(changes: tuple[tuple[str, float], ...] = ()):
    return record.load().parameters.resolve(None, dict(changes), None)


def central() -> tuple[tuple[str, float], ...]:
    """Every parameter of the party at its central value: what is left is the chance of persons and decisions."""
    keys = {key for mechanism in MECHANISMS for key in mechanism.parameters}
    return tuple(sorted((key, p.value) for key, p in record.load().parameters.items() if key in keys))


def party(seed: int, off=(), scale: int = 200, changes: tuple = (), strict: bool = False) -> Simulation:
    """A simulation of the party alone. ``changes``: pairs (parameter, value)."""
    model = Model(in_order([kind() for kind in MECHANISMS]), frozenset(off), {})
    setting = RunSetting(seed, resolved(changes), record.load().founding, scale, strict=strict, details=False)
    return Simulation(model, setting)


def total(simulation: Simulation, date: str, series: str = "party_total") -> float:
    return float(simulation.recorder.series[series, None][calendar.index(date)])


def books(simulation: Simulation) -> tuple[np.ndarray, ...]:
    return tuple(simulation.world.now[name] for name in BOOKS)


def recounted(simulation: Simulation) -> tuple[np.ndarray, ...]:
    """The books counted anew from the rows."""
    fresh = tuple(np.zeros_like(book) for book in books(simulation))
    now = simulation.world.now
    roll.books_of(now["member.traits"], now["member.rows"], fresh)
    return fresh


def ids(simulation: Simulation) -> np.ndarray:
    """All ids on the roll, sorted."""
    now = simulation.world.now
    return np.sort(np.concatenate([leaf[:n] for leaf, n in zip(now["member.id"], now["member.rows"], strict=True)]))
