"""An answer on a terminal of 100 columns: what the page holds, without charts and without the lists behind it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from . import answer_basis as basis
from . import answer_numbers as numbers
from . import answer_tables as tables
from .answer_numbers import Data
from .answer_tables import Sheet

WIDTH = 100
GAP = "  "


def text(answer: Data) -> str:
    """The answer in at most 100 columns."""
    before: set[str] = set()  # meanings of "off" that stand above already
    blocks = (
        head(answer),
        changed(answer, before),
        other_outcomes(answer),
        divided(answer, before),
        further(answer),
        readings(answer),
        rests(answer),
        rewriting(answer),
        ["What it cannot tell", *(line for limit in answer["cannot_tell"] for line in bullet(limit))],
        ["How it was made", *(line for term, words in basis.made(answer) for line in told(f"{term}: ", words))],
    )
    return "\n\n".join("\n".join(block) for block in map(list, blocks) if block)


def head(answer: Data) -> Iterator[str]:
    """The question and its answer in two sentences."""
    about = answer["question"]
    yield from told(f"{about['id']}  ", about["text"], indent=0)
    yield ""
    for sentence in answer["sentences"]:
        yield from said(sentence)
    if missing := tables.gaps(answer):
        yield from ("", *said(missing))


def changed(answer: Data, before: set[str]) -> Iterator[str]:
    """The main outcome by arm, and what each arm changes."""
    main = tables.effects(answer, answer["question"]["main"])
    yield f"{main.title}, {tables.period(answer)}"
    yield from sheet(main, before)
    yield from said(tables.INTERVALS, 2)


def other_outcomes(answer: Data) -> Iterator[str]:
    """The other outcomes: the reference, then each arm's difference."""
    if names := tables.others(answer):
        yield "Other outcomes: the reference, then paired differences"
    for name in names:
        own = tables.kind(answer, name)
        yield from told(f"{tables.outcome_title(answer, name)}: ", numbers.level(own, answer["reference"][name]))
        arms = [f"{arm['name']} {numbers.effect(arm['effects'][name])}" for arm in answer["arms"]]
        yield from said("; ".join(arms), 4)


def divided(answer: Data, before: set[str]) -> Iterator[str]:
    """What falls to each group, to factors, and to changes together."""
    if answer["attribution"]:
        found = tables.parts(answer)
        yield found.title
        yield from said(tables.total(answer), 2)
        yield from sheet(found, before)
        for words in (tables.withheld(answer), tables.told_apart(answer), tables.PARTS):
            yield from said(words, 2)
        for note in answer["attribution"]["notes"]:
            yield from bullet(note)
        pairs = tables.interactions(answer)
        if isinstance(pairs, str):
            yield from told("Interactions: ", pairs)
        elif pairs:
            yield from ("", tables.INTERACTIONS, *sheet(pairs))


def further(answer: Data) -> Iterator[str]:
    """Shares of variance, joint changes and orders, where the question asks for them."""
    for place, (found, words) in enumerate(tables.further(answer)):
        yield from (*([""] if place else []), found.title, *sheet(found), *said(words, 2))


def readings(answer: Data) -> Iterator[str]:
    """The same change under rival readings."""
    if found := tables.readings(answer):
        yield found.title
        yield from sheet(found)
        yield from said(tables.fewer(answer), 2)


def rests(answer: Data) -> Iterator[str]:
    """Counts of claims and numbers, and which numbers the answer hangs on."""
    yield "What it rests on"
    listed = " The page of the answer (--html FILE) lists them." if any(answer["rests_on"].values()) else ""
    yield from said(f"{basis.counts(answer)}{listed}", 2)
    yield from said(basis.hung(answer), 2)
    if found := basis.hinges(answer):
        yield from sheet(found)


def rewriting(answer: Data) -> Iterator[str]:
    """How far each arm departs from anything the reference shows."""
    found = basis.rewriting(answer)
    yield from (found.title, *sheet(found), *said(basis.unmeasured(answer), 2), *said(basis.REWRITING, 2))


# Lines ------------------------------------------------------------------------------------------------------------


def sheet(found: Sheet, before: set[str] | None = None) -> Iterator[str]:
    """A table with its notes under each row; where it is too wide, each row's cells are named one after the other.

    before: meanings that stand above already, which are not said again; this table's are added.
    """
    lines = [found.columns, *((row.label, *row.cells) for row in found.rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    if 2 + sum(widths) + len(GAP) * (len(widths) - 1) > WIDTH:
        yield from _stacked(found, before)
        return
    shown = [
        f"{GAP}{GAP.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))}".rstrip()
        for line in lines
    ]
    yield shown[0]
    for line, row in zip(shown[1:], found.rows, strict=True):
        yield line
        for note in row.notes:
            yield from said(_once(note, before), 6)


def _once(note: str, before: set[str] | None) -> str:
    """A note; of a meaning that stands above already, only what it is the meaning of."""
    if before is None:
        return note
    term, sign, words = note.partition(": ")
    if sign and words in before:
        return f"{term}: as above."
    before.add(words)
    return note


def _stacked(found: Sheet, before: set[str] | None) -> Iterator[str]:
    for row in found.rows:
        cells = [f"{name} {cell}".strip() for name, cell in zip(found.columns[1:], row.cells, strict=True) if cell]
        yield from said(row.label, 2)
        yield from said("; ".join(cells), 4)
        for note in row.notes:
            yield from said(_once(note, before), 6)


def said(words: str, indent: int = 0) -> list[str]:
    """Words in lines that fit."""
    return _wrapped(words, " " * indent, " " * indent)


def told(term: str, words: str, indent: int = 2) -> list[str]:
    """A term and its words, the further lines a little to the right."""
    return _wrapped(words, " " * indent + term, " " * (indent + 4))


def bullet(words: str) -> list[str]:
    return _wrapped(words, "  · ", "    ")


def _wrapped(words: str, first: str, margin: str) -> list[str]:
    """Lines of at most `WIDTH`; a number stays with the sign behind it."""
    held = re.sub(r"(?<=\d) (?=%)", "\N{NO-BREAK SPACE}", words)
    lines = textwrap.wrap(held, WIDTH, initial_indent=first, subsequent_indent=margin)
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]
