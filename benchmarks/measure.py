"""How a benchmark measures: best and median of several runs, beside a yardstick taken in the same minutes.

Seconds depend on the machine and on what else it does. So every time is also given in *yardsticks*: the time of a bare
Python loop of a million additions on the same machine, measured just before and just after.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass

LOOP = 1_000_000


@dataclass(frozen=True)
class Measurement:
    """One line of the table. `value` in `unit`; `yardsticks`: the same time in bare loops, None for other units.

    `goal`: the most (or least, for rates) that is wanted, in `unit`; None where nothing was promised.
    """

    name: str
    value: float
    unit: str
    note: str = ""
    yardsticks: float | None = None
    goal: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without a goal."""
        if self.goal is None:
            return None
        return self.value >= self.goal if "per" in self.unit else self.value <= self.goal

    def as_dict(self) -> dict:
        """Plain data for results.json."""
        return {**asdict(self), "met": self.met}


def bare_loop() -> float:
    """Seconds of a million additions in plain Python: the yardstick."""
    start = time.perf_counter()
    total = 0
    for number in range(LOOP):
        total += number
    return time.perf_counter() - start


def timed(action: Callable[[int], object], times: int, before: int = 1) -> tuple[float, float, float]:
    """(best, median, yardsticks of the best) seconds of ``action(i)``; the first `before` calls do not count."""
    for number in range(before):
        action(-1 - number)
    loops, taken = [bare_loop()], []
    for number in range(times):
        start = time.perf_counter()
        action(number)
        taken.append(time.perf_counter() - start)
    loops.append(bare_loop())
    best = min(taken)
    return best, statistics.median(taken), best / min(loops)


def started(code: str, times: int = 7) -> tuple[float, float]:
    """(best, yardsticks) seconds of a new interpreter that runs `code`."""
    best, _, yardsticks = timed(lambda _: subprocess.run([sys.executable, "-c", code], check=True), times)
    return best, yardsticks


# Linux counts the memory of the process that started it into ru_maxrss, so its own high-water mark is read there.
PEAK = """
import pathlib, re, resource
status = pathlib.Path("/proc/self/status")
if status.exists():
    peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", status.read_text())[1]) / 1024
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
print("peak", peak)
"""


def in_new_process(code: str, environment: dict[str, str] | None = None) -> tuple[float, float]:
    """(seconds, peak memory in MB) of a new interpreter that runs `code`, both of the whole process."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code + PEAK],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **(environment or {})},
    )
    return time.perf_counter() - start, float(done.stdout.split()[-1])


def table(measurements: Iterable[Measurement]) -> str:
    """The measurements as a Markdown table."""
    rows = ["| what | measured | in bare loops | goal | note |", "|---|---|---|---|---|"]
    for m in measurements:
        loops = "" if m.yardsticks is None else f"{m.yardsticks:.3g}"
        goal = "" if m.goal is None else f"{m.goal:g} {m.unit}{'' if m.met else ' (missed)'}"
        rows.append(f"| {m.name} | {m.value:.3g} {m.unit} | {loops} | {goal} | {m.note} |")
    return "\n".join(rows)
