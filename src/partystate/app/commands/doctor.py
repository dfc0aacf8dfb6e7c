"""`partystate doctor`: is everything in place for runs that can be trusted?"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import typer

from partystate.app.commands.warm import PANEL
from partystate.app.output import Json, emit, show, table
from partystate.foundation.problems import Problem

FAILED = 1
OLDEST, NEWEST = (3, 11), (3, 13)
PACKAGES = ("numpy", "numba", "pyarrow", "typer", "rich", "jinja2")
LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)")
GIGA = 2**30


@dataclass(frozen=True)
class Check:
    """One line: what was looked at, what was found, and whether it is as it should be (None: nothing to judge)."""

    what: str
    found: str
    well: bool | None


def register(app: typer.Typer) -> None:
    """Adds `doctor` to the command line."""
    app.command("doctor", rich_help_panel=PANEL)(doctor)


def doctor(as_json: Json = False) -> None:
    """Check Python, packages, record, compiled code and a short run."""
    checks = [_guarded(check) for check in (python, packages, lock, machine, evidence, compiled, short_run)]
    if as_json:
        emit([{"what": check.what, "found": check.found, "well": check.well} for check in checks])
    else:
        marks = {True: "well", False: "WRONG", None: ""}
        show(table(("what", "", "found"), [(check.what, marks[check.well], check.found) for check in checks]))
    if any(check.well is False for check in checks):
        raise typer.Exit(FAILED)


def _guarded(check: Callable[[], Check]) -> Check:
    """A check that breaks is a check that failed: the doctor examines the others all the same."""
    try:
        return check()
    except Problem as problem:
        return Check(check.__name__.replace("_", " "), "; ".join(str(fault) for fault in problem.faults), False)
    except Exception as error:
        return Check(check.__name__.replace("_", " "), f"{type(error).__name__}: {error}", False)


def python() -> Check:
    """The interpreter."""
    name = ".".join(map(str, sys.version_info[:3]))
    supported = f"{OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]} supported"
    return Check("Python", f"{name} ({supported})", OLDEST <= sys.version_info[:2] <= NEWEST)


def packages() -> Check:
    """The versions of what a run rests on."""
    from importlib.metadata import version

    return Check("packages", ", ".join(f"{name} {version(name)}" for name in ("partystate", *PACKAGES)), True)


def lock() -> Check:
    """Whether installed versions are the pinned ones."""
    from importlib.metadata import PackageNotFoundError, version

    path = Path(__file__).parents[4] / "requirements" / "run.txt"
    if not path.is_file():
        return Check("pinned versions", "no requirements/run.txt beside the package; installed without the pins", None)
    pinned: dict[str, set[str]] = {}
    for name, number in (m.groups() for line in path.read_text().splitlines() if (m := LOCKED.match(line))):
        pinned.setdefault(name, set()).add(number)
    other = []
    for name, numbers in pinned.items():
        try:
            found = version(name)
        except PackageNotFoundError:
            continue  # pinned for another platform or Python
        if found not in numbers:
            other.append(f"{name} {found} instead of {' or '.join(sorted(numbers))}")
    return Check("pinned versions", "; ".join(other) or f"{len(pinned)} packages as pinned", not other)


def machine() -> Check:
    """Cores and memory."""
    cores = f"{os.cpu_count()} cores"
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIGA
    except (AttributeError, ValueError, OSError):
        return Check("machine", cores, None)
    return Check("machine", f"{cores}, {memory:.0f} GB of memory", None)


def evidence() -> Check:
    """The record: every file read and checked."""
    from partystate import record

    known = record.load()
    known.check()
    return Check("record", f"sound, version {known.version[:16]}", True)


def compiled() -> Check:
    """The cache of compiled kernels."""
    from partystate.foundation import kernels
    from partystate.runs import warm

    ready = warm.is_warm()
    found = f"{'ready' if ready else 'not compiled yet; `partystate warm` does it'} ({kernels.cache_dir()})"
    return Check("compiled code", found, True if ready else None)


def short_run() -> Check:
    """A history of two years whose fingerprint is known."""
    from partystate.runs import verify

    (verdict,) = verify.verdicts((verify.SHORT,))
    said = "fingerprint as published" if verdict.same else "another fingerprint than published; see `partystate verify`"
    return Check("short run", said, verdict.same)
