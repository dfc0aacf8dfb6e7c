"""The bibliography: every key that a figure, an event or a parameter may cite."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from partystate.foundation.problems import Collector
from partystate.record.schema import Table, remark, text


@dataclass(frozen=True, slots=True)
class Source:
    """One work. `where_opened` is the place where it was read; empty when it is cited without having been opened."""

    key: str
    citation: str
    where_opened: str


SOURCES = Table("sources.csv", Source, (text("key"), text("citation"), remark("where_opened")), ("key",))


def read_sources(folder: Path, faults: Collector) -> dict[str, Source]:
    return {source.key: source for _, source in SOURCES.read(folder, faults)}
