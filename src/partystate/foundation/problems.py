"""Errors for people: where, which key, what was expected, what came, what to do.

A loader or parser adds every fault it finds to a `Collector` and raises once, so that a user mends a file in one
pass. The doors print `str(problem)` and leave with `problem.exit_code`; nobody sees a traceback.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

USAGE = 2
DATA = 3


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong.

    where: file and line (``events.csv:12``), a flag (``--seed``) or a scenario name.
    key: the column, key or id at fault.
    """

    where: str
    key: str
    expected: str
    came: str
    do: str = ""

    def __str__(self) -> str:
        text = f"{self.where}: {self.key}: expected {self.expected}; came {self.came}"
        return f"{text}. {self.do}" if self.do else text


class Problem(Exception):
    """One or more faults. `exit_code` is 2 for wrong use, 3 for data that cannot be trusted."""

    def __init__(self, faults: Iterable[Fault], exit_code: int = USAGE) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        self.exit_code = exit_code
        super().__init__(self.faults)

    def __str__(self) -> str:
        head = "1 fault" if len(self.faults) == 1 else f"{len(self.faults)} faults"
        return "\n".join([f"{head}:", *(f"  {fault}" for fault in self.faults)])

    def __reduce__(self):
        # Exceptions cross process borders in ensembles; the default would call __init__ with the wrong arguments.
        return type(self), (self.faults, self.exit_code)


def problem(where: str, key: str, expected: str, came: object, do: str = "", exit_code: int = USAGE) -> Problem:
    """A Problem with a single fault; write ``raise problem(...)``."""
    return Problem([Fault(where, key, expected, shown(came), do)], exit_code)


class Collector:
    """Gathers faults, so that one reading of a file reports all of them."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def add(self, where: str, key: str, expected: str, came: object, do: str = "") -> None:
        self.faults.append(Fault(where, key, expected, shown(came), do))

    def raise_if_any(self, exit_code: int = DATA) -> None:
        if self.faults:
            raise Problem(self.faults, exit_code)


def shown(value: object) -> str:
    """A value as it is printed in a fault: text as it is, nothing as ``nothing``, the rest by repr."""
    if isinstance(value, str):
        return value if value.strip() else "nothing"
    return "nothing" if value is None else repr(value)


def nearest(name: str, names: Iterable[str], count: int = 3) -> list[str]:
    """The names most like `name`, best first; parts of a name count as likeness (``client`` finds ``client_share``)."""
    from difflib import SequenceMatcher

    low = name.lower()

    def likeness(other: str) -> float:
        text = other.lower()
        inside = 0.3 if low and (low in text or text in low) else 0.0
        return SequenceMatcher(None, low, text).ratio() + inside

    scored = sorted(((likeness(other), other) for other in set(names)), key=lambda pair: (-pair[0], pair[1]))
    # Close to the best match only: a far-fetched third name is noise beside an obvious first.
    least = max(0.5, scored[0][0] - 0.15) if scored else 0.5
    return [other for score, other in scored[:count] if score >= least]


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """``Did you mean a, b or c?`` for a fault's `do`, or nothing when no name is near."""
    near = nearest(name, names)
    if not near:
        return ""
    *first, last = near
    return f"Did you mean {', '.join(first)} or {last}?" if first else f"Did you mean {last}?"
