"""What may befall a member within one round of the roll, and how likely each is."""

from __future__ import annotations

from collections import namedtuple
from functools import lru_cache

import numpy as np

from partystate.foundation.calendar import MONTHS_PER_YEAR
from partystate.foundation.kernels import kernel
from partystate.model.mechanism import CADENCES

KINDS = ("worker", "peasant", "employee")
WORKER, PEASANT, EMPLOYEE = range(len(KINDS))
BONDS = ("settled", "fresh", "old")
SETTLED, FRESH, OLD = range(len(BONDS))
FATES = ("stays", "dies", "leaves", "expelled", "purged", "promoted", "checked")
STAYS, DIES, LEAVES, EXPELLED, PURGED, PROMOTED, CHECKED = range(len(FATES))
TURNS = CADENCES["half-year"]
LINE = 1 + 1  # votes: with the line, against it

# Chances of a member, as the parameters give them; shares are per month unless the registry says otherwise.
Rates = namedtuple(
    "Rates",
    "recent death_base death_growth oldest leave_worker leave_peasant leave_employee leave_fresh leave_hardship "
    "leave_screening old_leave old_severity expel expel_opposed operations operations_employee operations_old "
    "verdict_fresh verdict_settled verdict_worker verdict_peasant verdict_employee verdict_opposed verdict_insecure "
    "probation_worker probation_peasant probation_employee promoted study_age youngest eldest women schooled_worker "
    "schooled_peasant schooled_employee",
)
# What holds this month for everybody. pace: share of those waiting whom a verification reaches in a month.
Month = namedtuple("Month", "number hardship operations insecurity open study pace since votes")


@lru_cache
def table(rates: Rates) -> np.ndarray:
    """Rates as a table of one row, which a kernel takes over faster than a tuple; not to be altered."""
    return np.array([rates], dtype=[(name, np.float64) for name in Rates._fields])


@kernel
def fall(u, dies, leaves, expelled):
    """Which of the ways out one uniform points at, if any."""
    if u < dies:
        return DIES
    if u < dies + leaves:
        return LEAVES
    if u < dies + leaves + expelled:
        return EXPELLED
    return STAYS


@kernel
def death_chances(rates):
    """(age in years,) chance of dying within a round: Gompertz's law."""
    chances = np.empty(int(rates.oldest))
    for age in range(chances.size):
        chances[age] = rates.death_base * np.exp(rates.death_growth * age) * TURNS / MONTHS_PER_YEAR
    return chances


@kernel
def leaving_chances(rates, month):
    """(class, bond) chance of leaving within a round."""
    by_class = np.array([rates.leave_worker, rates.leave_peasant, rates.leave_employee])
    by_bond = np.array([1.0, rates.leave_fresh, rates.old_leave])
    chances = np.empty((by_class.size, by_bond.size))
    for kind in range(by_class.size):
        for bond in range(by_bond.size):
            chances[kind, bond] = TURNS * (1 + rates.leave_hardship * month.hardship) * by_class[kind] * by_bond[bond]
    return chances


@kernel
def expulsion_chances(rates, month):
    """(class, bond, voted against the line) chance of being expelled within a round outside a verification."""
    chances = np.empty((len(KINDS), len(BONDS), LINE))
    for kind in range(len(KINDS)):
        for bond in range(len(BONDS)):
            struck = rates.operations * month.operations
            struck *= rates.operations_employee if kind == EMPLOYEE else 1
            struck *= rates.operations_old if bond == OLD else 1
            routine = rates.expel * (rates.old_severity if bond == OLD else 1)
            chances[kind, bond, 0] = TURNS * (routine + struck)
            chances[kind, bond, 1] = TURNS * (routine * rates.expel_opposed + struck)
    return chances
