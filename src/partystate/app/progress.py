"""Progress on stderr: one live line on a terminal, a few plain lines elsewhere, nothing when asked to be quiet."""

from __future__ import annotations

import sys
import time
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from partystate.app.output import say
from partystate.foundation import calendar

if TYPE_CHECKING:
    from partystate.engine.runner import Simulation
    from partystate.runs.ensemble import Progress

WIDTH = 100
TENTHS = 10


class Line(AbstractContextManager["Line"]):
    """A line that is written over on a terminal, at most ten times a second."""

    def __init__(self) -> None:
        self.live = sys.stderr.isatty()
        self._status: Any = None
        self._last = 0.0

    def __enter__(self) -> Line:
        if self.live:
            from rich.console import Console

            self._status = Console(stderr=True).status("")
            self._status.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._status:
            self._status.stop()

    def write(self, text: str) -> None:
        """Shows `text` on a terminal, unless the last was shown less than a tenth of a second ago."""
        from rich.text import Text

        if self._status and time.monotonic() - self._last > 1 / TENTHS:
            self._status.update(Text(text[:WIDTH]))
            self._last = time.monotonic()


class RunLine(Line):
    """The month and the latest event of one history; elsewhere than on a terminal a line for each year."""

    def hook(self, simulation: Simulation) -> None:
        """Called after every month of the history."""
        month = simulation.month - 1
        events = simulation.chronicle.events
        text = f"{calendar.label(month)}  {events[-1].title if events else ''}"
        if self.live:
            self.write(text)
        elif calendar.month_of_year(month) == calendar.MONTHS_PER_YEAR or simulation.month == calendar.MONTHS:
            say(text)


class EnsembleLine(Line):
    """Runs done, failed, rate and time left; elsewhere than on a terminal a line for every tenth."""

    _told = -1

    def watch(self, progress: Progress) -> None:
        """Called after every run of the ensemble."""
        if self.live:
            self.write(words(progress))
            return
        tenth = TENTHS * progress.ended // progress.total
        if tenth > self._told:
            self._told = tenth
            say(words(progress))


def words(progress: Progress) -> str:
    """`120 of 200 runs, 14.2 a second, about 6 s left`."""
    parts = [f"{progress.ended} of {progress.total} runs"]
    if progress.found:
        parts.append(f"{progress.found} were there")
    if progress.faults:
        parts.append(f"{len(progress.faults)} failed")
    if progress.rate:
        parts.append(f"{progress.rate:.3g} a second")
    left = progress.seconds_left
    if left is not None and progress.ended < progress.total:
        parts.append(f"about {duration(left)} left")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """`40 s`, `3 min 20 s` or `2 h 5 min`."""
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
