"""A run folder is whole or absent; what is damaged is named."""

from __future__ import annotations

import json
import os
import shutil

import numpy as np
import pyarrow.parquet as pq
import pytest

from partystate.foundation import calendar
from partystate.foundation.problems import DATA, USAGE, Problem
from partystate.runs import single, store, tables
from tests.runs.conftest import MONTHS
from tests.runs.helpers import count_events

COLUMNS = {
    "series": ["series", "month", "region", "value"],
    "chronicle": ["id", "month", "kind", "title", "actors", "place", "numbers", "because", "mechanism"],
    "flows": ["month", "stock", "source", "target", "region", "mechanism", "amount"],
    "votes": ["motion", "month", "forum", "title", "voter", "vote", "reasons"],
}


def test_the_tables_have_their_columns(stored):
    assert {name: stored.table(name).column_names for name in COLUMNS} == COLUMNS
    assert {"person", "month", "seat", "offices", "rung", "power"} <= set(stored.table("leaders").column_names)


def test_what_was_measured_comes_back(stored, short):
    result = short.built().simulate(1).result()
    assert {name for name, region in result.series if region is None} <= set(stored.series_ids())
    for (name, region), values in result.series.items():
        assert np.array_equal(stored.series(name, region), values[:MONTHS], equal_nan=True)
    assert [row["id"] for row in stored.rows("chronicle")] == [event.id for event in result.chronicle]
    assert stored.rows("votes")[0]["reasons"].keys() == result.votes[0].reasons.keys()


def test_the_manifest_says_what_decided_the_run(stored):
    manifest = stored.manifest
    assert manifest["key"].startswith(stored.folder.name)
    assert (manifest["seed"], manifest["months"], manifest["first"], manifest["last"]) == (
        1,
        MONTHS,
        "1922-01",
        "1923-12",
    )
    assert manifest["forced"] == ["economy", "foreign", "security", "admission stops"]
    assert manifest["outcomes"]["undefined"] is None
    some = next(iter(manifest["parameters"].values()))
    assert set(some) == {"low", "high", "value", "distribution", "layer", "drawn"}
    assert manifest["fingerprint"] == tables.fingerprint(store.series_of(stored.table("series"), MONTHS), MONTHS)


def test_floats_are_split_and_compressed(stored):
    column = pq.ParquetFile(stored.folder / "series.parquet").metadata.row_group(0).column(3)
    assert column.compression == "ZSTD"
    assert "BYTE_STREAM_SPLIT" in column.encodings


def test_same_key_same_bytes(stored, short, tmp_path):
    again = single.run(short, 1, tmp_path / "again", count_events)
    for name in store.TABLES:
        assert (again.folder / f"{name}.parquet").read_bytes() == (stored.folder / f"{name}.parquet").read_bytes()
    snapshot = next(iter(stored.snapshots().values())).name
    assert (again.folder / snapshot).read_bytes() == (stored.folder / snapshot).read_bytes()


