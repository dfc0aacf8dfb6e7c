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

    def write(self, month, kind, title, actors, place, numbers, because, mechanism) -> str:
        subject = re.sub(r"[^a-z0-9]+", "-", (actors[0] if actors else place or mechanism).lower()).strip("-")
        stem = f"{calendar.label(month)}/{kind}/{subject}"
        identity, copies = stem, 1
        while identity in self._ids:
            copies += 1
            identity = f"{stem}-{copies}"
        self._ids.add(identity)
        self.events.append(Event(identity, month, kind, title, actors, place, numbers, because, mechanism))
        return identity
