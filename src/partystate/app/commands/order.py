"""`partystate order`: the working month as a table, and a test that its order matters only where it should."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from partystate.app.output import Json, emit, show, table
from partystate.foundation.problems import problem

PANEL = "Explain"
FAILED = 1
Shuffle = Annotated[
    int,
    typer.Option("--shuffle", metavar="N", help="Also run under N other orders of what should commute."),
]


def register(app: typer.Typer) -> None:
    """Adds `order` to the command line."""
    app.command("order", rich_help_panel=PANEL)(order)


def order(shuffle: Shuffle = 0, as_json: Json = False) -> None:
    """Show which mechanism acts in which phase of the month, and after whom."""
    from partystate.engine import plan
    from partystate.model import catalogue

    if shuffle < 0:
        raise problem("--shuffle", "orders", "0 or more", shuffle)
    rows = plan.table(catalogue.assemble())
    tried = _trials(shuffle) if shuffle else []
    if as_json:
        data = [{"moved": trial.moved, "same": trial.same, "order": trial.order} for trial in tried]
        emit({"plan": [asdict(row) for row in rows]} | ({"shuffled": data} if shuffle else {}))
    else:
        cells = [(r.number, r.phase, r.mechanism, r.cadence, " ".join(r.systems), ", ".join(r.waits_for)) for r in rows]
        show(table(("", "phase", "mechanism", "every", "systems", "after"), cells))
        for number, trial in enumerate(tried, 1):
            said = "same figures" if trial.same else f"OTHER figures: {', '.join(trial.order)}"
            show(f"Order {number}, {trial.moved} mechanisms in other places: {said}")
    if not all(trial.same for trial in tried):
        raise typer.Exit(FAILED)


def _trials(count: int):
    from partystate.runs import shuffle
    from partystate.runs.recipe import Recipe

    return list(shuffle.trials(Recipe(), seed=1, count=count))
