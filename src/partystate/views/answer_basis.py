"""What an answer rests on, how far it rewrites, and how it was made: tables and lines from its plain data."""

from __future__ import annotations

import shlex
from pathlib import Path

from partystate.analysis.effects import CHANCE
from partystate.analysis.plausibility import FAR, MARKS, WORDS

from . import answer_numbers as numbers
from . import narrative
from .answer_numbers import Data
from .answer_tables import Row, Sheet, kind, period

REWRITING = (
    "The state of the party at the first date at which it differs, against the reference histories: percentile of the "
    f"median history among their distances from the centre, and share of histories beyond the {FAR:.0f}th."
)
NOT_MEASURED = "not measured"
UNMEASURED = "Not measured: no difference at the dates that are looked at, or too few histories for the measure."
QUALITY = ("ok", "imprecise", "wrong")  # what the ledger says of a claim; where it is wrong, its check is corrected


def hinges(answer: Data) -> Sheet | None:
    """Numbers with which the outcome of the reference clearly goes."""
    main = answer["question"]["main"]
    own = kind(answer, main)
    rows = [
        Row(hinge["title"],
            (_middle(own, hinge["below"]), _middle(own, hinge["above"]),
             numbers.difference(own, hinge["difference"], hinge["low"], hinge["high"]), hinge["grade"]),
            (hinge["parameter"],))
        for hinge in answer["hinges"]["parameters"]
    ]  # fmt: skip
    columns = ("number", "lower half of its range", "upper half", "difference", "grade")
    return Sheet("Which numbers it hangs on", columns, tuple(rows)) if rows else None


def _middle(own: str, value: float | None) -> str:
    return numbers.share(value) if own == CHANCE else numbers.amount(value)


def hung(answer: Data) -> str:
    """How many numbers were looked at, and whether any stands out."""
    looked_at, found = answer["hinges"]["looked_at"], len(answer["hinges"]["parameters"])
    if not looked_at:
        return "Too few histories to look for numbers on which it hangs."
    if not found:
        return f"None of the {looked_at} numbers looked at stands out after correction for all of them (Holm)."
    return (
        f"Of {looked_at} numbers looked at, the outcome of the reference clearly goes with these, after correction "
        f"for all of them (Holm); an association over their ranges, not an effect of one alone."
    )


def counts(answer: Data) -> str:
    """How many claims and numbers there are, by quality and by grade."""
    rests = answer["rests_on"]
    if not rests["claims"] and not rests["parameters"]:
        return "No claims of the ledger and no numbers belong to these changes alone: no system is switched off."
    qualities = [claim["quality"] for claim in rests["claims"]]
    marks = ", ".join(f"{qualities.count(mark)} {mark}" for mark in QUALITY if mark in qualities)
    claims = narrative.count_words(len(qualities), "claim")
    grades = ", ".join(f"{grade}\N{NO-BREAK SPACE}{count}" for grade, count in rests["grades"].items())
    return (
        f"{claims[:1].upper()}{claims[1:]} of the ledger{f' ({marks})' if marks else ''} and "
        f"{narrative.count_words(len(rests['parameters']), 'number')}{f' (of grade {grades})' if grades else ''}."
    )


def rewriting(answer: Data) -> Sheet:
    """How far each arm departs from anything the reference shows."""
    rows = []
    for arm in answer["arms"]:
        found = arm["rewriting"]
        if not found["mark"]:
            rows.append(Row(arm["name"], ("", "", "", NOT_MEASURED)))
            continue
        far = f"{found['percentile']:.0f}", numbers.share(found["beyond"])
        rows.append(Row(arm["name"], (found["date"], *far, found["mark"]), (f"{found['words'].capitalize()}.",)))
    columns = ("arm", "first differs", "percentile", f"beyond {FAR:.0f} %", "mark")
    return Sheet("How far the rewriting goes", columns, tuple(rows))


def unmeasured(answer: Data) -> str:
    """Why an arm has no mark, where one has none."""
    return UNMEASURED if any(not arm["rewriting"]["mark"] for arm in answer["arms"]) else ""


def marks() -> str:
    """What the marks mean, with the percentiles at which they end."""
    return "; ".join(f"{mark} (to {most:.0f}) {WORDS[mark]}" for mark, most in MARKS.items())


def made(answer: Data, private: bool = True) -> list[tuple[str, str]]:
    """How the answer was made, as terms and their texts. private: with the folder on this machine."""
    of = answer["made"]
    folder = of["folder"] if private else "FOLDER"
    said = [
        ("Command", of["command"]),
        ("Date", of["date"]),
        ("Histories", f"{of['histories']:,} in {len(answer['keys'])} arms of the design"),
        ("Seeds", f"{of['first_seed']} to {of['last_seed']}"),
        ("Period", period(answer)),
        ("Model", of["model"]),
        ("Record", of["record"]),
        ("Made with", ", ".join(f"{name} {version}" for name, version in of["platform"].items())),
        ("Folder", of["folder"] if private else f"{Path(of['folder']).name}, in the folder of runs"),
        ("To cite it", f"partystate cite {shlex.quote(folder)}"),
    ]
    return [(term, text) for term, text in said if text]


def designed(answer: Data) -> Sheet:
    """The arms of the design with their histories and seeds."""
    rows = [
        Row(arm, (f"{len(of['seeds']):,}", f"{min(of['seeds'])} to {max(of['seeds'])}"))
        for arm, of in answer["keys"].items() if of["seeds"]
    ]  # fmt: skip
    return Sheet("Arms of the design", ("arm", "histories", "seeds"), tuple(rows))


def sources(answer: Data) -> dict[str, str]:
    """Key -> citation of every source behind the numbers."""
    found: dict[str, str] = {}
    for row in answer["rests_on"]["parameters"]:
        found |= row["sources"]
    return dict(sorted(found.items()))
