"""A user's path through the commands: what is written where, and with which exit code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SHORT = "--until 1924-01"


def test_version_and_help(partystate):
    assert partystate("--version").out.startswith("partystate ")
    answer = partystate("--help")
    assert answer.code == 0
    commands = "run ensemble fork why report mechanisms systems order record verify doctor warm"
    for command in commands.split():
        assert f" {command} " in answer.out
        assert partystate(f"{command} --help").code == 0


def test_help_loads_nothing_heavy():
    heavy = ("numba", "pyarrow", "scipy", "pandas", "xarray", "dask", "altair")
    code = (
        "import sys\nfrom partystate.app.cli import run_command\nrun_command(['--help'])\n"
        f"found = [name for name in {heavy} if name in sys.modules]\nsys.exit(f'loaded {{found}}' if found else 0)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr


def test_a_run_from_start_to_why(partystate, runs):
    answer = partystate(f"run --seed 3 {SHORT}")
    assert answer.code == 0
    assert "Reference history, January 1922 to December 1923, seed 3" in answer.out
    folder = Path(answer.out.rpartition("Run folder: ")[2].strip())
    assert folder.parent == runs
    assert {path.name for path in folder.iterdir()} == {
        "manifest.json", "series.parquet", "chronicle.parquet", "flows.parquet", "leaders.parquet", "votes.parquet",
        "snapshot-1924-01.npz",
    }  # fmt: skip
    assert [line[:7] for line in answer.err.splitlines()] == ["1922-12", "1923-12"], "progress goes to stderr"

    listed = partystate("why last")
    assert listed.code == 0
    event = listed.out.split()[0]
    told = partystate(["why", folder.name[:8], event])
    assert told.code == 0
    assert event in partystate(["why", str(folder), event, "--json"]).out


def test_json_is_all_there_is_on_stdout(partystate, runs):
    answer = partystate(f"run {SHORT} --json")
    said = answer.json
    assert said["last"] == "1923-12"
    assert said["snapshots"] == ["snapshot-1924-01.npz"]
    assert Path(said["folder"]).name == said["run"] == said["key"][:16]
    child = partystate(f"fork last --at 1923-01 {SHORT} --json").json
    assert child["fingerprint"] == said["fingerprint"]
    assert child["key"] != said["key"]
    for line in ("mechanisms", "systems", "systems S01", "order", "why last", "warm"):
        assert partystate(f"{line} --json").json


def test_what_off_means_is_said(partystate, runs):
    Path("local.toml").write_text('title = "Local election"\n[systems]\noff = ["S01"]\n')
    answer = partystate(f"run local.toml {SHORT}")
    assert answer.err.startswith("S01 is off: ")
    assert "S01" in answer.out
    manifest = json.loads(next(runs.glob("*/manifest.json")).read_text())
    assert manifest["off"]["S01"]
    assert manifest["scenario"]["declares"] == {"title": "Local election", "systems": {"off": ["S01"]}}


def test_a_value_outside_its_range_is_said(partystate):
    from partystate import record

    key, parameter = next(iter(record.load().parameters.items()))
    high = parameter.high * 2 + 1
    answer = partystate(["run", *SHORT.split(), "--set", f"{key}={high}", "--json"])
    assert answer.code == 0
    assert f"Note: {key} = {high:g} (command line) leaves the plausible range" in answer.err
    assert answer.json["warnings"]


def test_out_and_environment_say_where_runs_go(partystate, runs, monkeypatch, tmp_path):
    partystate(f"run {SHORT} --out elsewhere")
    assert len(list(Path("elsewhere").glob("*/manifest.json"))) == 1
    monkeypatch.delenv("PARTYSTATE_RUNS")
    partystate(f"run {SHORT}")
    assert len(list((tmp_path / "runs").glob("*/manifest.json"))) == 1


def test_an_ensemble_is_made_and_enlarged(partystate, runs):
    first = partystate(f"ensemble --runs 3 --workers 1 {SHORT} --json")
    assert first.code == 0
    assert first.json["runs"] == 3
    assert "3 of 3 runs" in first.err
    again = partystate(f"ensemble --runs 5 --workers 1 {SHORT} --json")
    assert again.json["folder"] == first.json["folder"]
    assert "3 were there" in again.err
    row = {row["outcome"]: row for row in again.json["outcomes"]}["opposition_in_cells"]
    assert row["runs"] == 5
    assert row["low"] <= row["median"] <= row["high"]
    words = partystate(f"ensemble --runs 5 --workers 1 {SHORT}")
    assert "Opposition in the cells, 1923-24" in words.out
    assert words.out.splitlines()[-1] == f"Ensemble folder: {first.json['folder']}"


def test_mechanisms_and_systems_are_told(partystate):
    listed = partystate("mechanisms")
    assert listed.code == 0
    told = partystate("mechanisms legacy").out
    for word in ("legacy  (persuade, every month, S50)", "Without S50: ", "Parameters", "grade", "Sources"):
        assert word in told
    system = partystate("systems s01").out
    assert system.startswith("S01  General Secretary's appointment power")
    assert "Off means: " in system
    assert "No mechanism of this version carries it." in partystate("systems S45").out


def test_the_month_in_order(partystate):
    answer = partystate("order")
    phases = [line.split()[1] for line in answer.out.splitlines()[2:]]
    order = ["life", "report", "deliberate", "command", "appoint", "persuade", "account"]
    assert phases == sorted(phases, key=order.index)


@pytest.mark.slow
def test_what_commutes_may_change_places(partystate):
    answer = partystate("order --shuffle 3 --json")
    assert answer.code == 0
    assert all(trial["same"] for trial in answer.json["shuffled"])
    assert any(trial["moved"] for trial in answer.json["shuffled"])


def test_a_difference_of_order_fails(partystate, monkeypatch):
    monkeypatch.setattr("partystate.runs.shuffle.trials", _one_other)
    answer = partystate("order --shuffle 1")
    assert answer.code == 1
    assert "OTHER figures: a, b" in answer.out


def _one_other(recipe, seed, count):
    from partystate.runs.shuffle import Trial

    yield Trial(("a", "b"), 2, False)


@pytest.mark.slow
def test_a_report_is_written(partystate, runs):
    partystate("run")
    answer = partystate("report last")
    assert answer.code == 0
    written = Path(answer.out.removeprefix("Report: ").strip())
    assert written.name == "report.html"
    assert "<html" in written.read_text()


# Checks -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def published(tmp_path, monkeypatch):
    """Fingerprints of this machine, published in a file of the test's own; the histories are cut to a year."""
    from dataclasses import replace

    from partystate.runs import verify

    brief = {name: (replace(recipe, months=12), seed) for name, (recipe, seed) in verify.REFERENCE.items()}
    monkeypatch.setattr(verify, "REFERENCE", brief)
    monkeypatch.setattr(verify, "FILE", tmp_path / "fingerprints.json")
    verify.update()
    return verify.FILE


