"""What another machine needs to reproduce a stored result, gathered from it and checked by running it again.

A result is a run, an ensemble, a question or a study. Its arms are recipes on seeds; a recipe, a seed and the versions
of model and record decide a history bit for bit, so these and the fingerprints are all that a bundle has to hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from partystate import record
from partystate.foundation.problems import DATA, did_you_mean, problem
from partystate.runs import design, ensemble, keys, store
from partystate.runs.ensemble import Ensemble
from partystate.runs.recipe import Fork, Recipe

from . import compare, experiments, measures, outcomes, rural_outcomes, study_kinds, study_runs
from .compare import Line

RUN, ENSEMBLE, QUESTION, STUDY = "run", "ensemble", "question", "study"


def _version_of(*modules: Any) -> Callable[[], str]:
    """Gives the hash of the sources of modules that measure."""
    return lambda: keys.files_version([(Path(m.__file__).name, Path(m.__file__)) for m in modules])


# What was measured in each history: name -> (function, hash of what it says).
MEASURES: Mapping[str, tuple[Callable[[Any], Mapping[str, float]], Callable[[], str]]] = {
    "outcomes": (outcomes.measure, _version_of(outcomes)),
    "countryside": (rural_outcomes.measure, _version_of(rural_outcomes)),
    "both sectors": (rural_outcomes.both, _version_of(outcomes, rural_outcomes)),
    "questions": (measures.measure, measures.version),
    **{f"study {name}": (kind.measure, kind.version) for name, kind in study_kinds.KINDS.items()},
}
HINT = "Give the folder of a run, an ensemble, a question or a study, the beginning of a run's key, or `last`."


@dataclass(frozen=True)
class History:
    """One history: outcome -> value, None where it is undefined."""

    seed: int
    key: str
    fingerprint: str
    outcomes: Mapping[str, float | None]


@dataclass(frozen=True)
class Arm:
    """One recipe and its histories. parameters: key -> low, high, value, distribution, layer. off: what it means."""

    name: str
    title: str
    recipe: Recipe
    off: Mapping[str, str]
    parameters: Mapping[str, Mapping[str, Any]]
    warnings: tuple[str, ...]
    histories: tuple[History, ...]


@dataclass(frozen=True)
class Cited:
    """A stored result. command: what made it, empty where its arms say that. shown: outcomes that it is about.

    answer: of a question. text: of a study, its description.
    """

    kind: str
    name: str
    command: str
    measure: str
    model: str
    record: str
    platform: Mapping[str, str]
    months: int
    arms: tuple[Arm, ...]
    shown: tuple[str, ...]
    answer: Mapping[str, Any] | None = None
    text: str = ""

    @property
    def histories(self) -> int:
        return sum(len(arm.histories) for arm in self.arms)

    def line(self, arm: Arm, outcome: str) -> Line:
        """One outcome of an arm against the first arm, over the seeds that both have."""
        sides = [
            {each.seed: _number(each.outcomes.get(outcome)) for each in one.histories} for one in (self.arms[0], arm)
        ]
        seeds = sorted(sides[0].keys() & sides[1].keys())
        pair = (np.array([side[seed] for seed in seeds], dtype=np.float64) for side in sides)
        return compare.line(outcome, *pair, self.months)

    def level(self, arm: Arm, outcome: str) -> Line:
        """One outcome of an arm by itself, over all its seeds."""
        values = np.array([_number(each.outcomes.get(outcome)) for each in arm.histories], dtype=np.float64)
        return compare.line(outcome, values, values, self.months)


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)


# Gathering ---------------------------------------------------------------------------------------------------------


def gather(reference: str, root: Path | None = None) -> Cited:
    """What is stored under a folder, or the run that `reference` means under `root`.

    Raises Problem: exit 2 for what is no result, one that is not complete and one of another version; 3 for a damaged
    one.
    """
    folder = Path(reference)
    if (folder / study_runs.FACTS).is_file():
        found = _study(folder)
    elif (folder / ensemble.DESIGN).is_file():
        found = _ensemble(folder)
    elif folder.is_dir() and not (folder / store.MANIFEST).is_file():
        raise problem("RESULT", reference, "a run, an ensemble, a question or a study", "a folder with none", HINT)
    else:
        found = _run(store.find(reference, root))
    _check_versions(found.name, found.model, found.record, "Make the result again with this version")
    for arm in found.arms:
        _check_keys(found.name, arm)
    return found


def _run(stored: store.Run) -> Cited:
    manifest = stored.manifest
    for file in manifest["files"]:
        stored.check(file)
    parts = manifest["key_parts"]
    history = History(manifest["seed"], stored.key, manifest["fingerprint"], manifest["outcomes"])
    arm = _arm(manifest["scenario"]["name"], manifest, manifest["parameters"], (history,))
    return Cited(
        RUN, stored.folder.name, "", "outcomes", parts["model"], parts["record"], manifest["platform"],
        stored.months, (arm,), _shown([arm]),
    )  # fmt: skip


def _ensemble(folder: Path) -> Cited:
    stored = ensemble.open_ensemble(folder)
    arms = tuple(_arms(stored))
    answer = experiments.remembered(folder)
    measure = "questions" if any(name.startswith(measures.STATE) for name in _names(arms)) else "outcomes"
    facts = stored.facts
    found = Cited(
        ENSEMBLE, folder.resolve().name, "", measure, facts["model"], facts["record"], facts["platform"],
        stored.months, arms, _shown(arms),
    )  # fmt: skip
    if answer is not None:
        return _question(found, answer)
    return found if len(arms) > 1 else replace(found, arms=(replace(arms[0], name=arms[0].title),))


def _question(found: Cited, answer: Mapping[str, Any]) -> Cited:
    """An ensemble that answers a question; without the folder in which the answer lies, and by a plain command."""
    made = {name: value for name, value in answer["made"].items() if name != "folder"}
    made["command"] = (
        f"partystate ask {answer['question']['id']} --runs {made['runs']} --first-seed {made['first_seed']}"
    )
    titles = {arm["name"]: arm["title"] for arm in answer["arms"]}
    arms = tuple(replace(arm, title=titles.get(arm.name, arm.title)) for arm in found.arms)
    shown = tuple(answer["question"]["outcomes"])
    return replace(
        found, kind=QUESTION, command=made["command"], arms=arms, shown=shown, answer={**answer, "made": made}
    )


def _study(folder: Path) -> Cited:
    from . import study

    facts = store.read_json(folder / study_runs.FACTS, ("study", "identity"))
    described = study.load(facts["study"])
    made = [arm for arm in described.arms if (folder / arm.name / ensemble.DESIGN).is_file()]
    if not made:
        raise problem("RESULT", str(folder), "a study with at least one arm", "none", HINT)
    stored = {arm.name: ensemble.open_ensemble(folder / arm.name) for arm in made}
    arms = tuple(replace(next(iter(_arms(stored[arm.name]))), name=arm.name, title=arm.title) for arm in made)
    first = stored[made[0].name].facts
    only = "" if len(made) == len(described.arms) else "".join(f" --only {arm.name}" for arm in made[1:])
    alike = len({each.facts["runs"] for each in stored.values()}) == 1
    runs = f" --runs {first['runs']}" if alike else ""  # else as many in each arm as the study says
    command = f"partystate study {described.name}{runs}{only}"
    return Cited(
        STUDY, folder.resolve().name, command, f"study {described.kind}", first["model"], first["record"],
        first["platform"], described.months, arms, _shown(arms), None, described.text,
    )  # fmt: skip


def _arms(stored: Ensemble) -> Iterator[Arm]:
    common: Mapping[str, Any] = {}
    for entry in stored.facts["arms"]:
        parameters = {**common, **entry["facts"]["parameters"]}
        common = common or parameters
        parts = stored.parts(entry["arm"])
        if len(parts) < len(entry["keys"]):
            do = "Run the command that made it again; only what is missing is run."
            came = f"{len(parts)} in arm {entry['arm']}"
            raise problem("RESULT", str(stored.folder), f"all {len(entry['keys'])} histories", came, do)
        found = tuple(History(part.seed, part.key, part.fingerprint, part.outcomes) for part in parts)
        yield _arm(entry["arm"], entry["facts"], parameters, found)


def _arm(name: str, facts: Mapping[str, Any], parameters: Mapping[str, Any], found: tuple[History, ...]) -> Arm:
    recipe = _nameless(Recipe.from_data(facts["recipe"]))
    title = facts["scenario"]["name"]
    return Arm(name, title, recipe, facts["off"], parameters, tuple(facts["warnings"]), found)


def _nameless(recipe: Recipe) -> Recipe:
    """The recipe without the folder that its scenario was read from, which decides nothing."""
    fork = recipe.fork and Fork(_nameless(recipe.fork.parent), recipe.fork.month)
    return replace(recipe, where=Path(recipe.where).name, fork=fork)


def _names(arms: Sequence[Arm]) -> list[str]:
    return list(dict.fromkeys(name for arm in arms for each in arm.histories for name in each.outcomes))


def _shown(arms: Sequence[Arm]) -> tuple[str, ...]:
    """Every outcome, without the state of the party that questions keep beside them."""
    return tuple(name for name in _names(arms) if not name.startswith(measures.STATE))


def _check_versions(name: str, model: str, record_version: str, do: str) -> None:
    here = {"model": keys.model_version(), "record": record.load().version}
    for part, made in {"model": model, "record": record_version}.items():
        if made != here[part]:
            expected = f"the {part} that made it, {made[:12]}"
            say = f"{do} (partystate {version('partystate')}), or install the version that made it."
            raise problem(name, part, expected, f"another version, {here[part][:12]}", say)


def _check_keys(name: str, arm: Arm) -> None:
    built = arm.recipe.built()
    for history in arm.histories:
        if built.key(history.seed).digest != history.key:
            came = f"another for seed {history.seed} of arm {arm.name}"
            raise problem(name, "run key", "the key that its recipe gives", came, "Make it again.", DATA)


# Sources -----------------------------------------------------------------------------------------------------------


def sources(cited: Cited) -> dict[str, list[str]]:
    """Key of every source behind the result -> what it stands behind, in alphabetical order.

    Every history begins from the founding tables and uses all mechanisms and parameters, so their sources are there
    for every result; a scenario adds its own.
    """
    from partystate.model import catalogue

    known = record.load()
    found: dict[str, set[str]] = {}

    def add(names: Sequence[str], behind: str) -> None:
        for name in names:
            if name in known.sources:
                found.setdefault(name, set()).add(behind)

    for kind in catalogue.mechanisms().values():
        add(kind.sources, "mechanisms")
    for key in dict.fromkeys(key for arm in cited.arms for key in arm.parameters):
        add(known.parameters[key].source, "parameters")
    for rows in known.founding.tables.values():
        add([row["source"] for row in rows if "source" in row.cells], "January 1922")
    for arm in cited.arms:
        add(arm.recipe.built().scenario.sources, "scenario")
    return {key: sorted(behind) for key, behind in sorted(found.items())}


# Checking ----------------------------------------------------------------------------------------------------------

SAME, CLOSE, DIFFERS, MISSING = "same bits", "same outcomes", "differs", "not made"
DIGITS = 1e-9  # as close as outcomes must come on another machine, whose linear algebra may differ in the last bit


@dataclass(frozen=True)
class Held:
    """What a bundle says of one arm: the recipe, and the histories that must come out."""

    name: str
    recipe: Recipe
    histories: tuple[History, ...]


@dataclass(frozen=True)
class Again:
    """One history that was run again. expected, found: fingerprints; verdict: one of the four words."""

    arm: str
    seed: int
    expected: str
    found: str
    verdict: str


def check(
    arms: Sequence[Held],
    measure: str,
    folder: Path,
    workers: int = 1,
    watch: ensemble.Watch | None = None,
) -> tuple[list[Again], Mapping[int, str]]:
    """Runs the histories of `arms` in `folder`; says of each whether it came out, and what failed by seed.

    On another processor the last bit of a product may differ: then outcomes are compared, to nine digits.
    """
    function, _ = MEASURES[measure]
    wanted = design.of(design.Arm(arm.name, arm.recipe, [each.seed for each in arm.histories]) for arm in arms)
    made, progress = ensemble.run(wanted, folder, function, workers, watch)
    return [again for arm in arms for again in _again(arm, made)], progress.faults


def _again(arm: Held, made: Ensemble) -> Iterator[Again]:
    parts = {part.seed: part for part in made.parts(arm.name)}
    for history in arm.histories:
        part = parts.get(history.seed)
        if part is None:
            yield Again(arm.name, history.seed, history.fingerprint, "", MISSING)
            continue
        if part.fingerprint == history.fingerprint:
            verdict = SAME
        else:
            verdict = CLOSE if _alike(history.outcomes, part.outcomes) else DIFFERS
        yield Again(arm.name, history.seed, history.fingerprint, part.fingerprint, verdict)


def _alike(expected: Mapping[str, float | None], found: Mapping[str, float | None]) -> bool:
    return bool(expected) and all(
        name in found and np.isclose(_number(value), _number(found[name]), rtol=DIGITS, atol=DIGITS, equal_nan=True)
        for name, value in expected.items()
    )


def check_versions(name: str, facts: Mapping[str, Any]) -> None:
    """Raises Problem (exit 2) when the installed model, record or measures are not those of a bundle."""
    _check_versions(name, facts["model"], facts["record"], "Nothing was run: use another bundle")
    measure = facts["measure"]
    if measure not in MEASURES:
        raise problem(name, "measure", "a measure of this version", measure, did_you_mean(measure, MEASURES))
    if (here := MEASURES[measure][1]()) != facts["measure_version"]:
        expected = f"outcomes as the bundle has them, {facts['measure_version'][:12]}"
        raise problem(name, "measure", expected, f"other definitions, {here[:12]}", "Install the version that made it.")


def held(arm: Mapping[str, Any], histories: Sequence[History], runs: int | None) -> Held:
    """An arm of `bundle.json` with the first `runs` of its histories, all when None."""
    return Held(arm["arm"], Recipe.from_data(arm["recipe"]), tuple(histories[:runs]))
