"""Why an event happened in a run: its causes, the votes with each voter's reasons, and the claims they rest on.

The chronicle is a graph: each event names the events, or the readings, that it came from. `explain` walks it backwards
and returns a tree. A cause that two events share is told once and referred to afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from partystate.foundation import calendar
from partystate.foundation.problems import nearest, problem
from partystate.model.chronicle import Event

from .history import History, Rollcall

# What a reader most wants explained comes first.
ORDER = (
    ("sanction",),
    ("testament",),
    ("famine",),
    ("election",),
    ("recantation",),
    ("lever", "death"),
    ("meeting", "coalition"),
    ("dissent",),
    ("motion", "vote"),
    ("purge", "enrolment", "organisation", "cult"),
    ("directive", "issue", "driver"),
    ("appointment",),
)
WEIGHT = {kind: place for place, kinds in enumerate(ORDER) for kind in kinds}
SAID = frozenset({"forum", "issue", "carried", "office", "replace", "for", "against", "rung"})
CAUTIONS = {
    "famine": (
        "The model does not establish how many died of hunger, nor when: level and timing swing widely with "
        "assumptions for which no figure was found. The chain says how hunger comes about in the model."
    ),
}
# What was reported, and the series of the run that says how it was: of the calendar year, or of the month.
IN_TRUTH = {
    "harvest as reported": ("grain_harvest_dw", "the harvest of the year came to {} million t"),
    "hungry as reported": ("village_hungry_share", "{} percent were hungry"),
}
DEPTH = 6  # causes of causes of causes; deeper than this a chain is read by asking about its last event


@dataclass(frozen=True)
class Reading:
    """A cause that is a state of affairs: the value of a series or of a signal at that time, as it was written down.

    `truth`: for what was reported, how it was in this run, in words.
    """

    name: str
    value: str
    title: str = ""
    unit: str = ""
    truth: str = ""


@dataclass(frozen=True)
class Claim:
    """What the mechanism behind an event asserts, and whose work and figures it rests on."""

    mechanism: str
    text: str
    sources: tuple[tuple[str, str], ...] = ()  # (key, citation)


@dataclass(frozen=True)
class Cause:
    """A node of the tree: an event or a reading, with what lies behind it. `told`: its causes stand further up."""

    event: Event | None = None
    reading: Reading | None = None
    rollcall: Rollcall | None = None
    causes: tuple[Cause, ...] = ()
    told: bool = False
    deeper: bool = False  # has causes beyond the depth asked for


@dataclass(frozen=True)
class Explanation:
    """The answer to "why?" (`root`, `claims`), or, when nothing was asked, the events to choose from."""

    run: str
    root: Cause | None = None
    claims: tuple[Claim, ...] = ()
    choices: tuple[Event, ...] = ()
    cautions: tuple[str, ...] = ()

    def text(self, say: Callable[[Event], str] | None = None, limit: int = 40) -> str:
        """The chain as indented lines; `say` words an event (its title when left out)."""
        say = say or (lambda event: event.title)
        if self.root is None:
            return "\n".join(_list_of(self.choices, say, limit))
        told = [line for words in self.cautions for line in ("", f"Caution: {words}")]
        return "\n".join([*_lines(self.root, say, 0), *told, "", *_claim_lines(self.claims)])

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        if self.root is None:
            return {"run": self.run, "events": [_event_data(event) for event in self.choices]}
        claims = [
            {
                "mechanism": c.mechanism,
                "claim": c.text,
                "sources": [{"key": key, "citation": citation} for key, citation in c.sources],
            }
            for c in self.claims
        ]
        return {"run": self.run, "why": _cause_data(self.root), "claims": claims, "cautions": list(self.cautions)}


def explain(run_dir: Path | str, event_id: str | None = None, depth: int = DEPTH) -> Explanation:
    """Why `event_id` happened in the run stored in `run_dir`; without an id, the events one can ask about."""
    return explain_in(History.open(run_dir), event_id, depth)


def explain_in(history: History, event_id: str | None = None, depth: int = DEPTH) -> Explanation:
    """`explain` on a run already read."""
    name = history.name
    if event_id is None:
        return Explanation(name, choices=ranked(tuple(_named(history, event) for event in history.events)))
    if event_id not in history.event:
        raise unknown_event(history, event_id)
    root = cause(history, event_id, depth)
    events = [node.event for node in walk(root) if node.event]
    mechanisms = dict.fromkeys(event.mechanism for event in events)
    cautions = tuple(CAUTIONS[kind] for kind in dict.fromkeys(event.kind for event in events) if kind in CAUTIONS)
    claims = tuple(claim_of(mechanism, history.known) for mechanism in mechanisms)
    return Explanation(name, root, claims, cautions=cautions)


def unknown_event(history: History, event_id: str):
    near = nearest(event_id, history.event, 5)
    do = f"Nearest: {', '.join(near)}. " if near else ""
    return problem(
        f"{history.name}/chronicle.parquet",
        "event",
        "the id of an event of this run",
        event_id,
        f"{do}`partystate why {history.name}` lists them all.",
    )


def ranked(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """Events in order of what a reader most wants explained, then of time."""
    return tuple(sorted(events, key=lambda event: (WEIGHT.get(event.kind, 20), event.month, event.id)))


def cause(history: History, event_id: str, depth: int = DEPTH, told: set[str] | None = None) -> Cause:
    """The tree below an event, to `depth` levels."""
    told = set() if told is None else told
    event = _named(history, history.event[event_id])
    rollcall = history.rollcalls.get(event_id)
    if event_id in told:
        return Cause(event, told=True)
    if depth == 0:
        return Cause(event, rollcall=rollcall, deeper=bool(event.because))
    told.add(event_id)
    below = tuple(_behind(history, event, name, depth - 1, told) for name in event.because)
    return Cause(event, rollcall=rollcall, causes=below)


def _behind(history: History, event: Event, name: str, depth: int, told: set[str]) -> Cause:
    if name in history.event:
        return cause(history, name, depth, told)
    reading = reading_of(name, history.known)
    return Cause(reading=replace(reading, truth=in_truth(history, event, reading)))


def _named(history: History, event: Event) -> Event:
    """The event with the name of its region in its title, where the title has the region's id."""
    region = history.known.regions.get(event.place) if event.place else None
    return replace(event, title=event.title.replace(event.place or "", region.name)) if region else event


