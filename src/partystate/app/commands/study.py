"""`partystate study`: a published study, run on fresh seeds, which can be stopped and resumed."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from partystate.app import inputs
from partystate.app.commands.run import PANEL
from partystate.app.output import Json, emit, say, show, write
from partystate.app.progress import Line, words
from partystate.foundation.problems import problem

if TYPE_CHECKING:
    from partystate.analysis import rural_results, study_results
    from partystate.analysis.study import PowerStudy, Study
    from partystate.analysis.study_runs import StudyProgress
    from partystate.runs.ensemble import Ensemble

    Results = study_results.Results | rural_results.Results

FAILED = 1
INTERRUPTED = 130
PAGES = Path("docs/results")
Name = Annotated[str, typer.Argument(metavar="STUDY", help="The name of a study: power or countryside.")]
Runs = Annotated[int | None, typer.Option("--runs", metavar="N", help="Histories in each arm; default as published.")]
Workers = Annotated[int | None, typer.Option(metavar="W", help="Processes; by default one for each core.")]
Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="ARM", help="Run this arm, beside the reference. May be repeated."),
]
WriteDocs = Annotated[bool, typer.Option("--write-docs", help=f"Write the page {PAGES}/STUDY.md.")]


def register(app: typer.Typer) -> None:
    """Adds `study` to the command line."""
    app.command("study", rich_help_panel=PANEL)(study)


class StudyLine(Line):
    """Progress of a study; elsewhere than on a terminal a line when an arm begins and at its middle."""

    _told: tuple[str, bool] = ("", False)

    def watch(self, progress: StudyProgress) -> None:
        """Called after every run."""
        text = f"{progress.arm}: {words(progress)}"
        if self.live:
            self.write(text)
        elif self._told != (mark := (progress.arm, progress.arm_half)):
            self._told = mark
            say(text)


def study(
    name: Name,
    runs: Runs = None,
    workers: Workers = None,
    cluster: inputs.Cluster = None,
    only: Only = None,
    out: inputs.Out = None,
    write_docs: WriteDocs = False,
    as_json: Json = False,
) -> None:
    """Run a study: the reference and every arm on the same fresh seeds, and what differs."""
    from partystate.analysis import study as studies
    from partystate.analysis import study_runs
    from partystate.runs import warm

    described = studies.load(name)
    arms = studies.chosen(described, only or ())
    processes = inputs.processes(workers)
    if write_docs and not PAGES.parent.is_dir():
        raise problem("--write-docs", str(PAGES), f"a folder {PAGES.parent} here", "none", "Run it in the project.")
    folder = out or inputs.runs_folder(None) / f"study-{name}-{study_runs.identity(described)[:12]}"
    executor = inputs.executor(cluster, workers)
    warm.once()
    try:
        with StudyLine() as line:
            made, progress = study_runs.run(described, folder, arms, runs, processes, line.watch, executor)
    except KeyboardInterrupt:
        say(f"\nInterrupted. What is done is kept; the same command goes on where it stopped:\n  {command(exact=True)}")
        raise typer.Exit(INTERRUPTED) from None
    say(words(progress))
    for (arm, seed), fault in list(progress.faults.items())[:5]:
        say(f"{arm}, seed {seed} failed: {fault}")
    made = {arm: stored for arm, stored in made.items() if stored.parts()}
    if studies.REFERENCE_ARM not in made:
        raise typer.Exit(FAILED)
    results, pages = _told(described, made)
    about = _about(results)
    if write_docs:
        say(f"Written: {write(PAGES / f'{name}.md', pages.page(results, about))}")
    if as_json:
        emit({"study": name, "folder": str(folder), "failed": len(progress.faults), **about, **results.as_dict()})
    else:
        show(f"{pages.summary(results)}\n\nStudy folder: {folder}")
    if progress.faults:
        raise typer.Exit(FAILED)


def _told(described: Study, made: Mapping[str, Ensemble]) -> tuple[Any, Any]:
    """The results of a study of this kind, and the module that writes their page."""
    from partystate.analysis import rural_results, study_kinds, study_results
    from partystate.views import rural_page, study_page

    if described.kind == study_kinds.RURAL:
        return rural_results.Results(described, made), rural_page
    return study_results.Results(cast("PowerStudy", described), made), study_page


def _about(results: Results) -> dict[str, Any]:
    import datetime

    design = results.reference.design
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "command": command(),
        "model": design["model"],
        "record": design["record"],
        "platform": design["platform"],
    }


def command(exact: bool = False) -> str:
    """The command line as it was given; unless `exact` without folders and what does not change the results."""
    given = sys.argv[1:]
    if not exact:
        given = [
            word
            for place, word in enumerate(given)
            if word.partition("=")[0] not in ("--out", "--workers", "--cluster", "--json")
            and (place == 0 or given[place - 1] not in ("--out", "--workers", "--cluster"))
        ]
    return shlex.join(["partystate", *given])
