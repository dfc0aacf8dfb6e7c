"""An answer as one self-contained HTML page, and as a page of the documentation.

`templates/answer.html` sets the page in the style of the report. It has no script and fetches nothing: its
content-security policy names the hash of its own style and forbids everything else.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from . import answer_basis as basis
from . import answer_charts, svg
from . import answer_tables as tables
from .answer_numbers import Data
from .answer_tables import Sheet

TEMPLATES = Path(__file__).parent / "templates"


def page(answer: Data) -> str:
    """The page as text."""
    style = "\n".join((TEMPLATES / name).read_text(encoding="utf-8") for name in ("report.css", "answer.css"))
    hashed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{hashed}'; img-src data:; base-uri 'none'"
    return _template().render(context_of(answer), style=Markup(style), policy=policy)


def context_of(answer: Data) -> dict[str, Any]:
    """Everything the template sets, by name."""
    divided = answer["attribution"]
    pairs = tables.interactions(answer) if divided else None
    return {
        "answer": answer,
        "about": answer["question"],
        "period": tables.period(answer),
        "histories": tables.histories(answer),
        "gaps": tables.gaps(answer),
        "main": tables.effects(answer, answer["question"]["main"]),
        "others": [(tables.effects(answer, name), _meaning(answer, name)) for name in tables.others(answer)],
        "main_meaning": _meaning(answer, answer["question"]["main"]),
        "charts": answer_charts.of(answer),
        "parts": tables.parts(answer) if divided else None,
        "pairs": pairs if isinstance(pairs, Sheet) else None,
        "pairs_withheld": pairs if isinstance(pairs, str) else "",
        "between": tables.between(answer) if divided else None,
        "further": tables.further(answer),
        "readings": tables.readings(answer),
        "hinges": basis.hinges(answer),
        "rewriting": basis.rewriting(answer),
        "made": basis.made(answer),
        "designed": basis.designed(answer),
        "sources": basis.sources(answer),
        "tables": tables,
        "basis": basis,
        "number": svg.number,
    }


def _meaning(answer: Data, outcome: str) -> str:
    return answer["question"]["outcomes"][outcome]["meaning"]


@lru_cache(maxsize=1)
def _template():
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("answer.html")


# The documentation ------------------------------------------------------------------------------------------------


def markdown(answer: Data) -> str:
    """The answer as a page of the documentation: without charts, the other outcomes and the lists behind it."""
    about = answer["question"]
    blocks = [
        f"# {about['id']}: {about['text']}",
        "*Model result, not history. Written by the program; do not edit by hand.*",
        "\n".join(answer["sentences"]),
        tables.gaps(answer),
        f"## {tables.outcome_title(answer, about['main'])}",
        _meaning(answer, about["main"]),
        *_table(tables.effects(answer, about["main"])),
        tables.INTERVALS,
        *_divided(answer),
        *_readings(answer),
        "## How far the rewriting goes",
        *_table(basis.rewriting(answer)),
        " ".join(part for part in (basis.unmeasured(answer), basis.REWRITING, f"Marks: {basis.marks()}.") if part),
        "## What it cannot tell",
        "\n".join(f"- {limit}" for limit in answer["cannot_tell"]),
        "## How it was made",
        "\n".join(f"- {term}: {_code(term, words)}" for term, words in basis.made(answer, private=False)),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _divided(answer: Data) -> Iterator[str]:
    if answer["attribution"]:
        found, pairs = tables.parts(answer), tables.interactions(answer)
        yield from (f"## {found.title}", tables.total(answer), *_table(found))
        yield from (tables.withheld(answer), tables.told_apart(answer), tables.PARTS)
        if isinstance(pairs, str):
            yield f"Interactions: {pairs}"
        elif pairs:
            yield from (tables.INTERACTIONS, *_table(pairs))
        yield "\n".join(f"- {note}" for note in answer["attribution"]["notes"])
    for sheet, words in tables.further(answer):
        yield from (f"## {sheet.title}", *_table(sheet), words)


def _readings(answer: Data) -> Iterator[str]:
    if sheet := tables.readings(answer):
        yield from ("## Under rival readings", f"{sheet.title}.", *_table(sheet), tables.fewer(answer))


def _table(sheet: Sheet) -> Iterator[str]:
    """A table, then what must stand beside its rows."""
    lines = [sheet.columns, ["---"] * len(sheet.columns), *((row.label, *row.cells) for row in sheet.rows)]
    yield "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
    yield "\n".join(f"- **{row.label}**: {' '.join(row.notes)}" for row in sheet.rows if row.notes)


def _code(term: str, words: str) -> str:
    return f"`{words}`" if term in ("Command", "To cite it") else words
