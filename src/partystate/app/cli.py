"""The command line. Every command is a module of `commands`; what is heavy is imported when a command runs.

Exit codes: 0 all is well, 1 a check failed, 2 wrong use, 3 data that cannot be trusted, 130 interrupted.
"""

from __future__ import annotations

import os
import re
import sys
from typing import Annotated

import typer

from partystate.app.commands import (
    ask,
    attribute,
    cite,
    claims,
    compare,
    discover,
    doctor,
    ensemble,
    fork,
    mechanisms,
    order,
    record,
    report,
    run,
    score,
    sensitivity,
    study,
    verify,
    warm,
    why,
)
from partystate.app.output import say, show
from partystate.foundation.problems import USAGE, Problem

FAILED = 1
INTERRUPTED = 130
TRACE = "PARTYSTATE_TRACE"

app = typer.Typer(
    name="partystate",
    help="An executable, evidence-checked model of the Stalinist party-state, January 1922 to June 1941.",
    epilog="Start with: partystate run. Exit codes: 0 well, 1 a check failed, 2 wrong use, 3 damaged data, "
    "130 interrupted.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (
    run,
    ensemble,
    study,
    ask,
    attribute,
    claims,
    fork,
    why,
    compare,
    score,
    sensitivity,
    discover,
    report,
    cite,
    mechanisms,
    order,
    record,
    verify,
    doctor,
    warm,
):
    command.register(app)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        show(f"partystate {version('partystate')}")
        raise typer.Exit


Version = Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")]


@app.callback()
def options(version: Version = False) -> None:
    """Options that stand before a command."""


def main(arguments: list[str] | None = None) -> None:
    """Runs a command line and leaves with its exit code; whatever goes wrong is told in words."""
    sys.exit(run_command(arguments))


def run_command(arguments: list[str] | None = None) -> int:
    """Runs a command line (sys.argv when None) and returns its exit code."""
    try:
        code = app(arguments, prog_name="partystate", standalone_mode=False)
    except Problem as problem:
        say(str(problem))
        return problem.exit_code
    except KeyboardInterrupt:
        say("Interrupted.")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe has gone; nothing is left to be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:
        return _told(error)
    return code if isinstance(code, int) else 0


def _told(error: Exception) -> int:
    """Says what an exception means: wrong use in the words of the parser, anything else as a defect to report."""
    if hasattr(error, "format_message"):
        if message := usage(error.format_message()):
            context = getattr(error, "ctx", None)
            path = context.command_path if context else "partystate"
            say(f"{message}\nSee `{path} --help`.")
        return USAGE
    if os.environ.get(TRACE):
        raise error
    say(f"Internal error: {type(error).__name__}: {error}")
    say(f"This is a defect of partystate; please report it. {TRACE}=1 shows where it happened.")
    return FAILED


def usage(message: str) -> str:
    """The parser's message, with its suggestions in the words of all other faults."""
    return re.sub(r"\.?\s*\(Possible options: (.+)\)$", r". Did you mean \1?", message)
