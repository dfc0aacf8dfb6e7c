"""A history that is frozen, thawed or forked goes on as if it had never been stopped."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from partystate.engine import snapshot
from partystate.foundation.problems import DATA, USAGE, Problem
from partystate.runs import single, store, tables
from partystate.runs.recipe import Recipe
from tests.runs.conftest import MONTHS
from tests.runs.helpers import count_events

AT = 12
UNTIL = 36


@pytest.fixture
def frozen(short):
    built = short.built()
    return snapshot.freeze(built.go_on(built.start(1), AT))


def continued(recipe: Recipe, frozen: snapshot.Frozen):
    built = recipe.built()
    return built.go_on(built.resume(1, frozen), MONTHS)


def test_a_thawed_history_goes_on_bit_for_bit(short, frozen):
    straight = short.built().simulate(1)
    assert snapshot.same(snapshot.freeze(continued(short, frozen)), snapshot.freeze(straight))


def test_a_frozen_state_is_a_copy(short, frozen):
    before = {name: values.copy() for name, values in frozen.arrays.items()}
    continued(short, frozen)
    assert all(np.array_equal(frozen.arrays[name], values, equal_nan=True) for name, values in before.items())


def test_a_snapshot_comes_back_from_its_file(frozen, tmp_path):
    snapshot.save(frozen, tmp_path / "one.npz", "key")
    snapshot.save(frozen, tmp_path / "two.npz", "key")
    assert snapshot.same(snapshot.load(tmp_path / "one.npz", "key"), frozen)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_one_bit_is_a_difference(frozen):
    name = next(name for name, values in frozen.arrays.items() if values.dtype == np.float64 and values.size)
    other = frozen.arrays[name].copy()
    other.flat[0] = np.nextafter(other.flat[0], 9)
    assert not snapshot.same(frozen, replace(frozen, arrays={**frozen.arrays, name: other}))


def test_what_only_pickle_could_keep_is_refused(frozen, tmp_path):
    odd = replace(frozen, arrays={**frozen.arrays, "odd": np.array([{}], dtype=object)})
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        snapshot.save(odd, tmp_path / "odd.npz", "key")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut short", b"no archive"])
def test_a_damaged_snapshot_is_named(content, tmp_path):
    path = tmp_path / "snapshot.npz"
    path.write_bytes(content)
    with pytest.raises(Problem, match="expected a sound snapshot") as caught:
        snapshot.load(path, "key")
    assert caught.value.exit_code == DATA
    assert str(path) in str(caught.value)
    assert "replays the run up to the month" in str(caught.value)


def test_the_snapshot_of_another_run_is_refused(frozen, tmp_path):
    snapshot.save(frozen, tmp_path / "one.npz", "a" * 64)
    with pytest.raises(Problem, match="expected a snapshot of run bbbbbbbbbbbb; came one of aaaaaaaaaaaa"):
        snapshot.load(tmp_path / "one.npz", "b" * 64)


# Forks ------------------------------------------------------------------------------------------------------------


def fork(parent: store.Run, at: int, text: str = "", until: int = UNTIL) -> store.Run:
    return single.fork(parent, at, text, "fork.toml", parent.folder.parent, count_events, until=until)


@pytest.fixture
def long(stored):
    """The same history, run further than the stored one."""
    return single.run(Recipe(months=UNTIL), 1, stored.folder.parent, count_events)


@pytest.mark.parametrize("at", [1, AT, MONTHS])
def test_a_fork_with_nothing_changed_is_its_parent(stored, long, at):
    """From the snapshot (at the parent's end) and by replay (anywhere else)."""
    child = fork(stored, at)
    assert child.key != long.key
    assert child.manifest["fingerprint"] == long.manifest["fingerprint"]
    for name in store.TABLES:
        assert child.table(name).equals(long.table(name)), name


def test_the_key_of_a_fork_names_its_parent_and_month(stored):
    child = fork(stored, AT)
    assert child.manifest["key_parts"]["parent"] == {"key": stored.key, "month": "1923-01"}
    assert len({stored.key, child.key, fork(stored, AT + 1).key, fork(stored, AT, "# remark\n").key}) == 3


def test_a_fork_shares_the_past_and_not_the_future(stored, long):
    child = fork(stored, AT, '[systems]\noff = ["S01"]\n')
    same, other = 0, 0
    for name in long.series_ids():
        one, two = long.series(name), child.series(name)
        assert np.array_equal(one[:AT], two[:AT], equal_nan=True), name
        same += np.array_equal(one[AT:], two[AT:], equal_nan=True)
        other += not np.array_equal(one[AT:], two[AT:], equal_nan=True)
    assert other > 0
    assert child.manifest["off"].keys() == {"S01"}


def test_the_scenario_of_the_parent_stays_in_force(stored):
    root = stored.folder.parent
    text = '[systems]\noff = ["S01"]\n[[levers]]\nat = "1923-06"\nsystems_on = ["S01"]\n'
    straight = single.run(Recipe(text=text, months=UNTIL), 1, root, count_events)
    for at in (AT, 20):
        assert fork(straight, at).manifest["fingerprint"] == straight.manifest["fingerprint"]


def test_a_fork_of_a_fork(stored):
    child = fork(stored, AT, '[[levers]]\nat = "1923-06"\nsystems_off = ["S01"]\n')
    for at in (AT + 1, 20):
        assert fork(child, at).manifest["fingerprint"] == child.manifest["fingerprint"]


REFUSED = {
    '[founding]\nholder = "Trotsky"\n': "fork.toml: founding: expected no [founding] in a fork; came one. "
    "January 1922 lies before the fork.",
    '[[levers]]\nat = "1922-05"\nremove = "Trotsky"\n': "fork.toml: levers[1].at: "
    "expected a month from 1923-01 on, where the fork begins; came 1922-05",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_lies_before_a_fork_cannot_change(stored, text):
    with pytest.raises(Problem) as caught:
        fork(stored, AT, text)
    assert REFUSED[text] in str(caught.value)
    assert caught.value.exit_code == USAGE


@pytest.mark.parametrize(("at", "until", "words"), [
    (0, UNTIL, "--at: month: expected a month from 1922-02 to 1924-01, which the run reaches; came 1922-01"),
    (MONTHS + 1, UNTIL, "which the run reaches; came 1924-02"),
    (AT, AT, "--until: month: expected a month after 1923-01, where the fork begins; came 1923-01"),
])  # fmt: skip
def test_a_fork_outside_its_parent(stored, at, until, words):
    with pytest.raises(Problem) as caught:
        fork(stored, at, until=until)
    assert words in str(caught.value)
    assert caught.value.exit_code == USAGE


def test_a_run_of_another_model_cannot_be_forked(stored, monkeypatch):
    monkeypatch.setattr("partystate.runs.keys.model_version", lambda: "0" * 64)
    with pytest.raises(Problem, match="expected the version of the model that made the run") as caught:
        fork(stored, AT)
    assert caught.value.exit_code == DATA


def test_a_replay_must_come_out_as_stored(stored):
    path = stored.folder / "series.parquet"
    values = store.series_of(stored.table("series"), MONTHS)
    name = next(key for key, series in values.items() if np.isfinite(series[0]))
    values[name][0] += 1
    tables.write(tables.series_table(values), path)
    manifest = json.loads((stored.folder / store.MANIFEST).read_text())
    manifest["files"][path.name] = store._file_facts(path)
    (stored.folder / store.MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(Problem, match=f"expected the {name[0]} of the stored run up to 1922-12") as caught:
        fork(store.open_run(stored.folder), AT)
    assert caught.value.exit_code == DATA


def test_a_damaged_snapshot_in_a_run_is_named(stored):
    path = stored.snapshots()[MONTHS]
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(Problem, match=r"snapshot-1924-01\.npz: file: expected") as caught:
        fork(stored, MONTHS)
    assert caught.value.exit_code == DATA
