"""The reference pages: every mechanism and every parameter, written from their declarations.

``python -m partystate.views.reference docs/reference`` writes them; a contract test compares what is committed with
what this module writes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from partystate.foundation.problems import Problem, problem
from partystate.model.mechanism import PHASES, Mechanism
from partystate.record.parameters import Parameter

PHASE_TITLES = {
    "life": "Life: what happens of itself",
    "report": "Report: what officials say upward",
    "deliberate": "Deliberate: issues, alignments, motions, votes",
    "command": "Command: decisions carried out",
    "appoint": "Appoint: posts, members, delegates",
    "persuade": "Persuade and coerce",
    "account": "Account: the books of the month",
}
GRADES = {
    "A": "read in the source",
    "B": "attributed to a source that was not opened",
    "C": "contested or coded",
    "P": "a prior of the project; the note says why",
}
PARAMETER_HEAD = (
    "| parameter | meaning | value | range | unit | grade | basis | used by |\n|---|---|---|---|---|---|---|---|"
)
MADE = "*Written by `make docs` from the declarations; do not edit by hand.*"


def mechanisms_page(mechanisms: Iterable[Mechanism], record) -> str:
    """All mechanisms in the order of the working month, as Markdown.

    mechanisms: instances in order. record: supplies titles of systems, citations and parameters.
    """
    ordered = list(mechanisms)
    parts = ["# Mechanisms", MADE, _contents(ordered)]
    for phase in PHASES:
        acting = [mechanism for mechanism in ordered if mechanism.phase == phase]
        if acting:
            parts.append(f"## {PHASE_TITLES[phase]}")
            parts += [_mechanism(mechanism, record) for mechanism in acting]
    return "\n\n".join(parts) + "\n"


def parameters_page(mechanisms: Iterable[Mechanism], record) -> str:
    """The registry of parameters by mechanism, as Markdown: value, range, unit, grade, sources, note, rivals."""
    users = _users(mechanisms)
    groups: dict[str, list[Parameter]] = {}
    for parameter in record.parameters.values():
        groups.setdefault(parameter.key.partition(".")[0], []).append(parameter)
    grades = "; ".join(f"**{grade}** {meaning}" for grade, meaning in GRADES.items())
    parts = [
        "# Parameters",
        MADE,
        f"{len(record.parameters)} numbers. A history draws each from its range unless a reading, a scenario or the "
        "command line fixes it. Grades: " + grades + ".",
    ]
    for group, parameters in groups.items():
        rows = [_row(parameter, users.get(parameter.key, ()), record) for parameter in parameters]
        parts += [f"## {group}", "\n".join([PARAMETER_HEAD, *rows])]
    return "\n\n".join(parts) + "\n"


def write(folder: Path) -> tuple[Path, ...]:
    """Write both pages into `folder`; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in pages().items():
        path = folder / name
        path.write_text(text, "utf-8")
        written.append(path)
    return tuple(written)


def pages() -> Mapping[str, str]:
    """File name -> text of the reference pages of the installed package."""
    from partystate import record
    from partystate.model import catalogue

    ordered, known = catalogue.assemble().mechanisms, record.load()
    return {"mechanisms.md": mechanisms_page(ordered, known), "parameters.md": parameters_page(ordered, known)}


def _contents(ordered: Iterable[Mechanism]) -> str:
    rows = [
        f"| [{m.name}](#{_anchor(m.name)}) | {m.phase} | {', '.join(m.systems)} | {_cell(m.claim)} |" for m in ordered
    ]
    return "\n".join(["| mechanism | phase | systems | claim |", "|---|---|---|---|", *rows])


def _mechanism(mechanism: Mechanism, record) -> str:
    facts = {
        "Acts": f"every {mechanism.cadence}",
        "Reads": _codes(mechanism.reads),
        "Reads as things stand": _codes(mechanism.reads_now),
        "Sets": _codes(mechanism.sets),
        "Keeps": _codes(mechanism.keeps),
        "Moves": _codes(mechanism.flows),
        "Draws": _codes(mechanism.draws),
        "Follows": _codes(mechanism.drivers),
        "Carries out": _codes(mechanism.receives),
        "Writes events": _codes(mechanism.events),
        "[Parameters](parameters.md)": _codes(mechanism.parameters),
        "Variants": _codes(mechanism.variants),
        "Sources": _cited(mechanism.sources, record),
    }
    lines = [f"- **{name}:** {text}" for name, text in facts.items() if text]
    for system in mechanism.systems:
        changes = _codes(mechanism.moves.get(system, ())) or "nothing that is measured"
        title, meaning = record.systems[system].name, mechanism.when_off[system].rstrip(".")
        lines.append(f"- **Without {system}** ({title}): {meaning}. Should move {changes}.")
    return f"### {mechanism.name}\n\n{mechanism.claim}\n\n" + "\n".join(lines)


def _row(parameter: Parameter, users: Iterable[str], record) -> str:
    spread = f"{parameter.low:g} to {parameter.high:g}, {parameter.distribution}"
    basis = [_cited(parameter.source, record), parameter.note]
    for rival in parameter.rivals:
        note = f" ({rival.note})" if rival.note else ""
        basis.append(f"Rival value {rival.value:g}: {_cited([rival.source], record)}{note}")
    cells = (
        f"`{parameter.key}`",
        parameter.title,
        f"{parameter.value:g}",
        "fixed" if parameter.distribution == "fixed" else spread,
        parameter.unit,
        parameter.grade,
        ". ".join(part.rstrip(".") for part in basis if part),
        _codes(users),
    )
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _users(mechanisms: Iterable[Mechanism]) -> dict[str, list[str]]:
    users: dict[str, list[str]] = {}
    for mechanism in mechanisms:
        for key in mechanism.parameters:
            users.setdefault(key, []).append(mechanism.name)
    return users


def _cited(keys: Iterable[str], record) -> str:
    return "; ".join(record.sources[key].citation if key in record.sources else key for key in keys)


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _anchor(heading: str) -> str:
    """The anchor that common Markdown viewers give a heading."""
    return "".join(c for c in heading.lower() if c.isalnum() or c in "-_ ").replace(" ", "-")


def main(arguments: list[str]) -> int:
    """``python -m partystate.views.reference FOLDER``."""
    try:
        if len(arguments) != 1:
            raise problem("reference", "FOLDER", "one folder to write into", " ".join(arguments))
        for path in write(Path(arguments[0])):
            print(f"wrote {path}")
    except Problem as fault:
        print(fault, file=sys.stderr)
        return fault.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
