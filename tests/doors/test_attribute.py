"""`partystate attribute`: the division of an effect from the command line, exact and sampled, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

USAGE = 2
SHORT = "--until 1922-07 --workers 1 --json"
SHARES = "attribute S01 agenda=S04 --outcome first.Trotsky --runs 2"


@pytest.mark.slow
def test_a_system_that_is_off_already_has_a_value_of_exactly_zero(partystate, runs):
    """With S01 off in every coalition, S01 joins nothing; all values sum to the total."""
    Path("off.toml").write_text('[systems]\noff = ["S01"]\n', encoding="utf-8")
    data = partystate(f"attribute S01 S03 S10 --outcome censured.Trotsky --runs 3 --scenario off.toml {SHORT}").json
    values = {share["player"]: share for share in data["shares"]}
    assert values["S01"]["shapley"]["mean"] == 0.0
    assert values["S01"]["moved"] == 0
    total = sum(share["shapley"]["mean"] for share in data["shares"])
    assert total == pytest.approx(data["total"]["difference"], abs=1e-12)
    assert data["residual"] < 1e-12
    # Coalitions that differ by S01 alone are the very same histories, made once.
    keys = {tuple(told["keys"]) for told in data["keys"].values()}
    assert len(data["keys"]) == 8
    assert len(keys) == 4


@pytest.mark.slow
def test_sampled_orders_run_fewer_histories_and_say_so(partystate, runs):
    exact = partystate(f"{SHARES} --exact {SHORT}").json
    sampled = partystate(f"{SHARES} --sampled {SHORT}").json
    assert (exact["method"], sampled["method"]) == ("exact", "sampled")
    assert sum(len(told["keys"]) for told in exact["keys"].values()) == 8
    assert sum(len(told["keys"]) for told in sampled["keys"].values()) == 6
    assert sampled["groups_off"]["agenda"]["systems"] == ["S04"]
    assert "Secretariat" in sampled["groups_off"]["agenda"]["off"]


REFUSED = {
    "attribute S21": "GROUP: S21: expected systems that are built, such as S01 or machine=S01,S05; came S21. Did you",
    "attribute S01 machine=S01": "GROUP: machine=S01: expected each system in one group only; came S01 in S01 too",
    "attribute a=S01 a=S03": "GROUP: a=S03: expected a name of its own for each group; came a",
    "attribute S01 --outcome led": "--outcome: led: expected an outcome; came led. Did you mean expelled or leads?",
    "attribute S01 --runs 0": "--runs: runs: expected 1 or more; came 0",
    "attribute S01 S02 S03 S04 S05 S06 S07 S08 S09 S10 S11 --exact": "expected at most 10 groups",
    "attribute S01 --scenario nowhere.toml": "scenario: nowhere.toml: expected a TOML file that exists; came no such",
}


@pytest.mark.parametrize("line", REFUSED)
def test_what_is_refused(partystate, runs, line):
    answer = partystate(line)
    assert answer.code == USAGE
    assert answer.out == ""
    assert REFUSED[line] in answer.err
    assert not runs.exists()
