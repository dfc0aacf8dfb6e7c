"""What a run rests on: its mechanisms with their claims and parameters, and every source that is cited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from partystate.analysis.against_record import Comparison
from partystate.analysis.history import History

from . import svg


@dataclass(frozen=True)
class Assumption:
    """One parameter as this run used it."""

    key: str
    title: str
    unit: str
    value: str
    range: str
    layer: str
    grade: str
    sources: tuple[str, ...]
    note: str
    outside: bool


@dataclass(frozen=True)
class Group:
    """A mechanism: what it claims, the systems it carries, and its parameters."""

    name: str
    claim: str
    systems: tuple[str, ...]
    sources: tuple[str, ...]
    parameters: tuple[Assumption, ...]


@dataclass(frozen=True)
class Cited:
    """A source; `link` is set only where it was opened at a web address."""

    key: str
    citation: str
    opened: str
    link: str


def assumptions(history: History) -> list[Group]:
    """Mechanisms in alphabetical order with the parameters of this run; parameters of no mechanism come last."""
    from partystate.model import catalogue

    lines = {key: _assumption(history, key, used) for key, used in sorted(history.manifest["parameters"].items())}
    groups, used = [], set()
    for name, kind in sorted(catalogue.mechanisms().items()):
        own = tuple(lines[key] for key in kind.parameters if key in lines)
        used |= set(kind.parameters)
        groups.append(Group(name, kind.claim, tuple(kind.systems), tuple(kind.sources), own))
    rest = tuple(line for key, line in lines.items() if key not in used)
    if rest:
        groups.append(Group("founding", "What stood in January 1922, where it is not known exactly.", (), (), rest))
    return groups


def _assumption(history: History, key: str, used: Mapping[str, Any]) -> Assumption:
    known = history.known.parameters.get(key)
    low, high, drawn = used["low"], used["high"], used["drawn"]
    return Assumption(
        key,
        known.title if known else key,
        known.unit if known else "",
        svg.number(drawn),
        "fixed" if low == high else f"{svg.number(low)} to {svg.number(high)}, {used['distribution']}",
        used["layer"],
        known.grade if known else "",
        known.source if known else (),
        known.note if known else "",
        bool(known) and not known.low <= drawn <= known.high,
    )


def sources_cited(history: History, comparison: Comparison, groups: Sequence[Group]) -> list[Cited]:
    """Every source behind a figure, a date, a mechanism or a parameter on the page, in alphabetical order."""
    keys = {row.source for row in comparison.rows} | {r.source for r in comparison.removals if r.source}
    for group in groups:
        keys |= set(group.sources)
        keys |= {source for line in group.parameters for source in line.sources}
    known = history.known.sources
    return [_cited(known[key]) for key in sorted(keys) if key in known]


def _cited(source) -> Cited:
    opened = source.where_opened or ""
    link = opened if opened.startswith(("https://", "http://")) and " " not in opened else ""
    return Cited(source.key, source.citation, opened, link)
