"""An answer: everything a question's histories show, as plain data, with sentences made from the numbers alone."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from partystate import record
from partystate.foundation import calendar
from partystate.runs import store
from partystate.runs.design import REFERENCE_ARM

from . import compare, grounds, measures, question
from .answer_words import in_arms, in_groups
from .attribution import Attribution
from .findings import Findings
from .plausibility import Rewriting, rewriting
from .question import Question

SHORT = 16


def answer(findings: Findings, made: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a question from its stored histories. made: how they were made (command, folder, versions).

    Numbers that are undefined and months that were not reached are None.
    """
    asked = findings.asked
    attributed = findings.attributed()
    rewritings = {name: rewriting(findings, name) for name in edited(asked)}
    hinges, looked_at = grounds.hinges(findings, asked.main)
    parameters = grounds.parameters(asked.systems, [*asked.parameters, *(hinge.parameter for hinge in hinges)])
    return plain(
        {
            "schema": store.SCHEMA,
            "question": _about(asked),
            "sentences": sentences(findings, attributed),
            "made": made,
            "reference": {name: _level(findings, name) for name in asked.outcomes},
            "arms": [_arm(findings, name, rewritings[name]) for name in edited(asked)],
            "attribution": _attribution(asked, attributed, findings),
            "together": _together(findings),
            "variance": _variance(findings),
            "orders": [{"people": order.people, "level": asdict(order.level)} for order in findings.orders()],
            "readings": [_reading(findings, name) for name in asked.readings],
            "hinges": {"parameters": [asdict(hinge) for hinge in hinges], "looked_at": looked_at},
            "rests_on": {
                "claims": grounds.claims(asked.systems),
                "parameters": parameters,
                "grades": grounds.grades(parameters),
            },
            "cannot_tell": list(cannot_tell(asked, parameters, rewritings)),
            "picture": _picture(findings),
            "keys": _keys(findings),
        }
    )


