"""What it costs to have a run done elsewhere: our executors and EMA Workbench on one task of ten milliseconds.

The task only sleeps, so whatever is taken beyond ten milliseconds a run is overhead. All executors are measured in
turns. The clock of each process starts with its first task and ends when the last answer of all is there: starting
and ending processes is paid once for an ensemble and is given apart.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from typing import Any

from measure import Measurement

from partystate.runs import cluster, executors
from partystate.runs.recipe import Recipe

TASK = 0.010
WORKERS = 2
MOST = 1.0  # milliseconds a run

Begun = list[tuple[str, float]]  # process of each run, and when the run began there
Runner = Callable[[int], tuple[Begun, float]]  # number of runs -> what was begun, and when the last answer was there


@dataclass(frozen=True)
class Entrant:
    """Something that runs tasks. overheads, whole: milliseconds a run of each repeat, without and with its start."""

    name: str
    run: Runner
    workers: int = WORKERS
    goal: float | None = None
    overheads: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)

    def measure(self, runs: int) -> None:
        start = time.perf_counter()
        begun, end = self.run(runs)
        seconds = time.perf_counter() - start
        first = dict(sorted(begun, key=lambda item: -item[1]))
        self.overheads.append(1000 * (sum(end - began for began in first.values()) / runs - TASK))
        self.whole.append(1000 * (seconds * self.workers / runs - TASK))

    def measurement(self) -> Measurement:
        low, high, whole = min(self.overheads), max(self.overheads), statistics.median(self.whole)
        note = f"median of {len(self.overheads)}, {low:.2g} to {high:.2g}; {whole:.2g} ms with start and end"
        value = statistics.median(self.overheads)
        return Measurement(f"overhead of a run: {self.name}", value, "ms", note, goal=self.goal)


def nap(data: bytes) -> bytes:
    """Sleeps for every run instead of making its history; tells its process and when it began."""
    ended = []
    for task in executors.decode(data):
        for seed, _ in task.runs:
            ended.append(executors.Done(seed, str(os.getpid()), time.perf_counter()))
            time.sleep(TASK)
    return executors.encode_done(ended)


def nothing(result: Any) -> dict[str, float]:
    """The measure that tasks name; no run gets as far."""
    return {}


def ours(execute: executors.Executor, folder: str, runs: int) -> tuple[Begun, float]:
    """Our executors, on tasks of the size that an ensemble gives them."""
    wanted = [(seed, "") for seed in range(runs)]
    tasks = executors.batches(Recipe(), wanted, folder, nothing, WORKERS)
    begun, end = [], 0.0
    for done in execute(tasks):
        begun.append((done.key, done.seconds))
        end = time.perf_counter()
    return begun, end


def bare(runs: int) -> tuple[Begun, float]:
    """The task alone: what the clock and the sleep are off by."""
    begun = []
    for _ in range(runs):
        begun.append(("", time.perf_counter()))
        time.sleep(TASK)
    return begun, time.perf_counter()


def nap_of_ema(x: float) -> dict[str, float]:
    """The same task as EMA Workbench calls it."""
    began = time.perf_counter()
    time.sleep(TASK)
    return {"process": os.getpid(), "began": began}


def ema(evaluator: Any, runs: int) -> tuple[Begun, float]:
    """EMA Workbench, which keeps outcomes in memory and writes nothing."""
    _, outcomes = evaluator.perform_experiments(scenarios=runs, log_progress=True)
    end = time.perf_counter()
    return [(str(process), began) for process, began in zip(outcomes["process"], outcomes["began"], strict=True)], end


def entrants(stack: ExitStack) -> Iterator[Entrant]:
    """All of them ready to run; EMA Workbench first, since it forks and must not find our threads."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ema_workbench import Model, MultiprocessingEvaluator, RealParameter, ScalarOutcome, SequentialEvaluator
    from distributed import LocalCluster

    model = Model("nap", function=nap_of_ema)
    model.uncertainties, model.outcomes = [RealParameter("x", 0, 1)], [ScalarOutcome("process"), ScalarOutcome("began")]
    pool = stack.enter_context(MultiprocessingEvaluator(model, n_processes=WORKERS))
    single = stack.enter_context(SequentialEvaluator(model))
    here = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
    dask = stack.enter_context(LocalCluster(n_workers=WORKERS, threads_per_worker=1, **here))
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    on_dask = cluster.cluster(dask.scheduler_address, nap)
    yield Entrant("a bare loop", bare, 1)
    yield Entrant("processes", partial(ours, executors.processes(WORKERS, nap), folder), goal=MOST)
    yield Entrant("Dask", partial(ours, on_dask, folder), goal=MOST)
    name = f"EMA Workbench {version('ema_workbench')}"
    yield Entrant(f"{name}, processes", partial(ema, pool))
    yield Entrant(f"{name}, no processes", partial(ema, single), 1)


def overheads(quick: bool) -> Iterator[Measurement]:
    """Milliseconds a run beyond the ten of the task, and how many times ours EMA Workbench takes."""
    runs, repeats = (100, 1) if quick else (1000, 5)
    with ExitStack() as stack:
        all_of_them = list(entrants(stack))
        for _ in range(repeats):
            for entrant in all_of_them:
                entrant.measure(runs if entrant.workers > 1 else runs // 4)
    yield from (entrant.measurement() for entrant in all_of_them)
    _, mine, _, theirs, _ = all_of_them
    ratios = [a / b for a, b in zip(theirs.overheads, mine.overheads, strict=True)]
    note = f"on {WORKERS} processes each; median of {repeats}, {min(ratios):.2g} to {max(ratios):.2g}"
    yield Measurement("overhead of EMA Workbench over ours", statistics.median(ratios), "times", note)
