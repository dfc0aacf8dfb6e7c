"""`partystate verify`: does this machine compute what was published?"""

from __future__ import annotations

from typing import Annotated

import typer

from partystate.app.commands.warm import PANEL
from partystate.app.output import Json, emit, say, show, table

FAILED = 1
SHOWN = 16  # digits of a fingerprint that are printed
Update = Annotated[
    bool,
    typer.Option("--update", help="Publish what is found here (for maintainers, when results are to change)."),
]


def register(app: typer.Typer) -> None:
    """Adds `verify` to the command line."""
    app.command("verify", rich_help_panel=PANEL)(verify)


def verify(update: Update = False, as_json: Json = False) -> None:
    """Run three reference histories and compare their fingerprints with the published ones."""
    from partystate.runs import store
    from partystate.runs import verify as verification

    if update:
        verification.update()
        say(f"Written: {verification.FILE}")
    made = verification.published()
    verdicts = list(verification.verdicts())
    if as_json:
        found = [{"run": v.name, "same": v.same, "published": v.published, "found": v.found} for v in verdicts]
        emit({"runs": found, "published_on": made["platform"], "here": store.made_on()})
    else:
        rows = [
            (v.name, v.published[:SHOWN] or "none", v.found[:SHOWN], "same" if v.same else "DIFFERS") for v in verdicts
        ]
        show(table(("history", "published", "found here", "verdict"), rows))
        show(f"\nPublished with {words(made['platform'])}; here {words(store.made_on())}.")
    if not all(verdict.same for verdict in verdicts):
        say(_advice(made))
        raise typer.Exit(FAILED)


def words(platform: dict[str, str]) -> str:
    """`Python 3.11.7, NumPy 2.4.6, numba 0.68.1 on Linux x86_64`."""
    return f"Python {platform['python']}, NumPy {platform['numpy']}, numba {platform['numba']} on {platform['machine']}"


def _advice(made: dict[str, str]) -> str:
    from partystate import record
    from partystate.runs import keys

    if made.get("model") != keys.model_version():
        return "The model's source differs from the one published: other numbers may be meant."
    if made.get("record") != record.load().version:
        return "The record's data differ from those published: other numbers may be meant."
    return "Source and data are those published, so this machine or its libraries compute otherwise."
