"""What a run's manifest says about it, in the words of the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from partystate.analysis.history import History
from partystate.foundation import calendar

from . import narrative

QUESTION = "How did the struggle for the leadership of the party run, and why?"
QUESTIONS = {("countryside",): "What became of the villages between the New Economic Policy and the war, and why?"}


@dataclass(frozen=True)
class Facts:
    """The identity of a run, for the header, the captions and the colophon."""

    title: str
    question: str
    expect: str
    reference: bool
    period: str
    seed: int
    scale: str
    key: str
    fingerprint: str
    model: str
    record: str
    package: str
    off: tuple[tuple[str, str, str], ...]  # (id, name, what off means)
    forced: tuple[str, ...]
    variants: tuple[tuple[str, str], ...]
    levers: tuple[str, ...]
    parent: str
    scenario: str
    made_on: str

    @property
    def versions(self) -> str:
        return f"model {self.model[:8]}, record {self.record[:8]}"

    @classmethod
    def of(cls, history: History) -> Facts:
        """Read from the manifest of a run."""
        manifest, parts = history.manifest, history.manifest["key_parts"]
        scenario: dict[str, Any] = manifest["scenario"]["declares"]
        parent = parts["parent"]
        systems = history.known.systems
        off = tuple(
            (system, systems[system].name if system in systems else system, meaning)
            for system, meaning in sorted(manifest["off"].items())
        )
        return cls(
            title=scenario.get("title")
            or ("Scenario " + manifest["scenario"]["name"] if scenario else "Reference history"),
            question=scenario.get("question") or QUESTIONS.get(tuple(manifest["sectors"]), QUESTION),
            expect=scenario.get("expect", ""),
            reference=not scenario,
            period=f"{narrative.month_words(0)} to {narrative.month_words(history.months - 1)}",
            seed=manifest["seed"],
            scale=str(parts["scale"]),
            key=history.run.key,
            fingerprint=manifest["fingerprint"],
            model=parts["model"],
            record=parts["record"],
            package=manifest["version"],
            off=off,
            forced=tuple(manifest["forced"]),
            variants=tuple(sorted(manifest["variants"].items())),
            levers=tuple(_lever(lever) for lever in scenario.get("levers", ())),
            parent=f"{parent['key'][:16]} at {parent['month']}" if parent else "",
            scenario=manifest["recipe"]["text"],
            made_on=", ".join(f"{name} {value}" for name, value in manifest["platform"].items()),
        )


def _lever(lever: dict[str, Any]) -> str:
    time = f"in {narrative.month_words(calendar.index(lever['at']))}" if "at" in lever else f"when {lever['when']}"
    deeds = [f"{name.replace('_', ' ')} {value}" for name, value in lever.items() if name not in ("at", "when")]
    return f"{time}: {', '.join(deeds)}"
