"""The claims of the ledger judged: which histories they need, what was found, and what each is worth.

A group of claims with one check is judged once. It holds when all its clauses hold, fails when one fails, is undecided
when one is, and waits when one needs what is not built; a group whose clauses are only told is told. The rule was fixed
before any run. Thresholds of clauses about histories are design targets and not facts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from partystate.foundation.problems import DATA, Fault, Problem, did_you_mean, problem
from partystate.record.claims import Claim
from partystate.runs.design import REFERENCE_ARM
from partystate.runs.parts import Part

from . import check_arms
from .check_arms import Arms, Sectors
from .check_evidence import Evidence, Finding
from .check_facts import Withheld
from .check_histories import FAILS, HOLDS, TOLD, UNDECIDED, WAITING, Estimate, NotMeasured, Sides, judge
from .check_language import Clause, Misread, parse
from .check_outcomes import check
from .claim_runs import Made

RUNS = 200
STATUSES = (FAILS, UNDECIDED, HOLDS, WAITING, TOLD)
EVIDENCE = ("REC", "INPUT")
MODEL, RECORD, ASSUMED = "model", "record", "assumed"  # what a judgement rests on
BASES = {"REC": RECORD, "INPUT": ASSUMED}
NOT_RUN = "no histories were run"


@dataclass(frozen=True)
class Judged:
    """One clause. found: an estimate from histories or a finding in the evidence; reason: why it waits.

    needs: systems and metrics that it waits for.
    """

    clause: Clause
    status: str
    found: Estimate | Finding | None = None
    reason: str = ""
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """The claims of one check, and how it stands. clauses: empty where the whole check waits for `needs`."""

    name: str
    claims: tuple[Claim, ...]
    systems: tuple[str, ...]
    clauses: tuple[Judged, ...]
    status: str
    needs: tuple[str, ...]

    @property
    def check(self) -> str:
        """The check as the ledger words it."""
        return self.claims[0].check

    @property
    def basis(self) -> str:
        """What the judgement rests on: histories of the model, else the record, else assumptions; empty if nothing."""
        judged = {j.clause.kind for j in self.clauses if j.status in (HOLDS, FAILS, UNDECIDED)}
        bases = {BASES.get(kind, MODEL) for kind in judged}
        return next((basis for basis in (MODEL, RECORD, ASSUMED) if basis in bases), "")

    @property
    def so_far(self) -> str:
        """Of a group that waits: how its other clauses stand; empty where none is judged."""
        judged = [j.status for j in self.clauses if j.status in (HOLDS, UNDECIDED)]
        return "" if self.status != WAITING or not judged else UNDECIDED if UNDECIDED in judged else HOLDS

    @property
    def waiting(self) -> int:
        """How many of its clauses wait."""
        return sum(judged.status == WAITING for judged in self.clauses)


@dataclass(frozen=True)
class Ledger:
    """Judged groups in the order of the ledger.

    about: arms, runs, seeds and versions of the histories, and arms and months by sectors; empty without any.
    """

    record: Any
    groups: tuple[Group, ...]
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def claims(self) -> int:
        return sum(len(group.claims) for group in self.groups)

    def counts(self) -> dict[str, dict[str, int]]:
        """status -> {groups, claims, and groups by what the judgement rests on}."""
        found = {}
        for status in STATUSES:
            these = [group for group in self.groups if group.status == status]
            bases = Counter(group.basis for group in these if group.basis)
            claims = sum(len(group.claims) for group in these)
            found[status] = {"groups": len(these), "claims": claims, **{b: bases[b] for b in (MODEL, RECORD, ASSUMED)}}
        return found

    def with_status(self, status: str) -> tuple[Group, ...]:
        return tuple(group for group in self.groups if group.status == status)

    def corrected(self) -> list[tuple[Claim, Group]]:
        """Claims that contradict the record or are imprecise; their checks hold the corrected record."""
        return [(claim, group) for group in self.groups for claim in group.claims if claim.quality != "ok"]


def read(record: Any, names: Collection[str] | None = None) -> dict[str, tuple[Clause, ...]]:
    """Group -> its clauses, read and checked. names: only these groups. Raises Problem (exit 3) with every fault."""
    groups = grouped(record)
    evidence, arms = Evidence(record), Arms(record)
    faults: list[Fault] = []
    found = {}
    for name, entry in record.checks.groups.items():
        if names is not None and name not in names:
            continue
        clauses = []
        for number, text in enumerate(entry.clauses, start=1):
            try:
                clauses.append(_read(text, evidence, arms))
            except Misread as wrong:
                said = ", ".join(claim.claim_id for claim in groups[name])
                key = f"{name} ({said}), clause {number}, character {wrong.at + 1}"
                faults.append(Fault(entry.where, key, wrong.expected, wrong.came, f"Clause: {text}"))
        found[name] = tuple(clauses)
    if faults:
        raise Problem(faults, DATA)
    return found


def _read(text: str, evidence: Evidence, arms: Arms) -> Clause:
    clause = parse(text)
    arms.check(clause)
    if clause.kind in EVIDENCE:
        try:
            evidence.judge(clause)
        except Withheld:
            return clause
    elif clause.body is not None:
        check(clause)
    return clause


def grouped(record: Any) -> dict[str, list[Claim]]:
    """Check group -> its claims, in the order of the ledger."""
    groups: dict[str, list[Claim]] = {}
    for claim in record.claims.values():
        groups.setdefault(claim.check_group, []).append(claim)
    return groups


def chosen(record: Any, systems: Sequence[str] = (), claims: Sequence[str] = ()) -> list[str]:
    """Groups about one of `systems` and of one of `claims`, all where neither is given. Raises Problem (exit 2)."""
    for system in systems:
        if system not in record.systems:
            hint = did_you_mean(system, record.systems)
            raise problem("--system", system, "a system of the ledger, S01 to S70", system, hint)
    for name in claims:
        if name not in record.claims:
            raise problem("--claim", name, "a claim of the ledger", name, did_you_mean(name, record.claims))
    found = grouped(record)
    return [
        name
        for name, members in found.items()
        if (not systems or any(set(systems) & set(claim.systems) for claim in members))
        and (not claims or any(claim.claim_id in claims for claim in members))
    ]


def evaluate(record: Any, names: Collection[str], made: Made | None = None) -> Ledger:
    """Judges groups from the record and from ensembles by their sectors, whose arms are named as `claim_runs` does.

    Clauses that need what the ensembles do not hold wait. Raises Problem (exit 3) for a faulty clause or part.
    """
    read_clauses = read(record, names)
    bench = _Bench(record, made or {})
    groups = tuple(
        _group(record, name, members, [bench.judged(clause) for clause in read_clauses.get(name, ())])
        for name, members in grouped(record).items()
        if name in names
    )
    return Ledger(record, groups, bench.about())


def _group(record: Any, name: str, claims: Sequence[Claim], clauses: Sequence[Judged]) -> Group:
    systems = tuple(sorted({system for claim in claims for system in claim.systems}))
    if clauses:
        needs = tuple(dict.fromkeys(need for judged in clauses for need in judged.needs))
    else:
        needs = tuple(system for system in systems if system not in check_arms.built())
    return Group(name, tuple(claims), systems, tuple(clauses), status_of([j.status for j in clauses]), needs)


def status_of(statuses: Sequence[str]) -> str:
    """The status of clauses together: fails before waits before undecided before holds before told."""
    for status in (FAILS, WAITING, UNDECIDED, HOLDS):
        if status in statuses:
            return status
    return TOLD if statuses else WAITING


class _Bench:
    """Judges clauses one by one; the arms of the ensembles are read once."""

    def __init__(self, record: Any, made: Made) -> None:
        self.record, self.made = record, made
        self.evidence, self.arms = Evidence(record), Arms(record)
        self._parts: dict[tuple[Sectors, str], dict[int, Part]] = {}

    def about(self) -> dict[str, Any]:
        if not self.made:
            return {}
        first = next(iter(self.made.values()))
        seeds = sorted({seed for sectors in self.made for seed in self._reference(sectors)})
        return {
            "folder": str(first.folder),
            "arms": sum(len(ensemble.arms) for ensemble in self.made.values()),
            "runs": len(seeds),
            "seeds": [seeds[0], seeds[-1]] if seeds else [],
            "sectors": [
                {"sectors": list(sectors), "arms": len(ensemble.arms), "months": ensemble.months}
                for sectors, ensemble in self.made.items()
            ],
            "model": first.facts["model"],
            "record": first.facts["record"],
        }

    def _reference(self, sectors: Sectors) -> dict[int, Part]:
        return self._of(sectors, REFERENCE_ARM) if REFERENCE_ARM in self.made[sectors].arms else {}

    def judged(self, clause: Clause) -> Judged:
        if clause.kind == "WAIT":
            return Judged(clause, WAITING, None, clause.words, clause.head)
        if clause.kind == "TXT":
            return Judged(clause, TOLD, None, self.arms.page(clause))
        if clause.kind in EVIDENCE:
            try:
                finding = self.evidence.judge(clause)
            except Withheld as kept:
                return Judged(clause, WAITING, None, f"the record keeps this back: {kept}")
            return Judged(clause, finding.status, finding)
        return self._about_histories(clause)

    def _about_histories(self, clause: Clause) -> Judged:
        sectors = check_arms.sectors_of(clause)
        if sectors not in self.made:
            reason = f"no histories of {' and '.join(sectors)} are there" if self.made else NOT_RUN
            return Judged(clause, WAITING, None, reason)
        ensemble, names = self.made[sectors], self.arms.sides(clause)
        if missing := [name for name in names.all if name not in ensemble.arms]:
            return Judged(clause, WAITING, None, f"these histories hold no arm '{missing[0]}'")
        arms = {name: self._of(sectors, name) for name in names.all}
        seeds = sorted(set.intersection(*({*parts} for parts in arms.values())))
        values = {name: _table([parts[seed] for seed in seeds]) for name, parts in arms.items()}
        same = all(arms[names.a][seed].fingerprint == arms[names.b][seed].fingerprint for seed in seeds)
        alike = {player: values[name] for player, name in names.alike.items()}
        sides = Sides(values[names.a], values[names.b], len(seeds), ensemble.months, same, alike)
        try:
            estimate = judge(clause, sides)
        except NotMeasured as missing_outcome:
            return Judged(clause, WAITING, None, f"these histories do not hold the outcome '{missing_outcome}'")
        return Judged(clause, estimate.status, estimate)

    def _of(self, sectors: Sectors, arm: str) -> dict[int, Part]:
        if (sectors, arm) not in self._parts:
            self._parts[sectors, arm] = {part.seed: part for part in self.made[sectors].parts(arm)}
        return self._parts[sectors, arm]


def _table(parts: Sequence[Part]) -> dict[str, np.ndarray]:
    names = sorted({name for part in parts for name in part.outcomes})
    return {
        name: np.array([np.nan if (v := part.outcomes.get(name)) is None else v for part in parts], dtype=np.float64)
        for name in names
    }
