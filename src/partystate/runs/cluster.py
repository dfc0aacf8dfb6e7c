"""Runs tasks on the workers of a Dask scheduler: the same parts as `serial` makes, in a folder that all of them share.

Workers are sent bytes and names, never live objects. Batches are handed out in a window that keeps every worker busy;
Dask gives the batch of a worker that is killed to another, which makes only the parts that are not there yet.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import re
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from partystate.foundation.problems import problem
from partystate.runs import executors, parts
from partystate.runs.executors import ENDED, Done, Executor, Task, Work, in_words

ADDRESS = re.compile(r"(tcp|tls)://([^\s:/\[\]]+|\[[0-9a-fA-F:.]+\]):\d{1,5}")
CONNECT = 10.0  # seconds to wait for an answer of the scheduler
PATIENCE = 60.0  # seconds to wait for a worker while there is none
TICK = 1.0  # seconds between looks at whether both are there
SMALLEST, LARGEST = 10, 32  # runs to a batch, since handing one out costs Dask about 10 ms
AHEAD = 3  # batches handed out for each worker
AGAIN = "Parts that are made are kept: start it again, and the same command goes on where it stopped."


def cluster(address: str, work: Work = executors.work) -> Executor:
    """An executor on the workers of the scheduler at `address`, such as tcp://host:8786.

    work: a function of some module; another one is for measuring overhead. Raises Problem (exit 2), before anything is
    written, when the scheduler cannot be reached, has no workers, or has some of another version than this process.
    """
    if not ADDRESS.fullmatch(address):
        raise problem("--cluster", "address", "tcp://HOST:PORT of a Dask scheduler", address)
    with _client(address) as client:
        _greet(client)

    def execute(tasks: Sequence[Task]) -> Iterator[Done]:
        here = [replace(task, folder=os.path.abspath(task.folder)) for task in tasks]
        if here:
            with _client(address) as client:
                _check_folder(client, Path(here[0].folder))
                yield from _hand_out(client, here, executors.name_of(work))

    return execute


@contextlib.contextmanager
def _client(address: str) -> Iterator[Any]:
    try:
        import distributed
    except ImportError:
        raise problem("--cluster", "package", "distributed", "none", "Install partystate[cluster].") from None
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # a lost scheduler is told in our words
    try:
        client = distributed.Client(address, timeout=CONNECT, set_as_default=False)
    except Exception as error:  # it may also miss certificates
        raise problem("--cluster", "scheduler", f"one that answers at {address}", in_words(error)) from None
    with client:
        try:
            yield client
        except (OSError, CancelledError):
            raise problem("--cluster", "scheduler", f"one at {address} to the end", "none any more", AGAIN) from None


def _hand_out(client: Any, tasks: Sequence[Task], work: str) -> Iterator[Done]:
    from distributed import KilledWorker

    share = sum(len(task.runs) for task in tasks) / max(1, _workers(client))
    size = max(SMALLEST, int(share) // executors.BATCHES_PER_WORKER)
    waiting = deque(executors.regrouped(tasks, min(LARGEST, size, math.ceil(share))))
    suspects: deque[list[Task]] = deque()
    under_way: dict[Any, list[Task]] = {}
    ended: SimpleQueue[Any] = SimpleQueue()
    alone = False
    while waiting or under_way or suspects:
        if not waiting and not under_way:
            waiting, suspects, alone = suspects, deque(), True
        room = (1 if alone else AHEAD * max(1, _workers(client))) - len(under_way)
        for _ in range(min(room, len(waiting))):
            batch = waiting.popleft()
            future = client.submit(executors.carry, work, executors.encode(batch), pure=False)
            under_way[future] = batch
            future.add_done_callback(ended.put)
        future = _next(ended, client)
        batch = under_way.pop(future)
        error = future.exception() if future.status == "error" else None
        if isinstance(error, KilledWorker) and not alone:
            suspects.extend(executors.regrouped(batch, 1))  # a worker takes all that waits for it along
        elif error is not None:
            yield from executors.failed(batch, ENDED if isinstance(error, KilledWorker) else in_words(error))
        else:
            try:
                yield from executors.decode_done(future.result(timeout=CONNECT))
            except TimeoutError:  # its worker has gone with the answer, and another does the batch again
                under_way[future] = batch
                future.add_done_callback(ended.put)


def _next(ended: SimpleQueue[Any], client: Any) -> Any:
    """The next future that ended. Raises Problem when there has been no worker for long."""
    seen = time.monotonic()
    while True:
        with contextlib.suppress(Empty):
            return ended.get(timeout=TICK)
        if _workers(client):
            seen = time.monotonic()
        elif time.monotonic() - seen > PATIENCE:
            raise problem("--cluster", "workers", "at least one", f"none for {PATIENCE:g} s", AGAIN)


def _workers(client: Any) -> int:
    if client.status != "running":
        raise CancelledError
    return client.scheduler_info(n_workers=0)["n_workers"]


def _greet(client: Any) -> None:
    """Waits for workers, compares their versions with ours, and has each machine compile the kernels once."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError:
        raise problem("--cluster", "workers", "at least one", "none", "Start some with `dask worker`.") from None
    machines = {}
    for worker, theirs in client.run(executors.versions, on_error="return").items():
        if theirs != (ours := executors.versions()):
            raise problem(worker, "versions", str(ours), theirs, "Install the same there, and start it again.")
        machines[worker.rpartition(":")[0]] = worker
    for worker, error in client.run(executors.compiled, workers=list(machines.values()), on_error="return").items():
        if error is not None:
            raise problem(worker, "kernels", "a worker that can compile them", in_words(error))


def _check_folder(client: Any, folder: Path) -> None:
    """Raises Problem (exit 2) unless every worker sees a file that is put into `folder`."""
    with tempfile.NamedTemporaryFile(dir=folder, prefix=parts.TEMPORARY) as mark:
        seen = client.run(os.path.exists, mark.name, on_error="return")
    for worker, there in seen.items():
        if there is not True:
            raise problem("--out", str(folder), "a folder that all workers share", f"one that {worker} does not see")
