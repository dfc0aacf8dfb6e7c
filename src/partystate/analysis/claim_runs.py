"""The histories that claims need: a design for each group of sectors that their clauses name, made and stored apart.

Histories of the standard sectors are those of questions, measured alike and shared with them; the others have a store
of their own, as what is measured in them differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from partystate.model import catalogue
from partystate.runs import design as designs
from partystate.runs import ensemble as ensembles
from partystate.runs import keys
from partystate.runs.design import REFERENCE_ARM, Design
from partystate.runs.ensemble import Ensemble, Progress
from partystate.runs.recipe import Recipe

from . import check_arms, claim_rural, experiments, measures
from .check_arms import Arms, Sectors
from .check_language import Clause

FIRST_SEED = 300_000  # a block of seeds on which nothing was looked at before
Designs = Mapping[Sectors, Design]
Made = Mapping[Sectors, Ensemble]


def design(record: Any, clauses: Iterable[Clause], runs: int) -> dict[Sectors, Design]:
    """The arms that clauses about histories need, by sectors, on one block of fresh seeds; empty when none needs any.

    The reference of its sectors is the first arm of each.
    """
    arms = Arms(record)
    wanted: dict[Sectors, dict[str, Recipe]] = {}
    for clause in clauses:
        if found := arms.of(clause):
            wanted.setdefault(check_arms.sectors_of(clause), {}).update(found)
    if runs == 0:
        return {}
    return {
        sectors: designs.paired({REFERENCE_ARM: check_arms.BASES[sectors], **wanted[sectors]}, runs, FIRST_SEED)
        for sectors in check_arms.BASES
        if sectors in wanted
    }


def run(
    wanted: Designs,
    root: Path,
    workers: int,
    watch: Callable[[Progress], None] | None = None,
    out: Path | None = None,
) -> tuple[dict[Sectors, Ensemble], Progress]:
    """Makes the missing histories; they lie under `root`, shared by all experiments that measure the same.

    out: the folder of these ensembles, under `root` when it is None; that of the standard sectors lies in it, the
    others in folders of their own below. Calls `watch` after every history with the progress of all groups together.
    Raises Problem (exit 2) as `ensemble.run` does.
    """
    whole = Progress(sum(each.runs for each in wanted.values()))
    made = {}
    for sectors, each in wanted.items():
        before = Progress(0, whole.found, whole.done, dict(whole.faults))

        def seen(part: Progress, before: Progress = before, runs: int = each.runs, sectors: Sectors = sectors) -> None:
            whole.found, whole.done = before.found + part.found + runs - part.total, before.done + part.done
            faults = {f"{seed}, {' and '.join(sectors)}": fault for seed, fault in part.faults.items()}
            whole.faults = {**before.faults, **faults}
            if watch:
                watch(whole)

        made[sectors], part = _run(sectors, each, root, workers, seen, out)
        seen(part)
    return made, whole


def _run(
    sectors: Sectors, wanted: Design, root: Path, workers: int, watch: Callable[[Progress], None], out: Path | None
) -> tuple[Ensemble, Progress]:
    if sectors == catalogue.STANDARD:
        target = out or experiments.folder(root, "claims", ensembles.identity(wanted, measures.KEPT))
        return experiments.run(wanted, target, root, workers, watch)
    keep = claim_rural.KEPT
    name = folder_name(sectors)
    target = out / name if out else experiments.folder(root, f"claims-{name}", ensembles.identity(wanted, keep))
    parts = root / experiments.ASKED / f"parts-{keys.digest([claim_rural.version(), sorted(keep)])[:12]}"
    return ensembles.run(wanted, target, claim_rural.of_sectors(sectors), workers, watch, keep=keep, parts=parts)


def folder_name(sectors: Sectors) -> str:
    return "+".join(sectors)


def of(ensemble: Ensemble) -> dict[Sectors, Ensemble]:
    """An ensemble by the sectors that its histories work, in whatever order it was asked for."""
    sectors = ensemble.facts["arms"][0]["facts"]["sectors"]
    return {tuple(sector for sector in catalogue.SECTORS if sector in sectors): ensemble}


def opened(folder: Path) -> dict[Sectors, Ensemble]:
    """The ensembles that `run` put into a folder, or the one that lies there. Raises Problem as `open_ensemble` does"""
    below = [folder / folder_name(sectors) for sectors in check_arms.BASES]
    there = [place for place in (folder, *below) if (place / ensembles.DESIGN).is_file()]
    found: dict[Sectors, Ensemble] = {}
    for place in there or [folder]:
        found = of(ensembles.open_ensemble(place)) | found
    return found
