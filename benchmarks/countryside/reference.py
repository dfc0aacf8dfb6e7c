"""The workload in C, compiled on the spot with the machine's own compiler and its widest instructions."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np

from . import workload as w

HERE = Path(__file__).resolve().parent
FAST = ("-O3", "-march=native", "-fopenmp", "-ffp-contract=off")
# GCC makes vectors of the rules only if it does not put the branches back in: the last two are worth five times.
RULES = ("-fno-trapping-math", "-fno-math-errno", "-fno-thread-jumps", "-fno-split-paths")
DRAWS = {0: "Philox as the compiler makes it", 2: "Philox in AVX2", 3: "Philox in AVX-512"}


def compiler() -> str | None:
    """The name of a GCC, or None; other compilers do not know the flags."""
    for name in (os.environ.get("CC"), "gcc", "cc"):
        if name and shutil.which(name):
            said = subprocess.run([name, "--version"], capture_output=True, text=True).stdout
            if "Free Software Foundation" in said:
                return name
    return None


def build(folder: Path) -> str | None:
    """Makes `bench` and `stream` in `folder`; returns None, or what keeps it from being done."""
    name = compiler()
    if name is None:
        return "no GCC was found (set CC to name one)"
    for program, flags, last in (("bench", (*FAST, *RULES), ("-lm",)), ("stream", FAST, ())):
        command = [name, *flags, str(HERE / f"{program}.c"), "-o", str(folder / program), *last]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            return f"{name} could not compile {program}.c: {done.stderr.strip().splitlines()[-1]}"
    return None


def run(folder: Path, households: int, threads: int, repeats: int, draws: int) -> tuple[dict, np.ndarray]:
    """({seconds, memory, widest}, result float64[36, 30, 8]) of the built program. draws: a key of `DRAWS`."""
    saved = folder / "result.bin"
    arguments = (households, threads, repeats, draws, saved)
    done = subprocess.run([folder / "bench", *map(str, arguments)], check=True, capture_output=True, text=True)
    return json.loads(done.stdout), np.fromfile(saved).reshape(w.MONTHS, w.REGIONS, len(w.SERIES))


def triad(folder: Path, threads: int) -> float:
    """GB/s of the built program."""
    done = subprocess.run([folder / "stream", str(threads)], check=True, capture_output=True, text=True)
    return float(done.stdout)
