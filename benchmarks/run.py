"""Measures speed, memory and size of the things people wait for; ``make bench`` runs it.

Writes ``benchmarks/results.json`` and ``docs/performance.md``. ``--quick`` takes fewer repetitions, leaves out the 1:1
run and the peers of the countryside workload, and writes nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

from countryside.race import race, section
from executors import overheads
from measure import Measurement, in_new_process, started, table, timed
from rural import rural

ROOT = Path(__file__).resolve().parent.parent
FIRST_SEED = 900_000  # seeds of their own, so that no reported result is ever looked at here
SECTOR = "power"
IMPORT = "import partystate.runs.recipe, partystate.engine.runner, partystate.foundation.kernels\n"


def history(scale: int | None) -> str:
    """Code that runs one history: `scale` persons to a row of the membership table, None for the default sample."""
    recipe = f"Recipe(only={SECTOR!r}, scale={scale})"
    return f"from partystate.runs.recipe import Recipe\n{recipe}.built().simulate({FIRST_SEED})\n"


def starting(quick: bool) -> Iterator[Measurement]:
    """A bare interpreter, the package, the command line."""
    times = 3 if quick else 9
    bare, loops = started("pass", times)
    yield Measurement("start a bare interpreter", bare, "s", "`python -c pass`", loops)
    package, _ = started("import partystate", times)
    yield Measurement("import partystate", package - bare, "s", "on top of the interpreter", goal=0.3)
    code = "import sys; sys.argv = ['partystate', '--help']; from partystate.app.cli import main\n"
    code += "try: main()\nexcept SystemExit: pass"
    shown, loops = started(f"import os, sys; sys.stdout = open(os.devnull, 'w'); {code}", times)
    yield Measurement("partystate --help", shown, "s", "whole process", loops)


def reading(quick: bool) -> Iterator[Measurement]:
    """Reading and checking every file of the record."""
    from partystate.record.loading import DATA, Record

    best, median, loops = timed(lambda _: Record(DATA).check(), 3 if quick else 15)
    yield Measurement("read and check the whole record", best, "s", f"median {median:.3g} s", loops, goal=0.25)


def compiling(quick: bool) -> Iterator[Measurement]:
    """The first history with and without compiled kernels in the cache."""
    one = history(None)
    with tempfile.TemporaryDirectory() as cache:
        if not quick:
            cold, _ = in_new_process(one, {"PARTYSTATE_CACHE": cache})
            yield Measurement("first history, nothing compiled", cold, "s", "once, at set-up (`partystate warm`)")
    in_new_process(one)
    warm, memory = in_new_process(one)
    yield Measurement("first history of a process", warm, "s", "kernels from the cache; imports included")
    yield Measurement("memory of one history", memory, "MB", "peak of the process")


def one_history(quick: bool) -> Iterator[Measurement]:
    """Building the model and running it, after warm-up."""
    from partystate.foundation import calendar
    from partystate.model import catalogue
    from partystate.runs.recipe import Recipe

    times = 5 if quick else 25
    best, median, loops = timed(lambda _: catalogue.assemble(), times)
    yield Measurement("assemble the model", best, "s", f"median {median:.3g} s", loops)
    built = Recipe(only=SECTOR).built()
    best, median, loops = timed(lambda i: built.start(FIRST_SEED + i), times)
    yield Measurement("found January 1922", best, "s", f"median {median:.3g} s", loops)
    best, median, loops = timed(lambda i: built.simulate(FIRST_SEED + i), times, before=2)
    note = f"{calendar.MONTHS} months of {SECTOR}, other sectors from the record; median {median:.3g} s"
    yield Measurement("one history", best, "s", note, loops, goal=0.3)


def by_mechanism(quick: bool) -> Iterator[Measurement]:
    """Where the time of a history goes: the mechanisms that cost most."""
    from partystate.runs.recipe import Recipe

    built = Recipe(only=SECTOR).built()
    built.simulate(FIRST_SEED)
    simulation = built.start(FIRST_SEED)
    spent: dict[str, float] = {}
    for mechanism in simulation.model.mechanisms:
        mechanism.step = counted(mechanism.step, mechanism.name, spent)
    start = time.perf_counter()
    simulation.run()
    total = time.perf_counter() - start
    for name, seconds in sorted(spent.items(), key=lambda item: -item[1])[: 3 if quick else 10]:
        yield Measurement(f"of a history: {name}", seconds, "s", f"{seconds / total:.0%}")


def counted(step: Callable, name: str, spent: dict[str, float]) -> Callable:
    """`step`, adding its time to ``spent[name]``."""

    def counting(*handles: object) -> object:
        start = time.perf_counter()
        result = step(*handles)
        spent[name] = spent.get(name, 0.0) + time.perf_counter() - start
        return result

    return counting


def ensembles(quick: bool) -> Iterator[Measurement]:
    """Histories per second, on one process and on as many as there are cores."""
    from partystate.analysis import outcomes
    from partystate.runs import design, ensemble
    from partystate.runs.recipe import Recipe

    runs, cores = (4, 2) if quick else (200, os.cpu_count() or 1)
    rates = {}
    for workers in dict.fromkeys((1, cores)):
        with tempfile.TemporaryDirectory() as folder:
            plan = design.replicates(Recipe(only=SECTOR), runs, FIRST_SEED)

            def act(_: int, plan=plan, folder=folder, workers=workers) -> None:
                ensemble.run(plan, Path(folder), outcomes.measure, workers=workers)

            seconds, _, _ = timed(act, 1, before=0)
            size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
        rates[workers] = runs / seconds
        yield Measurement(
            f"ensemble on {workers} process{'es' if workers > 1 else ''}",
            rates[workers] / workers,
            "histories per second and core",
            f"{runs} runs, parts written; {size / runs / 1000:.0f} kB a run",
        )
    if cores > 1:
        yield Measurement("gain of all cores over one", rates[cores] / rates[1], "times", f"{cores} cores")


def storing(quick: bool) -> Iterator[Measurement]:
    """Writing one run with all its tables, and reading a series of it."""
    from partystate.runs import store
    from partystate.runs.recipe import Recipe

    times = 3 if quick else 15
    built = Recipe(only=SECTOR).built()
    result, key = built.simulate(FIRST_SEED).result(), built.key(FIRST_SEED)
    with tempfile.TemporaryDirectory() as folder:
        best, median, loops = timed(lambda i: store.write(Path(folder) / str(i), key, result, built.facts()), times)
        kept = store.open_run(Path(folder) / "0" / key.short)
        size = sum(path.stat().st_size for path in kept.folder.iterdir())
        yield Measurement("store one run", best, "s", f"{size / 1000:.0f} kB; median {median:.3g} s", loops)
        best, median, loops = timed(lambda i: store.open_run(kept.folder).table("leaders"), times)
        yield Measurement("open a stored run", best, "s", f"manifest and one table; median {median:.3g} s", loops)


def one_to_one(quick: bool) -> Iterator[Measurement]:
    """Every member of the party as a row of its own."""
    if quick:
        return
    sitting, base = in_new_process(IMPORT)
    seconds, memory = in_new_process(history(1))
    yield Measurement("1:1 history", seconds - sitting, "s", "every member a row; without imports")
    yield Measurement("memory of the 1:1 history", memory, "MB", f"of it {base:.0f} MB for the program itself")


PARTS: tuple[Callable[[bool], Iterator[Measurement]], ...] = (
    starting,
    reading,
    compiling,
    one_history,
    by_mechanism,
    ensembles,
    overheads,
    storing,
    one_to_one,
    rural,
    race,
)


def page(measurements: list[Measurement]) -> str:
    """docs/performance.md."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba", "pyarrow", "distributed"))
    return (
        "# Performance\n\n*Written by `make bench`; do not edit by hand.*\n\n"
        f"Python {platform.python_version()}, {packages}; {platform.system()}, {platform.machine()}, "
        f"{os.cpu_count()} cores. Times are the best of several runs. A bare loop is a million additions in plain "
        "Python, measured in the same minutes on the same machine: compare machines, and busy hours with quiet ones, "
        "by that column.\n\n" + table(measurements) + "\n\n" + section()
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, nothing written")
    quick = parser.parse_args().quick
    measurements = []
    for part in PARTS:
        for measurement in part(quick):
            print(
                f"{measurement.name:36s} {measurement.value:10.4g} {measurement.unit}  {measurement.note}", flush=True
            )
            measurements.append(measurement)
    if not quick:
        results = json.dumps([m.as_dict() for m in measurements], indent=1) + "\n"
        (ROOT / "benchmarks/results.json").write_text(results, "utf-8")
        (ROOT / "docs/performance.md").write_text(page(measurements), "utf-8")
    missed = [m.name for m in measurements if m.met is False]
    if missed:
        print(f"goals missed: {', '.join(missed)}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