def in_truth(history: History, event: Event, reading: Reading) -> str:
    """How it was in this run, for a reading that was a report; empty where it was none or the run does not say."""
    series, words = IN_TRUTH.get(reading.name.partition(", ")[0], ("", ""))
    if not series or not history.has(series):
        return ""
    first = event.month - calendar.month_of_year(event.month) + 1
    values = history.series(series)
    year, now = values[first : first + calendar.MONTHS_PER_YEAR], values[event.month : event.month + 1]
    known = next((span[np.isfinite(span)] for span in (now, year) if np.isfinite(span).any()), ())
    return words.format(value_words(float(known[-1]))) if len(known) else ""


def reading_of(text: str, known: Any) -> Reading:
    """``scissors_ratio=2.94`` as a Reading, with title and unit where the record knows the series or driver.

    What the record does not know may say its unit after a comma: ``relief this month, kg a person=0.3``.
    """
    name, _, shown = text.partition("=")
    about = known.series.get(name) or known.drivers.get(name)
    unit = about.unit if about else name.partition(", ")[2]
    return Reading(name, shown, about.title if about else "", unit)


def claim_of(mechanism: str, known: Any) -> Claim:
    """The claim of a mechanism, with the sources it names and those of its parameters."""
    from partystate.model import catalogue

    kind = catalogue.mechanisms().get(mechanism)
    if kind is None:
        return Claim(mechanism, "This mechanism is not part of the installed package, so its claim cannot be shown.")
    keys = [
        *kind.sources,
        *(s for key in kind.parameters if key in known.parameters for s in known.parameters[key].source),
    ]
    cited = tuple((key, known.sources[key].citation) for key in dict.fromkeys(keys) if key in known.sources)
    return Claim(mechanism, kind.claim, cited)


def walk(node: Cause) -> Iterator[Cause]:
    """The node and everything below it."""
    yield node
    for below in node.causes:
        yield from walk(below)


def tally(rollcall: Rollcall) -> str:
    """``5 for, 2 against, 1 abstaining in the Politburo``."""
    parts = [f"{rollcall.count(1)} for", f"{rollcall.count(-1)} against"]
    if rollcall.count(0):
        parts.append(f"{rollcall.count(0)} abstaining")
    return f"{', '.join(parts)} in the {rollcall.forum}"


