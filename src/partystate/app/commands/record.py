"""``partystate record``: what is known, how well, and from where."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from partystate import record as evidence
from partystate.app.commands import record_chart
from partystate.foundation.problems import Problem, did_you_mean, problem
from partystate.record.series import Point, Series

FIELDS = (
    "series_id", "date", "value", "low", "high", "unit", "grade", "window", "source", "citation", "note",
)  # fmt: skip
WITHHELD = "Withheld: a history must produce this series; its figures are kept back for an independent check."
Json = Annotated[bool, typer.Option("--json", help="JSON on standard output, nothing else.")]
SeriesId = Annotated[str, typer.Argument(metavar="SERIES", help="Id of a series, as `record list` shows it.")]

commands = typer.Typer(no_args_is_help=True, help="What is known, how well, and from where.")


def register(app: typer.Typer) -> None:
    """Adds ``record`` to the command line."""
    app.add_typer(commands, name="record")


@commands.command("list")
def list_series(
    sector: Annotated[str, typer.Option(help="Only this sector, such as party or agriculture.")] = "",
    grade: Annotated[str, typer.Option(help="Only series with figures of this grade: A, B or C.")] = "",
    as_json: Json = False,
) -> None:
    """Lists the series: unit, years, grades, and what may be fitted or tests."""
    known = evidence.load().series
    sectors = sorted({one.sector for one in known.values()})
    if sector and sector not in sectors:
        do = did_you_mean(sector, sectors) or "Sectors: " + ", ".join(sectors)
        raise problem("--sector", sector, "a sector of the record", sector, do)
    if grade and grade not in record_chart.MARKS:
        raise problem("--grade", grade, "A, B or C", grade)
    chosen = [one for one in known.values() if sector in ("", one.sector) and (not grade or grade in one.grades)]
    if as_json:
        _print_json([_about(one) for one in chosen])
        return
    rows = [
        (one.id, one.title, one.unit, one.sector, str(len(one.points)), _years(one), " ".join(one.grades))
        for one in chosen
    ]
    _print_table(("series", "what", "unit", "sector", "figures", "years", "grades"), rows, right=("figures",))
    typer.echo(f"{len(chosen)} series. `partystate record show SERIES` gives figures and sources.")


@commands.command()
def search(
    words: Annotated[list[str], typer.Argument(help="Words that must all occur, in any order.")],
    as_json: Json = False,
) -> None:
    """Searches series, events, people, plans, claims, questions, contested figures and sources."""
    wanted = [word.lower() for word in " ".join(words).split()]
    found = [
        {"kind": kind, "id": name, "text": text}
        for kind, name, text in _entries(evidence.load())
        if all(word in f"{name} {text}".lower() for word in wanted)
    ]
    if as_json:
        _print_json(found)
        return
    if not found:
        hint = did_you_mean("_".join(wanted), evidence.load().series)
        typer.echo(f"Nothing in the record has all of: {' '.join(wanted)}. {hint}".rstrip())
        return
    _print_table(("kind", "id", "text"), [(one["kind"], one["id"], one["text"]) for one in found])
    typer.echo(f"{len(found)} found.")


@commands.command()
def show(
    series: SeriesId,
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Figures as CSV on standard output.")] = False,
) -> None:
    """Shows a series: figures with range, grade, window and source; rivals; citations."""
    if as_json and as_csv:
        raise problem("--json, --csv", "both", "one of the two", "both")
    known = evidence.load()
    one = known.one_series(series)
    rows = [_figure(known, one, point) for point in one.points]
    if as_json:
        _print_json({**_about(one), "definition": one.definition, "note": one.note, "figures": rows})
        return
    if as_csv:
        writer = csv.DictWriter(sys.stdout, FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return
    _head(known, one)
    if not one.points:
        typer.echo(WITHHELD)
        return
    shown = [
        (row["date"], _number(point.value), _range(point), point.grade, row["window"], point.source, point.note)
        for row, point in zip(rows, one.points, strict=True)
    ]
    _print_table(("date", "value", "range", "grade", "use", "source", "note"), shown, right=("value", "range"))
    typer.echo("A range in brackets is assumed: 15 % to either side of a C figure that is given without one.")
    typer.echo("Sources")
    for key in sorted({point.source for point in one.points}):
        source = known.sources[key]
        place = f" [{source.where_opened}]" if source.where_opened else ""
        typer.echo(f"  {key}: {source.citation}{place}")


@commands.command()
def draw(
    series: SeriesId,
    out: Annotated[Path | None, typer.Option(help="Write an SVG here; without it, a plot in the terminal.")] = None,
) -> None:
    """Draws a series with ranges and grades."""
    known = evidence.load()
    one = known.one_series(series)
    if not one.points:
        raise problem("record draw", series, "a series with figures", "a series that is withheld", WITHHELD)
    if out is None:
        typer.echo(f"{one.title} ({one.unit})")
        typer.echo(record_chart.plot(one))
        typer.echo("● read  ○ attributed  ◌ contested  │ range")
        return
    if out.suffix.lower() != ".svg":
        raise problem("--out", str(out), "a file name that ends in .svg", out.name)
    if not out.parent.is_dir():
        raise problem("--out", str(out), "a folder that exists", str(out.parent), "Make the folder first.")
    out.write_text(record_chart.svg(known, one), encoding="utf-8")
    typer.echo(f"Wrote {out}")


@commands.command()
def check(
    folder: Annotated[
        Path | None, typer.Argument(help="A folder of data files; without it, the shipped record.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Checks every file and reports all faults at once; exit code 3 when there are any."""
    try:
        known = evidence.load(folder) if folder else evidence.load()
        known.check()
    except Problem as wrong:
        if not as_json:
            raise
        _print_json({"faults": [vars(fault) for fault in wrong.faults]})
        raise typer.Exit(wrong.exit_code) from None
    figures = sum(len(one.points) for one in known.series.values())
    facts = {
        "version": known.version,
        "series": len(known.series),
        "figures": figures,
        "events": len(known.events),
        "tenures": len(known.offices),
        "parameters": len(known.parameters),
        "claims": len(known.claims),
        "sources": len(known.sources),
    }
    if as_json:
        _print_json({"faults": [], **facts})
        return
    typer.echo(", ".join(f"{count:,} {name}" for name, count in facts.items() if name != "version"))
    typer.echo(f"No faults. Version {known.version[:12]}.")


