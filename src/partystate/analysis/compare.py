"""Two ensembles beside each other, history by history: what B changed against A under the same seeds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from partystate.foundation import calendar
from partystate.foundation.problems import Fault, Problem, did_you_mean, problem
from partystate.runs.design import REFERENCE_ARM
from partystate.runs.ensemble import Ensemble
from partystate.runs.parts import Part

from . import effects, measures, outcomes, rural_outcomes
from .effects import Effect

# Names of outcomes by kind; all others are quantities.
DATES = ("removed.", "censured.", "lost_", *measures.DATES)
CHANCES = (*outcomes.CHANCES, *rural_outcomes.CHANCES, *measures.CHANCES, "last_standing.")
DEFINITIONS = {**outcomes.DEFINITIONS, **measures.DEFINITIONS, **rural_outcomes.DEFINITIONS}
TITLES = {
    "removed": "out of the Politburo",
    "censured": "censured",
    "first": "the first to be censured",
    "lost_secretariat": "Loses the Secretariat",
    "last_standing": "in the Politburo in December 1929 with four or more others out",
}
PATRONAGE = "Patronage"
SAME = "the same histories in both, bit for bit"


@dataclass(frozen=True)
class Line:
    """One outcome compared. `contains_patronage` warns that the outcome holds what the Secretariat hands out."""

    name: str
    title: str
    meaning: str
    effect: Effect
    contains_patronage: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Plain data, with what can be worked out from the rest."""
        effect = self.effect
        derived = {"changed": effect.changed, "flips": effect.flips, "clear": effect.clear}
        about = {name: getattr(self, name) for name in ("name", "title", "meaning", "contains_patronage")}
        return about | asdict(effect) | derived | {"method": method(effect)}


@dataclass(frozen=True)
class Side:
    """One of the two ensembles: its runs by seed, and what it says of itself."""

    name: str
    parts: Mapping[int, Part]
    facts: Mapping[str, Any]
    design: Mapping[str, Any]

    @classmethod
    def of(cls, ensemble: Ensemble, arm: str = REFERENCE_ARM) -> Side:
        """An arm of a stored ensemble. Raises Problem: exit 2 for an unknown arm, 3 for a damaged part."""
        parts = {part.seed: part for part in ensemble.parts(arm)}
        facts = next(entry["facts"] for entry in ensemble.facts["arms"] if entry["arm"] == arm)
        return cls(str(ensemble.folder), parts, facts, ensemble.facts)

    @property
    def scale(self) -> int | None:
        return self.facts["recipe"]["scale"]


@dataclass(frozen=True)
class Comparison:
    """B against A. seeds: those in both. notes: what a reader must know before the numbers."""

    a: Side
    b: Side
    seeds: tuple[int, ...]
    same: int
    lines: tuple[Line, ...]
    notes: tuple[str, ...]

    def line(self, name: str) -> Line:
        """The line of an outcome; KeyError when it was not compared."""
        for line in self.lines:
            if line.name == name:
                return line
        raise KeyError(name)


def compare(a: Side, b: Side, series: Sequence[str] = (), window: tuple[int, int] | None = None) -> Comparison:
    """Every outcome that both have, and the mean of each of `series` over the months of `window` (first, last).

    Raises Problem (exit 2) when the two cannot be paired, or when neither has a series that is asked for.
    """
    check(a, b)
    seeds = sorted(a.parts.keys() & b.parts.keys())
    pairs = [(a.parts[seed], b.parts[seed]) for seed in seeds]
    same = sum(one.fingerprint == other.fingerprint for one, other in pairs)
    lines = outcome_lines(pairs)
    if series:
        lines += series_lines(pairs, series, window or (0, a.design["months"] - 1))
    if same == len(pairs):
        lines = [replace(line, effect=nothing(line.effect)) for line in lines]
    return Comparison(a, b, tuple(seeds), same, tuple(lines), tuple(notes(a, b, len(seeds), same)))


def check(a: Side, b: Side) -> None:
    """Raises Problem (exit 2), with every reason why two ensembles cannot be paired."""
    where = f"{a.name} and {b.name}"
    told = {
        "months": (f"{side.design['months']} months" for side in (a, b)),
        "scale": (f"--scale {side.scale or 'sample'}" for side in (a, b)),
        "sectors": (", ".join(side.facts["sectors"]) for side in (a, b)),
    }
    do = "Make one of them again with the settings of the other."
    faults = []
    for key, (one, other) in told.items():
        if one != other:
            faults.append(Fault(where, key, f"the same {key} in both", f"{one} and {other}", do))
    if not a.parts.keys() & b.parts.keys():
        hint = "Make one of them with --first-seed as the other."
        faults.append(Fault(where, "seeds", "seeds in common", f"{_span(a)} and {_span(b)}", hint))
    if faults:
        raise Problem(faults)


def _span(side: Side) -> str:
    return f"{min(side.parts)} to {max(side.parts)}" if side.parts else "no runs"


