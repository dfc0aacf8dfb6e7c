"""`partystate ask`: an essay question, answered from many histories with an interval, or from what is stored."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from partystate.app import inputs
from partystate.app.output import Json, emit, say, show, table, write
from partystate.foundation.problems import problem

if TYPE_CHECKING:
    from partystate.analysis.inquiry import Inquiry

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
PAGES = Path("docs/results")
WriteDocs = Annotated[bool, typer.Option("--write-docs", help=f"Write the page {PAGES}/QUESTION.md.")]
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
    write_docs: WriteDocs = False,
    again: Again = False,
    as_json: Json = False,
) -> None:
    """Ask an essay question: two sentences, what they rest on, and what they cannot tell."""
    if name is None:
        _list(as_json)
        return
    from partystate.analysis import inquiry

    asked = inquiry.of(name, inputs.runs_folder(out), runs, inputs.seeds(first_seed, "--first-seed"))
    if html is not None and not html.parent.is_dir():
        raise problem("--html", str(html), "a file in a folder that exists", f"no folder {html.parent}")
    if write_docs and not PAGES.parent.is_dir():
        raise problem("--write-docs", str(PAGES), f"a folder {PAGES.parent} here", "none", "Run it in the project.")
    found = None if again else asked.remembered()
    if found is None:
        found = _worked_out(asked, workers, cluster)
    if html is not None:
        from partystate.views import answer_page

        say(f"Written: {write(html, answer_page.page(found))}")
    if write_docs:
        from partystate.views import answer_page

        say(f"Written: {write(PAGES / f'{name}.md', answer_page.markdown(found))}")
    if as_json:
        emit(found)
    else:
        from partystate.views import answer_text

        show(answer_text.text(found))
        show(f"\nQuestion folder: {asked.target}")
    if found["made"]["failed"]:
        raise typer.Exit(FAILED)


def _worked_out(asked: Inquiry, workers: int | None, cluster: str | None) -> dict[str, Any]:
    """Makes the missing histories and works out the answer, with progress; ends the command if there is none."""
    from partystate.app.progress import EnsembleLine, words
    from partystate.runs import warm

    executor, processes = inputs.executor(cluster, workers), inputs.processes(workers)
    warm.once()
    histories = f"{asked.design.runs:,} histories in {len(asked.design.arms)} arms, those stored included"
    say(f"{asked.asked.id}: {asked.asked.text}\n{histories}")
    try:
        with EnsembleLine() as line:
            found, progress = asked.work_out(command_line(plain=True), processes, line.watch, executor)
    except KeyboardInterrupt:
        say("\nInterrupted. What is done is kept; the same command goes on where it stopped:")
        say(f"  {command_line()}")
        raise typer.Exit(INTERRUPTED) from None
    say(words(progress))
    for seed, fault in list(progress.faults.items())[:5]:
        say(f"Seed {seed} failed: {fault}")
    if found is None:
        raise typer.Exit(FAILED)
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


def command_line(plain: bool = False) -> str:
    """The command line as it was given; `plain` leaves out folders and what does not change the answer."""
    given = sys.argv[1:]
    leave = ("--out", "--workers", "--cluster", "--html")
    if plain:
        given = [
            word
            for place, word in enumerate(given)
            if word.partition("=")[0] not in (*leave, "--json", "--again", "--write-docs")
            and (place == 0 or given[place - 1] not in leave)
        ]
    return shlex.join(["partystate", *given])
