"""What a user installs is whole: every module and every data file, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile

import pytest

from tests.contracts.source import ROOT, SRC, tracked_files


@pytest.mark.slow
def test_the_wheel_holds_every_tracked_file(tmp_path):
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    wanted = {path.relative_to(SRC).as_posix() for path in tracked_files() if path.is_relative_to(SRC)}
    assert wanted <= held, sorted(wanted - held)
    assert not [name for name in held if name.startswith(("tests/", "docs/", "benchmarks/"))]


def test_the_versions_agree():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text("utf-8")
