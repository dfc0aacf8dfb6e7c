"""`partystate compare`: what one ensemble changed against another, history by history."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from partystate.app import inputs
from partystate.app.commands.why import PANEL
from partystate.app.output import Json, emit, say, show, table, wrapped
from partystate.foundation.problems import problem

if TYPE_CHECKING:
    from partystate.analysis.compare import Comparison, Line
    from partystate.analysis.effects import Effect, Level

First = Annotated[Path, typer.Argument(metavar="A", help="Folder of the ensemble that is the basis.")]
Second = Annotated[Path, typer.Argument(metavar="B", help="Folder of the ensemble that is held against it.")]
SeriesNames = Annotated[
    list[str] | None,
    typer.Option("--series", metavar="NAME", help="Compare the mean of this series too. May be repeated."),
]
Since = Annotated[str, typer.Option("--from", metavar="YYYY-MM", help="First month of that mean.")]
Through = Annotated[str | None, typer.Option("--to", metavar="YYYY-MM", help="Last month; default the runs' last.")]
EXPLANATION = (
    "Difference: B − A over pairs of histories with the same seed, with its 95 % interval. ρ: correlation in pairs. "
    "changed: share of histories in which the outcome is another; of these, flips went against the mean. "
    "--json has the bands of the middle 95 % too."
)


def register(app: typer.Typer) -> None:
    """Adds `compare` to the command line."""
    app.command("compare", rich_help_panel=PANEL)(compare)


def compare(
    first: First,
    second: Second,
    series: SeriesNames = None,
    since: Since = "1922-01",
    through: Through = None,
    as_json: Json = False,
) -> None:
    """Compare two ensembles, paired by seed."""
    from partystate.analysis import compare as comparing
    from partystate.runs.ensemble import open_ensemble

    opened = [open_ensemble(folder) for folder in (first, second)]
    months = min(each.months for each in opened)
    sides = (comparing.Side.of(each) for each in opened)
    found = comparing.compare(*sides, series or (), window(since, through, months))
    differing = comparing.differing(found.a, found.b)
    if as_json:
        emit(facts(found, differing))
        return
    for note in found.notes:
        say(f"Note: {note}")
    show("\n".join([f"A: {found.a.name}", f"B: {found.b.name}", f"{len(found.seeds)} pairs of histories"]))
    for words in differing:
        show(wrapped(words, "  "))
    show(f"\n{text(found.lines)}\n\n{wrapped(EXPLANATION)}")


def window(since: str, through: str | None, months: int) -> tuple[int, int]:
    from partystate.foundation import calendar

    first = inputs.month(since, "--from")
    last = months - 1 if through is None else inputs.month(through, "--to")
    if not first <= last < months:
        expected = f"months in order, up to {calendar.label(months - 1)}, where the runs end"
        raise problem("--from, --to", "months", expected, f"{calendar.label(first)} to {calendar.label(last)}")
    return first, last


def facts(found: Comparison, differing: list[str]) -> dict[str, Any]:
    """What `--json` says of a comparison."""
    sides = {
        name: {
            "folder": side.name,
            "runs": len(side.parts),
            "model": side.design["model"],
            "record": side.design["record"],
            "scenario": side.facts["scenario"],
            "off": side.facts["off"],
            "keys": [side.parts[seed].key for seed in found.seeds],
        }
        for name, side in (("a", found.a), ("b", found.b))
    }
    return {
        **sides,
        "months": found.a.design["months"],
        "pairs": len(found.seeds),
        "seeds": found.seeds,
        "same_histories": found.same,
        "differing": differing,
        "notes": found.notes,
        "outcomes": [line.as_dict() for line in found.lines],
    }


def text(lines: tuple[Line, ...]) -> str:
    """Chances, quantities and dates, each in a table of its own."""
    from partystate.analysis import effects

    heads = {
        effects.CHANCE: ("chance", "A", "B", "difference", "ρ", "changed", "flips"),
        effects.QUANTITY: ("quantity, mean (median, middle 80 %)", "A", "B", "difference", "ρ", "changed", "flips"),
        effects.DATE: ("date", "A: share, median", "B: share, median", "months", "ρ", "changed", "flips"),
    }
    parts = []
    for kind, head in heads.items():
        chosen = [line for line in lines if line.effect.kind == kind and line.effect.pairs]
        rows = [(line.title, *_cells(line.effect)) for line in chosen]
        if rows:
            parts.append(table(head, rows))
    return "\n\n".join(parts)


def _cells(effect: Effect) -> tuple[str, ...]:
    rho = "" if math.isnan(effect.correlation) else f"{effect.correlation:.2f}"
    return *levels(effect), difference(effect), rho, f"{effect.changed:.2f}", f"{effect.flips:.2f}"


def levels(effect: Effect) -> tuple[str, str]:
    """A and B: the share of a chance, the mean (median, middle 80 %) of a quantity, the share and median of a date."""
    from partystate.analysis import effects

    shown = {effects.CHANCE: lambda at: f"{at.mean:.3f}", effects.QUANTITY: _amount, effects.DATE: _date}[effect.kind]
    return shown(effect.a), shown(effect.b)


def difference(effect: Effect) -> str:
    """`-0.150 (-0.180 to -0.120)`; in words where no history changed, which has no interval but of a chance."""
    if effect.changed == 0 and effect.kind != "chance":
        return "0, no history changed"
    if effect.same_histories:
        return "0"
    digits = ".1f" if effect.kind == "date" else ".3f"
    shown = f"{effect.difference:+{digits}}"
    return shown if math.isnan(effect.low) else f"{shown} ({effect.low:+{digits}} to {effect.high:+{digits}})"


def _amount(level: Level) -> str:
    return f"{level.mean:.3f} ({level.median:.3g}, {level.band_low:.3g} to {level.band_high:.3g})"


def _date(level: Level) -> str:
    return f"{level.happened:.2f}, {month_words(level.median)}"


def month_words(month: float) -> str:
    """`1926-10`, or `not reached`."""
    from partystate.foundation import calendar

    return calendar.label(round(month)) if math.isfinite(month) else "not reached"
