"""The chronicle of a run: typed events with actors, place, numbers and causes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from partystate.foundation import calendar

KINDS = (
    "issue", "motion", "vote", "directive", "appointment", "election", "sanction", "recantation", "dissent",
    "coalition", "meeting", "enrolment", "purge", "cult", "testament", "death", "lever", "driver", "organisation",
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


class Chronicle:
    """Events in the order in which they happened. Ids are readable and do not depend on what else happens."""

    def __init__(self, events: list[Event] | None = None) -> None:
        self.events = list(events or [])
        self._ids = {event.id for event in self.events}
        self._last: dict[tuple[str, str | None], str] = {}
        for event in self.events:
            self._remember(event)

    def write(self, month, kind, title, actors, place, numbers, because, mechanism) -> str:
        subject = re.sub(r"[^a-z0-9]+", "-", (actors[0] if actors else place or mechanism).lower()).strip("-")
        stem = f"{calendar.label(month)}/{kind}/{subject}"
        identity, copies = stem, 1
        while identity in self._ids:
            copies += 1
            identity = f"{stem}-{copies}"
        self._ids.add(identity)
        event = Event(identity, month, kind, title, actors, place, numbers, because, mechanism)
        self.events.append(event)
        self._remember(event)
        return identity

    def last(self, kind: str, actor: str | None = None) -> tuple[str, ...]:
        """Id of the latest event of a kind (with this first actor, if named): none or one."""
        found = self._last.get((kind, actor))
        return (found,) if found else ()

    def _remember(self, event: Event) -> None:
        self._last[event.kind, None] = event.id
        if event.actors:
            self._last[event.kind, event.actors[0]] = event.id
