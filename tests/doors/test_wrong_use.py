"""Wrong use is answered in one clear line with the right exit code, never with a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from partystate.app import cli

USAGE, DATA = 2, 3

PARSER = {
    "ru": "No such command 'ru'. Did you mean 'run'?",
    "frok last": "No such command 'frok'. Did you mean 'fork'?",
    "xyz": "No such command 'xyz'.",
    "--vers": "No such option: --vers. Did you mean --version?",
    "run --sed 3": "No such option: --sed. Did you mean --scale, --seed, --set?",
    "run --zzz": "No such option: --zzz",
    "run --seed": "Option '--seed' requires an argument.",
    "run a.toml b.toml": "Got unexpected extra argument(s) (b.toml)",
    "fork": "Missing argument 'RUN'.",
    "fork last": "Missing option '--at'.",
    "why": "Missing argument 'RUN'.",
}


@pytest.mark.parametrize("line", PARSER)
def test_what_the_parser_refuses(partystate, line):
    answer = partystate(line)
    assert answer.code == USAGE
    assert answer.out == ""
    first, see = answer.err.splitlines()
    assert first == PARSER[line]
    assert see.startswith("See `partystate")


@pytest.mark.parametrize(("line", "words"), [
    ("run --seed x", "Invalid value for '--seed'"),
    ("run --seed 1.5", "Invalid value for '--seed'"),
    ("ensemble --runs many", "Invalid value for '--runs'"),
    ("why last --depth 0", "Invalid value for '--depth'"),
    ("order --shuffle x", "Invalid value for '--shuffle'"),
])  # fmt: skip
def test_values_of_the_wrong_kind(partystate, line, words):
    answer = partystate(line)
    assert answer.code == USAGE
    assert answer.err.startswith(words)


OURS = {
    "run nowhere.toml": "scenario: nowhere.toml: expected a TOML file that exists; came no such file. "
    "Give the path of a .toml file; without one the reference is run.",
    "run localy.toml": "scenario: localy.toml: expected a TOML file that exists; came no such file. "
    "Did you mean local?",
    "run .": "scenario: .: expected a TOML file; came a folder",
    "run broken.toml": "broken.toml:1: systms: expected a key of a scenario; came systms. Did you mean systems?",
    "run --seed -1": "--seed: seed: expected a whole number from 0 to 2**64 - 1; came -1",
    f"run --seed {2**64}": f"--seed: seed: expected a whole number from 0 to 2**64 - 1; came {2**64}",
    "run --scale samle": "--scale: scale: expected sample, full or a whole number above 0; came samle. "
    "Did you mean sample?",
    "run --scale 0": "--scale: scale: expected sample, full or a whole number above 0; came 0",
    "run --scale -5": "--scale: scale: expected sample, full or a whole number above 0; came -5",
    "run --only powr": "--only: sector: expected a sector that is built; came powr. Did you mean power?",
    "run --only industry": "--only: sector: expected a sector that is built; came industry. "
    "Built so far: power, countryside.",
    "run --only power,countrside": "--only: sector: expected a sector that is built; came countrside. "
    "Did you mean countryside?",
    "run --until 1922-01": "--until: month: expected a month after 1922-01, the first; came 1922-01",
    "run --until 1950-01": "--until: month: expected a month YYYY-MM from 1922-01 to 1941-06; came 1950-01",
    "run --until soon": "--until: month: expected a month YYYY-MM from 1922-01 to 1941-06; came soon",
    "run --set a": "--set: a: expected KEY=NUMBER or KEY=LOW:HIGH; came a",
    "run --set =1": "--set: key: expected KEY=NUMBER or KEY=LOW:HIGH; came =1",
    "run --set a=x": "--set: a: expected KEY=NUMBER or KEY=LOW:HIGH; came a=x",
    "run --set a=1:2:3": "--set: a: expected KEY=NUMBER or KEY=LOW:HIGH; came a=1:2:3",
    "run --set legacy.grow=1": "command line: legacy.grow: expected a parameter of the registry; came legacy.grow. "
    "Did you mean legacy.growth",
    "run --out taken": "--out: taken: expected a folder that can be written to; came File exists",
    "ensemble --runs 0": "--runs: runs: expected 1 or more; came 0",
    "ensemble --workers 0": "--workers: workers: expected 1 or more; came 0",
    "ensemble --first-seed -1": "--first-seed: seed: expected a whole number from 0 to 2**64 - 1; came -1",
    "ensemble --out taken --runs 1": "--out: taken: expected a folder that can be written to; came File exists",
    "mechanisms legcy": "NAME: legcy: expected the name of a mechanism; came legcy. Did you mean legacy",
    "mechanisms qqqq": "NAME: qqqq: expected the name of a mechanism; came qqqq. `partystate mechanisms` lists them.",
    "systems S99": "ID: S99: expected the id of a system; came S99. Did you mean S09, S19 or S29?",
    "systems power": "ID: power: expected the id of a system; came power. `partystate systems` lists them.",
    "order --shuffle -1": "--shuffle: orders: expected 0 or more; came -1",
    "why last": "RUN: last: expected a run in {runs}/; came none there. Make one with `partystate run`.",
    "why abcdef": "RUN: abcdef: expected a run in {runs}/; came none there. Make one with `partystate run`.",
    "fork last --at 1928-01": "RUN: last: expected a run in {runs}/; came none there. Make one with `partystate run`.",
    "report": "RUN: last: expected a run in {runs}/; came none there. Make one with `partystate run`.",
}


@pytest.mark.parametrize("line", OURS)
def test_what_we_refuse(partystate, runs, line):
    Path("local.toml").write_text("")
    Path("broken.toml").write_text("[systms]\n")
    Path("taken").write_text("")
    answer = partystate(line)
    assert answer.code == USAGE
    assert answer.out == ""
    head, fault = answer.err.splitlines()[-2:]
    assert head == "1 fault:"
    assert fault.startswith("  " + OURS[line].format(runs=runs))


@pytest.fixture
def made(partystate, runs):
    """A stored run of a year."""
    return Path(partystate("run --until 1923-01 --json").json["folder"])


STORED = {
    "why zzzz": (USAGE, "RUN: zzzz: expected a run in {runs}/ or the path of one; came none that begins so. Newest: "),
    "why last 1922-01/vote/nobody": (USAGE, "event: expected the id of an event of this run; came 1922-01/vote/nobody"),
    "fork last --at 1923-02": (USAGE, "--at: month: expected a month from 1922-02 to 1923-01, which the run reaches"),
    "fork last --at 1922-01": (USAGE, "--at: month: expected a month from 1922-02 to 1923-01, which the run reaches"),
    "fork last --at never": (USAGE, "--at: month: expected a month YYYY-MM from 1922-01 to 1941-06; came never"),
    "fork last --at 1922-06 --until 1922-06": (USAGE, "--until: month: expected a month after 1922-06"),
    "fork last --at 1922-06 --with no.toml": (USAGE, "scenario: no.toml: expected a TOML file that exists"),
    "fork last --at 1922-06 --with early.toml": (USAGE, "early.toml: levers[1].at: expected a month from 1922-06 on"),
    "report last --ensemble nowhere": (USAGE, "ENSEMBLE: nowhere: expected a folder with an ensemble.json; came none"),
    "report last --out nowhere/report.html": (USAGE, "--out: nowhere/report.html: expected a file in a folder that"),
    "report last --out runs": (USAGE, "--out: runs: expected a file in a folder that exists; came a folder"),
}


@pytest.mark.parametrize("line", STORED)
def test_what_a_stored_run_refuses(partystate, runs, made, line):
    Path("early.toml").write_text('[[levers]]\nat = "1922-03"\nremove = "Trotsky"\n')
    code, words = STORED[line]
    answer = partystate(line)
    assert answer.code == code
    assert words.format(runs=runs) in answer.err
    assert answer.err.startswith("1 fault:")


@pytest.mark.parametrize("line", ["why last", "fork last --at 1922-06", "report last"])
def test_damaged_data_leave_with_three(partystate, made, line):
    for path in made.glob("*.parquet"):
        path.write_bytes(path.read_bytes()[:-4])
    answer = partystate(line)
    assert answer.code == DATA
    assert "Delete the folder and run it again." in answer.err
    assert str(made) in answer.err


def test_a_damaged_manifest_leaves_with_three(partystate, made):
    (made / "manifest.json").write_text("{")
    answer = partystate(["why", str(made)])
    assert answer.code == DATA
    assert "manifest.json: file: expected JSON" in answer.err


def test_an_ensemble_of_other_settings_is_kept_apart(partystate, runs):
    assert partystate("ensemble --runs 1 --workers 1 --until 1922-06 --out ours --json").code == 0
    answer = partystate("ensemble --runs 1 --workers 1 --until 1922-07 --out ours")
    assert answer.code == USAGE
    assert "--out: ours: expected an empty folder or one with runs of this very design" in answer.err
    Path("ours/ensemble.json").write_text(json.dumps({"schema": 9}))
    answer = partystate("ensemble --runs 1 --workers 1 --until 1922-06 --out ours")
    assert answer.code == DATA
    assert "ensemble.json: schema: expected schema 1; came 9" in answer.err


def test_runs_that_fail_are_told_and_leave_with_one(partystate, monkeypatch):
    monkeypatch.setattr("partystate.analysis.outcomes.measure", lambda result: 1 / 0)
    answer = partystate("ensemble --runs 7 --workers 1 --until 1922-03 --json")
    assert answer.code == 1
    assert "Seed 1 failed: ZeroDivisionError: division by zero" in answer.err
    assert "… and 2 more." in answer.err
    assert answer.json["failed"]["7"].startswith("ZeroDivisionError")


def test_a_defect_is_owned_up_to(partystate, monkeypatch):
    monkeypatch.setattr("partystate.runs.single.run", lambda *a, **k: 1 / 0)
    answer = partystate("run")
    assert answer.code == 1
    assert answer.err.splitlines() == [
        "Internal error: ZeroDivisionError: division by zero",
        "This is a defect of partystate; please report it. PARTYSTATE_TRACE=1 shows where it happened.",
    ]
    monkeypatch.setenv("PARTYSTATE_TRACE", "1")
    with pytest.raises(ZeroDivisionError):
        partystate("run")


def test_an_interrupt_leaves_with_130(partystate, monkeypatch):
    def interrupted(*arguments, **named):
        raise KeyboardInterrupt

    monkeypatch.setattr("partystate.runs.single.run", interrupted)
    assert partystate("run").code == cli.INTERRUPTED


def test_no_arguments_show_the_help(partystate):
    answer = partystate([])
    assert "Usage: partystate" in answer.out + answer.err
    assert answer.code == USAGE
