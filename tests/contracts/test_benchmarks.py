"""The benchmarks run, and say truly whether a goal was met."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import time

import pytest

from benchmarks.measure import Measurement, in_new_process, table, timed
from partystate.runs import executors
from partystate.runs.recipe import Recipe
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


@pytest.fixture
def overhead(monkeypatch):
    """The module that measures executors, found as `make bench` finds it."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    return importlib.import_module("benchmarks.executors")


def test_overhead_is_what_lies_between_tasks(overhead):
    # One process is at work for 2 s, the other begins 1 s later: 3 s for 250 tasks, 12 ms for each of 10.
    entrant = overhead.Entrant("made up", lambda runs: ([("b", 1.5), ("a", 0.0), ("a", 1.0), ("b", 1.0)], 2.0))
    entrant.measure(250)
    measured = entrant.measurement()
    assert measured.value == pytest.approx(2)
    assert (measured.name, measured.unit, measured.met) == ("overhead of a run: made up", "ms", None)


def test_the_task_of_the_overhead_is_done_for_every_run(overhead):
    tasks = [executors.Task(Recipe(), ((1, ""), (2, "")), "", overhead.nothing)]
    start = time.perf_counter()
    ended = executors.decode_done(overhead.nap(executors.encode(tasks)))
    assert time.perf_counter() - start >= 2 * overhead.TASK
    assert [done.seed for done in ended] == [1, 2]
    assert {done.key for done in ended} == {str(os.getpid())}


@pytest.mark.slow
def test_the_benchmarks_run():
    done = subprocess.run(
        [sys.executable, "benchmarks/run.py", "--quick"], cwd=ROOT, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    assert "one history" in done.stdout
    assert "overhead of a run: Dask" in done.stdout
