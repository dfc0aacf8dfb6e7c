"""The formal checks of the ledger (``checks.toml``): for each check group its clauses, and what answers to a metric.

The ledger words a check for readers; here it stands for the program, clause by clause, under the same id. What a
clause may say is in `docs/guide/claims.md`; `analysis.check_language` reads it. A group without an entry waits for
systems that are not built.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from partystate.foundation.problems import Collector, did_you_mean
from partystate.record.claims import CLAIMS, METRICS
from partystate.record.files import Toml, first_column, read_csv, read_toml, unknown_keys

FILE = "checks.toml"
# Kinds of clause: of the histories (REF, ABL, VAR, READ, SHAPLEY), of the evidence (REC, INPUT), told, and waiting.
KINDS = ("REF", "ABL", "VAR", "READ", "SHAPLEY", "REC", "INPUT", "TXT", "WAIT")
TABLES = ("checks", "metrics")


@dataclass(frozen=True, slots=True)
class Check:
    """The clauses of one check group, all of which must hold; `where` is ``file:line``."""

    group: str
    clauses: tuple[str, ...]
    where: str


@dataclass(frozen=True, slots=True)
class Counterpart:
    """What of the model answers to a metric of the ledger, and why; `quantity` is empty where nothing does."""

    metric: str
    quantity: str
    because: str


@dataclass(frozen=True)
class Checks:
    """Checks by group and counterparts by metric."""

    groups: Mapping[str, Check]
    counterparts: Mapping[str, Counterpart]


def read_checks(folder: Path, faults: Collector) -> Checks:
    """Reads ``checks.toml``; its groups must be those of the ledger, its metrics those of ``metrics.csv``."""
    toml = read_toml(folder, FILE, faults)
    if toml is None:
        return Checks({}, {})
    # Rows of the ledger that are faulty themselves count: one fault should not raise another here.
    rows = read_csv(folder, CLAIMS.file, CLAIMS.names, Collector())
    groups = {row["check_group"] for row in rows} or None
    metrics = first_column(folder, METRICS.file)
    unknown_keys(toml.data, TABLES, toml.where, "", faults)
    checks = {
        name: check
        for name, entry in _table(toml, "checks", faults).items()
        if (check := _check(toml, name, entry, groups, faults))
    }
    counterparts = {
        name: counterpart
        for name, entry in _table(toml, "metrics", faults).items()
        if (counterpart := _counterpart(toml, name, entry, metrics, faults))
    }
    return Checks(checks, counterparts)


def _table(toml: Toml, name: str, faults: Collector) -> dict[str, Any]:
    found = toml.data.get(name, {})
    if isinstance(found, dict):
        return found
    faults.add(toml.where(name), name, f"tables [{name}.…]", found)
    return {}


def _check(toml: Toml, name: str, entry: Any, groups: Collection[str] | None, faults: Collector) -> Check | None:
    table = f"checks.{name}"
    where = toml.where(table, "clauses")
    if groups is not None and name not in groups:
        faults.add(toml.where(table), name, "a check group of claims.csv", name, did_you_mean(name, groups))
        return None
    if not isinstance(entry, dict):
        faults.add(where, name, f"a table [{table}]", entry)
        return None
    unknown_keys(entry, ("clauses",), toml.where, table, faults)
    clauses = entry.get("clauses")
    if not isinstance(clauses, list) or not clauses or not all(isinstance(clause, str) for clause in clauses):
        faults.add(where, f"{name}.clauses", "a list of clauses in quotes", clauses)
        return None
    sound = True
    for number, clause in enumerate(clauses, start=1):
        kind = clause.split("(")[0].split(" ")[0]
        if kind not in KINDS:
            faults.add(where, f"{name}, clause {number}", "one of " + ", ".join(KINDS), kind, did_you_mean(kind, KINDS))
            sound = False
    return Check(name, tuple(clauses), where) if sound else None


def _counterpart(
    toml: Toml, name: str, entry: Any, metrics: Collection[str] | None, faults: Collector
) -> Counterpart | None:
    table = f"metrics.{name}"
    if metrics is not None and name not in metrics:
        faults.add(toml.where(table), name, "a metric of metrics.csv", name, did_you_mean(name, metrics))
        return None
    if not isinstance(entry, dict):
        faults.add(toml.where(table), name, f'a table [metrics."{name}"]', entry)
        return None
    unknown_keys(entry, ("quantity", "because"), toml.where, table, faults)
    quantity, because = entry.get("quantity", ""), entry.get("because", "")
    for key, value in (("quantity", quantity), ("because", because)):
        if not isinstance(value, str) or (key == "because" and not value):
            faults.add(toml.where(table, key), f"{name}.{key}", "text in quotes", value)
            return None
    return Counterpart(name, quantity, because)
