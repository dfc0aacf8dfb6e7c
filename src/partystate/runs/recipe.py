"""A recipe: everything that fixes a history except its seed, as plain text and numbers.

Workers get recipes and seeds, never models or arrays; each builds the model for itself and so works under any way of
starting processes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property, lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from partystate.foundation import calendar, interrupts
from partystate.foundation.problems import did_you_mean, problem
from partystate.runs import course, keys, levers, scenario_file
from partystate.runs.course import Course
from partystate.runs.keys import RunKey
from partystate.runs.scenario import Lever, Scenario

if TYPE_CHECKING:
    from partystate.engine.runner import RunSetting, Simulation
    from partystate.engine.snapshot import Frozen
    from partystate.model.catalogue import Model
    from partystate.record import Record
    from partystate.record.parameters import Resolved

Hook = Callable[["Simulation"], None]


@dataclass(frozen=True)
class Recipe:
    """What to run. `text` is the scenario file, `where` its name; `months` how many months from January 1922.

    overrides: parameters of the command line, (key, number or pair). scale: persons that one row of the membership
    table stands for, 1 for all of them, None for the default sample. only: the sectors that run, with commas between,
    the others forced to the record; None for the standard ones. fork: the history this one branches off from. off:
    systems that are off beside those of the scenario; the same history, and the same key, as if it named them.
    """

    text: str = ""
    where: str = "reference"
    overrides: tuple[tuple[str, float | tuple[float, float]], ...] = ()
    scale: int | None = None
    only: str | None = None
    months: int = calendar.MONTHS
    fork: Fork | None = None
    off: tuple[str, ...] = ()

    def built(self) -> Built:
        """The model and settings of this recipe. Raises Problem for whatever the recipe names that does not exist."""
        return _build(self)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Recipe:
        """The recipe that `dataclasses.asdict` and JSON turned into `data`."""
        overrides = tuple((key, tuple(value) if isinstance(value, list) else value) for key, value in data["overrides"])
        fork = data["fork"] and Fork(cls.from_data(data["fork"]["parent"]), data["fork"]["month"])
        return cls(**{**data, "overrides": overrides, "fork": fork, "off": tuple(data.get("off", ()))})


@dataclass(frozen=True)
class Fork:
    """The history a recipe branches off from, and the month (0 = January 1922) before which it does."""

    parent: Recipe
    month: int


@dataclass(frozen=True)
class Watching:
    """How a run is watched, which never changes it: roll-calls kept (`details`), every access checked (`strict`)."""

    details: bool = True
    strict: bool = False


PLAIN = Watching()
BARE = Watching(details=False)


@dataclass(frozen=True)
class Built:
    """A recipe ready to run: gives the key and the history of any seed. Not sent between processes."""

    recipe: Recipe
    scenario: Scenario
    course: Course
    record: Record
    parameters: Resolved
    sectors: tuple[str, ...]

    def key(self, seed: int) -> RunKey:
        """The run key of one seed."""
        fork = self.recipe.fork
        own = self._key_parts | {"seed": seed, "model": keys.model_version(), "record": self.record.version}
        if fork is None:
            return RunKey(own)
        parent = {"key": fork.parent.built().key(seed).digest, "month": calendar.label(fork.month)}
        return RunKey(own | {"parent": parent})

    @cached_property
    def _key_parts(self) -> dict[str, Any]:
        """What the keys of all seeds have in common, the versions apart."""
        from partystate.engine.runner import SAMPLE_WEIGHT

        return dict(
            keys.run_key(
                model="",
                record="",
                parameters=self.parameters.as_dict(),
                scenario=self.scenario.canonical(),
                scale=self.recipe.scale or SAMPLE_WEIGHT,
                seed=0,
                months=self.recipe.months,
                sectors=self.sectors,
            ).parts
        )

    def keys(self, seeds: Iterable[int]) -> list[str]:
        """The digests of the run keys of several seeds."""
        return [self.key(seed).digest for seed in seeds]

    def facts(self) -> dict[str, Any]:
        """What a manifest says of this recipe, whatever the seed."""
        model, scenario = self.model(self.course), self.scenario
        return {
            "version": version("partystate"),
            "recipe": asdict(self.recipe),
            "scenario": {"name": scenario.name, "file": scenario.where, "declares": scenario.canonical()},
            "months": self.recipe.months,
            "first": calendar.label(0),
            "last": calendar.label(self.recipe.months - 1),
            "sectors": list(self.sectors),
            "off": model.meaning_of_off(),
            "variants": dict(model.variants),
            "drivers": sorted({name for mechanism in model.mechanisms for name in mechanism.drivers}),
            "parameters": self.parameters.as_dict(),
            "warnings": list(self.parameters.warnings),
        }

    def simulate(self, seed: int, hook: Hook | None = None, watching: Watching = PLAIN) -> Simulation:
        """The finished history of one seed. `hook` is called after each month and may only look."""
        return self.go_on(self.start(seed, watching), self.recipe.months, hook)

    def start(self, seed: int, watching: Watching = PLAIN, model: Model | None = None) -> Simulation:
        """The history of one seed before its first month: January 1922, or the month of the fork.

        model: another order of the same mechanisms; for tests of order only.
        """
        from partystate.engine import snapshot
        from partystate.engine.runner import Simulation

        fork = self.recipe.fork
        if fork is None:
            return Simulation(model or self.model(self.course), self._setting(self.course, seed, watching))
        parent = fork.parent.built()
        return self.resume(seed, snapshot.freeze(parent.go_on(parent.start(seed, watching), fork.month)), watching)

    def resume(self, seed: int, frozen: Frozen, watching: Watching = PLAIN) -> Simulation:
        """The history of one seed from a state of it, or of the history it was forked from."""
        from partystate.engine import snapshot

        course = self.in_force(frozen.series, frozen.month - 1)
        return snapshot.thaw(self.model(course), self._setting(course, seed, watching), frozen)

    def go_on(self, simulation: Simulation, until: int, hook: Hook | None = None) -> Simulation:
        """Works every month before `until`, pulling the levers that fall due."""
        with interrupts.held():
            while simulation.month < until:
                simulation = self._pull(simulation)
                simulation.step()
                if hook is not None:
                    hook(simulation)
                interrupts.check()
        return simulation

    def in_force(self, series: levers.Series, until: int) -> Course:
        """The course as it stands in month `until`, levers pulled before or for that month included."""
        fork = self.recipe.fork
        if fork:
            before, begun = fork.parent.built().in_force(series, fork.month - 1), fork.month
        else:
            before, begun = Course(), 0
        course = before.then(self.scenario, dict(self.recipe.overrides), begun)
        return course.after([lever for month, lever in levers.acting(course.levers, series, until) if month >= begun])

    def _pull(self, simulation: Simulation) -> Simulation:
        """The simulation with the levers of this month pulled: a new one when switches or parameters change."""
        from partystate.engine import snapshot

        if not self.course.levers:
            return simulation
        month, series = simulation.month, simulation.recorder.series
        due = [lever for at, lever in levers.acting(self.course.levers, series, month) if at == month]
        if any(lever.remove is None for lever in due):
            course = self.in_force(series, month)
            before = simulation.setting
            setting = self._setting(course, before.seed, Watching(before.details, before.strict))
            simulation = snapshot.thaw(self.model(course), setting, snapshot.freeze(simulation))
        for lever in due:
            _note(lever, simulation)
        return simulation

    def model(self, course: Course) -> Model:
        """A fresh model under the switches and variants of `course`."""
        from partystate.model import catalogue

        variants = self.record.reading(course.reading).variants if course.reading else {}
        return catalogue.assemble(course.off, {**variants, **course.variants}, self.sectors)

    def _alike(self, course: Course) -> frozenset[str]:
        """In what the contenders do not differ according to the reading."""
        return frozenset(self.record.reading(course.reading).alike if course.reading else ())

    def _setting(self, course: Course, seed: int, watching: Watching) -> RunSetting:
        from partystate.engine.runner import HOUSEHOLD_WEIGHT, SAMPLE_WEIGHT, RunSetting

        return RunSetting(
            seed=seed,
            parameters=self.parameters if course is self.course else _resolved(course, self.record),
            founding=self.record.founding,
            scale=self.recipe.scale or SAMPLE_WEIGHT,
            households=self.recipe.scale or HOUSEHOLD_WEIGHT,
            holder=course.founding.holder,
            alike=course.founding.alike | self._alike(course),
            traits=course.founding.traits,
            deaths=course.founding.deaths,
            illness=course.founding.illness,
            drivers=course.driver_changes(),
            details=watching.details,
            strict=watching.strict,
        )


def _note(lever: Lever, simulation: Simulation) -> None:
    """Writes a lever into the chronicle; a person removed leaves as by a death that the calendar gives."""
    month, world = simulation.month, simulation.world
    actors = (lever.remove,) if lever.remove else ()
    simulation.chronicle.write(month, "lever", str(lever), actors, None, {}, (), "scenario")
    if lever.remove:
        person = world.labels["leader"].index(lever.remove)
        world.calendar.setdefault(("death", month), []).append((person, "", "removed by the scenario"))


def _implemented(systems: Iterable[str]) -> frozenset[str]:
    """The systems as a set. Raises Problem (exit 2) for one that no mechanism carries."""
    from partystate.runs import vocabulary

    built = vocabulary.of_package().systems
    for system in systems:
        if system not in built:
            raise problem("off", system, "a system that is built", system, did_you_mean(system, built))
    return frozenset(systems)


def _resolved(course: Course, record: Record) -> Resolved:
    reading = record.reading(course.reading).parameters if course.reading else None
    return record.parameters.resolve(reading, course.parameters, course.overrides)


@lru_cache(maxsize=64)
def _build(recipe: Recipe) -> Built:
    from partystate import record
    from partystate.model import catalogue

    known = record.load()
    scenario = scenario_file.parse(recipe.text, recipe.where)
    if recipe.off:
        scenario = replace(scenario, systems_off=scenario.systems_off | _implemented(recipe.off))
    if recipe.fork:
        course.check_fork(scenario, recipe.fork.month)
        before, month = recipe.fork.parent.built().course, recipe.fork.month
    else:
        before, month = Course(), 0
    now = before.then(scenario, dict(recipe.overrides), month)
    sectors = tuple(recipe.only.split(",")) if recipe.only else catalogue.STANDARD
    for sector in sectors:
        if sector not in catalogue.SECTORS:
            hint = did_you_mean(sector, catalogue.SECTORS) or f"Built so far: {', '.join(catalogue.SECTORS)}."
            raise problem("only", "sector", "a sector that is built", sector, hint)
    built = Built(recipe, scenario, now, known, _resolved(now, known), sectors)
    built.model(now)
    return built
