"""The chronicle of a run: typed events with actors, place, numbers and causes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from partystate.foundation import calendar

KINDS = (
    "issue", "motion", "vote", "directive", "appointment", "election", "sanction", "recantation", "dissent",
    "coalition", "meeting", "enrolment", "purge", "cult", "testament", "death", "lever", "driver", "organisation",
    "famine",
)  # fmt: skip


@dataclass(frozen=True)
class Event:
    """``because`` holds ids of earlier events, or readings such as ``scissors_ratio=2.94``."""

    id: str
    month: int
    kind: str
    title: str
    actors: tuple[str, ...]
    place: str | None
    numbers: Mapping[str, float | str]
    because: tuple[str, ...]
    mechanism: str


@cache
def spelt(name: str) -> str:
    """A name as it stands in ids."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


class Chronicle:
    """Events in the order in which they happened. Ids are readable and do not depend on what else happens."""

    def __init__(self, events: list[Event] | None = None) -> None:
        self.events = list(events or [])
        self._number: dict[str, int] = {}
        self._last: dict[tuple[str, str | None], str] = {}
        for event in self.events:
            self._remember(event)

    def write(self, month, kind, title, actors, place, numbers, because, mechanism) -> str:
        stem = f"{calendar.label(month)}/{kind}/{spelt(actors[0] if actors else place or mechanism)}"
        identity, copies = stem, 1
        while identity in self._number:
            copies += 1
            identity = f"{stem}-{copies}"
        event = Event(identity, month, kind, title, actors, place, numbers, because, mechanism)
        self.events.append(event)
        self._remember(event)
        return identity

    def last(self, kind: str, subject: str | None = None, after: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Id of the latest event of a kind: none or one.

        subject: its first actor or, where it has none, its place. after: only if it was written after these events.
        """
        found = self._last.get((kind, subject))
        if found is None or any(self._number[event] >= self._number[found] for event in after):
            return ()
        return (found,)

    def _remember(self, event: Event) -> None:
        self._number[event.id] = len(self._number)
        self._last[event.kind, None] = event.id
        subject = event.actors[0] if event.actors else event.place
        if subject:
            self._last[event.kind, subject] = event.id
