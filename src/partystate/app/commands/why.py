"""`partystate why`: the causes of an event in words, with numbers and votes."""

from __future__ import annotations

from typing import Annotated

import typer

from partystate.app.commands.fork import RunName
from partystate.app.output import Json, emit, show

PANEL = "Explain"
EventId = Annotated[str | None, typer.Argument(metavar="EVENT", help="Id of an event; without one, what can be asked.")]
Depth = Annotated[int, typer.Option(min=1, help="How many steps back.")]


def register(app: typer.Typer) -> None:
    """Adds `why` to the command line."""
    app.command("why", rich_help_panel=PANEL)(why)


def why(run: RunName, event: EventId = None, depth: Depth = 6, as_json: Json = False) -> None:
    """Explain why an event of a run happened."""
    from partystate.analysis.why import explain
    from partystate.runs import store

    explanation = explain(store.find(run).folder, event, depth)
    if as_json:
        emit(explanation.as_dict())
    else:
        show(explanation.text())
