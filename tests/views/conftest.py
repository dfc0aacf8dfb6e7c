"""An invented run and ensemble, made once, and the page made of them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from partystate.analysis.history import History
from partystate.views import report
from tests.views import synthetic

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def pytest_configure(config):
    config.addinivalue_line("markers", "browser: opens the report in a headless browser; skipped where there is none")


@pytest.fixture(scope="session")
def run_dir(tmp_path_factory) -> Path:
    return synthetic.write_run(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="session")
def ensemble_dir(tmp_path_factory) -> Path:
    return synthetic.write_ensemble(tmp_path_factory.mktemp("ensembles") / "many")


@pytest.fixture(scope="session")
def history(run_dir) -> History:
    return History.open(run_dir)


@pytest.fixture(scope="session")
def page_file(run_dir, ensemble_dir, tmp_path_factory) -> Path:
    return report.build(run_dir, ensemble_dir, tmp_path_factory.mktemp("report") / "report.html")


@pytest.fixture(scope="session")
def page(page_file) -> str:
    return page_file.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def browser() -> str:
    """The command of a headless browser; $PARTYSTATE_CHROMIUM names one."""
    wanted = os.environ.get("PARTYSTATE_CHROMIUM")
    found = next((path for name in ((wanted,) if wanted else BROWSERS) if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"no browser: install chromium or set PARTYSTATE_CHROMIUM (looked for {', '.join(BROWSERS)})")
    return found
