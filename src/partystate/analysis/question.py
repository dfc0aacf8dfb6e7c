"""A question with the design that answers it: `questions/ID.toml`, written down before its results were seen.

main = "leads"                       # the outcome that the answer begins with
outcomes = ["leads", "rivals_out"]   # all that are shown
until = "1930-01"
about = ["S11"]                      # systems that it asks about without switching them off

[[arms]]                             # one change of the reference history, in the words of a scenario file
name = "no ban"
title = "No ban on factions (S03 off)"
systems.off = ["S03"]

[[rotations]]                        # changes taken in turn, seed by seed, and counted as one arm
[attribution]                        # groups that are switched off in every combination or in sampled orders
[[together]]                         # an arm that joins others: what it does beyond their sum
[decompose]                          # arms as factors: the share of variance that goes with each
[under]                              # the arm that is run again under rival readings
[limits]                             # what this design cannot tell
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from partystate import record
from partystate.foundation import calendar
from partystate.foundation.problems import Fault, Problem, did_you_mean, problem
from partystate.runs import design
from partystate.runs.design import ALL, REFERENCE_ARM, Design
from partystate.runs.recipe import Recipe

FOLDER = Path(__file__).with_name("questions")
FIRST_SEED = 200_000
RUNS = 1000
EXACT = 2  # groups up to which every coalition is run on every seed
READING_SHARE, READING_LEAST = 0.15, 20  # of the histories of an arm that are run again under each reading
KEYS = (
    "main", "outcomes", "until", "arms", "rotations", "attribution", "together", "decompose", "under", "limits",
    "orders", "waits", "forced", "about",
)  # fmt: skip
ABOUT = ("name", "title")

Change = Mapping[str, Any]  # what a scenario file says, as plain data


@dataclass(frozen=True)
class Arm:
    """A change of the reference, or several that are taken in turn."""

    name: str
    title: str
    turns: tuple[Change, ...]


@dataclass(frozen=True)
class Groups:
    """Groups to which the effect on `outcome` is attributed: name -> (title, the change that switches it off).

    walks: share of the seeds that walk an order of joining, where not every coalition is run; all on and all off are
    run on every seed.
    """

    outcome: str
    title: str
    players: Mapping[str, tuple[str, Change]]
    walks: float = 1.0

    def walkers(self, seeds: Sequence[int]) -> Sequence[int]:
        """The seeds that walk an order of joining."""
        return seeds[: max(1, round(self.walks * len(seeds)))]


@dataclass(frozen=True)
class Question:
    """What a question file says; `text` is the question itself, `source` the file."""

    id: str
    text: str
    main: str
    outcomes: tuple[str, ...]
    months: int
    arms: tuple[Arm, ...]
    attribution: Groups | None = None
    together: tuple[Mapping[str, Any], ...] = ()
    decompose: Mapping[str, Any] | None = None
    under: str = ""
    readings: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    waits: tuple[str, ...] = ()
    forced: str = ""
    about: tuple[str, ...] = ()
    source: str = field(default="", repr=False)

    def arm(self, name: str) -> Arm:
        return next(arm for arm in self.arms if arm.name == name)

    @property
    def systems(self) -> tuple[str, ...]:
        """Every system that some arm switches off, and those the question says it is about."""
        changes = self.changes
        off = {system for change in changes for system in change.get("systems", {}).get("off", ())}
        off |= {s for change in changes for lever in change.get("levers", ()) for s in lever.get("systems_off", ())}
        return tuple(sorted({*off, *self.about}))

    @property
    def parameters(self) -> tuple[str, ...]:
        """Every parameter that some arm sets."""
        return tuple(sorted({key for change in self.changes for key in change.get("parameters", {})}))

    @property
    def changes(self) -> list[Change]:
        """What the arms change, one by one."""
        off = [change for _, change in self.attribution.players.values()] if self.attribution else []
        return [*(turn for arm in self.arms for turn in arm.turns), *off]


def ids() -> list[str]:
    """The questions that have a design."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