def test_verify_passes_where_it_was_published(partystate, published):
    answer = partystate("verify")
    assert answer.code == 0
    assert answer.out.count(" same") == len(json.loads(published.read_text())["runs"]) > 3
    assert partystate("verify --json").json["runs"][0]["same"]


def test_verify_names_what_differs(partystate, published):
    data = json.loads(published.read_text())
    data["runs"]["reference"] = "0" * 64
    published.write_text(json.dumps(data))
    answer = partystate("verify")
    assert answer.code == 1
    (line,) = (line for line in answer.out.splitlines() if line.startswith("reference"))
    assert line.endswith("DIFFERS")
    assert "Published with Python" in answer.out
    assert answer.err == "Source and data are those published, so this machine or its libraries compute otherwise.\n"
    published.write_text(json.dumps(data | {"model": "0"}))
    assert "The model's source differs from the one published" in partystate("verify").err
    assert partystate("verify --update").code == 0
    assert partystate("verify").code == 0


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"runs": 1, "platform": {}}'])
def test_damaged_fingerprints_are_named(partystate, published, content):
    published.write_text(content)
    answer = partystate("verify")
    assert answer.code == 3
    assert f"{published}: file: expected the published fingerprints; came" in answer.err


def test_the_doctor_finds_all_well(partystate, published):
    answer = partystate("doctor")
    assert answer.code == 0, answer.out
    for line in ("Python", "packages", "pinned versions", "machine", "record", "compiled code", "short run"):
        assert line in answer.out


def test_the_doctor_goes_on_after_a_fault(partystate, published):
    published.unlink()
    answer = partystate("doctor --json")
    assert answer.code == 1
    found = {check["what"]: check["well"] for check in answer.json}
    assert found["short run"] is False
    assert found["record"] is True


# Interruption -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGINT")
@pytest.mark.parametrize("workers", [1, 2])
def test_an_interrupted_ensemble_says_how_to_go_on(partystate, runs, workers):
    line = f"ensemble --runs 60 --workers {workers} {SHORT}".split()
    # Whoever started the tests may have Ctrl-C ignored, which processes inherit.
    code = (
        "import signal\nfrom partystate.app.cli import main\n"
        "if __name__ == '__main__':\n    signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"    main({line!r})\n"
    )
    Path("script.py").write_text(code)
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(path for path in sys.path if path))
    process = subprocess.Popen(
        [sys.executable, "script.py"], env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    for _ in range(1200):
        if len(list(runs.glob("*/parts/*.parquet"))) >= 2:
            break
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    said = process.communicate()[1]
    assert process.returncode == 130
    assert "Traceback" not in said
    assert "Interrupted. What is done is kept; to go on where it stopped:" in said
    (folder,) = runs.glob("ensemble-*")
    assert f"--out {folder}" in said
    answer = partystate([*line, "--out", str(folder), "--json"])
    assert answer.code == 0
    assert answer.json["runs"] == 60
