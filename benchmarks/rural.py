"""What the rules of the countryside cost: nanoseconds a household and month, by size of the table and by threads.

Every size is run in a process of its own, after a short history that loads the kernels; founding January 1922 does not
count. The exponent says how the cost of a history grows with the rows: 1 is in proportion, less where what does not
hang on the rows still weighs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from measure import PEAK, Measurement

SEED = 910_000
MONTHS = 234
SIZES = (2500, 110, 11)  # households to a row: the default sample, some 200,000 rows, some 2,000,000
CORES = 2
SAMPLE_GOAL = 0.3  # seconds of one history of the default sample
FULL_GOALS = 180.0, 2048.0  # seconds and MB of a history with every household a row, on two cores
RUN = """
import time
from partystate.runs.recipe import BARE, Recipe
Recipe(only="countryside").built().simulate({seed}, watching=BARE)
built, times = Recipe(only="countryside", scale={scale}).built(), []
for repeat in range({repeats}):
    simulation, households = built.start({seed} + repeat, BARE), 0
    start = time.perf_counter()
    for month in range({months}):
        simulation.step()
        households += int(simulation.world.now["household.rows"].sum())
    times.append(time.perf_counter() - start)
print(min(times), households)
"""


@dataclass(frozen=True)
class Cost:
    """A run: seconds, rows and months of it, peak memory of the process in MB."""

    seconds: float
    rows: float
    months: int
    memory: float

    @property
    def each(self) -> float:
        """Nanoseconds a household and month."""
        return self.seconds / self.rows / self.months * 1e9


def cost(scale: int, threads: int, months: int, repeats: int = 1) -> Cost:
    """The best of some runs of a new process, with ``scale`` households to a row."""
    code = RUN.format(seed=SEED, scale=scale, months=months, repeats=repeats) + PEAK
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "NUMBA_NUM_THREADS": str(threads)},
    )
    seconds, households, _, memory = done.stdout.split()
    return Cost(float(seconds), int(households) / months, months, float(memory))


def exponent(costs: list[Cost]) -> float:
    """Slope of the logarithm of the seconds over that of the rows."""
    return float(np.polyfit(np.log([c.rows for c in costs]), np.log([c.seconds for c in costs]), 1)[0])


def rural(quick: bool) -> Iterator[Measurement]:
    """The sample, two larger tables on one core and on two, the exponent, and every household a row."""
    sizes, months = (SIZES[:1] + SIZES[1:2], 12) if quick else (SIZES, MONTHS)
    cost(SIZES[1], CORES, 1)  # compiles what is not in the cache
    alone = []
    for scale in sizes:
        for threads in (1, CORES):
            if threads > 1 and scale == SIZES[0]:
                continue  # too few chunks to share
            one = cost(scale, threads, months, repeats=5 if scale == SIZES[0] else 1)
            alone += [one] if threads == 1 else []
            note = f"{one.rows:,.0f} rows, {one.months} months, {one.seconds:.3g} s; peak {one.memory:.0f} MB"
            on = "one thread" if threads == 1 else f"{threads} threads"
            yield Measurement(f"countryside: {one.rows:.2g} rows, {on}", one.each, "ns a household-month", note)
            if scale == SIZES[0] and not quick:
                yield Measurement(
                    "countryside: one history", one.seconds, "s", "default sample, bare", goal=SAMPLE_GOAL
                )
    yield Measurement("countryside: exponent of cost", exponent(alone), "", "seconds over rows, one thread")
    if quick:
        return
    whole = cost(1, CORES, MONTHS)
    note = f"{whole.rows:,.0f} rows on {CORES} threads; {whole.each:.3g} ns a household-month"
    yield Measurement("countryside: 1:1 history", whole.seconds, "s", note, goal=FULL_GOALS[0])
    yield Measurement("countryside: memory of it", whole.memory, "MB", "peak of the process", goal=FULL_GOALS[1])


if __name__ == "__main__":
    for measurement in rural("--quick" in sys.argv):
        print(json.dumps(measurement.as_dict()), flush=True)
