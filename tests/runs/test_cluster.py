"""A scheduler and workers of their own processes make the same parts, and killing any of them loses nothing."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from partystate.app import cli
from partystate.foundation.problems import USAGE, Problem
from partystate.runs import cluster, design, ensemble, executors
from partystate.runs.recipe import Fork, Recipe
from tests.runs import helpers
from tests.runs.helpers import count_events

RUNS, FEW = 60, 30
BRIEF = Recipe(months=4)
DESIGN = design.replicates(BRIEF, RUNS)
PATIENCE = 120.0


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / ensemble.PARTS).glob("*.parquet")}


def written(folder: Path) -> dict[str, tuple[int, int]]:
    """When each part was written, and which file it is: a part that is made again is another."""
    found = (folder / ensemble.PARTS).glob("*.parquet")
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in found}


def until(true: Callable[[], object]) -> None:
    begun = time.monotonic()
    while not true():
        assert time.monotonic() - begun < PATIENCE, "waited too long"
        time.sleep(0.02)


@dataclass
class Cluster:
    """Processes of a scheduler and its workers, on this machine only."""

    folder: Path
    address: str
    scheduler: subprocess.Popen
    workers: list[subprocess.Popen]
    environment: dict[str, str]

    def add(self, threads: int = 1, path: Path | None = None) -> None:
        """Starts a worker; path: where it finds partystate, if elsewhere than here."""
        before = {"PYTHONPATH": os.pathsep.join([str(path), self.environment["PYTHONPATH"]])} if path else {}
        options = ["--no-nanny", "--nthreads", str(threads), "--local-directory", str(self.folder)]
        command = ["worker", self.address, "--host", "127.0.0.1", *options]
        self.workers.append(started(command, self.folder, self.environment | before))


def started(command: list[str], folder: Path, environment: dict[str, str]) -> subprocess.Popen:
    quiet = ["--no-dashboard", "--dashboard-address", "127.0.0.1:0"]
    with (folder / f"{command[0]}.log").open("a") as log:
        module = f"distributed.cli.dask_{command[0]}"
        return subprocess.Popen(
            [sys.executable, "-m", module, *command[1:], *quiet], env=environment, stdout=log, stderr=log
        )


@contextlib.contextmanager
def running(folder: Path, threads: tuple[int, ...], **settings: str) -> Iterator[Cluster]:
    """A scheduler, and a worker of so many threads each, when all have begun; every process is gone at the end."""
    folder.mkdir()
    path = os.pathsep.join(path for path in sys.path if path)
    environment = dict(os.environ, PYTHONPATH=path, DASK_TEMPORARY_DIRECTORY=str(folder), **settings)
    file = folder / "scheduler.json"
    options = ["--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file)]
    scheduler = started(["scheduler", *options], folder, environment)
    made = Cluster(folder, "", scheduler, [], environment)
    try:
        until(lambda: written_whole(file) or scheduler.poll() is not None)
        made.address = json.loads(file.read_text())["address"]
        for count in threads:
            made.add(count)
        until(lambda: (folder / "scheduler.log").read_text().count("Register worker") >= len(threads))
        yield made
    finally:
        for process in [*made.workers, scheduler]:
            process.kill()
            process.wait()


def written_whole(file: Path) -> bool:
    with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
        return bool(json.loads(file.read_text()))
    return False


def start(arguments: list[str]) -> subprocess.Popen:
    """A command line of partystate as a process."""
    return subprocess.Popen(
        [sys.executable, "-c", "from partystate.app.cli import main; main()", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ensemble_command(address: str, folder: Path) -> list[str]:
    return ["ensemble", "--until", "1922-05", "--runs", str(FEW), "--cluster", address, "--out", str(folder)]


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """Parts made by the serial executor."""
    folder = tmp_path_factory.mktemp("serial")
    ensemble.run(DESIGN, folder, count_events, executor=executors.serial)
    return contents(folder)


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory):
    """Two workers that outlive what is done with them, one of them with several threads."""
    with running(tmp_path_factory.mktemp("two") / "cluster", threads=(1, 3)) as made:
        yield made


# What travels -----------------------------------------------------------------------------------------------------


def test_tasks_travel_as_text():
    recipe = replace(BRIEF, overrides=(("a", 0.1), ("b", (0.2, 3))), scale=10, off=("S01",), fork=Fork(BRIEF, 2))
    tasks = [
        executors.Task(recipe, ((2**64 - 1, "k"), (7, "l")), "folder", count_events, frozenset({"y", "x"})),
        executors.Task(BRIEF, (), "folder", count_events),
    ]
    data = executors.encode(tasks)
    assert executors.decode(data) == tasks
    assert executors.encode(executors.decode(data)) == data
    assert json.loads(data)[0]["measure"] == "tests.runs.helpers:count_events"
    ended = [executors.Done(2**64 - 1, "k", 0.25, "why “not”")]
    assert executors.decode_done(executors.encode_done(ended)) == ended


def test_a_measure_that_has_no_name_is_refused():
    def nested(result):
        return {}

    for measure in (nested, lambda result: {}, count_events.__call__):
        with pytest.raises(Problem, match="expected a function that a module names"):
            executors.encode([executors.Task(BRIEF, (), "folder", measure)])


def test_groups_hold_every_run_once_whatever_the_tasks():
    tasks = [executors.Task(BRIEF, tuple((seed, "") for seed in range(n)), str(n), count_events) for n in (1, 0, 7, 2)]
    for size in (1, 3, 4, 100):
        groups = executors.regrouped(tasks, size)
        assert [sum(len(task.runs) for task in group) for group in groups[:-1]] == [size] * (len(groups) - 1)
        runs = [(task.folder, seed) for group in groups for task in group for seed, _ in task.runs]
        assert runs == [(task.folder, seed) for task in tasks for seed, _ in task.runs]


def test_a_worker_of_another_version_says_so(tmp_path):
    task = executors.Task(BRIEF, ((1, "0" * 64),), str(tmp_path), count_events)
    (done,) = executors.decode_done(executors.work(executors.encode([task])))
    assert done.fault.startswith("the source or the record has changed")
    assert not list(tmp_path.iterdir())


# Wrong use --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["", "localhost", "host:8786", "http://host:8786", "tcp://host", "tcp://a b:1"])
def test_wrong_addresses(address):
    with pytest.raises(Problem, match="address: expected tcp://HOST:PORT of a Dask scheduler") as caught:
        cluster.cluster(address)
    assert caught.value.exit_code == USAGE


def test_without_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(Problem, match=r"package: expected distributed; came none. Install partystate\[cluster\]"):
        cluster.cluster("tcp://127.0.0.1:1")


@pytest.mark.slow
def test_nothing_is_written_when_the_scheduler_cannot_be_reached(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(cluster, "CONNECT", 0.2)
    folder = tmp_path / "out"
    arguments = ensemble_command("tcp://127.0.0.1:1", folder)
    assert cli.run_command(arguments) == USAGE
    assert "expected one that answers at tcp://127.0.0.1:1; came OSError: Timed out" in capsys.readouterr().err
    assert cli.run_command([*arguments, "--workers", "2"]) == USAGE
    assert "--workers: workers: expected nothing beside --cluster" in capsys.readouterr().err
    assert not folder.exists()


def test_a_folder_that_a_worker_does_not_see(tmp_path):
    class Client:
        def run(self, function, path, on_error):
            return {"tcp://near:1": function(path), "tcp://far:2": False}

    with pytest.raises(Problem, match="expected a folder that all workers share; came one that tcp://far:2 does not"):
        cluster._check_folder(Client(), tmp_path)
    assert not list(tmp_path.iterdir())


# The same everywhere ----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_serial_processes_and_a_cluster_make_the_same_parts(tmp_path, reference, two_workers, monkeypatch):
    assert len(reference) == RUNS
    ensemble.run(DESIGN, tmp_path / "processes", count_events, 2)
    assert contents(tmp_path / "processes") == reference
    monkeypatch.chdir(tmp_path)
    execute = cluster.cluster(two_workers.address)
    _, progress = ensemble.run(DESIGN, Path("dask"), count_events, executor=execute)
    assert (progress.done, progress.faults) == (RUNS, {})
    assert contents(tmp_path / "dask") == reference
    before = written(tmp_path / "dask")
    wider = design.replicates(BRIEF, RUNS + 3)
    _, progress = ensemble.run(wider, tmp_path / "dask", count_events, executor=execute)
    assert (progress.found, progress.done) == (RUNS, 3)
    assert before.items() <= written(tmp_path / "dask").items()


@pytest.mark.slow
def test_workers_of_another_version_are_refused(tmp_path, monkeypatch):
    package = Path(executors.__file__).parent.parent
    shutil.copytree(package, tmp_path / "other/partystate", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "other/partystate/engine/runner.py").open("a") as file:
        file.write("# another version\n")
    with running(tmp_path / "cluster", threads=()) as made:
        monkeypatch.setattr(cluster, "PATIENCE", 0.2)
        with pytest.raises(Problem, match="workers: expected at least one; came none"):
            cluster.cluster(made.address)
        made.add(path=tmp_path / "other")
        monkeypatch.setattr(cluster, "PATIENCE", PATIENCE)
        with pytest.raises(Problem, match=r"versions: expected .* Install the same there") as caught:
            cluster.cluster(made.address)
        assert executors.versions()["source"] in str(caught.value)
        # One that joins later is not asked; the run key tells.
        monkeypatch.setattr(cluster, "_greet", lambda client: None)
        plan = design.replicates(BRIEF, 3)
        _, progress = ensemble.run(plan, tmp_path / "out", count_events, executor=cluster.cluster(made.address))
        assert {fault.partition(" since")[0] for fault in progress.faults.values()} == {
            "the source or the record has changed"
        }
        assert len(progress.faults) == 3
        assert not contents(tmp_path / "out")


# When somebody is killed ------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_killed_worker_loses_nothing(tmp_path, reference):
    (tmp_path / "tokens").mkdir()
    (tmp_path / "tokens/1").touch()
    with running(tmp_path / "cluster", threads=(1, 1), **{helpers.TOKENS: str(tmp_path / "tokens")}) as made:
        folder = tmp_path / "out"
        execute = cluster.cluster(made.address)
        plan = design.replicates(BRIEF, FEW)
        _, progress = ensemble.run(plan, folder, helpers.die_once_per_token, executor=execute)
        assert [worker.poll() for worker in made.workers].count(-signal.SIGKILL) == 1
        assert (progress.done, progress.faults) == (FEW, {})
        assert len(contents(folder)) == FEW
        assert contents(folder).items() <= reference.items()


@pytest.mark.slow
def test_a_run_that_always_kills_its_worker_fails_alone(tmp_path, reference, monkeypatch):
    mark = helpers.mark(BRIEF.built().simulate(2).result())
    settings = {helpers.MARKED: mark, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    with running(tmp_path / "cluster", threads=(1, 1, 1), **settings) as made:
        execute = cluster.cluster(made.address)
        plan = design.replicates(BRIEF, 12)
        _, progress = ensemble.run(plan, tmp_path / "out", helpers.die_when_marked, executor=execute)
        assert progress.faults == {2: executors.ENDED}
        assert contents(tmp_path / "out").items() <= reference.items()
        assert len(contents(tmp_path / "out")) == 11
        # One worker died of the batch, one of the run alone. Now the last dies of it, and none is left to go on.
        monkeypatch.setattr(cluster, "PATIENCE", 0.5)
        with pytest.raises(Problem, match="workers: expected at least one; came none"):
            ensemble.run(plan, tmp_path / "out", helpers.die_when_marked, executor=execute)


@pytest.mark.slow
def test_a_killed_scheduler_ends_the_command_in_words(tmp_path):
    folder = tmp_path / "out"
    with running(tmp_path / "cluster", threads=(1, 1)) as made:
        command = start(ensemble_command(made.address, folder))
        until(lambda: contents(folder) or command.poll() is not None)
        made.scheduler.kill()
        begun = time.monotonic()
        _, told = command.communicate(timeout=PATIENCE)
    assert time.monotonic() - begun < 30
    assert command.returncode == USAGE, told
    assert "scheduler: expected one at tcp://127.0.0.1" in told
    assert "the same command goes on where it stopped" in told
    assert "Traceback" not in told
    before = written(folder)
    assert 0 < len(before) < FEW
    arguments = ensemble_command("", folder)
    assert cli.run_command([*arguments[: arguments.index("--cluster")], "--workers", "1", "--out", str(folder)]) == 0
    assert before.items() <= written(folder).items()
    assert len(written(folder)) == FEW


@pytest.mark.slow
def test_a_killed_command_goes_on_where_it_stopped(tmp_path, two_workers, capsys):
    folder = tmp_path / "out"
    command = start(ensemble_command(two_workers.address, folder))
    until(lambda: contents(folder) or command.poll() is not None)
    command.kill()
    command.communicate()
    before = written(folder)
    assert 0 < len(before) < FEW
    assert cli.run_command(ensemble_command(two_workers.address, folder)) == 0
    assert "were there" in capsys.readouterr().err
    assert before.items() <= written(folder).items()
    assert len(written(folder)) == FEW
