"""The race: all implementations in turns, each in a process of its own, several rounds, several sizes.

A part of ``make bench``; alone, in the folder benchmarks, ``python -m countryside.race``. Writes results.json beside
this file. ``--large`` adds 25 million households, as many as the country had, for our kernel and C.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from measure import Measurement

from . import check, quiet, reference
from . import workload as w

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results.json"
PEERS = HERE.parent.parent / ".venv-peers/bin/python"
CORES = os.cpu_count() or 1
POOLS = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS")
CROWDED = 0.4  # cores used by others from which on the clock is not believed
LARGE, MAIN = 25_000_000, 1_000_000
OURS, C = "partystate", "C"
ROUNDS, WAIT = 3, 20.0  # WAIT: seconds of patience at most before one process
MANY = {1: 0, 2: 100_000}  # households from which on so many threads are worth their start


@dataclass(frozen=True)
class Entrant:
    """One implementation. `module` of this folder, "" for C; `package` names its version; repeats: by size."""

    name: str
    module: str
    package: str
    peer: bool = True
    threads: tuple[int, ...] = (1,)
    same_draws: bool = False
    repeats: dict[int, int] = field(default_factory=lambda: {10_000: 5, 100_000: 2, MAIN: 1})
    rounds: dict[int, int] = field(default_factory=dict)  # by size, where not ROUNDS


FAST = {10_000: 15, 100_000: 10, MAIN: 5, LARGE: 2}
ENTRANTS = (
    Entrant(OURS, "ours", "numba", False, (1, 2), True, FAST, {LARGE: 1}),
    Entrant(C, "", "", False, (1, 2), True, FAST, {LARGE: 1}),
    Entrant("NumPy", "with_numpy", "numpy", False),
    Entrant("Starsim", "with_starsim", "starsim"),
    Entrant("Polars", "with_polars", "polars", threads=(1, 2)),
    Entrant("mesa-frames", "with_mesa_frames", "mesa-frames", threads=(1, 2)),
    Entrant("Mesa", "with_mesa", "mesa", repeats=dict.fromkeys((10_000, 100_000, MAIN), 1), rounds={MAIN: 1}),
)
GOALS = {"Mesa": 250, "mesa-frames": 15, "Starsim": 10, C: 0.8}  # times our time, one thread, a million households


@dataclass
class Row:
    """What one entrant took at one size with one number of threads. rounds: seconds of each repeat, by round."""

    entrant: Entrant
    households: int
    threads: int
    rounds: list[list[float]] = field(default_factory=list)
    memory: float = 0.0
    version: str = ""
    others: list[float] = field(default_factory=list)  # cores that others used, by round
    identical: bool = True  # to the result that all are checked against, in every round

    @property
    def bests(self) -> list[float]:
        """ns for a household in a month, the best of each round."""
        return [self.nanoseconds(min(seconds)) for seconds in self.rounds]

    def nanoseconds(self, seconds: float) -> float:
        return seconds * 1e9 / (self.households * w.MONTHS)

    def as_dict(self, mine: Row, triad: float) -> dict:
        """Plain data. mine: our row of the same size and threads; triad: GB/s with as many threads."""
        ratios = [theirs / ours for theirs, ours in zip(self.bests, mine.bests, strict=False)]
        every = [self.nanoseconds(seconds) for round_ in self.rounds for seconds in round_]
        return {
            "households": self.households,
            "name": self.entrant.name,
            "version": self.version,
            "threads": self.threads,
            "same_draws": self.entrant.same_draws,
            "identical": self.identical,
            "runs": len(every),
            "rounds": len(self.rounds),
            "best_ns": min(every),
            "median_ns": statistics.median(every),
            "ratio": min(self.bests) / min(mine.bests),
            "ratio_low": min(ratios),
            "ratio_high": max(ratios),
            "others_cores": statistics.mean(self.others),
            "memory_mb": self.memory,
            "share_of_triad": w.BYTES / (min(every) * triad),
        }


class Race:
    """Rows and faults of a race that is being run. folder: for the compiled program and for results; patience: seconds
    for which to wait, in all, for others to leave the machine alone.
    """

    def __init__(self, folder: Path, entrants: tuple[Entrant, ...], patience: float = 0.0) -> None:
        self.folder, self.patience = folder, patience
        self.rows: dict[tuple[int, str, int], Row] = {}
        self.faults: list[str] = []
        self.triads: dict[int, float] = {}
        self.load = round(os.getloadavg()[0], 2)
        fault = reference.build(folder) if any(e.name == C for e in entrants) else ""
        if fault:
            self.leave_out(f"{C} is left out: {fault}")
        if not PEERS.exists() and any(e.peer for e in entrants):
            self.leave_out(f"peers are left out: {PEERS.parent.parent.name} is not there; make bench installs it")
        present = [e for e in entrants if (PEERS.exists() or not e.peer) and not (fault and e.name == C)]
        # What the others are checked against runs first.
        self.entrants = sorted(present, key=lambda e: (e.name != C, e.name != OURS))

    def leave_out(self, why: str) -> None:
        self.faults.append(why)
        print(f"countryside: {why}", file=sys.stderr, flush=True)

    def run(self, sizes: list[int], rounds: int) -> None:
        for size in sizes:
            for number in range(rounds):
                self.round(size, number)

    def round(self, size: int, number: int) -> None:
        """Everybody once, in turn; all with one thread, then all with two."""
        standard = None
        for threads in [n for n in MANY if n <= CORES]:
            for entrant in self.entrants:
                if threads not in entrant.threads or size not in entrant.repeats:
                    continue
                if number >= entrant.rounds.get(size, number + 1) or size < MANY[threads]:
                    continue
                row = self.rows.setdefault((size, entrant.name, threads), Row(entrant, size, threads))
                self.patience -= quiet.wait(min(self.patience, WAIT))
                with quiet.watch() as others:
                    found, result = self.time(entrant, size, threads)
                if "fault" not in found:
                    standard = result if standard is None else standard
                    wrong = check.faults(result, standard, size, entrant.same_draws)
                    found |= {"fault": f"does not pass the check: {wrong[0]}"} if wrong else {}
                if "fault" in found:
                    del self.rows[size, entrant.name, threads]
                    self.leave_out(f"{entrant.name} at {size:,} households {found['fault']}")
                    continue
                row.rounds.append(found["seconds"])
                row.others += others
                row.memory = max(row.memory, found["memory"])
                row.version = found["version"]
                row.identical &= bool(np.array_equal(result, standard))
                said = f"{entrant.name}, {threads} thread(s), round {number + 1}: {row.bests[-1]:.3g} ns"
                print(f"countryside: {size:,} households, {said}", file=sys.stderr, flush=True)

    def time(self, entrant: Entrant, size: int, threads: int) -> tuple[dict, np.ndarray]:
        """({seconds, memory, version}, result) of one process; ({fault}, nothing) if it broke."""
        repeats = entrant.repeats[size]
        if entrant.name == C:
            found, _ = reference.run(self.folder, 1000, 1, 1, 0)
            draws = found["widest"]
            found, result = reference.run(self.folder, size, threads, repeats, draws)
            return {**found, "version": reference.DRAWS[draws]}, result
        saved = self.folder / "result.npy"
        python = str(PEERS) if entrant.peer else sys.executable
        done = subprocess.run(
            [python, "-m", "countryside.entrant", entrant.module, str(size), str(threads), str(repeats), str(saved)],
            cwd=HERE.parent,
            env={**os.environ, "PYTHONWARNINGS": "ignore", **dict.fromkeys(POOLS, str(threads))},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            return {"fault": f"broke: {done.stderr.strip().splitlines()[-1]}"}, np.empty(0)
        found = json.loads(done.stdout.splitlines()[-1])
        package = entrant.package
        return {**found, "version": f"{package} {found['versions'][package]}"}, np.load(saved)

    def bandwidth(self) -> None:
        """The best triad of C and of Numba for each number of threads, in GB/s; taken before and after the race."""
        for threads in [n for n in MANY if n <= CORES]:
            command = [sys.executable, "-m", "countryside.triad", str(threads)]
            done = subprocess.run(command, check=True, cwd=HERE.parent, capture_output=True, text=True)
            rates = [float(done.stdout), self.triads.get(threads, 0.0)]
            if any(e.name == C for e in self.entrants):
                rates.append(reference.triad(self.folder, threads))
            self.triads[threads] = max(rates)

    def as_dict(self) -> dict:
        """Plain data for results.json."""
        rows = [
            row.as_dict(self.rows[size, OURS, threads], self.triads[threads])
            for (size, _, threads), row in sorted(self.rows.items(), key=lambda item: (item[0][0], item[0][2]))
            if (size, OURS, threads) in self.rows
        ]
        return {
            "machine": {**machine(), "load": self.load},
            "triad_gb_s": self.triads,
            "left_out": self.faults,
            "rows": rows,
        }


def machine() -> dict:
    """What the times depend on; nothing that tells one machine from another of its kind."""
    info = Path("/proc/cpuinfo")
    text = info.read_text("utf-8") if info.exists() else ""
    model = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    flags = re.search(r"^flags\s*:\s*(.+)$", text, re.MULTILINE)
    wide = {"avx2", "avx512f"} & set(flags[1].split() if flags else ())
    return {
        "system": f"{platform.system()}, {platform.machine()}",
        "processor": model[1] if model else platform.processor(),
        "instructions": sorted(wide),
        "cores": CORES,
        "python": platform.python_version(),
        "compiler": compiler_version(),
    }


def compiler_version() -> str:
    name = reference.compiler()
    if name is None:
        return "none"
    version = subprocess.run([name, "-dumpfullversion"], capture_output=True, text=True).stdout.strip()
    return f"GCC {version}"


def race(quick: bool, large: bool = False, patience: float = 0.0) -> Iterator[Measurement]:
    """Runs the race, writes results.json (not if quick), and yields how many times our time the others take."""
    entrants = tuple(e for e in ENTRANTS if not e.peer) if quick else ENTRANTS
    sizes = [10_000] if quick else [10_000, 100_000, MAIN, *([LARGE] if large else [])]
    with tempfile.TemporaryDirectory() as folder:
        running = Race(Path(folder), entrants, patience)
        running.bandwidth()
        running.run(sizes, 1 if quick else ROUNDS)
        running.bandwidth()
        found = running.as_dict()
    if not quick:
        RESULTS.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    yield from measurements(found, sizes[0] if quick else MAIN)


def measurements(found: dict, size: int) -> Iterator[Measurement]:
    """Lines for the table of all benchmarks: our time, and how many times as long the others take."""
    for row in found["rows"]:
        if row["households"] != size or row["threads"] != 1:
            continue
        note = f"{size:,} households, 36 months, one thread; median {row['median_ns']:.3g} ns"
        if row["name"] == OURS:
            yield Measurement("household in a month", row["best_ns"], "ns", note)
            continue
        note += f"; by round {row['ratio_low']:.3g} to {row['ratio_high']:.3g}"
        goal = GOALS.get(row["name"]) if size == MAIN else None
        yield Measurement(f"countryside: {row['name']}", row["ratio"], "times ours, per core", note, goal=goal)


def section() -> str:
    """The section of docs/performance.md, from results.json; empty if there are no results."""
    if not RESULTS.exists():
        return ""
    found = json.loads(RESULTS.read_text("utf-8"))
    facts, triads = found["machine"], found["triad_gb_s"]
    rates = ", ".join(f"{rate:.3g} GB/s with {threads}" for threads, rate in triads.items())
    lines = [
        "## The countryside workload beside other frameworks\n",
        "One small job, written down in [workload.py](../benchmarks/countryside/workload.py), done by every framework: "
        "households in 30 regions harvest, eat, sell, deliver, go hungry and join for 36 months, every month for all "
        "of them before the next. It is a benchmark and no history. Each implementation has to give the same result "
        "before its time counts: number for number where the draws are the same, within chance where the framework "
        "draws its own. All run in turns in processes of their own; the initial state and imports do not count. "
        "Times are those of the processor with one thread, which other programs disturb little, and of the clock "
        "with two.\n",
        f"{facts['processor']}, {facts['cores']} cores ({', '.join(facts['instructions']) or 'no wide instructions'}); "
        f"{facts['system']}; Python {facts['python']}, {facts['compiler']}. ns: best (median) for one household in "
        "one month. Ratio: its best time over that of partystate with as many threads (lowest to highest of the "
        f"rounds). Bandwidth: the {w.BYTES} bytes a household-month has to touch, as a share of the best triad "
        f"measured here ({rates} threads).\n",
    ]
    shown = [row for row in found["rows"] if row["threads"] == 1 or row["others_cores"] <= CROWDED]
    for size in dict.fromkeys(row["households"] for row in shown):
        lines += [f"{size:,} households:\n", *table_of([row for row in shown if row["households"] == size]), ""]
    if len(shown) < len(found["rows"]):
        lines.append(
            f"Not shown: {len(found['rows']) - len(shown)} rows with two threads, during which other programs used "
            f"more than {CROWDED:g} cores, so that the clock says little.\n"
        )
    lines += [f"Left out: {why}.\n" for why in found["left_out"]]
    used = [row["others_cores"] for row in found["rows"]]
    exact = all(row["identical"] for row in found["rows"] if row["same_draws"])
    lines.append(
        f"C is our kernel written by hand: the same draws, {'bit for bit' if exact else 'but for rounding'} the same "
        "result on one thread and on two. The others draw from generators of their own, which are cheaper, and only "
        "where a draw is used. Mesa runs its agents in one fixed order and without a data collector; Starsim and "
        f"mesa-frames work on whole columns. Other programs used {min(used):.2g} to {max(used):.2g} cores meanwhile."
    )
    return "\n".join(lines) + "\n"


def table_of(rows: list[dict]) -> list[str]:
    lines = [
        "| implementation | threads | ns | ratio | memory | bandwidth | runs |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in sorted(rows, key=lambda row: (row["threads"], row["best_ns"])):
        low, high = f"{row['ratio_low']:.3g}", f"{row['ratio_high']:.3g}"
        spread = f" ({low})" if low == high else f" ({low} to {high})"
        ratio = "1" if row["name"] == OURS else f"{row['ratio']:.3g}{spread}"
        lines.append(
            f"| {row['name']} ({row['version']}) | {row['threads']} | {row['best_ns']:.3g} ({row['median_ns']:.3g}) "
            f"| {ratio} | {row['memory_mb']:.0f} MB | {row['share_of_triad']:.1%} | {row['runs']} |"
        )
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one small size, without peers; nothing written")
    parser.add_argument("--large", action="store_true", help="25 million households too, for our kernel and C")
    parser.add_argument("--patience", type=float, default=0, help="seconds, in all, to wait for a quiet machine")
    chosen = parser.parse_args()
    for measurement in race(chosen.quick, chosen.large, chosen.patience):
        print(f"{measurement.name:36s} {measurement.value:10.4g} {measurement.unit}  {measurement.note}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
