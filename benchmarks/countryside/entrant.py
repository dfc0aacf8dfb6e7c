"""Times one implementation in a process of its own: ``python -m countryside.entrant MODULE N THREADS REPEATS SAVED``.

Prints one line of JSON: seconds of each repeat (36 months; the initial state is made beforehand), seconds of the
set-up, peak memory in MB, and versions. With one thread they are seconds of the processor, so that other programs,
which take turns with this one, do not count; with several, of the clock. The result of the last repeat goes to the
file SAVED (.npy).
"""

from __future__ import annotations

import importlib
import json
import platform
import resource
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from . import workload as w

PACKAGES = ("numpy", "numba", "mesa", "mesa-frames", "polars", "starsim")
SMALL = 10_000  # households of the run before the clock starts, which loads and compiles all that is used


def peak_memory() -> float:
    """MB. Linux counts the memory of the process that started this one into ru_maxrss, so its own mark is read."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text("ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def versions() -> dict[str, str]:
    """Of Python and of those packages that are installed here."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def main(module: str, households: int, threads: int, repeats: int, saved: str) -> None:
    clock = time.process_time if threads == 1 else time.perf_counter
    prepare = importlib.import_module(f".{module}", __package__).prepare
    prepare(w.initial(min(SMALL, households)), w.SEED, threads)()
    began = clock()
    start = w.initial(households)
    seconds = []
    for repeat in range(repeats):
        go = prepare(start, w.SEED, threads)
        if repeat == 0:
            setup = clock() - began
        began = clock()
        result = go()
        seconds.append(clock() - began)
        del go
    np.save(saved, result)
    print(json.dumps({"seconds": seconds, "setup": setup, "memory": peak_memory(), "versions": versions()}))


if __name__ == "__main__":
    main(sys.argv[1], int(float(sys.argv[2])), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
