"""`partystate run`: one history, followed month by month, stored, and summed up on one screen."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from partystate.app import inputs
from partystate.app.output import Json, emit, say, show

PANEL = "Simulate"
TOLD = (
    "seed", "first", "last", "months", "off", "forced", "variants", "warnings", "outcomes", "fingerprint", "timings",
)  # fmt: skip
Strict = Annotated[bool, typer.Option("--strict", help="Check that every mechanism keeps to what it declares.")]
Seed = Annotated[int, typer.Option(help="Seed of every random draw of the history.")]


def register(app: typer.Typer) -> None:
    """Adds `run` to the command line."""
    app.command("run", rich_help_panel=PANEL)(run)


def run(
    scenario: inputs.ScenarioFile = None,
    seed: Seed = 1,
    scale: inputs.Scale = "sample",
    only: inputs.Only = None,
    until: inputs.Until = None,
    sets: inputs.Sets = None,
    out: inputs.Out = None,
    strict: Strict = False,
    as_json: Json = False,
) -> None:
    """Run one history and show who lost what, when, to whom and why."""
    from partystate.analysis import rural_outcomes
    from partystate.app.progress import RunLine
    from partystate.runs import single
    from partystate.runs.recipe import Watching

    recipe = inputs.recipe(scenario, scale, only, until, sets)
    inputs.seeds(seed)
    built = recipe.built()
    _announce(built)
    with RunLine() as line:
        root = inputs.runs_folder(out)
        stored = single.run(
            recipe, seed, root, rural_outcomes.of_sectors(built.sectors), line.hook, Watching(strict=strict)
        )
    tell(stored, as_json)


def tell(stored: Any, as_json: bool) -> None:
    """The result of a run: its summary and folder, or both as JSON."""
    if as_json:
        emit(facts(stored))
        return
    from partystate.views import terminal

    show(terminal.summary(stored))
    show(f"\nRun folder: {stored.folder}")


def facts(stored: Any) -> dict[str, Any]:
    """What `--json` says of a stored run."""
    manifest = stored.manifest
    return {
        "run": stored.folder.name,
        "folder": str(stored.folder),
        "key": stored.key,
        "scenario": manifest["scenario"],
        **{name: manifest[name] for name in TOLD},
        "snapshots": [path.name for path in stored.snapshots().values()],
    }


def _announce(built: Any) -> None:
    """Before the first month: what is off and what that means, and values outside their plausible range."""
    said = built.facts()
    for system, meaning in said["off"].items():
        say(f"{system} is off: {meaning}")
    for warning in said["warnings"]:
        say(f"Note: {warning}.")
