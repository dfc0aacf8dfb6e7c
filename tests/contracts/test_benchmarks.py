"""The benchmarks run, and say truly whether a goal was met."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks.measure import Measurement, in_new_process, table, timed
from tests.contracts.source import ROOT


def test_goals_are_upper_bounds_for_times_and_lower_ones_for_rates():
    assert Measurement("a", 0.2, "s", goal=0.3).met
    assert not Measurement("a", 0.4, "s", goal=0.3).met
    assert Measurement("a", 4, "histories per second", goal=3).met
    assert not Measurement("a", 2, "histories per second", goal=3).met
    assert Measurement("a", 2, "s").met is None


def test_the_table_marks_what_was_missed():
    assert "| slow | 0.4 s | 12 | 0.3 s (missed) | why |" in table([Measurement("slow", 0.4, "s", "why", 12.0, 0.3)])


def test_calls_before_the_clock_starts_do_not_count():
    calls = []
    best, median, yardsticks = timed(calls.append, 3, before=2)
    assert calls == [-1, -2, 0, 1, 2]
    assert 0 <= best <= median
    assert yardsticks >= 0


def test_memory_is_that_of_the_process_alone():
    mine = bytearray(300_000_000)
    _, small = in_new_process("pass")
    _, large = in_new_process("x = bytearray(100_000_000)")
    assert len(mine) / 1e6 > small
    assert 60 < large - small < 200


@pytest.mark.slow
def test_the_benchmarks_run():
    done = subprocess.run(
        [sys.executable, "benchmarks/run.py", "--quick"], cwd=ROOT, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    assert "one history" in done.stdout
