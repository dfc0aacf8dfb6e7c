"""The source tree as the contract tests see it: parsed modules, their imports, and the files under version control."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"


@dataclass(frozen=True)
class Module:
    """One Python module of the package: dotted `name`, its `text`, and whether it is a package's ``__init__``."""

    name: str
    text: str
    is_package: bool = False

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())

    @property
    def floor(self) -> str:
        """The package under ``partystate`` this module belongs to; empty for ``partystate`` itself."""
        parts = self.name.split(".")
        return parts[1] if len(parts) > 1 else ""

    @cached_property
    def imports(self) -> tuple[tuple[int, str], ...]:
        """(line, dotted name) of each import, relative ones resolved; ``from a import b`` gives ``a.b``."""
        found = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found += [(node.lineno, alias.name) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                base = self._absolute(node)
                found += [(node.lineno, base if alias.name == "*" else f"{base}.{alias.name}") for alias in node.names]
        return tuple(found)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parents = self.name.split(".")
        keep = len(parents) - node.level + self.is_package
        return ".".join([*parents[:keep], *([node.module] if node.module else [])])


def snippet(text: str, name: str = "partystate.mechanisms.power.example") -> Module:
    """A module from a piece of text, for showing that a check can fail."""
    return Module(name, text)


@lru_cache
def modules() -> tuple[Module, ...]:
    """Every module of the package, in order of name."""
    found = []
    for path in sorted((SRC / "partystate").rglob("*.py")):
        parts = path.relative_to(SRC).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        found.append(Module(".".join(parts[:-1] if is_package else parts), path.read_text("utf-8"), is_package))
    return tuple(found)


def mechanism_modules() -> tuple[Module, ...]:
    """The modules below ``partystate.mechanisms``."""
    return tuple(module for module in modules() if module.floor == "mechanisms")


def floors() -> list[str]:
    """The floors from the lowest up, as pyproject.toml lists them."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["partystate"]["floors"]


@lru_cache
def tracked_files() -> tuple[Path, ...]:
    """Files under version control; in an unpacked archive, every file outside hidden and built folders."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
        paths = [ROOT / name for name in listed.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        unwanted = {"__pycache__", "build", "dist"}
        paths = [
            path
            for path in ROOT.rglob("*")
            if not any(part.startswith(".") or part in unwanted for part in path.relative_to(ROOT).parts)
        ]
    return tuple(path for path in paths if path.is_file())


def text_files() -> list[tuple[Path, str]]:
    """(path, text) of each tracked file that is UTF-8 text."""
    found = []
    for path in tracked_files():
        try:
            found.append((path, path.read_text("utf-8")))
        except UnicodeDecodeError:
            continue
    return found


def load_record():
    """The record of the package."""
    from partystate import record

    return record.load()


def mechanisms() -> dict[str, type]:
    """The catalogue's mechanisms by name."""
    catalogue = pytest.importorskip("partystate.model.catalogue", exc_type=ImportError)
    return catalogue.mechanisms()


def said(faults: list[str]) -> str:
    """Faults as the message of a failing test: a count, then one per line."""
    return f"{len(faults)} fault(s)\n" + "\n".join(faults)