@lru_cache(maxsize=64)
def load(name: str) -> Question:
    """A question by its id. Raises Problem: exit 2 for an unknown one, or one whose sectors are not built."""
    known = record.load().questions
    if name not in known:
        hint = did_you_mean(name, known) or "`partystate ask` lists them."
        raise problem("QUESTION", name, f"a question, {min(known)} to {max(known)}", name, hint)
    if name not in ids():
        waits = ", ".join(waiting(name))
        raise problem("QUESTION", name, "a question that the built sectors can answer", f"one that waits for {waits}")
    return parse(name, (FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def waiting(name: str) -> list[str]:
    """The systems that a question needs and no mechanism carries, by id and name."""
    from partystate.model import catalogue

    known, built = record.load(), set(catalogue.systems())
    needed = known.questions[name].needs
    return [f"{system} {known.systems[system].name}" for system in needed if system not in built]


def parse(name: str, text: str) -> Question:
    """A question from the text of its file. Raises Problem (exit 3) with every fault."""
    where = f"questions/{name}.toml"
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise problem(where, "file", "valid TOML", str(error), exit_code=3) from None
    faults = [
        Fault(where, key, f"one of {', '.join(KEYS)}", key, did_you_mean(key, KEYS)) for key in data if key not in KEYS
    ]
    faults += [Fault(where, key, "an entry", "nothing") for key in ("main", "outcomes", "until") if key not in data]
    if faults:
        raise Problem(faults, 3)
    question = Question(
        id=name,
        text=record.load().questions[name].question,
        main=data["main"],
        outcomes=tuple(data["outcomes"]),
        months=calendar.index(data["until"]),
        arms=(*map(_arm, data.get("arms", ())), *map(_rotation, data.get("rotations", ()))),
        attribution=_groups(data["attribution"]) if "attribution" in data else None,
        together=tuple(data.get("together", ())),
        decompose=data.get("decompose"),
        under=data.get("under", {}).get("arm", ""),
        readings=tuple(data.get("under", {}).get("readings", ())),
        limits=tuple(data.get("limits", {}).get("texts", ())),
        orders=tuple(data.get("orders", ())),
        waits=tuple(data.get("waits", ())),
        forced=data.get("forced", ""),
        about=tuple(data.get("about", ())),
        source=text,
    )
    _check(question, where)
    return question


def _check(question: Question, where: str) -> None:
    names = {arm.name for arm in question.arms}
    if question.attribution:
        names |= {coalition(question.attribution, frozenset())}
    named = [question.under] if question.under else []
    named += [name for row in question.together for name in (row["whole"], *row["parts"])]
    named += [*question.decompose["arms"].values()] if question.decompose else []
    faults = [Fault(where, "arm", "the name of an arm", name, did_you_mean(name, names)) for name in named]
    faults = [fault for fault in faults if fault.came not in names]
    if question.main not in question.outcomes:
        faults.append(Fault(where, "main", "one of outcomes", question.main))
    if faults:
        raise Problem(faults, 3)


def _arm(row: Mapping[str, Any]) -> Arm:
    return Arm(row["name"], row["title"], ({key: value for key, value in row.items() if key not in ABOUT},))


def _rotation(row: Mapping[str, Any]) -> Arm:
    return Arm(row["name"], row["title"], tuple(row["turns"]))


def _groups(data: Mapping[str, Any]) -> Groups:
    players = {name: (row["title"], _arm({"name": name} | row).turns[0]) for name, row in data["players"].items()}
    return Groups(data["outcome"], data["title"], players, data.get("walks", 1.0))


# The design -------------------------------------------------------------------------------------------------------


def laid_out(question: Question, runs: int = RUNS, first_seed: int = FIRST_SEED) -> Design:
    """Every arm of a question, on the same seeds. Raises Problem for numbers that are none, or names that are unknown.

    A rotation has an arm for each turn, on every n-th seed. Of an attribution, groups up to two are run in every
    coalition; of more, seeds walk one order of joining each (see `attribution.orders`).
    """
    seeds = design.seed_range(runs, first_seed)
    arms = [design.Arm(REFERENCE_ARM, recipe(question), seeds)]
    for arm in question.arms:
        arms += _turned(question, arm, seeds, {})
    arms += _coalitions(question, seeds)
    few = seeds[: readings_runs(runs)]
    for reading in question.readings:
        arms.append(design.Arm(under(reading, REFERENCE_ARM), recipe(question, {"reading": reading}), few))
        arms += [
            design.Arm(under(reading, arm.name), arm.recipe, arm.seeds)
            for arm in _changed(question, few, {"reading": reading})
        ]
    return design.of(arm for arm in arms if len(arm.seeds))


def readings_runs(runs: int) -> int:
    """How many histories of an arm are run again under each reading."""
    return min(runs, max(READING_LEAST, round(runs * READING_SHARE)))


def under(reading: str, arm: str) -> str:
    """The name of an arm under a reading."""
    return f"{reading}: {arm}"


def _changed(question: Question, seeds: Sequence[int], more: Change) -> list[design.Arm]:
    """The arm that is run again under readings."""
    if question.under in {arm.name for arm in question.arms}:
        return _turned(question, question.arm(question.under), seeds, more)
    everything = [change for _, change in question.attribution.players.values()] if question.attribution else []
    return [design.Arm(question.under, recipe(question, *everything, more), seeds)]


def _turned(question: Question, arm: Arm, seeds: Sequence[int], more: Change) -> list[design.Arm]:
    turns = len(arm.turns)
    names = turn_names(arm)
    return [design.Arm(names[n], recipe(question, turn, more), seeds[n::turns]) for n, turn in enumerate(arm.turns)]


def turn_names(arm: Arm) -> list[str]:
    """The names of the arms of the design that make up an arm of the question."""
    if len(arm.turns) == 1:
        return [arm.name]
    return [f"{arm.name} {number}" for number in range(1, len(arm.turns) + 1)]


def _coalitions(question: Question, seeds: Sequence[int]) -> list[design.Arm]:
    groups = question.attribution
    if groups is None:
        return []
    return [
        design.Arm(coalition(groups, on), recipe(question, *off_changes(groups, on)), wanted)
        for on, wanted in coalition_seeds(groups, seeds).items()
    ]


def coalition_seeds(groups: Groups, seeds: Sequence[int]) -> dict[frozenset[str], Sequence[int]]:
    """Coalition of groups that are on -> the seeds on which it is run."""
    from . import attribution

    players = tuple(groups.players)
    if len(players) <= EXACT:
        return dict.fromkeys(attribution.all_coalitions(players), seeds)
    walked = attribution.coalitions_of(attribution.orders(players, groups.walkers(seeds)))
    return walked | {frozenset(players): seeds, frozenset(): seeds}


def coalition(groups: Groups, on: frozenset[str]) -> str:
    return design.coalition_name(groups.players, on)


def off_changes(groups: Groups, on: Iterable[str]) -> list[Change]:
    """The changes that switch off every group that is not on."""
    return [change for name, (_, change) in groups.players.items() if name not in on]


def recipe(question: Question, *changes: Change) -> Recipe:
    """The reference history with changes laid over each other."""
    import tomli_w

    together = merged(*changes)
    return Recipe(text=tomli_w.dumps(together) if together else "", where=question.id, months=question.months)


def merged(*changes: Change) -> dict[str, Any]:
    """Scenario data laid over each other: tables are joined key by key, lists joined, later values win."""
    total: dict[str, Any] = {}
    for change in changes:
        for key, value in change.items():
            if isinstance(value, Mapping):
                total[key] = merged(total.get(key, {}), value)
            elif isinstance(value, list) and key in total:
                total[key] = total[key] + [item for item in value if item not in total[key]]
            else:
                total[key] = value
    return total


__all__ = ["ALL", "FIRST_SEED", "RUNS", "Arm", "Groups", "Question", "ids", "laid_out", "load", "parse", "waiting"]
