"""Ensembles: the same parts whoever makes them, and nothing lost when somebody is killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from partystate.foundation.problems import DATA, USAGE, Problem
from partystate.runs import design, ensemble, executors, parts, single, tables
from partystate.runs.recipe import BARE, Recipe
from tests.runs import helpers
from tests.runs.helpers import count_events

RUNS = 6
BRIEF = Recipe(months=12)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / ensemble.PARTS).glob("*.parquet")}


def make(folder: Path, runs: int = RUNS, workers: int = 1, measure=count_events, recipe: Recipe = BRIEF):
    return ensemble.run(design.replicates(recipe, runs), folder, measure, workers)


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """Parts made by the serial executor."""
    folder = tmp_path_factory.mktemp("serial")
    make(folder)
    return contents(folder)


@pytest.fixture
def begun(tmp_path, reference):
    """The folder of the serial executor, to be spoilt."""
    make(tmp_path / "begun", runs=1)
    for name, content in reference.items():
        (tmp_path / "begun" / ensemble.PARTS / name).write_bytes(content)
    return tmp_path / "begun"


# The same everywhere ----------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2, 7])
def test_any_number_of_processes_makes_the_same_parts(tmp_path, reference, workers):
    tasks = design.replicates(BRIEF, RUNS)
    ensemble.run(tasks, tmp_path, count_events, workers, executor=executors.processes(workers))
    assert contents(tmp_path) == reference


def test_replicates_differ_and_each_can_be_run_alone(begun):
    stored = ensemble.open_ensemble(begun)
    table = design.replicates(BRIEF, RUNS).table()
    found = {row.key: parts.facts(parts.path_of(begun / ensemble.PARTS, row.key)) for row in table}
    assert len({part.fingerprint for part in found.values()}) == RUNS
    alone = BRIEF.built().simulate(4, watching=BARE).result()
    assert found[table[3].key].seed == 4
    (row,) = stored.parts()[:1]
    assert row.seed == 1
    assert tables.fingerprint(alone.series, BRIEF.months) == found[table[3].key].fingerprint


def test_the_null_counterfactual_changes_nothing(tmp_path):
    text = "[systems]\noff = []\n[drivers]\ngrain_shortfall = { scale = 1.0, shift = 0.0 }\n"
    arms = {"reference": BRIEF, "null": replace(BRIEF, text=text)}
    stored, _ = ensemble.run(design.paired(arms, 3), tmp_path, count_events)
    assert stored.arms == ("reference", "null")
    one, two = stored.parts("reference"), stored.parts("null")
    assert [part.fingerprint for part in one] == [part.fingerprint for part in two]


def test_arms_share_their_seeds():
    rows = design.paired({"a": BRIEF, "b": replace(BRIEF, text='[systems]\noff = ["S01"]\n')}, 3, first_seed=7).table()
    assert [(row.arm, row.replicate, row.seed) for row in rows] == [
        ("a", 0, 7), ("a", 1, 8), ("a", 2, 9), ("b", 0, 7), ("b", 1, 8), ("b", 2, 9),
    ]  # fmt: skip
    assert len({row.key for row in rows}) == 6


# Reading ----------------------------------------------------------------------------------------------------------


def test_an_ensemble_is_read_in_the_order_of_its_seeds(tmp_path):
    stored, progress = make(tmp_path, 3)
    assert (progress.done, progress.found, progress.faults) == (3, 0, {})
    assert [part.seed for part in stored.parts()] == [1, 2, 3]
    outcomes = stored.outcomes()
    assert outcomes["events"].shape == (3,)
    assert np.isnan(outcomes["undefined"]).all()
    series = stored.series("bloc_size")
    assert series.shape == (3, BRIEF.months)
    values = BRIEF.built().simulate(2).result().series["bloc_size", None][: BRIEF.months]
    assert np.array_equal(series[1], values, equal_nan=True)
    run = single.run(BRIEF, 9, tmp_path / "runs", count_events)
    assert ensemble.newest(tmp_path.parent, run) == tmp_path
    other = single.run(replace(BRIEF, text='[systems]\noff = ["S01"]\n'), 9, tmp_path / "runs", count_events)
    assert ensemble.newest(tmp_path.parent, other) is None
    assert ensemble.newest(tmp_path / "nowhere", run) is None
    with pytest.raises(Problem, match="expected an arm of"):
        stored.parts("other")


# Going on ---------------------------------------------------------------------------------------------------------


def test_what_is_there_is_not_made_again(begun, reference):
    missing = sorted(reference)[2]
    (begun / ensemble.PARTS / missing).unlink()
    _, progress = make(begun)
    assert (progress.found, progress.done) == (RUNS - 1, 1)
    assert contents(begun) == reference


def test_an_ensemble_can_be_enlarged(tmp_path, reference):
    make(tmp_path, 2)
    _, progress = make(tmp_path, RUNS)
    assert (progress.found, progress.done) == (2, RUNS - 2)
    assert contents(tmp_path) == reference


def test_parts_cut_short_and_leftovers_are_put_right(begun, reference):
    folder = begun / ensemble.PARTS
    names = sorted(reference)
    (folder / names[0]).write_bytes(reference[names[0]][:-20])
    spoilt = bytearray(reference[names[1]])
    spoilt[len(spoilt) // 3] ^= 255
    (folder / names[1]).write_bytes(spoilt)
    shutil.copy(folder / names[2], folder / names[3])
    (folder / ".partial-x-1").write_bytes(b"half")
    _, progress = make(begun)
    assert (progress.found, progress.done) == (RUNS - 3, 3)
    assert contents(begun) == reference
    assert not list(folder.glob(".partial-*"))


def test_a_damaged_part_is_named_when_read(begun, reference):
    make(begun)
    path = begun / ensemble.PARTS / sorted(reference)[0]
    path.write_bytes(b"PAR1")
    with pytest.raises(Problem, match="expected a sound part of an ensemble") as caught:
        ensemble.open_ensemble(begun).parts()
    assert caught.value.exit_code == DATA
    assert str(path) in str(caught.value)


def test_another_design_is_kept_out(begun):
    cases = {
        "another scenario or other settings": replace(BRIEF, text='[systems]\noff = ["S01"]\n'),
        "another scenario": replace(BRIEF, months=13),
    }
    for words, recipe in cases.items():
        with pytest.raises(Problem, match=words) as caught:
            make(begun, recipe=recipe)
        assert caught.value.exit_code == USAGE


def test_runs_of_another_model_are_kept_out(begun, monkeypatch):
    monkeypatch.setattr("partystate.runs.keys.model_version", lambda: "0" * 64)
    with pytest.raises(Problem, match="runs of another version of the model"):
        make(begun)


def test_a_second_process_is_kept_out(begun):
    fcntl = pytest.importorskip("fcntl")
    with (begun / ensemble.LOCK).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(Problem, match="expected a folder no other process writes to; came one in use"):
            make(begun)


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Problem, match="expected a folder that can be written to"):
        make(tmp_path / "file")


@pytest.mark.parametrize(("runs", "first", "words"), [
    (0, 1, "--runs: runs: expected 1 or more; came 0"),
    (-3, 1, "--runs: runs: expected 1 or more; came -3"),
    (1, -1, "--first-seed: seed: expected 0 or more, below 2\\*\\*64; came -1"),
    (2, 2**64 - 1, "--first-seed: seed: expected 0 or more"),
])  # fmt: skip
def test_designs_that_make_no_sense(runs, first, words):
    with pytest.raises(Problem, match=words):
        design.replicates(BRIEF, runs, first)


# When somebody is killed ------------------------------------------------------------------------------------------


def marked(seed: int) -> str:
    return helpers.mark(BRIEF.built().simulate(seed).result())


def test_one_run_that_fails_does_not_stop_the_others(tmp_path, reference, monkeypatch):
    monkeypatch.setenv(helpers.MARKED, marked(3))
    stored, progress = make(tmp_path, measure=helpers.fail_when_marked)
    assert progress.faults == {3: "ValueError: no outcome can be measured"}
    assert [part.seed for part in stored.parts()] == [1, 2, 4, 5, 6]
    (trace,) = (tmp_path / ensemble.PARTS).glob("*.failed.txt")
    assert "Traceback" in trace.read_text()
    make(tmp_path)
    assert contents(tmp_path) == reference
    assert not trace.exists()


@pytest.mark.slow
def test_killed_workers_lose_nothing(tmp_path, reference, monkeypatch):
    tokens = tmp_path / "tokens"
    tokens.mkdir()
    for number in range(3):
        (tokens / str(number)).touch()
    monkeypatch.setenv(helpers.TOKENS, str(tokens))
    _, progress = make(tmp_path / "killed", workers=2, measure=helpers.die_once_per_token)
    assert progress.faults == {}
    assert contents(tmp_path / "killed") == reference
    assert not list(tokens.iterdir()), "workers were killed"


@pytest.mark.slow
def test_a_run_that_always_kills_its_worker_fails_alone(tmp_path, reference, monkeypatch):
    monkeypatch.setenv(helpers.MARKED, marked(2))
    stored, progress = make(tmp_path, workers=2, measure=helpers.die_when_marked)
    assert progress.faults == {2: "its process was ended from outside"}
    assert [part.seed for part in stored.parts()] == [1, 3, 4, 5, 6]


SCRIPT = """
from pathlib import Path
from partystate.runs import design, ensemble
from partystate.runs.recipe import BARE, Recipe
from tests.runs.helpers import count_events

