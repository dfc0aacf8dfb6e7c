"""`partystate mechanisms` and `partystate systems`: what the model claims, with what numbers, and what "off" means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from partystate.app.output import Json, emit, show, table, wrapped
from partystate.foundation.problems import did_you_mean, problem

if TYPE_CHECKING:
    from partystate.model.mechanism import Mechanism
    from partystate.record import Record

PANEL = "Explain"
LISTS = ("reads", "reads_now", "sets", "keeps", "flows", "draws", "drivers", "events", "receives", "variants")
Name = Annotated[str | None, typer.Argument(metavar="NAME", help="One mechanism; all in a list without it.")]
Id = Annotated[str | None, typer.Argument(metavar="ID", help="One system, such as S01; all in a list without it.")]


def register(app: typer.Typer) -> None:
    """Adds `mechanisms` and `systems` to the command line."""
    app.command("mechanisms", rich_help_panel=PANEL)(mechanisms)
    app.command("systems", rich_help_panel=PANEL)(systems)


def mechanisms(name: Name = None, as_json: Json = False) -> None:
    """Show what a mechanism claims and declares, its parameters with sources, and what it means to switch it off."""
    from partystate import record
    from partystate.model import catalogue

    known, kinds = record.load(), catalogue.mechanisms()
    if name is not None and name not in kinds:
        hint = did_you_mean(name, kinds) or "`partystate mechanisms` lists them."
        raise problem("NAME", name, "the name of a mechanism", name, hint)
    chosen = [about_mechanism(kind, known) for key, kind in kinds.items() if name in (None, key)]
    if as_json:
        emit(chosen if name is None else chosen[0])
    elif name is None:
        rows = [(m["name"], m["phase"], " ".join(m["systems"]), m["claim"]) for m in chosen]
        show(table(("mechanism", "phase", "systems", "claim"), rows))
    else:
        show(_mechanism_text(chosen[0]))


def systems(system: Id = None, as_json: Json = False) -> None:
    """Show the systems of the party-state: which mechanisms carry each, and what it means to switch it off."""
    from partystate import record

    known = record.load().systems
    wanted = system.upper() if system else None
    if wanted is not None and wanted not in known:
        hint = did_you_mean(wanted, known) or "`partystate systems` lists them."
        raise problem("ID", str(system), "the id of a system", system, hint)
    chosen = [about_system(key, entry) for key, entry in known.items() if wanted in (None, key)]
    if as_json:
        emit(chosen if wanted is None else chosen[0])
    elif wanted is None:
        rows = [(s["id"], s["name"], ", ".join(s["mechanisms"]) or "not built yet") for s in chosen]
        show(table(("system", "name", "carried by"), rows))
    else:
        show(_system_text(chosen[0]))


def about_mechanism(kind: type[Mechanism], known: Record) -> dict[str, Any]:
    """Everything a mechanism declares, its parameters as the registry has them."""
    return {
        "name": kind.name,
        "claim": kind.claim,
        "systems": list(kind.systems),
        "phase": kind.phase,
        "cadence": kind.cadence,
        "sources": [_citation(key, known) for key in kind.sources],
        **{name: list(getattr(kind, name)) for name in LISTS},
        "when_off": dict(kind.when_off),
        "moves": {system: list(names) for system, names in kind.moves.items()},
        "parameters": [about_parameter(key, known) for key in kind.parameters],
    }


def about_parameter(key: str, known: Record) -> dict[str, Any]:
    """A parameter as the registry has it."""
    entry = known.parameters[key]
    names = ("key", "title", "unit", "value", "low", "high", "distribution", "grade", "note")
    return {name: getattr(entry, name) for name in names} | {"source": [_citation(s, known) for s in entry.source]}


def about_system(key: str, entry: Any) -> dict[str, Any]:
    """A system of the table of systems, the mechanisms that carry it, and what "off" means."""
    from partystate import record
    from partystate.model import catalogue

    carriers = catalogue.systems(catalogue.SECTORS).get(key, [])
    moved = [name for mechanism in carriers for name in catalogue.mechanisms()[mechanism].moves.get(key, ())]
    return {
        "id": key,
        "name": entry.name,
        "what": entry.what,
        "claims": [name for name, claim in record.load().claims.items() if key in claim.systems],
        "mechanisms": carriers,
        "off": catalogue.meaning_of_off(key) if carriers else None,
        "moves": list(dict.fromkeys(moved)),
    }


def _citation(key: str, known: Record) -> dict[str, str]:
    source = known.sources.get(key)
    return {"key": key, "citation": source.citation if source else ""}


def _mechanism_text(about: Mapping[str, Any]) -> str:
    lines = [f"{about['name']}  ({', '.join([about['phase'], 'every ' + about['cadence'], *about['systems']])})", ""]
    lines += [wrapped(about["claim"]), ""]
    lines += [wrapped(f"Without {system}: {meaning}") for system, meaning in about["when_off"].items()]
    lines += [wrapped(f"{name.replace('_', ' ')}: {', '.join(about[name])}", "  ") for name in LISTS if about[name]]
    if about["parameters"]:
        lines += [
            "",
            "Parameters",
            table(("key", "value", "range", "unit", "grade", "source"), map(_row, about["parameters"])),
        ]
        lines += [""] + [wrapped(f"{p['key']}: {p['title']}. {p['note']}", "  ") for p in about["parameters"]]
    cited = {
        s["key"]: s["citation"] for s in [*about["sources"], *(s for p in about["parameters"] for s in p["source"])]
    }
    if cited:
        lines += ["", "Sources", *(wrapped(f"{key}: {citation}", "  ") for key, citation in sorted(cited.items()))]
    return "\n".join(lines)


def _row(parameter: Mapping[str, Any]) -> tuple[str, ...]:
    p = parameter
    span = "fixed" if p["distribution"] == "fixed" else f"{p['low']:g} to {p['high']:g}"
    sources = " ".join(source["key"] for source in p["source"]) or "prior"
    return p["key"], f"{p['value']:g}", span, p["unit"], p["grade"], sources


def _system_text(about: Mapping[str, Any]) -> str:
    lines = [f"{about['id']}  {about['name']}", "", wrapped(about["what"])]
    if not about["mechanisms"]:
        return "\n".join([*lines, "", "No mechanism of this version carries it."])
    lines += ["", f"Carried by: {', '.join(about['mechanisms'])}", wrapped(f"Off means: {about['off']}")]
    if about["moves"]:
        lines.append(wrapped(f"Switching it off should move: {', '.join(about['moves'])}"))
    return "\n".join([*lines, wrapped(f"Claims: {' '.join(about['claims'])}")])
