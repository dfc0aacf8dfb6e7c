"""What the tests of runs share. Worker processes import this module by name, so it holds no fixtures."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from partystate.runs.vocabulary import Vocabulary

SMALL = Vocabulary(
    systems=frozenset({"S01", "S03"}),
    known_systems=frozenset({"S01", "S03", "S18"}),
    variants={"appointments": frozenset({"local_election"}), "legacy": frozenset()},
    parameters=frozenset({"appointments.reach", "agenda.control"}),
    drivers=frozenset({"grain_shortfall"}),
    persons=frozenset({"Stalin", "Trotsky", "Zinoviev"}),
    traits=frozenset({"heir", "standing"}),
    series=lambda: frozenset({"bloc_size"}),
    readings=frozenset({"V.structural"}),
    sources=frozenset({"rigby1988"}),
)
TOKENS = "PARTYSTATE_TEST_TOKENS"
MARKED = "PARTYSTATE_TEST_MARKED"


def count_events(result) -> dict[str, float]:
    """A small outcome."""
    return {"events": float(len(result.chronicle)), "undefined": float("nan")}


def mark(result) -> str:
    """A text that tells histories of different seeds apart."""
    return repr(sorted(result.facts["values"].items())[:3])


def die_once_per_token(result) -> dict[str, float]:
    """Ends its process, as `kill -9` would, once for every file in the folder $PARTYSTATE_TEST_TOKENS."""
    for token in sorted(Path(os.environ[TOKENS]).iterdir()):
        try:
            token.unlink()
        except FileNotFoundError:
            continue
        os.kill(os.getpid(), signal.SIGKILL)
    return count_events(result)


def die_when_marked(result) -> dict[str, float]:
    """Ends its process whenever it meets the history named in $PARTYSTATE_TEST_MARKED."""
    if mark(result) == os.environ[MARKED]:
        os.kill(os.getpid(), signal.SIGKILL)
    return count_events(result)


def fail_when_marked(result) -> dict[str, float]:
    """Fails in words on the history named in $PARTYSTATE_TEST_MARKED."""
    if mark(result) == os.environ[MARKED]:
        raise ValueError("no outcome can be measured")
    return count_events(result)
