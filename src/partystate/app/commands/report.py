"""`partystate report`: one HTML file about a run, that works without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from partystate.app.commands.why import PANEL
from partystate.app.output import Json, emit, show
from partystate.foundation.problems import problem

RunName = Annotated[str, typer.Argument(metavar="RUN", help="Folder of a run, the beginning of its key, or `last`.")]
Beside = Annotated[
    Path | None,
    typer.Option(
        "--ensemble", help="Folder of an ensemble, whose bands are drawn; default the newest of the same scenario."
    ),
]
File = Annotated[Path | None, typer.Option("--out", help="The file to write; default report.html in the run's folder.")]


def register(app: typer.Typer) -> None:
    """Adds `report` to the command line."""
    app.command("report", rich_help_panel=PANEL)(report)


def report(run: RunName = "last", ensemble: Beside = None, out: File = None, as_json: Json = False) -> None:
    """Write a report of a run: timeline, votes, shares, the record beside it, and why."""
    from partystate.runs import ensemble as ensembles
    from partystate.runs import store
    from partystate.views import report as reports

    stored = store.find(run)
    if ensemble is not None:
        ensembles.open_ensemble(ensemble)
    else:
        ensemble = ensembles.newest(store.home(), stored)
    target = out or stored.folder / "report.html"
    if target.is_dir() or not target.parent.is_dir():
        raise problem("--out", str(target), "a file in a folder that exists", "a folder" if target.is_dir() else "none")
    written = reports.build(stored.folder, ensemble, target)
    if as_json:
        emit({"run": stored.folder.name, "ensemble": str(ensemble) if ensemble else None, "report": str(written)})
    else:
        show(f"Report: {written}")