def test_nothing_is_left_of_a_write_that_fails(short, tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "votes_table", lambda votes: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        single.run(short, 1, tmp_path, count_events)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_cleared_away(short, tmp_path):
    old, new = tmp_path / ".partial-old", tmp_path / ".partial-new"
    old.mkdir()
    new.mkdir()
    os.utime(old, (0, 0))
    stored = single.run(short, 1, tmp_path, count_events)
    assert set(tmp_path.iterdir()) == {new, stored.folder}


def test_a_run_that_is_there_is_kept(stored, short):
    (stored.folder / "report.html").write_text("a report")
    single.run(short, 1, stored.folder.parent, count_events)
    assert (stored.folder / "report.html").exists()
    assert [folder.name for folder in stored.folder.parent.iterdir()] == [stored.folder.name]


def test_a_damaged_run_is_replaced(stored, short):
    (stored.folder / "flows.parquet").write_bytes(b"")
    again = single.run(short, 1, stored.folder.parent, count_events)
    assert again.table("flows").num_rows
    assert [folder.name for folder in stored.folder.parent.iterdir()] == [stored.folder.name]


def test_one_key_with_other_numbers_is_refused(stored, short):
    manifest = dict(stored.manifest, fingerprint="0" * 64)
    (stored.folder / store.MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(Problem, match="One key must give the same numbers") as caught:
        single.run(short, 1, stored.folder.parent, count_events)
    assert caught.value.exit_code == DATA


def _cut(path):
    path.write_bytes(path.read_bytes()[:-7])


def _flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGES = {
    "cut": (_cut, "expected {size} bytes; came {less} bytes"),
    "flipped": (_flip, "expected content with hash"),
    "missing": (lambda path: path.unlink(), "expected {size} bytes; came no such file"),
}


@pytest.mark.parametrize("name", store.TABLES)
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_named(stored, name, damage):
    path = stored.folder / f"{name}.parquet"
    size = path.stat().st_size
    act, words = DAMAGES[damage]
    act(path)
    with pytest.raises(Problem) as caught:
        store.open_run(stored.folder).table(name)
    assert caught.value.exit_code == DATA
    assert f"{path}: file: {words.format(size=size, less=size - 7)}" in str(caught.value)
    assert "Delete the folder and run it again." in str(caught.value)


MANIFESTS = {
    "": "file: expected JSON; came Expecting value: line 1 column 1 (char 0). Delete the folder and run it again.",
    "[]": "file: expected a JSON object; came list",
    "{}": "schema: expected schema 1; came none. Another version of partystate wrote it.",
    '{"schema": 2}': "schema: expected schema 1; came 2. Another version of partystate wrote it.",
    '{"schema": 1, "key": "a", "key_parts": {}, "months": 1}': "fingerprint, files: expected a value; came nothing",
}


@pytest.mark.parametrize("text", MANIFESTS)
def test_a_damaged_manifest_is_named(stored, text):
    path = stored.folder / store.MANIFEST
    path.write_text(text)
    with pytest.raises(Problem) as caught:
        store.open_run(stored.folder)
    assert caught.value.exit_code == DATA
    assert f"{path}: {MANIFESTS[text]}" in str(caught.value)


def test_finding_a_run(stored):
    root = stored.folder.parent
    other = root / ("f" * 16)
    shutil.copytree(stored.folder, other)
    (other / store.MANIFEST).write_text(json.dumps(dict(stored.manifest, key="f" * 64)))
    assert store.find(stored.key[:6], root).folder == stored.folder
    assert store.find("ffff", root).folder == other
    assert store.find("last", root).folder == other
    assert store.find(str(stored.folder)).folder == stored.folder
    assert store.find(str(stored.folder / "manifest.json")).folder == stored.folder
    assert {run.folder for run in store.list_runs(root)} == {stored.folder, other}


def test_runs_that_cannot_be_found(stored, tmp_path):
    root, empty = stored.folder.parent, tmp_path / "empty"
    shutil.copytree(stored.folder, root / "copy")
    cases = [
        ("zzzz", root, "RUN: zzzz: expected a run in"),
        ("", root, "came none that begins so. Newest: "),
        (stored.key[:3], root, "expected the beginning of one run's key; came 2: "),
        ("last", empty, f"RUN: last: expected a run in {empty}/; came none there. Make one with `partystate run`."),
    ]
    for reference, where, words in cases:
        with pytest.raises(Problem) as caught:
            store.find(reference, where)
        assert words in str(caught.value)
        assert caught.value.exit_code == USAGE


def test_folders_that_are_no_runs_are_passed_over(stored):
    root = stored.folder.parent
    (root / ".partial-x").mkdir()
    (root / "notes").mkdir()
    (root / "broken").mkdir()
    (root / "broken" / store.MANIFEST).write_text("{")
    assert [run.folder for run in store.list_runs(root)] == [stored.folder]


def test_a_folder_that_cannot_be_written_to(short, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Problem, match="expected a folder that can be written to") as caught:
        single.run(short, 1, tmp_path / "file", count_events)
    assert caught.value.exit_code == USAGE


def test_an_unknown_series_is_named(stored):
    with pytest.raises(Problem, match="Did you mean"):
        stored.series(stored.series_ids()[0] + "x")


def test_fingerprints():
    values = np.array([0.0, 1.5, np.nan])
    one = {("a", None): values, ("b", "Ural"): values}
    same = {("b", "Ural"): np.array([-0.0, 1.5, -np.nan]), ("a", None): values, ("none", None): values * np.nan}
    first = tables.fingerprint(one, 3)
    assert first == tables.fingerprint(same, 3)
    nudged = np.array([0.0, np.nextafter(1.5, 2), np.nan])
    for other in ({("a", None): values}, {**one, ("b", "Don"): values}, {**one, ("a", None): nudged}):
        assert tables.fingerprint(other, 3) != first
    assert tables.fingerprint(one, 2) != first
    assert tables.fingerprint({**one, ("a", None): nudged}, 1) == tables.fingerprint(one, 1)


def test_series_come_back_by_region_and_month():
    values = np.full(calendar.MONTHS, np.nan)
    values[[3, 7]] = 1.0, 2.0
    series = {("a", None): values, ("a", "Ural"): values * 2, ("b", None): np.arange(234.0)}
    back = store.series_of(tables.series_table(series), calendar.MONTHS)
    assert back.keys() == series.keys()
    assert all(np.array_equal(back[key], series[key], equal_nan=True) for key in series)
    assert store.series_of(tables.series_table({}), 3) == {}
