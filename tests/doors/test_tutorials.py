"""The tutorials run, and say in prose nothing that a change of the model could make untrue."""

from __future__ import annotations

import re

import nbformat
import pytest

from tests.contracts.test_documents import PRIVATE
from tests.doors import notebooks

FEW = 2
NAMES = notebooks.names()
A_PATH = PRIVATE["a path of one machine"]
# What may stand in prose with digits: years and months, ids of systems, questions and claims, and code.
DATES = re.compile(r"\b19\d\d(?:[-–]\d\d)?\b")
IDS = re.compile(r"\b[SQCV]\d{2,3}\b")
SPANS = re.compile(r"`[^`]*`|\]\([^)]*\)")


def numbers_in(prose: str) -> list[str]:
    """Lines of a text that hold a number which no cell printed."""
    lines = (DATES.sub("", IDS.sub("", SPANS.sub("", line))) for line in prose.splitlines())
    return [line for line in lines if re.search(r"\d", re.sub(r"^\d+\. ", "", line))]


def cells(name: str, kind: str) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebooks.read(name).cells if cell.cell_type == kind]


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One folder for all, so that histories of one tutorial serve the next."""
    return tmp_path_factory.mktemp("tutorials")


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_it_runs(name, shared):
    executed = notebooks.executed(name, shared, FEW)
    code = [cell for cell in executed.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    # What no reader should be shown: warnings, and remarks of commands.
    assert [output.text for cell in code for output in cell.outputs if output.get("name") == "stderr"] == []


def test_there_are_two_for_classrooms_and_two_for_researchers():
    first = [cells(name, "markdown")[0].source + cells(name, "markdown")[1].source for name in NAMES]
    assert sum("For a classroom" in text for text in first) == 2
    assert sum("For researchers" in text for text in first) == 2


@pytest.mark.parametrize("name", NAMES)
def test_its_output_is_kept(name):
    notebook = notebooks.read(name)
    nbformat.validate(notebook)
    code = cells(name, "code")
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert not [output for cell in code for output in cell.outputs if output.output_type == "error"]
    assert sum(bool(cell.outputs) for cell in code) > len(code) / 2


@pytest.mark.parametrize("name", NAMES)
def test_it_names_no_machine(name):
    assert not A_PATH.findall((notebooks.FOLDER / f"{name}.ipynb").read_text("utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_its_prose_holds_no_number_that_no_cell_printed(name):
    assert [line for cell in cells(name, "markdown") for line in numbers_in(cell.source)] == []


@pytest.mark.parametrize("name", NAMES)
def test_it_is_listed(name):
    assert f"({name}.ipynb)" in (notebooks.FOLDER / "README.md").read_text("utf-8")


def test_the_check_of_prose_can_fail():
    assert numbers_in("Stalin leads in 23 % of histories.")
    assert numbers_in("A difference of 0.2.")
    assert not numbers_in("In March 1921 and 1923–24, until 1929-12, with S03 off; see Q06 and `runs=200`.")
    assert not numbers_in("1. A question.")
