"""`partystate warm`: compile once, so that no run waits for the compiler."""

from __future__ import annotations

import typer

from partystate.app.output import Json, emit, show

PANEL = "Check"


def register(app: typer.Typer) -> None:
    """Adds `warm` to the command line."""
    app.command("warm", rich_help_panel=PANEL)(warm)


def warm(as_json: Json = False) -> None:
    """Compile the kernels into the cache."""
    from partystate.foundation import kernels
    from partystate.runs import warm as warming

    ready = warming.is_warm()
    seconds = 0.0 if ready else warming.warm()
    if as_json:
        emit({"compiled": not ready, "seconds": round(seconds, 1), "cache": str(kernels.cache_dir())})
    else:
        show("Kernels are ready." if ready else f"Kernels compiled in {seconds:.0f} s.")
