"""The names that Python users rely on: listed in full, so that none comes or goes unnoticed, and loaded when used."""

from __future__ import annotations

import pkgutil
import re
import subprocess
import sys

import pytest

import partystate
from tests.contracts.source import ROOT

PUBLIC = [
    "Answer", "Comparison", "Ensemble", "Problem", "Run", "Told",
    "ask", "attribute", "cite", "claims", "compare", "discover", "ensemble", "open_ensemble", "open_run", "run",
    "score", "sensitivity",
]  # fmt: skip
QUICK = 0.05  # seconds of the processor; a few thousandths as a rule
MEASURE = "import time; t = time.process_time(); import partystate; print(time.process_time() - t)"


def fresh(code: str) -> str:
    """What a new interpreter prints."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_the_public_names_are_these():
    assert sorted(partystate.__all__) == sorted(PUBLIC)
    assert set(PUBLIC) <= set(dir(partystate))


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_is_there_and_documented(name):
    assert getattr(partystate, name).__doc__
    assert getattr(partystate, name).__module__.startswith("partystate.")


def test_an_unknown_name_is_refused():
    with pytest.raises(AttributeError, match="has no attribute 'runn'"):
        partystate.runn  # noqa: B018


def test_importing_the_package_imports_no_module_of_it():
    code = "import sys, partystate; print([name for name in sys.modules if name.startswith('partystate.')])"
    assert fresh(code).strip() == "[]"


def test_importing_the_package_takes_no_time():
    assert min(float(fresh(MEASURE)) for _ in range(5)) < QUICK


def documents() -> str:
    """The guide and the tutorials in one text."""
    paths = [*(ROOT / "docs/guide").glob("*.md"), *(ROOT / "docs/tutorials").glob("*.ipynb")]
    return "\n".join(path.read_text("utf-8") for path in paths)


def test_documents_use_public_names_and_the_guide_has_them_all():
    named = set(re.findall(r"\bpartystate\.([A-Za-z_]+)\b", documents()))
    packages = {module.name for module in pkgutil.iter_modules(partystate.__path__)}
    assert named - packages <= set(PUBLIC)
    guide = (ROOT / "docs/guide/python.md").read_text("utf-8")
    assert [name for name in PUBLIC if f"`{name}" not in guide and f"partystate.{name}" not in guide] == []


def test_the_public_names_do_not_hide_packages():
    """A submodule of the same name would replace a function once it is imported."""
    assert not {module.name for module in pkgutil.iter_modules(partystate.__path__)} & set(PUBLIC)
