"""What students' notes say about the system, and what is asked about it.

Claims are paraphrased from five sets of notes (note1 to note5) and carry a check. Thresholds in REF, ABL and VAR checks
are design targets, not facts; REC values are facts. Where `quality` is wrong, the check holds the corrected record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from partystate.foundation.problems import Collector
from partystate.record.schema import Table, choice, refs, remark, text, yes_no

NOTES = ("note1", "note2", "note3", "note4", "note5")
CHECKS = ("INPUT", "REF", "ABL", "VAR", "REC", "TXT", "variant")


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement, the note and place it comes from, and how a history can be held against it."""

    claim_id: str
    note: str
    locator: str
    subsystem: str
    kind: str
    claim: str
    check: str
    check_group: str
    role: str
    quality: str
    systems: tuple[str, ...]
    remark: str


@dataclass(frozen=True, slots=True)
class System:
    """One system of the party-state, S01 to S70, and the systems it feeds."""

    system_id: str
    name: str
    what: str
    feeds: tuple[str, ...]
    priority: str
    observable: str
    key: str


@dataclass(frozen=True, slots=True)
class Metric:
    """A dotted name used in checks."""

    metric: str
    subsystem: str
    type: str
    unit: str
    definition: str
    fully_defined: bool


@dataclass(frozen=True, slots=True)
class Question:
    """An essay question with the counterfactual design that answers it; `needs`: systems beyond the party's own."""

    question_id: str
    question: str
    design: str
    readings: str
    subsystem: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Loop:
    """A feedback loop between systems, with its sign and the test that would show it."""

    loop_id: str
    name: str
    path: str
    sign: str
    test: str


@dataclass(frozen=True, slots=True)
class Coupling:
    """The strong couplings of a period, in order."""

    period: str
    chain: str


@dataclass(frozen=True, slots=True)
class Contested:
    """A figure on which the sources disagree."""

    sector: str
    item: str
    range: str
    why: str


CLAIMS = Table(
    "claims.csv",
    Claim,
    (
        text("claim_id"), choice("note", *NOTES), text("locator"), text("subsystem"),
        choice("kind", "attribute", "mechanism", "interpretation", "comparison", "fact", "event"), text("claim"),
        text("check"), text("check_group"), choice("role", "input", "emergent", "validation", "explanation"),
        choice("quality", "ok", "wrong", "imprecise"), refs("systems", "systems", None), remark("remark"),
    ),
    ("claim_id",),
)  # fmt: skip
SYSTEMS = Table(
    "systems.csv",
    System,
    (
        text("system_id"), text("name"), text("what"), refs("feeds", "", None),
        choice("priority", "core", "supporting"), text("observable"), text("key"),
    ),
    ("system_id",),
)  # fmt: skip
METRICS = Table(
    "metrics.csv",
    Metric,
    (text("metric"), text("subsystem"), text("type"), remark("unit"), text("definition"), yes_no("fully_defined")),
    ("metric",),
)
QUESTIONS = Table(
    "questions.csv",
    Question,
    (
        text("question_id"), text("question"), text("design"), text("readings"), text("subsystem"),
        refs("needs", "systems", None),
    ),
    ("question_id",),
)  # fmt: skip
LOOPS = Table(
    "loops.csv", Loop, (text("loop_id"), text("name"), text("path"), text("sign"), text("test")), ("loop_id",)
)
COUPLINGS = Table("couplings.csv", Coupling, (text("period"), text("chain")), ("period",))
CONTESTED = Table(
    "contested.csv", Contested, (text("sector"), text("item"), text("range"), remark("why")), ("sector", "item")
)


def read_systems(folder: Path, faults: Collector) -> dict[str, System]:
    """Systems by id; each may feed only systems that exist."""
    placed = SYSTEMS.read(folder, faults)
    systems = {system.system_id: system for _, system in placed}
    for where, system in placed:
        for other in system.feeds:
            if other not in systems:
                faults.add(where, "feeds", "a system of systems.csv", other)
    return systems


def read_claims(folder: Path, faults: Collector, known: Mapping) -> dict[str, Claim]:
    """Claims by id. Claims of one check group must carry the same check."""
    claims: dict[str, Claim] = {}
    groups: dict[str, Claim] = {}
    for where, claim in CLAIMS.read(folder, faults, known):
        if not claim.check.startswith(CHECKS):
            faults.add(where, "check", "a check that begins with " + ", ".join(CHECKS), claim.check.split(" ")[0])
        first = groups.setdefault(claim.check_group, claim)
        if first.check != claim.check:
            expected = f"the check of {first.claim_id}, which is in the same group {claim.check_group}"
            faults.add(where, "check", expected, claim.check)
        claims[claim.claim_id] = claim
    return claims


def read_metrics(folder: Path, faults: Collector) -> dict[str, Metric]:
    return {metric.metric: metric for _, metric in METRICS.read(folder, faults)}


def read_questions(folder: Path, faults: Collector, known: Mapping) -> dict[str, Question]:
    return {question.question_id: question for _, question in QUESTIONS.read(folder, faults, known)}


def read_loops(folder: Path, faults: Collector) -> dict[str, Loop]:
    return {loop.loop_id: loop for _, loop in LOOPS.read(folder, faults)}


def read_couplings(folder: Path, faults: Collector) -> tuple[Coupling, ...]:
    return tuple(coupling for _, coupling in COUPLINGS.read(folder, faults))


def read_contested(folder: Path, faults: Collector) -> tuple[Contested, ...]:
    return tuple(item for _, item in CONTESTED.read(folder, faults))
