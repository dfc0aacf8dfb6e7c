"""The documents say what is true: commands exist, links lead somewhere, nothing names a private machine."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.contracts.source import ROOT, load_record, modules, said, text_files, tracked_files

THIS = Path(__file__).resolve()

CODE = re.compile(r"```[a-z]*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
COMMAND = re.compile(r"(?:^|(?<=[\s;&|(]))partystate[ \t]+([^\n#;|&)]*)", re.MULTILINE)
MAKE = re.compile(r"(?:^|(?<=[\s;&|(]))make[ \t]+([a-z]+)", re.MULTILINE)
FLAG = re.compile(r"(?<!\S)(--[a-z][a-z-]*)")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
PRIVATE = {
    "a package index": re.compile(
        r"pypi\.org|pythonhosted\.org|test\.pypi|anaconda\.org|(?<!-emit-)\b(?:extra-)?index-url|(?<!-emit-)\bfind-links"
        r"|https?://[^\s)\"']*/simple\b"
    ),
    "a path of one machine": re.compile(r"(?<![\w.])(?:/work/|/root/|/home/\w|/Users/\w|/opt/|/tmp/|[A-Z]:\\Users)"),
}


def written_code(markdown: str) -> list[str]:
    """Blocks and spans of code in a page."""
    return [block or span for block, span in CODE.findall(markdown)]


def unknown_commands(page: str, markdown: str, commands: Mapping[str, Iterable[str]]) -> list[str]:
    """``partystate …`` in code that names a command or a flag which does not exist. commands: name -> flags."""
    faults = []
    for code in written_code(markdown):
        for words in COMMAND.findall(code):
            first = words.split()[0] if words.split() else ""
            # `partystate --help` and `partystate <command>` name no command.
            if not re.fullmatch(r"[a-z][a-z-]*", first):
                continue
            if first not in commands:
                faults.append(f"{page}: 'partystate {first}' is not a command")
                continue
            for flag in FLAG.findall(words):
                if flag not in commands[first]:
                    faults.append(f"{page}: 'partystate {first}' has no {flag}")
    return faults


def unknown_targets(page: str, markdown: str, targets: Iterable[str]) -> list[str]:
    """``make …`` in code that names no target."""
    known = set(targets)
    named = {target for code in written_code(markdown) for target in MAKE.findall(code)}
    return [f"{page}: 'make {target}' is not a target" for target in sorted(named - known)]


def broken_links(page: Path, markdown: str) -> list[str]:
    """Relative links and pictures that lead to no file."""
    faults = []
    for target in LINK.findall(markdown):
        path = target.split("#")[0]
        if not path or re.match(r"[a-z]+:", target):
            continue
        if not (page.parent / path).exists():
            faults.append(f"{page.relative_to(ROOT)}: link to {target}, which does not exist")
    return faults


def private(name: str, text: str) -> list[str]:
    """Lines that name a package index or a path of one machine."""
    return [
        f"{name}:{number}: names {what}"
        for number, line in enumerate(text.splitlines(), start=1)
        for what, pattern in PRIVATE.items()
        if pattern.search(line)
    ]


def pages() -> list[tuple[Path, str]]:
    """The tracked pages of documentation, without the log of past changes, whose commands were true in their day."""
    return [(path, text) for path, text in text_files() if path.suffix == ".md" and path.name != "CHANGELOG.md"]


def commands_of_the_program() -> dict[str, set[str]]:
    """Name -> flags of every command of the program."""
    import typer.main

    from partystate.app import cli

    group = typer.main.get_command(cli.app)
    return {
        name: {"--help", *(flag for option in command.params for flag in (*option.opts, *option.secondary_opts))}
        for name, command in group.commands.items()
    }


def targets_of_make() -> set[str]:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    return set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))


def test_commands_named_in_the_documents_exist():
    commands = commands_of_the_program()
    faults = [f for path, text in pages() for f in unknown_commands(str(path.relative_to(ROOT)), text, commands)]
    assert not faults, said(faults)


def test_make_targets_named_in_the_documents_exist():
    targets = targets_of_make()
    assert {"setup", "run", "test", "check", "bench", "docs"} <= targets
    faults = [fault for path, text in pages() for fault in unknown_targets(str(path), text, targets)]
    assert not faults, said(faults)


def test_links_lead_somewhere():
    faults = [fault for path, text in pages() for fault in broken_links(path, text)]
    assert not faults, said(faults)


def test_nothing_names_an_index_or_a_private_path():
    faults = [f for path, text in text_files() if path != THIS for f in private(str(path.relative_to(ROOT)), text)]
    assert not faults, said(faults)


def requirements(name: str) -> list[str]:
    """The entries of a file of requirements, each on one line with its hashes."""
    return (ROOT / "requirements" / name).read_text("utf-8").replace("\\\n", " ").splitlines()


def pins(name: str) -> set[str]:
    """The entries without their hashes: ``numpy==2.4.6 ; python_full_version < '3.12'``."""
    return {entry.partition("--hash")[0].strip() for entry in requirements(name)}


def test_requirements_are_pinned_and_hashed():
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        entries = requirements(path.name)
        loose = [entry for entry in entries if not re.match(r"[\w.\[\]-]+==\S+.*--hash=sha256:", entry)]
        assert entries, path.name
        assert not loose, f"{path.name}: {loose}"


def test_requirements_cover_what_the_package_declares():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for name, declared in {
        "run.txt": project["dependencies"],
        "dev.txt": [*project["dependencies"], *project["optional-dependencies"]["dev"]],
    }.items():
        pinned = {entry.partition("==")[0] for entry in pins(name)}
        wanted = {re.match(r"[\w.-]+", requirement)[0].lower() for requirement in declared}
        assert wanted <= pinned, f"{name} lacks {sorted(wanted - pinned)}; run make lock"


def test_development_pins_agree_with_those_of_a_run():
    assert pins("run.txt") <= pins("dev.txt"), sorted(pins("run.txt") - pins("dev.txt"))


def test_decisions_have_the_same_parts():
    records = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))
    assert [path.name[:4] for path in records] == [f"{number:04d}" for number in range(1, len(records) + 1)]
    for path in records:
        headings = re.findall(r"^## (.+)$", path.read_text("utf-8"), re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences", "What would change it"], path.name


def unknown_identifiers(glossary: str, sources: str, systems: Iterable[str]) -> list[str]:
    """Identifiers in the last column of the glossary that the program does not use."""
    known = set(systems)
    rows = [line.strip("|").split("|") for line in glossary.splitlines() if line.startswith("|")]
    named = {identifier for row in rows for identifier in re.findall(r"`([^`]+)`", row[-1])}
    return sorted(
        name for name in named if name not in known and not re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", sources)
    )


def test_the_glossary_names_what_the_program_knows():
    sources = "\n".join(module.text for module in modules())
    glossary = (ROOT / "docs/glossary.md").read_text("utf-8")
    assert unknown_identifiers(glossary, sources, load_record().systems) == []


def test_the_glossary_check_can_fail():
    page = "| term | meaning | `leader.seat` `S01` `x.y` |\n|---|---|---|"
    assert unknown_identifiers(page, 'Column("leader.seats")', ["S01"]) == ["leader.seat", "x.y"]
    assert unknown_identifiers(page, '"leader.seat", x.y', ["S01"]) == []


def test_no_large_or_built_files_are_tracked():
    faults = [
        f"{path.relative_to(ROOT)}: {path.stat().st_size // 1024} kB"
        for path in tracked_files()
        if path.stat().st_size > 2_000_000 or path.suffix in {".parquet", ".pyc", ".so"}
    ]
    assert not faults, said(faults)


def test_the_command_check_can_fail():
    commands = {"run": {"--seed", "--help"}}
    for bad in ("`partystate rnu`", "```sh\npartystate run --sede 3\n```", "`cd x && partystate fly`"):
        assert unknown_commands("page", bad, commands), bad
    for good in ("`partystate run --seed 3`", "`partystate --help`", "partystate flies", "`import partystate`"):
        assert not unknown_commands("page", good, commands), good
    assert unknown_targets("page", "`make coffee`", {"run"})
    assert not unknown_targets("page", "`make run`; they make history", {"run"})


def test_the_link_check_can_fail():
    page = ROOT / "README.md"
    assert broken_links(page, "[x](docs/nowhere.md)")
    assert broken_links(page, "![x](docs/images/none.png)")
    assert not broken_links(page, "[x](pyproject.toml) [y](https://example.org/a) [z](#part)")


def test_the_privacy_check_can_fail():
    for bad in (
        "https://pypi.org/simple",
        "--index-url https://example.org/py",
        "see /home/anna/partystate",
        "cd /work/main",
        "find-links = wheels",
    ):
        assert private("page", bad), bad
    for good in ("src/home/x", "https://example.org/work/1", "--no-emit-index-url", "a/tmp/b"):
        assert not private("page", good), good
