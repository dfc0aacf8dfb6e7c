"""Starting up is quick: heavy packages are imported where they are used."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

HEAVY = ("numba", "llvmlite", "pyarrow", "scipy", "pandas", "xarray", "SALib", "dask", "distributed", "matplotlib")
BUDGET = 0.3  # seconds on top of a bare interpreter
REPORT = f"import sys; print('heavy:', *(name for name in {HEAVY!r} if name in sys.modules))"


def heavy_after(code: str) -> list[str]:
    """Heavy packages that a new interpreter has imported after running `code`."""
    done = subprocess.run([sys.executable, "-c", f"{code}\n{REPORT}"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1].split()[1:]


def seconds(code: str, times: int = 5) -> float:
    """The quickest of some starts of an interpreter that runs `code`."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        taken.append(time.perf_counter() - start)
    return min(taken)


def command_line(*arguments: str) -> str:
    return (
        "import sys\n"
        f"sys.argv = ['partystate', *{arguments!r}]\n"
        "from partystate.app.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
    )


def test_importing_the_package_is_light():
    assert heavy_after("import partystate") == []


@pytest.mark.parametrize("arguments", [("--help",), ("run", "--help"), ("--version",)])
def test_asking_for_help_is_light(arguments):
    assert heavy_after(command_line(*arguments)) == []


def test_an_answer_that_is_remembered_needs_no_compiled_code():
    """So that a question asked before is answered at once."""
    code = (
        "from pathlib import Path\n"
        "from partystate.analysis import inquiry\n"
        "from partystate.views import answer_text\n"
        "assert inquiry.of('Q01', Path('nowhere')).remembered() is None"
    )
    assert set(heavy_after(code)) <= {"pyarrow"}


def test_importing_the_package_is_quick():
    assert seconds("import partystate") - seconds("pass") < BUDGET


def test_the_checks_can_fail():
    assert heavy_after("import pyarrow") == ["pyarrow"]
    assert seconds(f"import time; time.sleep({BUDGET})", times=1) > BUDGET
