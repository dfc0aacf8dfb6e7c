"""`partystate ask`: an essay question, answered from many histories with an interval, or from the store if it was asked."""

from __future__ import annotations

import datetime
import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from partystate.app import inputs
from partystate.app.output import Json, emit, say, show, table
from partystate.foundation.problems import problem

FAILED = 1
INTERRUPTED = 130
PANEL = "Ask"
Name = Annotated[str | None, typer.Argument(metavar="QUESTION", help="Q01 to Q38; none lists them.")]
Runs = Annotated[int, typer.Option("--runs", metavar="N", help="Histories in each arm.")]
First = Annotated[int, typer.Option("--first-seed", metavar="K", help="Seeds are K, K + 1, …")]
Workers = Annotated[int | None, typer.Option(metavar="W", help="Processes; by default one for each core.")]
Html = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write the answer as one self-contained page.")
]
Again = Annotated[bool, typer.Option("--again", help="Work the answer out anew from the stored histories.")]


def register(app: typer.Typer) -> None:
    """Adds `ask` to the command line."""
    app.command("ask", rich_help_panel=PANEL)(ask)


def ask(
    name: Name = None,
    runs: Runs = 1000,
    first_seed: First = 200_000,
    workers: Workers = None,
    cluster: inputs.Cluster = None,
    out: inputs.Out = None,
    html: Html = None,
    again: Again = False,
    as_json: Json = False,
) -> None:
    """Ask an essay question: two sentences, what they rest on, and what they cannot tell."""
    if name is None:
        _list(as_json)
        return
    from partystate.analysis import experiments, question

    asked = question.load(name)
    root = inputs.runs_folder(out)
    target = experiments.folder(root, name, experiments.identity(asked.source, runs, first_seed))
    if html is not None and not html.parent.is_dir():
        raise problem("--html", str(html), "a file in a folder that exists", f"no folder {html.parent}")
    found = None if again else experiments.remembered(target)
    if found is None:
        found = _worked_out(asked, target, root, runs, first_seed, workers, cluster)
    if html is not None:
        from partystate.views import answer_page

        html.write_text(answer_page.page(found), encoding="utf-8")
        say(f"Written: {html}")
    if as_json:
        emit(found)
    else:
        from partystate.views import answer_text

        show(answer_text.text(found))
        show(f"\nQuestion folder: {target}")
    if found["made"]["failed"]:
        raise typer.Exit(FAILED)


def _worked_out(
    asked: Any, target: Path, root: Path, runs: int, first_seed: int, workers: int | None, cluster: str | None
) -> dict[str, Any]:
    """Makes the histories that are missing, works out the answer and stores it; an answer with gaps is not stored."""
    from partystate.analysis import experiments, question
    from partystate.analysis.answer import answer
    from partystate.analysis.findings import Findings
    from partystate.app.progress import EnsembleLine, words
    from partystate.runs import warm

    laid_out = question.laid_out(asked, runs, inputs.seeds(first_seed, "--first-seed"))
    executor, processes = inputs.executor(cluster, workers), inputs.processes(workers)
    warm.once()
    say(f"{asked.id}: {asked.text}\n{laid_out.runs:,} histories in {len(laid_out.arms)} arms, those stored included")
    began = datetime.datetime.now(datetime.UTC)
    try:
        with EnsembleLine() as line:
            stored, progress = experiments.run(laid_out, target, root, processes, line.watch, executor)
    except KeyboardInterrupt:
        say("\nInterrupted. What is done is kept; the same command goes on where it stopped:")
        say(f"  {_command()}")
        raise typer.Exit(INTERRUPTED) from None
    say(words(progress))
    for seed, fault in list(progress.faults.items())[:5]:
        say(f"Seed {seed} failed: {fault}")
    if not stored.parts():
        raise typer.Exit(FAILED)
    made = {
        "command": _command(plain=True),
        "date": began.date().isoformat(),
        "seconds": round((datetime.datetime.now(datetime.UTC) - began).total_seconds(), 1),
        "runs": runs,
        "first_seed": first_seed,
        "last_seed": first_seed + runs - 1,
        "histories": laid_out.runs,
        "made_now": progress.done,
        "failed": len(progress.faults),
        "model": stored.facts["model"],
        "record": stored.facts["record"],
        "platform": stored.facts["platform"],
        "folder": str(target),
    }
    found = answer(Findings(asked, stored), made)
    if not progress.faults:
        experiments.remember(target, found)
    return found


def _list(as_json: bool) -> None:
    """Every question of the ledger, and whether it can be answered or what it waits for."""
    from partystate import record
    from partystate.analysis import question

    answerable = set(question.ids())
    rows = [
        {"id": each.question_id, "question": each.question, "answerable": each.question_id in answerable,
         "waits_for": [] if each.question_id in answerable else question.waiting(each.question_id)}
        for each in record.load().questions.values()
    ]  # fmt: skip
    if as_json:
        emit(rows)
        return
    ready = [row for row in rows if row["answerable"]]
    show(table(("", "question"), [(row["id"], row["question"]) for row in ready]))
    show(f"\nThe built sectors answer these {len(ready)}: partystate ask {ready[0]['id']}\n")
    others = [(row["id"], row["question"], ", ".join(words.split(" ")[0] for words in row["waits_for"]))
              for row in rows if not row["answerable"]]  # fmt: skip
    show(table(("", "question", "waits for"), others))


def _command(plain: bool = False) -> str:
    """The command line as it was given; `plain` leaves out folders and what does not change the answer."""
    given = sys.argv[1:]
    leave = ("--out", "--workers", "--cluster", "--html")
    if plain:
        given = [
            word
            for place, word in enumerate(given)
            if word.partition("=")[0] not in (*leave, "--json", "--again")
            and (place == 0 or given[place - 1] not in leave)
        ]
    return shlex.join(["partystate", *given])
