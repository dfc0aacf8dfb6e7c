"""Runs the design of a question, or any arms, into one shared store of histories, and remembers answers.

Histories lie as parts named by their run keys in one folder for each way of measuring. So a history that one question
has made is there for every other, and a question that was asked before is answered from what is stored.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from partystate import record
from partystate.runs import keys

from . import measures

if TYPE_CHECKING:
    from partystate.runs.design import Design
    from partystate.runs.ensemble import Ensemble, Progress, Watch
    from partystate.runs.executors import Executor

ASKED = "asked"
ANSWER = "answer.json"
NEEDED = {"question", "sentences", "made", "arms"}


def folder(root: Path, name: str, identity: str) -> Path:
    """Where the experiment `name` with this identity lies under the runs folder `root`."""
    return root / ASKED / f"{name}-{identity[:12]}"


def parts(root: Path) -> Path:
    """The shared store of histories: one folder for each version of what is measured and kept."""
    return root / ASKED / f"parts-{keys.digest([measures.version(), sorted(measures.KEPT)])[:12]}"


def identity(*more: Any) -> str:
    """Hash of everything that decides an experiment: versions of model, record, measures and analysis, and `more`."""
    known = record.load()
    versions = [keys.model_version(), known.version, known.said_version, measures.version(), analysis_version()]
    return keys.digest([*versions, *more])


def analysis_version() -> str:
    """Hash of the sources of this floor and of the question files."""
    here = Path(__file__).parent
    files = [*here.glob("*.py"), *here.glob("*/*.toml")]
    return keys.files_version((path.relative_to(here).as_posix(), path) for path in files)


def run(
    design: Design,
    target: Path,
    root: Path,
    workers: int = 1,
    watch: Watch | None = None,
    executor: Executor | None = None,
) -> tuple[Ensemble, Progress]:
    """Makes the missing histories of `design`; its description goes to `target`, the histories to `parts(root)`."""
    from partystate.runs import ensemble

    return ensemble.run(
        design, target, measures.measure, workers, watch, executor, keep=measures.KEPT, parts=parts(root)
    )


# Answers ----------------------------------------------------------------------------------------------------------


def remembered(target: Path) -> dict[str, Any] | None:
    """The answer stored in an experiment's folder; None when there is none, or one that cannot be read."""
    try:
        found = json.loads((target / ANSWER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and found.keys() >= NEEDED else None


def remember(target: Path, answer: Mapping[str, Any]) -> None:
    """Stores an answer beside the description of its histories."""
    from partystate.runs import store

    store.write_json(target / ANSWER, answer)
