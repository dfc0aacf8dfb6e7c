"""`partystate fork`: a new history that shares the past of a stored one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from partystate.app import inputs
from partystate.app.commands.run import PANEL, tell
from partystate.app.output import Json

At = Annotated[str, typer.Option("--at", metavar="YYYY-MM", help="The month before which the histories part.")]
With = Annotated[
    Path | None, typer.Option("--with", metavar="SCENARIO", help="What is different from then on; nothing without it.")
]
RunName = Annotated[str, typer.Argument(metavar="RUN", help="Folder of a run, the beginning of its key, or `last`.")]


def register(app: typer.Typer) -> None:
    """Adds `fork` to the command line."""
    app.command("fork", rich_help_panel=PANEL)(fork)


def fork(
    run: RunName,
    at: At,
    scenario: With = None,
    until: inputs.Until = None,
    out: inputs.Out = None,
    as_json: Json = False,
) -> None:
    """Branch a new history off a stored run, with another scenario from a month on."""
    from partystate.analysis import rural_outcomes
    from partystate.app.progress import RunLine
    from partystate.runs import single, store

    root = inputs.runs_folder(out)
    parent = store.find(run)
    month = inputs.month(at, "--at")
    text, where = inputs.read(scenario)
    measure = rural_outcomes.of_sectors(parent.manifest["sectors"])
    with RunLine() as line:
        stored = single.fork(parent, month, text, where, root, measure, line.hook, inputs.months(until))
    tell(stored, as_json)