def plain(value: Any) -> Any:
    """Plain data for JSON; a number that is not finite becomes None."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def edited(asked: Question) -> list[str]:
    """The arms that are held against the reference; of an attribution, the one with every group off."""
    arms = [arm.name for arm in asked.arms]
    return [question.coalition(asked.attribution, frozenset()), *arms] if asked.attribution else arms


def title_of(asked: Question, arm: str) -> str:
    """What an arm changes, in words."""
    for one in asked.arms:
        if one.name == arm:
            return one.title
    return f"All of these off: {', '.join(title for title, _ in asked.attribution.players.values())}"


def _about(asked: Question) -> dict[str, Any]:
    known = record.load().questions[asked.id]
    return {
        "id": asked.id,
        "text": asked.text,
        "readings": known.readings,
        "asked_design": known.design,
        "main": asked.main,
        "until": calendar.label(asked.months - 1),
        "outcomes": {
            name: {"title": compare.title(name), "meaning": compare.DEFINITIONS.get(name, ""),
                   "contains_patronage": compare.patronage(name)}
            for name in asked.outcomes
        },
    }  # fmt: skip


def _level(findings: Findings, outcome: str) -> dict[str, Any]:
    effect = findings.level(outcome).effect
    return {"kind": effect.kind, "histories": effect.pairs, **asdict(effect.a)}


def _arm(findings: Findings, name: str, rewritten: Rewriting) -> dict[str, Any]:
    asked, stored = findings.asked, findings.stored
    names = findings.stored_arms(name)
    facts = [entry["facts"] for entry in stored.facts["arms"] if entry["arm"] in names]
    return {
        "name": name,
        "title": title_of(asked, name),
        "off": {system: meaning for one in facts for system, meaning in one["off"].items()},
        "turns": [one["scenario"]["declares"] for one in facts],
        "warnings": sorted({warning for one in facts for warning in one["warnings"]}),
        "effects": {outcome: findings.line(name, outcome).as_dict() for outcome in asked.outcomes},
        "rewriting": asdict(rewritten) | {"words": rewritten.words},
    }


def _attribution(asked: Question, found: Attribution | None, findings: Findings) -> dict[str, Any] | None:
    if found is None or asked.attribution is None:
        return None
    off = next(
        entry["facts"]["off"]
        for entry in findings.stored.facts["arms"]
        if entry["arm"] == question.coalition(asked.attribution, frozenset())
    )
    players = {}
    for name, (title, change) in asked.attribution.players.items():
        systems = change.get("systems", {}).get("off", [])
        means = " ".join(off[system] for system in systems) or _means(change)
        players[name] = {"title": title, "off": means}
    groups = asked.attribution
    return {"title": groups.title, "on": groups.outcome, "groups_off": players, **found.as_dict()}


def _means(change: Mapping[str, Any]) -> str:
    """What a change that switches no system off does, in words."""
    said = []
    if alike := change.get("founding", {}).get("alike"):
        said.append(f"The contenders of January 1922 do not differ in {' and '.join(alike)}.")
    if drivers := change.get("drivers"):
        said.append(f"These given series are held at zero: {', '.join(name.replace('_', ' ') for name in drivers)}.")
    return " ".join(said)


def _together(findings: Findings) -> list[dict[str, Any]]:
    main = findings.asked.main
    rows = findings.asked.together
    return [dict(row) | asdict(findings.together(row["whole"], row["parts"], main)) for row in rows]


def _variance(findings: Findings) -> list[dict[str, Any]]:
    asked = findings.asked.decompose
    if asked is None:
        return []
    return [
        {"factor": factor, "arm": arm, "outcome": asked["outcome"]}
        | asdict(findings.variance_share(arm, asked["outcome"]))
        for factor, arm in asked["arms"].items()
    ]


def _reading(findings: Findings, name: str) -> dict[str, Any]:
    asked, reading = findings.asked, record.load().readings[name]
    line = findings.line(asked.under, asked.main, name)
    return {
        "reading": name,
        "title": reading.title,
        "carried": reading.carried,
        "basis": reading.basis,
        "arm": asked.under,
        "histories": line.effect.pairs,
        "effect": line.as_dict(),
    }


def _picture(findings: Findings) -> dict[str, Any]:
    """Bands of one series in the reference and in the arm that the readings look at, for a chart."""
    asked = findings.asked
    name = measures.SHOWN.get(asked.main, measures.SHOWN_OTHERWISE)
    arms = dict.fromkeys([REFERENCE_ARM, asked.under or edited(asked)[0]])
    return {"series": name, "arms": {arm: findings.band(name, arm) for arm in arms}}


def _keys(findings: Findings) -> dict[str, Any]:
    """Run keys by arm, shortened as in the names of run folders; the folder's `ensemble.json` has them in full."""
    arms = findings.stored.facts["arms"]
    return {arm["arm"]: {"seeds": arm["seeds"], "keys": [key[:SHORT] for key in arm["keys"]]} for arm in arms}


def sentences(findings: Findings, attributed: Attribution | None) -> list[str]:
    """The answer in two sentences."""
    asked = findings.asked
    if attributed is not None and asked.attribution is not None:
        whole = findings.line(edited(asked)[0], asked.attribution.outcome)
        return in_groups(asked.attribution, attributed, whole.effect)
    lines = {name: findings.line(name, asked.main) for name in edited(asked)}
    return in_arms(asked.main, findings.level(asked.main), {title_of(asked, n): line for n, line in lines.items()})


def cannot_tell(
    asked: Question, parameters: list[dict[str, Any]], rewritings: Mapping[str, Rewriting]
) -> Iterable[str]:
    """What the answer leaves open, from the design and from what was found."""
    known = record.load()
    yield from asked.limits
    if asked.forced:
        yield asked.forced
    if asked.waits:
        names = ", ".join(f"{system} {known.systems[system].name}" for system in asked.waits)
        yield f"Systems that belong to the question are not built yet: {names}."
    priors = sum(row["grade"] == "P" for row in parameters)
    if priors:
        yield f"{priors} of the {len(parameters)} numbers behind these rules are priors of the project."
    far = [name for name, found in rewritings.items() if found.mark == "D"]
    if far:
        yield f"Far from anything the reference shows, so that only the rules speak: {', '.join(far)}."
    yield (
        "Intervals are of chance in drawing histories and numbers from their ranges. A share of histories is no "
        "frequency of anything that could be observed, and none of this says whether the rules are right."
    )
