"""`partystate discover`: in which part of the parameters' ranges histories of a kind are gathered, told in words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from partystate.app.commands.why import PANEL
from partystate.app.output import Json, emit, say, show, wrapped

if TYPE_CHECKING:
    from partystate.analysis.discovery import Box, Discovery, Share, Side

Folder = Annotated[Path, typer.Argument(metavar="ENSEMBLE", help="Folder of an ensemble.")]
Outcome = Annotated[
    str, typer.Option(metavar="CONDITION", help="What to look for, such as 'removed.Bukharin > 1930-01'.")
]
Beside = Annotated[
    list[str] | None,
    typer.Option(
        "--with",
        metavar="NAME",
        help="Look also at this outcome, or at a series in a month (NAME@YYYY-MM). May be repeated.",
    ),
]
Boxes = Annotated[int, typer.Option(metavar="N", help="How many boxes to look for, each outside those before it.")]
ArmName = Annotated[str, typer.Option("--arm", metavar="ARM", help="The arm of an ensemble that has several.")]


def register(app: typer.Typer) -> None:
    """Adds `discover` to the command line."""
    app.command("discover", rich_help_panel=PANEL)(discover)


def discover(
    folder: Folder,
    outcome: Outcome = "leads = 1",
    beside: Beside = None,
    boxes: Boxes = 1,
    arm: ArmName = "reference",
    as_json: Json = False,
) -> None:
    """Say in which part of the ranges histories of a kind are gathered, checked on histories not used to find it."""
    from partystate.analysis import discovery, discovery_inputs
    from partystate.runs.ensemble import open_ensemble

    asked = discovery_inputs.of(open_ensemble(folder), outcome, beside or (), arm)
    found = discovery.discover(asked.inputs, asked.values, asked.held, asked.seeds, boxes)
    if as_json:
        emit({"folder": str(folder), "arm": arm, "outcome": outcome, "notes": asked.notes, **facts(found)})
        return
    for note in asked.notes:
        say(f"Note: {note}")
    show(text(found, asked.condition.words))


def facts(found: Discovery) -> dict[str, Any]:
    """What `--json` says."""
    from dataclasses import asdict

    boxes = [asdict(box) | {"holds": box.holds, "difference": box.tested.difference} for box in found.boxes]
    return asdict(found) | {"share": asdict(found.share), "boxes": boxes}


def text(found: Discovery, condition: str) -> str:
    """The answer in sentences; every share that is told is of histories that had no part in finding the box."""
    head = f"{condition} holds in {share(found.share)} of {found.runs} histories."
    if found.refused:
        return wrapped(f"{condition}: {found.refused}")
    about = f"{found.inputs} inputs; boxes are sought in histories of odd seeds and told from those of even seeds."
    if not found.boxes:
        told = "No box was found: no part of the ranges gathers these histories more than chance would among so many."
        return "\n\n".join(wrapped(part) for part in (head, told, about))
    parts = [wrapped(head)]
    for number, box in enumerate(found.boxes, 1):
        parts.append(_box(box, condition, number))
    return "\n\n".join([*parts, wrapped(f"{about} A box describes where such histories lie; it does not say why.")])


def _box(box: Box, condition: str, number: int) -> str:
    elsewhere = "elsewhere" if number == 1 else "in the rest"
    before = "" if number == 1 else "Of the other histories: "
    where = " and where ".join(side_words(side) for side in box.sides)
    value, low, high = box.tested.difference
    numbers = (
        f"{condition} holds in {share(box.tested.inside)} against {share(box.tested.outside)} {elsewhere}: a "
        f"difference of {100 * value:.0f} points ({100 * low:.0f} to {100 * high:.0f}, p = {box.p_value:.2g}). "
    )
    if box.holds:
        told = (
            f"{before}In histories where {where}, {numbers}The box holds {share(box.tested.mass)} of the "
            f"histories and {share(box.tested.coverage)} of those looked for."
        )
    else:
        sought = box.sought
        told = (
            f"{before}No box was found that holds on the other half. The best of the first half, where {where}, had "
            f"{_percent(sought.inside.value)} % there against {_percent(sought.outside.value)} % {elsewhere}; on the "
            f"other half {numbers}That may be chance."
        )
    sides = [f"  {_side(side)}" for side in box.sides]
    return "\n".join([wrapped(told), *sides])


def share(found: Share) -> str:
    """`61 % (52 to 69)`."""
    if not found.runs:
        return "none"
    return f"{_percent(found.value)} % ({_percent(found.low)} to {_percent(found.high)})"


def _percent(value: float) -> str:
    return f"{100 * value:.0f}"


def side_words(side: Side) -> str:
    """`posts falling vacant each month (appointments.vacancy) is at least 0.06 share per month`."""
    import math

    name = f"{side.input.title} ({side.input.name})" if side.input.title else side.input.name
    unit = f" {side.input.unit}" if side.input.unit else ""
    if math.isinf(side.low):
        return f"“{name}” is at most {side.high:.3g}{unit}"
    if math.isinf(side.high):
        return f"“{name}” is at least {side.low:.3g}{unit}"
    return f"“{name}” is from {side.low:.3g} to {side.high:.3g}{unit}"


def _side(side: Side) -> str:
    drawn = "" if side.input.low != side.input.low else f"range {side.input.low:g} to {side.input.high:g}; "
    return f"{side.input.name}: {drawn}quasi-p {side.quasi_p:.2g}"
