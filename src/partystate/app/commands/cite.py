"""`partystate cite`: a bundle from which another machine reproduces a result, and the check that it does."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from partystate.app import inputs
from partystate.app.output import Json, emit, say, show, table
from partystate.foundation.problems import DATA, problem

if TYPE_CHECKING:
    from partystate.analysis.bundle import Again, Held

FAILED = 1
PANEL = "Share"
RUNS = 2  # histories of each arm that a check runs again
SHOWN = 16  # digits of a fingerprint that are printed
EPOCH = (1980, 1, 1, 0, 0, 0)  # the date of every file in an archive, so that equal bundles are equal bytes
SUFFIX = ".zip"
Result = Annotated[
    str,
    typer.Argument(
        metavar="RESULT",
        help="Folder of a run, an ensemble, a question or a study; the beginning of a run's key, or `last`; with "
        "--check a bundle.",
    ),
]
File = Annotated[Path | None, typer.Option("--out", help="The folder or file to write; default bundle-NAME here.")]
Zip = Annotated[bool, typer.Option("--zip", help="Write one .zip file.")]
Check = Annotated[bool, typer.Option("--check", help="Run histories of a bundle again and compare them.")]
Runs = Annotated[int, typer.Option("--runs", metavar="N", help="With --check: histories of each arm.")]
Every = Annotated[bool, typer.Option("--all", help="With --check: every history.")]
Workers = Annotated[int | None, typer.Option(metavar="W", help="Processes; by default one for each core.")]


def register(app: typer.Typer) -> None:
    """Adds `cite` to the command line."""
    app.command("cite", rich_help_panel=PANEL)(cite)


def cite(
    result: Result = "last",
    out: File = None,
    zipped: Zip = False,
    check: Check = False,
    runs: Runs = RUNS,
    everything: Every = False,
    workers: Workers = None,
    as_json: Json = False,
) -> None:
    """Write a bundle that reproduces a result and names its sources, or check one."""
    if check:
        _check(result, None if everything else runs, workers, as_json)
        return
    target = write(result, out, zipped)
    if as_json:
        emit({"result": result, "bundle": str(target)})
    else:
        show(f"Bundle: {target}\nTo check it: partystate cite --check {target}")


# Writing -----------------------------------------------------------------------------------------------------------


def write(result: str, out: Path | None = None, zipped: bool = False) -> Path:
    """Writes the bundle of a stored result; returns its folder or file.

    Raises Problem: exit 2 for what is no whole result of this version or a name that is taken, 3 for a damaged one.
    """
    from partystate.analysis import bundle
    from partystate.runs import store

    cited = bundle.gather(result, store.home())
    zipped = zipped or (out is not None and out.suffix == SUFFIX)
    target = out or Path(f"bundle-{cited.name}{SUFFIX if zipped else ''}")
    if target.exists():
        raise problem("--out", str(target), "a name that is not taken", "one that is", "Choose another --out.")
    if not target.parent.is_dir():
        raise problem("--out", str(target), "a place in a folder that exists", f"no folder {target.parent}")
    contents = content(cited)
    temporary = target.with_name(f".partial-{target.name}-{os.getpid()}")
    try:
        (_archive if zipped else _folder)(contents, temporary)
        temporary.rename(target)
    except OSError as error:
        raise problem("--out", str(target), "a place that can be written to", error.strerror or str(error)) from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        with contextlib.suppress(OSError):
            temporary.unlink()
    return target


def content(cited: Any) -> dict[str, bytes]:
    """Name -> bytes of every file of a bundle."""
    from partystate.views import bundle_files

    made = {name: text.encode() for name, text in bundle_files.files(cited).items()}
    hashes = {name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in made.items()}
    return {**made, bundle_files.FACTS: bundle_files.facts(cited, hashes).encode()}


def _folder(contents: Mapping[str, bytes], target: Path) -> None:
    for name, data in contents.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (target / "reproduce.sh").chmod(0o755)


def _archive(contents: Mapping[str, bytes], target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(contents.items()):
            about = zipfile.ZipInfo(name, EPOCH)
            about.compress_type = zipfile.ZIP_DEFLATED
            about.external_attr = (0o755 if name.endswith(".sh") else 0o644) << 16
            archive.writestr(about, data)


# Checking ----------------------------------------------------------------------------------------------------------


def _check(name: str, runs: int | None, workers: int | None, as_json: bool) -> None:
    from partystate.analysis import bundle
    from partystate.app.progress import EnsembleLine
    from partystate.runs import store, warm

    if runs is not None and runs < 1:
        raise problem("--runs", "runs", "1 or more", runs)
    with opened(Path(name)) as folder:
        facts, arms = read(folder, name, runs)
    bundle.check_versions(name, facts)
    processes = inputs.processes(workers)
    warm.once()
    with tempfile.TemporaryDirectory() as place, EnsembleLine() as line:
        made, faults = bundle.check(arms, facts["measure"], Path(place), processes, line.watch)
    failed = [again for again in made if not came_out(again, facts["platform"])]
    here = store.made_on()
    if as_json:
        rows = [
            {name: getattr(again, name) for name in ("arm", "seed", "expected", "found", "verdict")} for again in made
        ]
        emit({"bundle": name, "reproduced": not failed, "made_on": facts["platform"], "here": here,
              "histories": rows, "failed": faults})  # fmt: skip
    else:
        show(told(made, failed))
        for seed, fault in list(faults.items())[:5]:
            say(f"Seed {seed} failed: {fault}")
        if here != facts["platform"]:
            say(f"Made with {platform(facts['platform'])}; here {platform(here)}.")
    if failed:
        raise typer.Exit(FAILED)


def came_out(again: Again, made_on: Mapping[str, str]) -> bool:
    """Whether a history was reproduced: bit for bit on a platform like its own, in its outcomes on another."""
    from partystate.analysis import bundle
    from partystate.runs import store

    return again.verdict == bundle.SAME or (again.verdict == bundle.CLOSE and made_on != store.made_on())


def told(made: list[Again], failed: list[Again]) -> str:
    """How many histories came out, and each that did not."""
    from collections import Counter

    counted = Counter(again.verdict for again in made)
    said = ", ".join(f"{verdict}: {number}" for verdict, number in counted.items())
    head = f"{len(made) - len(failed)} of {len(made)} histories came out ({said})."
    if not failed:
        return head
    rows = [(a.arm, a.seed, a.expected[:SHOWN], a.found[:SHOWN] or "none", a.verdict) for a in failed[:20]]
    return f"{head}\n\n{table(('arm', 'seed', 'in the bundle', 'found here', 'verdict'), rows)}"


def platform(made: Mapping[str, str]) -> str:
    """`Python 3.11.7, NumPy 2.4.6, numba 0.68.1 on Linux x86_64`."""
    return f"Python {made['python']}, NumPy {made['numpy']}, numba {made['numba']} on {made['machine']}"


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Path]:
    """The folder of a bundle; a .zip is unpacked while it is read. Raises Problem: exit 2 for none, 3 if damaged."""
    if path.is_dir():
        yield path
        return
    if not path.is_file():
        raise problem("BUNDLE", str(path), "a bundle that `partystate cite` wrote", "no such folder or file")
    with tempfile.TemporaryDirectory() as place:
        try:
            with zipfile.ZipFile(path) as archive:
                archive.extractall(place)
        except (zipfile.BadZipFile, OSError, EOFError) as error:
            raise problem(str(path), "file", "a sound .zip of a bundle", str(error), exit_code=DATA) from None
        yield Path(place)


def read(folder: Path, name: str, runs: int | None) -> tuple[dict[str, Any], list[Held]]:
    """`bundle.json`, and the arms with the histories that are to be run; `runs` of each, all when None.

    Raises Problem: exit 2 for what is no bundle, 3 for a file that is missing or was changed.
    """
    from partystate.analysis import bundle
    from partystate.runs import store
    from partystate.views import bundle_files

    if not (folder / bundle_files.FACTS).is_file():
        came = "a folder without one" if Path(name).is_dir() else "an archive without one"
        raise problem("BUNDLE", name, f"a bundle, which holds {bundle_files.FACTS}", came)
    facts = store.read_json(folder / bundle_files.FACTS, ("model", "record", "measure", "arms", "files", "platform"))
    for file, about in facts["files"].items():
        path = folder / file
        if not path.is_file():
            raise problem(f"{name}/{file}", "file", f"{about['bytes']} bytes", "no such file", exit_code=DATA)
        if (found := hashlib.sha256(path.read_bytes()).hexdigest()) != about["sha256"]:
            expected = f"content with hash {about['sha256'][:12]}"
            raise problem(f"{name}/{file}", "file", expected, f"content with hash {found[:12]}", exit_code=DATA)
    kept = bundle_files.read_histories((folder / bundle_files.HISTORIES).read_text(encoding="utf-8"), name)
    return facts, [bundle.held(arm, kept[arm["arm"]], runs) for arm in facts["arms"]]
