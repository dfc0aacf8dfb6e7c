"""The table of peasant households: one row for every ``weight`` of them, whole kilograms, heads and persons.

Rows lie in chunks, each of one region; a chunk has room for households that split off, and the last row takes the
place of one that is gone. What is counted is whole, so that the books balance to the unit, sums do not hang on their
order, and one or two threads give the same bits.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from partystate.foundation.kernels import kernel

ZONES = ("UKRS", "UKRN", "NCAU", "CBER", "VOLG", "USIB", "KAZN")  # rain zones with a gauge
KINDS = ("horses", "cattle", "pigs", "sheep")
HORSES, CATTLE, PIGS, SHEEP = range(len(KINDS))
AGES = ("young", "able", "old")
YOUNG, ABLE, OLD = range(len(AGES))
STATUSES = ("alone", "member")
ALONE, MEMBER = range(len(STATUSES))
LABELS = ("poor", "middle", "kulak")
POOR, MIDDLE, KULAK = range(len(LABELS))

COLUMNS = (
    "id", "grain", "hidden", "cash", "land", "sown", "people", "herd",
    "reserve", "memory", "label", "status", "herder", "taste", "skill",
)  # fmt: skip
SCHEMA_NAMES = tuple(f"household.{name}" for name in COLUMNS)
TABLE = (*SCHEMA_NAMES, "household.rows")
MOST = int(np.iinfo(np.uint16).max)  # land of a household, 1/100 ha, as its column can hold
TYPES = {
    "id": np.uint64, "grain": np.int32, "hidden": np.int32, "cash": np.int32, "land": np.uint16, "sown": np.uint16,
    "people": np.uint8, "herd": np.uint8, "reserve": np.uint8, "memory": np.uint8, "label": np.uint8,
    "status": np.uint8, "herder": np.uint8, "taste": np.uint8, "skill": np.uint8,
}  # fmt: skip
WIDE = {"people": len(AGES), "herd": len(KINDS)}


class Households(NamedTuple):
    """Columns (chunk, room), `people` (chunk, room, age), `herd` (chunk, room, kind); kg, kopecks, 1/100 ha, heads."""

    id: np.ndarray
    grain: np.ndarray
    hidden: np.ndarray
    cash: np.ndarray
    land: np.ndarray
    sown: np.ndarray
    people: np.ndarray
    herd: np.ndarray
    reserve: np.ndarray
    memory: np.ndarray
    label: np.ndarray
    status: np.ndarray
    herder: np.ndarray
    taste: np.ndarray
    skill: np.ndarray


COUNTS = (
    "households", "members", "labelled", "persons", "member_persons", "young", "able", "old", "member_able",
    "horses", "cattle", "pigs", "sheep", "member_horses", "member_cattle", "member_pigs", "member_sheep",
    "grain", "hidden", "member_grain", "cash", "land", "sown", "need", "member_need", "deficit", "reach", "hungry",
)  # fmt: skip
TALLIED = ("harvest", "excess", "born", "died", "deported", "unrest")  # sums of a year by region
NUMBER = {name: place for place, name in enumerate(COUNTS)}


def households(look) -> Households:
    """The columns of the table, by name."""
    return look.table(Households, SCHEMA_NAMES)


def columns(look) -> tuple:
    """The columns of the table in the order of `Households`; to hand over a tuple without names takes half as long.

    A kernel gives them their names back by ``h = Households(*h)``.
    """
    return look.table(_plain, SCHEMA_NAMES)


def _plain(*columns) -> tuple:
    return columns


def empty(chunks: int, room: int) -> dict[str, np.ndarray]:
    """Columns of a table without households."""
    return {
        f"household.{name}": np.zeros((chunks, room, WIDE[name]) if name in WIDE else (chunks, room), TYPES[name])
        for name in COLUMNS
    }


@kernel
def whole(x, u):
    """``x`` >= 0 as a whole number whose mean over ``u`` is ``x``: rounded up with the chance of its fraction."""
    return int(x + u)


@kernel
def move(h, c, target, source):
    """Row ``source`` of chunk ``c`` takes the place of row ``target``."""
    h.id[c, target] = h.id[c, source]
    h.grain[c, target] = h.grain[c, source]
    h.hidden[c, target] = h.hidden[c, source]
    h.cash[c, target] = h.cash[c, source]
    h.land[c, target] = h.land[c, source]
    h.sown[c, target] = h.sown[c, source]
    h.people[c, target] = h.people[c, source]
    h.herd[c, target] = h.herd[c, source]
    h.reserve[c, target] = h.reserve[c, source]
    h.memory[c, target] = h.memory[c, source]
    h.label[c, target] = h.label[c, source]
    h.status[c, target] = h.status[c, source]
    h.herder[c, target] = h.herder[c, source]
    h.taste[c, target] = h.taste[c, source]
    h.skill[c, target] = h.skill[c, source]


@kernel
def by_region(sums, place, weight):
    """Sums of chunks (chunk, what) -> of regions (region, what), in households and not in rows."""
    out = np.zeros((weight.size, sums.shape[1]), dtype=np.int64)
    for c in range(place.size):
        for k in range(sums.shape[1]):
            out[place[c], k] += sums[c, k] * weight[place[c]]
    return out


@kernel
def _in_all(done):
    totals = np.zeros(done.shape[1], dtype=np.int64)
    for r in range(done.shape[0]):
        for k in range(done.shape[1]):
            totals[k] += done[r, k]
    return totals


def in_all(done) -> list[int]:
    """Sums of regions (region, what) -> of the country, one number for each; in a quarter of the time of ``sum``."""
    return _in_all(done).tolist()


@kernel
def whole_sum(numbers):
    """Sum of whole numbers (region,), in a third of the time of ``sum``."""
    result = 0
    for r in range(numbers.size):
        result += numbers[r]
    return result
