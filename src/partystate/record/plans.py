"""Plans and what came of them, balances, and engineering norms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from partystate.foundation.problems import Collector
from partystate.record.dates import Span
from partystate.record.schema import SOURCE, Table, date, grade, number, remark, text, unit


@dataclass(frozen=True, slots=True)
class Plan:
    """One product in one plan: targets in two variants, the official result and a Western estimate of it."""

    plan: str
    product: str
    unit: str
    base_year: Span | None
    base_value: float | None
    basic_target: float | None
    optimal_target: float | None
    target_date: Span
    official_result: float | None
    result_year: Span | None
    western_result: float | None
    source: str
    grade: str
    note: str


@dataclass(frozen=True, slots=True)
class Balance:
    """One item of a balance."""

    balance: str
    item: str
    unit: str
    value: float
    source: str
    grade: str


@dataclass(frozen=True, slots=True)
class Norm:
    """An engineering ratio. Some have only a range; grade P marks a prior chosen by the project."""

    norm_id: str
    unit: str
    value: float | None
    low: float | None
    high: float | None
    source: str
    grade: str
    note: str


PLANS = Table(
    "plans.csv",
    Plan,
    (
        text("plan"), text("product"), unit(), date("base_year", False), number("base_value", False),
        number("basic_target", False), number("optimal_target", False), date("target_date"),
        number("official_result", False), date("result_year", False), number("western_result", False), SOURCE, grade(),
        remark("note"),
    ),
    ("plan", "product"),
)  # fmt: skip
BALANCES = Table(
    "balances.csv",
    Balance,
    (text("balance"), text("item"), unit(), number("value"), SOURCE, grade()),
    ("balance", "item"),
)
NORMS = Table(
    "norms.csv",
    Norm,
    (
        text("norm_id"), unit(), number("value", False), number("low", False), number("high", False), SOURCE,
        grade("grade", "P"), remark("note"),
    ),
    ("norm_id",),
)  # fmt: skip


def read_plans(folder: Path, faults: Collector, known: Mapping) -> tuple[Plan, ...]:
    made = []
    for where, plan in PLANS.read(folder, faults, known):
        if plan.basic_target is None and plan.optimal_target is None:
            faults.add(where, "optimal_target", "a target", None, "A plan without a target is not a plan.")
        made.append(plan)
    return tuple(made)


def read_balances(folder: Path, faults: Collector, known: Mapping) -> tuple[Balance, ...]:
    return tuple(item for _, item in BALANCES.read(folder, faults, known))


def read_norms(folder: Path, faults: Collector, known: Mapping) -> dict[str, Norm]:
    made = {}
    for where, norm in NORMS.read(folder, faults, known):
        if norm.value is None and (norm.low is None or norm.high is None):
            faults.add(where, "value", "a value, or low and high", None)
        made[norm.norm_id] = norm
    return made