# --- what is printed ----------------------------------------------------------------------------------------------


def _about(one: Series) -> dict[str, Any]:
    return {
        "series_id": one.id,
        "title": one.title,
        "unit": one.unit,
        "sector": one.sector,
        "figures_count": len(one.points),
        "years": _years(one),
        "grades": list(one.grades),
        "split": record_chart.split_words(one),
        "withheld": one.withheld,
        "rivals": list(one.rivals),
    }


def _figure(known: evidence.Record, one: Series, point: Point) -> dict[str, Any]:
    cited = known.sources[point.source].citation
    values = (
        one.id,
        point.date.text,
        point.value,
        point.low,
        point.high,
        one.unit,
        point.grade,
        one.window(point.date),
    )
    return dict(zip(FIELDS, (*values, point.source, cited, point.note), strict=True))


def _head(known: evidence.Record, one: Series) -> None:
    typer.echo(f"{one.title}\n  {one.id} · {one.unit} · {one.sector}")
    for label, words in (
        ("definition", one.definition),
        ("note", one.note),
        ("split", record_chart.split_words(one)),
        ("rivals", "; ".join(f"{name} ({known.series[name].title})" for name in one.rivals)),
    ):
        if words:
            typer.echo(f"  {label}: {words}")


def _entries(known: evidence.Record):
    """(kind, id, text) of everything that can be searched."""
    for one in known.series.values():
        yield "series", one.id, f"{one.title} ({one.unit}) {one.definition}".strip()
    for event in known.events:
        yield "event", event.date.text, f"{event.title}: {event.outcome} [{', '.join(event.actors)}]"
    for tenure in known.offices:
        until = tenure.end.text if tenure.end else ""
        yield "office", tenure.person, f"{tenure.office}, {tenure.start} to {until}: {tenure.how_ended}"
    for one in known.leader_evidence:
        yield "evidence", one.leader, f"{one.date} {one.measure}: {one.value:g} {one.unit}"
    for treaty in known.treaties:
        yield "treaty", treaty.date.text, f"{', '.join(treaty.parties)}: {treaty.terms}"
    for event in known.foreign_events:
        yield "abroad", event.date.text, f"{event.title}: {event.summary}"
    for plan in known.plans:
        yield "plan", plan.plan, f"{plan.product} ({plan.unit})"
    for driver in known.drivers.values():
        yield "driver", driver.id, f"{driver.title} ({driver.unit})"
    for parameter in known.parameters.values():
        yield "parameter", parameter.key, f"{parameter.title} ({parameter.unit})"
    for system in known.systems.values():
        yield "system", system.system_id, f"{system.name}: {system.what}"
    for claim in known.claims.values():
        yield "claim", claim.claim_id, claim.claim
    for question in known.questions.values():
        yield "question", question.question_id, question.question
    for item in known.contested:
        yield "contested", item.item, f"{item.range} ({item.why})"
    for source in known.sources.values():
        yield "source", source.key, source.citation


def _years(one: Series) -> str:
    if not one.points:
        return "withheld"
    first, last = one.points[0].date.text[:4], one.points[-1].date.text[:4]
    return first if first == last else f"{first}–{last}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:g}"


def _range(point: Point) -> str:
    low, high = point.bounds
    if low == high:
        return ""
    shown = f"{_number(low)}–{_number(high)}"
    return f"({shown})" if point.low is None and point.high is None else shown


def _print_table(heads: tuple[str, ...], rows: list[tuple[str, ...]], right: tuple[str, ...] = ()) -> None:
    """A table as wide as the terminal; as wide as it needs where the output is a file or a pipe."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    piped = not sys.stdout.isatty()
    console = Console(width=200 if piped else None, highlight=False, markup=False, emoji=False)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head in heads:
        wide = head in ("what", "text", "note")
        table.add_column(head, justify="right" if head in right else "left", overflow="fold", no_wrap=not wide)
    for row in rows:
        table.add_row(*row)
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().strip("\n").splitlines():
        typer.echo(line.rstrip())


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