def notes(a: Side, b: Side, pairs: int, same: int) -> Iterable[str]:
    """What limits a comparison: runs without a partner, other versions, histories that did not differ."""
    for side in (a, b):
        if alone := len(side.parts) - pairs:
            yield f"{alone} runs of {side.name} have no partner with the same seed and are left out."
    for part in ("model", "record"):
        if a.design[part] != b.design[part]:
            yield f"The two were made by different versions of the {part}: differences may come from that."
    if same == pairs:
        yield f"All pairs are {SAME}: every difference is exactly zero."
    elif same:
        yield f"{same} of {pairs} pairs are {SAME}."


def outcome_lines(pairs: Sequence[tuple[Part, Part]]) -> list[Line]:
    """The outcomes measured in every run of both, in the order in which they are defined."""
    names = set.intersection(*({*part.outcomes} for pair in pairs for part in pair))
    names = {name for name in names if not name.startswith(measures.STATE)}
    order = list(DEFINITIONS)
    ordered = sorted(names, key=lambda name: (order.index(name) if name in order else len(order), name))
    span = pairs[0][0].months
    return [line(name, *(_values(pairs, side, name) for side in (0, 1)), span) for name in ordered]


def line(name: str, a: np.ndarray, b: np.ndarray, span: int) -> Line:
    """One outcome compared. a, b: (runs,) of the same seeds, NaN where undefined; span: months of the runs."""
    if name.startswith(CHANCES):
        effect = effects.chance(a, b)
    elif name.startswith(DATES):
        effect = effects.date(a, b, span)
    else:
        effect = effects.quantity(a, b)
    return Line(name, title(name), DEFINITIONS.get(name, ""), effect, patronage(name))


def title(name: str) -> str:
    """An outcome in words: `Trotsky out of the Politburo`."""
    kind, _, person = name.partition(".")
    if kind == "mean":
        return f"{person}, over the run"
    if kind in TITLES and person:
        return f"{person} {TITLES[kind]}"
    return (
        outcomes.TITLES.get(name)
        or rural_outcomes.TITLES.get(name)
        or measures.TITLES.get(name)
        or TITLES.get(name)
        or name.replace("_", " ")
    )


def patronage(name: str) -> bool:
    """Whether an outcome contains what the Secretariat hands out."""
    return DEFINITIONS.get(name, "").startswith(PATRONAGE) or "client" in name


def _values(pairs: Sequence[tuple[Part, Part]], side: int, name: str) -> np.ndarray:
    found = (pair[side].outcomes[name] for pair in pairs)
    return np.array([np.nan if value is None else value for value in found], dtype=np.float64)


def series_lines(pairs: Sequence[tuple[Part, Part]], names: Sequence[str], window: tuple[int, int]) -> list[Line]:
    """The mean of each national series over a window of months, both ends included, as a quantity."""
    first, last = window
    a, b = (means([pair[side] for pair in pairs], names, first, last) for side in (0, 1))
    for name in names:
        if np.isnan(a[name]).all() and np.isnan(b[name]).all():
            stored = {row for part in pairs[0] for row in part.table().column("series").to_pylist()}
            raise problem("--series", name, "a series with values in these months", "none", did_you_mean(name, stored))
    months = f"mean of {calendar.label(first)} to {calendar.label(last)}"
    return [
        Line(f"series.{name}", f"{name}, {months}", f"{months}, over the months with a value",
             effects.quantity(a[name], b[name]), patronage(name))
        for name in names
    ]  # fmt: skip


def means(parts: Sequence[Part], names: Sequence[str], first: int, last: int) -> dict[str, np.ndarray]:
    """Series -> its mean in each run (runs,) over months first … last; NaN where it has no value in them."""
    months = {calendar.label(month) for month in range(first, last + 1)}
    found = {name: np.full(len(parts), np.nan) for name in names}
    for row, part in enumerate(parts):
        table = part.table([("series", "in", list(names))]).to_pydict()
        gathered: dict[str, list[float]] = {}
        for name, month, region, value in zip(*(table[k] for k in ("series", "month", "region", "value")), strict=True):
            if region is None and month in months:
                gathered.setdefault(name, []).append(value)
        for name, values in gathered.items():
            found[name][row] = np.mean(values)
    return found


def nothing(effect: Effect) -> Effect:
    """The effect of a change that changed no history: exactly zero, and known to be; undefined stays undefined."""
    if not effect.pairs:
        return effect
    return replace(effect, difference=0.0, low=0.0, high=0.0, median_difference=0.0, same_histories=True)


def method(effect: Effect) -> str:
    """How the interval was made, in words."""
    return SAME if effect.same_histories else effects.METHODS[effect.kind]


def differing(a: Side, b: Side) -> list[str]:
    """What sets B apart from A, in words."""
    found = []
    for side, other in ((a, b), (b, a)):
        found += [
            f"{side.name}: without {system}: {meaning}"
            for system, meaning in side.facts["off"].items()
            if system not in other.facts["off"]
        ]
    for side in (a, b):
        declared = {**side.facts["scenario"]["declares"]}
        rest = {key: value for key, value in declared.items() if key not in ("systems", "title", "question", "expect")}
        if rest and a.facts["scenario"]["declares"] != b.facts["scenario"]["declares"]:
            found.append(f"{side.name}: {rest}")
        if side.facts["recipe"]["overrides"] and a.facts["recipe"]["overrides"] != b.facts["recipe"]["overrides"]:
            found.append(f"{side.name}: set on the command line: {dict(side.facts['recipe']['overrides'])}")
    return found
