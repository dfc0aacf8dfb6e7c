"""What else the machine is doing: cores used by others, and waiting for them to finish. Linux only; elsewhere 0."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STAT = Path("/proc/stat")
QUIET = 0.15  # cores


def _busy() -> float:
    """Seconds of all cores together that somebody used since the machine started."""
    if not STAT.exists():
        return 0.0
    user, nice, system, _idle, _wait, irq, softirq, steal = map(int, STAT.read_text("ascii").split(None, 9)[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def _own() -> float:
    """Seconds that this process and those it has waited for used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


@contextmanager
def watch() -> Iterator[list[float]]:
    """Gives a list that holds, once the block has ended, the cores that others used meanwhile."""
    found: list[float] = []
    began, busy, own = time.perf_counter(), _busy(), _own()
    yield found
    if STAT.exists():
        found.append(max(0.0, _busy() - busy - _own() + own) / (time.perf_counter() - began))
    else:
        found.append(0.0)


def wait(most: float) -> float:
    """Waits until others leave the machine alone for two seconds, `most` seconds at most; returns what it waited."""
    began = time.perf_counter()
    while time.perf_counter() - began < most:
        with watch() as others:
            time.sleep(2.0)
        if others[0] < QUIET:
            break
    return time.perf_counter() - began
