"""Runs tasks one after another (the reference) or on several processes: the same parts, bit for bit.

A task holds a recipe, seeds and keys. It goes to a worker as a few hundred bytes of canonical JSON; the worker builds
the model itself, writes each part as the run ends, and sends back a line of facts. A worker that is killed costs the
run it was in; the pool is started anew and what is missing is done again. Workers on other machines: `cluster`.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, astuple, dataclass, replace
from functools import lru_cache
from multiprocessing import connection
from pathlib import Path
from typing import Any

from partystate import record
from partystate.foundation import interrupts
from partystate.foundation.problems import problem
from partystate.runs import keys, parts, store, warm
from partystate.runs.recipe import BARE, Recipe

LARGEST_BATCH = 8
BATCHES_PER_WORKER = 8
TRACE = ".failed.txt"
DEATHS = 2  # as often as a run may end its process before it counts as failed
ENDED = "its process was ended from outside"
ONE_THREAD = {"NUMBA_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

Measure = Callable[[Any], Mapping[str, float]]
_at_work = threading.Lock()


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
Work = Callable[[bytes], bytes]  # does encoded tasks and gives what is told of their runs


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


def regrouped(tasks: Sequence[Task], size: int) -> list[list[Task]]:
    """The runs of all tasks in groups of `size`, whichever task they belong to."""
    groups: list[list[Task]] = []
    room = 0
    for task in tasks:
        left = task.runs
        while left:
            if room == 0:
                groups.append([])
                room = size
            taken, left = left[:room], left[room:]
            groups[-1].append(replace(task, runs=taken))
            room -= len(taken)
    return groups


def in_words(error: BaseException) -> str:
    """An error as a fault of a run: its kind, and its first line."""
    return f"{type(error).__name__}: {error}".splitlines()[0]


def failed(tasks: Iterable[Task], fault: str) -> Iterator[Done]:
    """Every run of the tasks as one that was not made."""
    return (Done(seed, key, 0.0, fault) for task in tasks for seed, key in task.runs)


# What travels ------------------------------------------------------------------------------------------------------


def encode(tasks: Sequence[Task]) -> bytes:
    """Tasks as canonical JSON, the measure by its name. Raises Problem (exit 2) for a measure without one."""
    fields = [
        {
            "recipe": asdict(task.recipe),
            "runs": task.runs,
            "folder": task.folder,
            "measure": name_of(task.measure),
            "keep": None if task.keep is None else sorted(task.keep),
        }
        for task in tasks
    ]
    return keys.canonical(fields).encode()


def decode(data: bytes) -> list[Task]:
    """The tasks that `encode` turned into `data`."""
    return [
        Task(
            recipe=Recipe.from_data(fields["recipe"]),
            runs=tuple((seed, key) for seed, key in fields["runs"]),
            folder=fields["folder"],
            measure=by_name(fields["measure"]),
            keep=None if fields["keep"] is None else frozenset(fields["keep"]),
        )
        for fields in json.loads(data)
    ]


def encode_done(ended: Sequence[Done]) -> bytes:
    """What a worker tells of the runs that ended."""
    return keys.canonical([astuple(done) for done in ended]).encode()


def decode_done(data: bytes) -> list[Done]:
    """What `encode_done` turned into `data`."""
    return [Done(*fields) for fields in json.loads(data)]


def name_of(function: Callable[..., Any]) -> str:
    """`module:name`, by which another process finds a function. Raises Problem (exit 2) for one made in a function."""
    module, name = getattr(function, "__module__", ""), getattr(function, "__qualname__", repr(function))
    try:
        if by_name(f"{module}:{name}") is function:
            return f"{module}:{name}"
    except (ImportError, AttributeError, ValueError):
        pass
    raise problem("measure", name, "a function that a module names, for workers to import", "one made elsewhere")


def by_name(name: str) -> Callable[..., Any]:
    """The function of `name_of`."""
    module, _, path = name.partition(":")
    found: Any = importlib.import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    return found


# Working ----------------------------------------------------------------------------------------------------------


def work(data: bytes) -> bytes:
    """Does every run of encoded tasks in this process. One run that fails does not stop the next."""
    return encode_done(list(serial(decode(data))))


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
        return Done(seed, key, time.perf_counter() - start, in_words(error))
    return Done(seed, key, time.perf_counter() - start)


def serial(tasks: Sequence[Task]) -> Iterator[Done]:
    """The reference executor: one run after another in this process."""
    for task in tasks:
        for seed, key in task.runs:
            with interrupts.held():
                done = _one(task, seed, key)
            yield done


def carry(work: str, data: bytes) -> bytes:
    """Does encoded tasks by a named function; one call at a time, since threads would only wait for each other."""
    with _at_work:
        return by_name(work)(data)


async def compiled() -> None:
    """Compiles what is not compiled yet, in a thread, so that a worker goes on answering its scheduler meanwhile."""
    await asyncio.to_thread(warm.once)


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """All that decides the bytes of a part, as it was when this process was asked first."""
    root = Path(__file__).parent.parent
    floors = (*keys.MODEL_FLOORS, "runs", "analysis")  # analysis measures
    files = [path for floor in floors for path in (root / floor).rglob("*.py")]
    source = keys.files_version((path.relative_to(root).as_posix(), path) for path in files)
    return {"source": source[: keys.SHORT], "record": record.load().version[: keys.SHORT], **store.made_on()}


def processes(workers: int, work: Work = work) -> Executor:
    """An executor on `workers` processes. `work`: a function of some module; another one is for measuring overhead."""

    def execute(tasks: Sequence[Task]) -> Iterator[Done]:
        undone = dict.fromkeys(tasks)
        deaths: Counter[Task] = Counter()
        alone = False
        while undone:
            before = len(undone)
            yield from _pass(undone, 1 if alone else workers, work)
            if alone and len(undone) == before:
                # A single process died over the first task: no other can be to blame.
                first = next(iter(undone))
                del undone[first]
                deaths[first] += 1
                if deaths[first] < DEATHS:
                    undone[first] = None
                else:
                    yield from failed([first], ENDED)
                continue
            alone = bool(undone) and len(undone) == before
            _suspects_last(undone, workers)

    return execute


def _pass(undone: dict[Task, None], workers: int, work: Work) -> Iterator[Done]:
    """One life of a pool: yields what ends and takes it out of `undone`; returns at the end or when the pool broke."""
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _start_worker)
    futures: dict[Future[bytes], Task] = {}
    try:
        with _quiet_start(), contextlib.suppress(BrokenProcessPool):
            for task in undone:
                futures[pool.submit(work, encode([task]))] = task
        for future in as_completed(futures):
            with contextlib.suppress(BrokenProcessPool):
                ended = decode_done(future.result())
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