def reasons_text(reasons: dict[str, float], most: int = 4) -> str:
    """The terms of a vote, the weightiest first: ``loyalty to patron +0.31, distance of policy −0.12``."""
    heavy = sorted(reasons.items(), key=lambda item: -abs(item[1]))[:most]
    return ", ".join(f"{term.replace('_', ' ')} {value:+.2f}".replace("-", "−") for term, value in heavy)


VOTES = {1: "for", 0: "abstained", -1: "against"}


def _lines(node: Cause, say: Callable[[Event], str], level: int) -> Iterator[str]:
    indent = "   " * level
    lead = indent + ("because " if level else "")
    if node.reading:
        yield f"{lead}{reading_words(node.reading)}"
        return
    event = node.event
    yield f"{lead}{calendar.label(event.month)}  {say(event)}" + ("  (told above)" if node.told else "")
    inner = indent + ("        " if level else "   ")
    shown = figures(event)
    if shown and not node.told:
        yield f"{inner}figures: {shown}"
    if node.rollcall:
        yield f"{inner}votes: {tally(node.rollcall)}"
        for ballot in node.rollcall.ballots:
            why = reasons_text(ballot.reasons)
            yield f"{inner}   {ballot.voter}: {VOTES[ballot.vote]}" + (f" ({why})" if why else "")
    if node.deeper:
        yield f"{inner}this has causes of its own: ask about {event.id}"
    for below in node.causes:
        yield from _lines(below, say, level + 1)


def figures(event: Event) -> str:
    """The numbers of an event in words, without those that its sentence says already."""
    return ", ".join(f"{key.replace('_', ' ')} {value_words(v)}" for key, v in event.numbers.items() if key not in SAID)


def value_words(value: float | str | None) -> str:
    """A figure to three digits; whole numbers in full."""
    if value is None or isinstance(value, str):
        return value or "not given"
    shown = f"{value:,.0f}" if value == int(value) else f"{value:,.3g}"
    return shown.replace("-", "−")


def reading_words(reading: Reading) -> str:
    title = reading.title or reading.name.partition(", ")[0].replace("_", " ").replace(".", ", ")
    unit = f" {reading.unit}" if reading.unit and reading.unit not in ("ratio", "index") else ""
    try:
        value = value_words(float(reading.value))
    except ValueError:
        value = reading.value
    return f"{title} stood at {value}{unit}" + (f"; in this run {reading.truth}" if reading.truth else "")


def _claim_lines(claims: tuple[Claim, ...]) -> Iterator[str]:
    yield "What this rests on"
    for claim in claims:
        yield f"   {claim.mechanism}: {claim.text}"
        yield from (f"      [{key}] {citation}" for key, citation in claim.sources)


def _list_of(events: tuple[Event, ...], say: Callable[[Event], str], limit: int) -> Iterator[str]:
    width = max((len(event.id) for event in events[:limit]), default=0)
    for event in events[:limit]:
        yield f"{event.id:<{width}}  {say(event)}"
    if len(events) > limit:
        yield f"… and {len(events) - limit} more; --json lists all."


def _event_data(event: Event) -> dict[str, Any]:
    return {
        "id": event.id, "month": calendar.label(event.month), "kind": event.kind, "title": event.title,
        "actors": list(event.actors), "place": event.place, "numbers": dict(event.numbers),
        "because": list(event.because), "mechanism": event.mechanism,
    }  # fmt: skip


def _cause_data(node: Cause) -> dict[str, Any]:
    if node.reading:
        return {
            "reading": node.reading.name,
            "value": node.reading.value,
            "title": node.reading.title,
            "unit": node.reading.unit,
        } | ({"truth": node.reading.truth} if node.reading.truth else {})
    data = _event_data(node.event)
    if node.told:
        return {"id": data["id"], "told": True}
    if node.rollcall:
        data["votes"] = [{"voter": b.voter, "vote": b.vote, "reasons": dict(b.reasons)} for b in node.rollcall.ballots]
    data["causes"] = [_cause_data(below) for below in node.causes]
    data["deeper"] = node.deeper
    return data
