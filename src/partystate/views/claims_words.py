"""The ledger in words: clauses, what was measured, targets and verdicts, for the terminal and for pages."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from partystate.analysis import check_arms, effects
from partystate.analysis.check_evidence import Finding
from partystate.analysis.check_histories import FAILS, HOLDS, TOLD, UNDECIDED, WAITING, Estimate
from partystate.analysis.check_language import Call, Clause, Name, inside, show
from partystate.analysis.check_outcomes import kinds, names_of
from partystate.analysis.claims import ASSUMED, MODEL, RECORD, Group, Judged
from partystate.foundation import calendar

MEANING = {
    FAILS: "the whole interval lies on the other side of the target, or the record or the founding says otherwise",
    UNDECIDED: "the interval, or the range of an assumption, lies across the target",
    HOLDS: "the whole interval lies on the target's side, or the record or the founding says the same",
    WAITING: "something that the check needs is not built, not measured or kept back",
    TOLD: "nothing to judge: the claim is explained, or a number is told without a target",
}
BASIS = {
    MODEL: "by histories of the model",
    RECORD: "by the record",
    ASSUMED: "by what the model assumes",
    "": "by nothing yet",
}
QUALITY = {"wrong": "contradicts the record", "imprecise": "is imprecise", "ok": "agrees with the record"}
STATISTICS = {
    "chance": "How often",
    "mean": "On average",
    "median": "In the middle history",
    "corr": "How closely two go together",
    "change": "By how much it changes",
    "increases": "Whether it goes up",
    "decreases": "Whether it goes down",
    "ratio": "By what factor it changes",
}
SIGNS = {"<=": "≤", ">=": "≥", "!=": "≠"}
MINUS = re.compile(r"(?<![\w.])-(?=[\d(])")  # not the hyphen of a date
NONE = "–"


def listed(words: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def people(count: int, singular: str) -> str:
    """`1 claim`, `2 claims`."""
    return f"{count:,} {singular}" + ("" if count == 1 else "s")


def signs(text: str) -> str:
    """`text` with the signs of print: ≤, ≥, −."""
    for typed, printed in SIGNS.items():
        text = text.replace(typed, printed)
    return MINUS.sub("−", text)


# Clauses -----------------------------------------------------------------------------------------------------------


ALONE = {"power": "The leadership alone", "countryside": "The countryside alone"}
TOGETHER = "Leadership and countryside together"


def sectors(names: Sequence[str]) -> str:
    """`The countryside alone`."""
    return ALONE[names[0]] if len(names) == 1 else TOGETHER


def lead_in(clause: Clause, record: Any) -> str:
    """Of what a clause is: `Without S01, General Secretary's appointment power`, and of which sectors if it says so."""
    of = f"{sectors(check_arms.sectors_of(clause))}: " if clause.sectors else ""
    return of + _changed(clause, record)


def _changed(clause: Clause, record: Any) -> str:
    match clause.kind:
        case "REF":
            return "The reference"
        case "ABL":
            return "Without " + listed([f"{system}, {record.systems[system].name}" for system in clause.head])
        case "VAR":
            what = check_arms.Arms(record).varied(clause)
            if what.window is None:
                return f"{varied(what, record)}, from {what.low:g} to {what.high:g}"
            ends = listed([f"{end:g}" for end in (what.low, what.high) if end is not None])
            return f"{varied(what, record)} {ends} in {' to '.join(what.window)}"
        case "READ":
            return f"Under the reading {clause.head[0]}, {record.readings[clause.head[0]].title}"
        case "SHAPLEY":
            return f"Contenders alike in {listed(clause.head)}, apart and together"
        case "REC":
            return "The record"
        case "INPUT":
            return "What the model assumes"
        case "TXT":
            return "Told"
    return "Waits for " + listed(clause.head) if clause.head else "Waits"


def varied(what: check_arms.Varied, record: Any) -> str:
    """What VAR varies, in words."""
    name = what.name
    if name.startswith(check_arms.TRAIT):
        person, _, trait = name.removeprefix(check_arms.TRAIT).rpartition(".")
        return f"{person}'s {trait.replace('_', ' ')}"
    if name.startswith(check_arms.DRIVER):
        return f"The driver {name.removeprefix(check_arms.DRIVER)}{' at' if what.window else ', times'}"
    return f"{record.parameters[name].title} ({name})"


def formal(clause: Clause) -> str:
    """The clause as it stands, without its kind and head; nothing of one that waits, whose words are its reason."""
    if clause.body is not None:
        return signs(show(clause.body))
    return "" if clause.kind == "WAIT" else clause.words


def saying(clause: Clause) -> str:
    """What a clause about histories measures, in the words of its outcomes; empty for the others."""
    meanings = [meaning for _, meaning in defined(clause)]
    if not meanings:
        return ""
    first = next(part for part in inside(clause.body) if isinstance(part, Call) and part.name in STATISTICS)
    plain = all(isinstance(argument, Name) for argument in first.arguments)
    return f"{STATISTICS[first.name]}{'' if plain else ', reckoned from'}: {' '.join(meanings)}"


def defined(clause: Clause) -> list[tuple[str, str]]:
    """(outcome, meaning) of every outcome in a clause about histories."""
    if clause.body is None or clause.kind in ("REC", "INPUT"):
        return []
    names = dict.fromkeys(part.name for part in names_of(clause.body))
    return [(name, kinds().definitions[name]) for name in names]


# What was found ----------------------------------------------------------------------------------------------------


def measured(judged: Judged) -> str:
    """`0.23 (0.21 to 0.26)`, what the record says, or why nothing was measured."""
    match judged.found:
        case Estimate() as estimate:
            return interval(estimate)
        case Finding(fact):
            return fact.shown + (f" [{fact.grade}]" if fact.grade else "")
    return judged.reason


def interval(estimate: Estimate) -> str:
    """A statistic with its 95 % interval, signed where it is a change."""
    if math.isnan(estimate.value):
        return "undefined in every history"
    if estimate.before is not None and estimate.low == estimate.high == 0:
        return "0 in every history"
    signed = estimate.before is not None
    if estimate.kind == effects.DATE and not signed:
        value, low, high = (month(x) for x in (estimate.value, estimate.low, estimate.high))
    else:
        largest = max(abs(x) for x in (estimate.value, estimate.low, estimate.high) if not math.isnan(x))
        value, low, high = (number(x, largest, signed) for x in (estimate.value, estimate.low, estimate.high))
    unit = " months" if estimate.kind == effects.DATE and signed else ""
    return f"{value} ({low} to {high}){unit}"


def number(value: float, largest: float | None = None, signed: bool = False) -> str:
    """As many decimals as the largest number beside it needs; a proper minus."""
    if math.isnan(value):
        return NONE
    size = abs(value) if largest is None else largest
    digits = 0 if size >= 1000 else 1 if size >= 10 else 2 if size >= 0.1 else 3
    return f"{value:{'+' if signed else ''},.{digits}f}".replace("-", "−")


def month(value: float) -> str:
    return calendar.label(round(value)) if math.isfinite(value) else "not reached"


def target(judged: Judged) -> str:
    """What was asked: `≤ −0.15`; empty where nothing is."""
    return signs(judged.found.target) if judged.found else ""


def levels(judged: Judged) -> str:
    """`reference 0.23, changed 0.14` of a change."""
    found = judged.found
    if not isinstance(found, Estimate) or found.before is None or found.after is None:
        return ""
    before, after = found.before.mean, found.after.mean
    largest = max(abs(before), abs(after))
    first, second = ("reference", "changed")
    if judged.clause.kind == "VAR" and not _one_value(judged.clause):
        first, second = ("low end", "high end")
    return f"{first} {number(before, largest)}, {second} {number(after, largest)}"


def _one_value(clause: Clause) -> bool:
    """Whether VAR sets one value against the reference."""
    return " " in clause.head[0] and len(clause.head) == 1 + 1


def remark(judged: Judged) -> str:
    """What a reader must know besides: levels of a change, histories that would decide, and those left out."""
    found = judged.found
    if not isinstance(found, Estimate):
        return ""
    said = [levels(judged)] if levels(judged) else []
    if found.status == UNDECIDED and found.needed is not None:
        said.append(
            "more than 100,000 histories would be needed"
            if math.isinf(found.needed)
            else f"about {_rounded(found.needed):,} histories would decide, if the value stays"
        )
    if found.left_out:
        said.append(f"undefined in {found.left_out:,} of {found.left_out + found.runs:,} histories")
    return "; ".join(said)


def _rounded(value: float) -> int:
    step = 10 ** max(math.floor(math.log10(value)) - 1, 0)
    return math.ceil(value / step) * step


# Groups ------------------------------------------------------------------------------------------------------------


def standing(group: Group) -> str:
    """`fails`, `waiting`, `holds so far, 2 clauses waiting`."""
    if group.status != WAITING:
        return group.status
    if group.so_far:
        return f"{group.so_far} so far, {people(group.waiting, 'clause')} waiting"
    return "waiting"


def waits_for(group: Group, record: Any) -> str:
    """What a waiting group needs, in words."""
    reasons = [judged.reason for judged in group.clauses if judged.status == WAITING]
    if reasons:
        return "; ".join(dict.fromkeys(reasons))
    names = [f"{system} {record.systems[system].name}" for system in group.needs]
    return "not built: " + "; ".join(names) if names else "no formal check is written yet"
