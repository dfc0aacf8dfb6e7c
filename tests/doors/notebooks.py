"""Runs the tutorials. `python -m tests.doors.notebooks [NAME …]` runs them in full and keeps what they print."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "tutorials"
RUNS = "PARTYSTATE_TUTORIAL_RUNS"
OWN = ("PARTYSTATE_RUNS", RUNS)  # settings of whoever runs this, which the tutorials must not inherit
LONGEST = 3600  # seconds a cell may take


def names() -> list[str]:
    """The tutorials there are."""
    return sorted(path.stem for path in FOLDER.glob("*.ipynb"))


def read(name: str) -> nbformat.NotebookNode:
    """A tutorial as it is stored, with the output that was kept."""
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def executed(name: str, folder: Path, runs: int | None = None) -> nbformat.NotebookNode:
    """The tutorial run anew in `folder`, with so many histories of each kind. Raises when a cell does."""
    notebook = read(name)
    settings = {key: value for key, value in os.environ.items() if key not in OWN}
    if runs is not None:
        settings[RUNS] = str(runs)
    place = {"metadata": {"path": str(folder)}}
    client = NotebookClient(notebook, timeout=LONGEST, kernel_name="python3", resources=place, record_timing=False)
    client.execute(env=settings)
    return notebook


def keep(name: str, notebook: nbformat.NotebookNode) -> None:
    """Stores a tutorial with its output, without what differs between machines and days."""
    notebook.metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        cell.metadata = {}
    nbformat.write(notebook, FOLDER / f"{name}.ipynb")


def main(chosen: list[str]) -> None:
    for name in chosen or names():
        with tempfile.TemporaryDirectory() as folder:
            keep(name, executed(name, Path(folder)))
        print(f"Renewed: {name}")


if __name__ == "__main__":
    main(sys.argv[1:])
