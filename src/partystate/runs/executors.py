"""Runs tasks one after another (the reference) or on several processes: the same parts, bit for bit.

A task holds a recipe, seeds and keys: a few hundred bytes. The worker builds the model itself, writes each part as the
run ends, and sends back a line of facts. A worker that is killed costs the run it was in; the pool is started anew
and what is missing is done again.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from multiprocessing import connection
from pathlib import Path
from typing import Any

from partystate.runs import parts
from partystate.runs.recipe import BARE, Recipe

LARGEST_BATCH = 8
BATCHES_PER_WORKER = 8
TRACE = ".failed.txt"
DEATHS = 2  # as often as a run may end its process before it counts as failed
ONE_THREAD = {"NUMBA_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

Measure = Callable[[Any], Mapping[str, float]]


@dataclass(frozen=True)
class Task:
    """Runs of one recipe to be written as parts into `folder`: pairs (seed, key).

    measure: a function of some module that turns a RunResult into outcomes; it travels by its name.
    keep: the national series that a part holds; None for all.
    """

    recipe: Recipe
    runs: tuple[tuple[int, str], ...]
    folder: str
    measure: Measure
    keep: frozenset[str] | None = None


@dataclass(frozen=True)
class Done:
    """One run that ended: its part is written, or `fault` says why not."""

    seed: int
    key: str
    seconds: float
    fault: str = ""


Executor = Callable[[Sequence[Task]], Iterator[Done]]


def executor(workers: int) -> Executor:
    """`serial` for one worker, else `processes`."""
    return serial if workers == 1 else processes(workers)


def batches(
    recipe: Recipe,
    runs: Sequence[tuple[int, str]],
    folder: Path,
    measure: Measure,
    workers: int,
    keep: frozenset[str] | None = None,
) -> list[Task]:
    """The runs of a recipe as tasks small enough that every worker stays busy to the end."""
    size = min(LARGEST_BATCH, max(1, len(runs) // (workers * BATCHES_PER_WORKER)))
    chunks = (tuple(runs[start : start + size]) for start in range(0, len(runs), size))
    return [Task(recipe, chunk, str(folder), measure, keep) for chunk in chunks]


def work(task: Task) -> list[Done]:
    """Does every run of a task in this process. One run that fails does not stop the next."""
    return [_one(task, seed, key) for seed, key in task.runs]


def _one(task: Task, seed: int, key: str) -> Done:
    folder = Path(task.folder)
    start = time.perf_counter()
    try:
        # After a broken pool a task may come again of which some parts are there.
        if parts.sound(parts.path_of(folder, key), key):
            return Done(seed, key, 0.0)
        built = task.recipe.built()
        if built.key(seed).digest != key:
            return Done(seed, key, 0.0, "the source or the record has changed since the ensemble began; start it again")
        result = built.simulate(seed, watching=BARE).result()
        parts.write(folder, key, seed, result, task.recipe.months, task.measure(result), task.keep)
    except Exception as error:  # a fault of one run is reported with its seed, and kept in full beside the parts
        with contextlib.suppress(OSError):
            (folder / f"{key}{TRACE}").write_text(traceback.format_exc(), encoding="utf-8")
        return Done(seed, key, time.perf_counter() - start, f"{type(error).__name__}: {error}".splitlines()[0])
    return Done(seed, key, time.perf_counter() - start)


def serial(tasks: Sequence[Task]) -> Iterator[Done]:
    """The reference executor: one run after another in this process."""
    for task in tasks:
        for seed, key in task.runs:
            yield _one(task, seed, key)


def processes(workers: int) -> Executor:
    """An executor on `workers` processes."""

    def execute(tasks: Sequence[Task]) -> Iterator[Done]:
        undone = dict.fromkeys(tasks)
        deaths: Counter[Task] = Counter()
        alone = False
        while undone:
            before = len(undone)
            yield from _pass(undone, 1 if alone else workers)
            if alone and len(undone) == before:
                # A single process died over the first task: no other can be to blame.
                first = next(iter(undone))
                del undone[first]
                deaths[first] += 1
                if deaths[first] < DEATHS:
                    undone[first] = None
                else:
                    yield from (Done(seed, key, 0.0, "its process was ended from outside") for seed, key in first.runs)
                continue
            alone = bool(undone) and len(undone) == before
            _suspects_last(undone, workers)

    return execute


def _pass(undone: dict[Task, None], workers: int) -> Iterator[Done]:
    """One life of a pool: yields what ends and takes it out of `undone`; returns at the end or when the pool broke."""
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _start_worker)
    futures: dict[Future[list[Done]], Task] = {}
    try:
        with _quiet_start(), contextlib.suppress(BrokenProcessPool):
            for task in undone:
                futures[pool.submit(work, task)] = task
        for future in as_completed(futures):
            with contextlib.suppress(BrokenProcessPool):
                ended = future.result()
                del undone[futures[future]]
                yield from ended
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _suspects_last(undone: dict[Task, None], workers: int) -> None:
    """Moves the tasks under way when a pool broke to the end, one run to a task, so that the rest gets done."""
    for task in list(undone)[: workers + 1]:
        del undone[task]
        undone.update(dict.fromkeys(replace(task, runs=(run,)) for run in task.runs))


@contextlib.contextmanager
def _quiet_start() -> Iterator[None]:
    """What new processes inherit: one thread each, and no Ctrl-C, which is for the main process to answer."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(ONE_THREAD)
    in_main = threading.current_thread() is threading.main_thread()
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN) if in_main else None
    try:
        yield
    finally:
        if in_main:
            signal.signal(signal.SIGINT, handler)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _start_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    """Ends this process when the main one is gone: a killed ensemble must leave no orphans waiting for work."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
