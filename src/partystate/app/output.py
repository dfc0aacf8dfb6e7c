"""What a command writes: results to stdout (with --json nothing but JSON), everything else to stderr."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from partystate.foundation.problems import problem

Json = Annotated[bool, typer.Option("--json", help="Write JSON to stdout, and nothing else there.")]


def show(text: str = "") -> None:
    """A result, to stdout."""
    print(text)


def say(text: str) -> None:
    """A remark, to stderr."""
    print(text, file=sys.stderr, flush=True)


def emit(data: Any) -> None:
    """A result as JSON, to stdout; a number that is not finite becomes null."""
    print(json.dumps(plain(data), ensure_ascii=False, indent=2, allow_nan=False))


def plain(value: Any) -> Any:
    """`value` as JSON data: NumPy scalars, tuples and sets are turned into what JSON knows."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(plain(item) for item in value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def write(path: Path, text: str, flag: str = "--html") -> Path:
    """Writes a text file, first under another name, so that a page is never half written; returns its path.

    Raises Problem (exit 2) naming the flag that gave the path, when it cannot be written.
    """
    temporary = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise problem(flag, str(path), "a file that can be written", error.strerror or str(error)) from None
    return path


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Aligned columns of text under a head; the last column may be of any width."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in [list(head), *cells]) for i in range(len(head))]
    lines = [list(head), ["-" * width for width in widths[:-1]] + ["-" * len(head[-1])], *cells]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def wrapped(text: str, indent: str = "") -> str:
    """`text` in lines of at most 100 characters, each after `indent`."""
    import textwrap

    return textwrap.fill(text, 100, initial_indent=indent, subsequent_indent=indent)