if __name__ == "__main__":
    ensemble.run(design.replicates(Recipe(months=12), 40), Path({folder!r}), count_events, {workers})
"""


def start(folder: Path, script: Path, workers: int) -> subprocess.Popen:
    script.write_text(SCRIPT.format(folder=str(folder), workers=workers))
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(path for path in sys.path if path))
    return subprocess.Popen([sys.executable, script], env=environment)


def wait_for_parts(folder: Path, process: subprocess.Popen, wanted: int) -> None:
    for _ in range(1200):
        if len(list((folder / ensemble.PARTS).glob("*.parquet"))) >= wanted or process.poll() is not None:
            return
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs kill -9")
@pytest.mark.parametrize("workers", [1, 2])
def test_a_killed_ensemble_goes_on_where_it_stopped(tmp_path, workers):
    folder, whole = tmp_path / "killed", tmp_path / "whole"
    for wanted in (3, 12):
        process = start(folder, tmp_path / "script.py", workers)
        wait_for_parts(folder, process, wanted)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    before = contents(folder)
    assert 12 <= len(before) < 40
    make(folder, 40, workers)
    make(whole, 40)
    after = contents(folder)
    assert {name: after[name] for name in before} == before, "nothing that was there is lost or changed"
    assert after == contents(whole)
    assert not list((folder / ensemble.PARTS).glob(".partial-*"))


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_a_killed_ensemble_leaves_no_orphans(tmp_path):
    process = start(tmp_path / "killed", tmp_path / "script.py", 2)
    wait_for_parts(tmp_path / "killed", process, 1)
    children = descendants(process.pid)
    assert children
    process.send_signal(signal.SIGKILL)
    process.wait()
    for _ in range(200):
        if not any(alive(child) for child in children):
            return
        time.sleep(0.05)
    raise AssertionError(f"still there: {[child for child in children if alive(child)]}")


def descendants(parent: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
