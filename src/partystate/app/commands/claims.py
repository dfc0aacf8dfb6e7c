"""`partystate claims`: what the notes say, judged by the record and by histories of the model."""

from __future__ import annotations

import datetime
import math
import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from partystate.app import inputs
from partystate.app.commands.run import PANEL
from partystate.app.commands.study import command
from partystate.app.output import Json, emit, say, show, write
from partystate.foundation.problems import did_you_mean, problem

if TYPE_CHECKING:
    from partystate.analysis.claim_runs import Made
    from partystate.analysis.claims import Group, Judged, Ledger

FAILED = 1
INTERRUPTED = 130
PAGE = Path("docs/results/claims.md")
PLACES = ("--out", "--html", "--ensemble", "--workers")  # options whose values say nothing of the results
FEW = 3  # checks up to which everything is told of each
Systems = Annotated[
    list[str] | None, typer.Option("--system", metavar="SYSTEM", help="Claims about this system. May be repeated.")
]
Claims = Annotated[
    list[str] | None, typer.Option("--claim", metavar="CLAIM", help="This claim, such as C003. May be repeated.")
]
Status = Annotated[
    str | None, typer.Option(help="Show only checks that stand so: holds, fails, undecided, waiting, told.")
]
Folder = Annotated[
    Path | None,
    typer.Option("--ensemble", metavar="DIR", help="Judge by what is stored here and run nothing."),
]
Runs = Annotated[
    int | None, typer.Option("--runs", metavar="N", help="Histories in each arm; 0 judges the evidence alone.")
]
Workers = Annotated[int | None, typer.Option(metavar="W", help="Processes; by default one for each core.")]
Html = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write a page that a class can read.")]
WriteDocs = Annotated[bool, typer.Option("--write-docs", help=f"Write the page {PAGE}.")]


def register(app: typer.Typer) -> None:
    """Adds `claims` to the command line."""
    app.command("claims", rich_help_panel=PANEL)(claims)


def claims(
    system: Systems = None,
    claim: Claims = None,
    status: Status = None,
    ensemble: Folder = None,
    runs: Runs = None,
    workers: Workers = None,
    out: inputs.Out = None,
    html: Html = None,
    write_docs: WriteDocs = False,
    as_json: Json = False,
) -> None:
    """Judge what students' notes say, by the record and by histories that their checks need."""
    from partystate import record
    from partystate.analysis import claim_runs
    from partystate.analysis import claims as ledgers
    from partystate.views import claims_page

    if status is not None and status not in ledgers.STATUSES:
        hint = did_you_mean(status, ledgers.STATUSES)
        raise problem("--status", status, f"one of {', '.join(ledgers.STATUSES)}", status, hint)
    docs = PAGE.parent.parent
    if write_docs and not docs.is_dir():
        raise problem("--write-docs", str(PAGE), f"a folder {docs} here", "none", "Run it in the project.")
    if html is not None and html.is_dir():
        raise problem("--html", str(html), "a file that can be written", "a folder")
    known = record.load()
    names = ledgers.chosen(known, system or (), claim or ())
    failed = False
    if ensemble is not None:
        made = claim_runs.opened(ensemble)
    else:
        made, failed = _run(known, names, runs, workers, out)
    ledger = ledgers.evaluate(known, names, made)
    groups = [group for group in ledger.groups if status in (None, group.status)]
    about = {"date": datetime.datetime.now(datetime.UTC).date().isoformat(), "command": _told()}
    if html is not None:
        say(f"Written: {write(html, claims_page.html(ledger, about))}")
    if write_docs:
        say(f"Written: {write(PAGE, claims_page.markdown(ledger, about))}")
    if as_json:
        emit(as_data(ledger, groups))
    elif len(groups) <= FEW:
        show("\n\n".join(claims_page.detail(group, known) for group in groups) or "No check stands so.")
    else:
        show(claims_page.summary(ledger, groups, everything=status is not None))
    if failed:
        raise typer.Exit(FAILED)


def _run(
    known: Any, names: Sequence[str], runs: int | None, workers: int | None, out: Path | None
) -> tuple[Made, bool]:
    """The histories that the checks need, made where they are missing; and whether one of them failed."""
    from partystate.analysis import claim_runs
    from partystate.analysis import claims as ledgers
    from partystate.app.progress import EnsembleLine, words
    from partystate.runs import store, warm

    count = ledgers.RUNS if runs is None else runs
    if count < 0:
        raise problem("--runs", "runs", "0 or more", count)
    clauses = [clause for group in ledgers.read(known, names).values() for clause in group]
    wanted = claim_runs.design(known, clauses, count)
    if not wanted:
        return {}, False
    processes = _workers(workers)
    histories, arms = sum(each.runs for each in wanted.values()), sum(len(each.arms) for each in wanted.values())
    say(f"{histories:,} histories in {arms} arms; those that are there are not run again.")
    warm.once()
    try:
        with EnsembleLine() as line:
            made, progress = claim_runs.run(wanted, store.home(), processes, line.watch, out)
    except KeyboardInterrupt:
        say(f"\nInterrupted. What is done is kept; the same command goes on:\n  {command(exact=True)}")
        raise typer.Exit(INTERRUPTED) from None
    say(words(progress))
    for seed, fault in list(progress.faults.items())[:FEW]:
        say(f"Seed {seed} failed: {fault}")
    return made, bool(progress.faults)


def _told() -> str:
    """The command line without folders, files and what does not change the results."""
    given = sys.argv[1:]
    kept = [
        word
        for place, word in enumerate(given)
        if word.partition("=")[0] not in (*PLACES, "--json") and (place == 0 or given[place - 1] not in PLACES)
    ]
    return shlex.join(["partystate", *kept])


def _workers(workers: int | None) -> int:
    if workers is not None and workers < 1:
        raise problem("--workers", "workers", "1 or more", workers)
    return workers or os.cpu_count() or 1


def as_data(ledger: Ledger, groups: Sequence[Group]) -> dict[str, Any]:
    """The ledger as plain data: counts of all that was judged, and the groups that are shown."""
    return {
        "about": ledger.about,
        "claims": ledger.claims,
        "checks": len(ledger.groups),
        "counts": ledger.counts(),
        "groups": [_group(group) for group in groups],
    }


def _group(group: Group) -> dict[str, Any]:
    return {
        "group": group.name,
        "status": group.status,
        "so_far": group.so_far,
        "basis": group.basis,
        "systems": group.systems,
        "needs": group.needs,
        "check": group.check,
        "claims": [
            {key: getattr(claim, key) for key in ("claim_id", "note", "claim", "quality", "remark")}
            for claim in group.claims
        ],
        "clauses": [_clause(judged) for judged in group.clauses],
    }


def _clause(judged: Judged) -> dict[str, Any]:
    from partystate.views import claims_words

    found = None if judged.found is None else asdict(judged.found)
    needed = (found or {}).get("needed")
    return {
        "clause": judged.clause.text,
        "kind": judged.clause.kind,
        "status": judged.status,
        "found": claims_words.measured(judged),
        "target": claims_words.target(judged),
        "reason": judged.reason,
        "needed": "more than 100,000" if needed is not None and math.isinf(needed) else needed,
        "numbers": found,
    }
