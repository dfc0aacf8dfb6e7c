"""The running state of one history: columns as they stood at the start of the month and as they stand now."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from partystate.model.decisions import Directive


class World:
    """Arrays inside, labels outside. ``start`` is last month's end; ``now`` takes each mechanism's results in turn."""

    def __init__(self, columns, labels, drivers, calendar, off, variants) -> None:
        self.now: dict[str, np.ndarray] = dict(columns)
        self.start: dict[str, np.ndarray] = dict(columns)
        self.labels: Mapping[str, tuple[str, ...]] = labels
        self.drivers: Mapping[str, np.ndarray] = drivers
        self.calendar: dict[tuple[str, int], list[tuple]] = calendar
        self.off: frozenset[str] = frozenset(off)
        self.variants: Mapping[str, str] = variants
        self.month = 0
        self._directives: list[Directive] = []

    def begin(self, month: int) -> None:
        self.month = month
        self.start.clear()  # the same dictionary all along, as every mechanism's look holds it
        self.start.update(self.now)

    def driver(self, name: str) -> float:
        """This month's value: what a mechanism supplies where its sector runs, else the given path."""
        if name in self.now:
            return float(self.now[name])
        return float(self.drivers[name][self.month])

    def send(self, directive: Directive) -> None:
        self._directives.append(directive)

    def deliver(self, kinds: tuple[str, ...]) -> list[Directive]:
        taken = [d for d in self._directives if d.kind in kinds]
        if taken:
            self._directives = [d for d in self._directives if d.kind not in kinds]
        return taken

    @property
    def pending(self) -> list[Directive]:
        """Directives not yet carried out; part of a snapshot."""
        return self._directives

    def restore_pending(self, directives: list[Directive]) -> None:
        self._directives = list(directives)
