"""The first page of a bundle: what the result is, how it is reproduced, what must come out, and how to read it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from importlib.metadata import version

from partystate.analysis import bundle
from partystate.analysis.bundle import Arm, Cited
from partystate.analysis.compare import Line
from partystate.analysis.effects import CHANCE, DATE
from partystate.foundation import calendar

from . import bundle_files

FEW = 12  # arms that the page lists
LISTED, COMPARED = 20, 3  # outcomes that it lists, of a single arm and by arm
FILES = {
    "bundle.json": "everything a program needs: recipes, versions, commands, and the hash of each file",
    "histories.csv": "each history: seed, run key, fingerprint, and its outcomes",
    "levels.csv": "each outcome of each arm with its interval, and its difference from the first arm",
    "parameters.csv": "each number of the model: value, range, the layer that decided, grade, sources",
    "scenarios/": "the scenario of each arm that is not the reference history",
    "reproduce.sh": "the commands",
    "sources.bib": "the works behind parameters, mechanisms and the beginning in January 1922; and the program",
    "CITATION.cff": "how to cite the program",
    "answer.json": "the answer with its evidence",
    "study.toml": "the description of the study, as it was before its results were seen",
}


def readme(cited: Cited) -> str:
    """`README.md`: what the result is, how it is reproduced, what must come out, how it is to be read."""
    parts = [
        f"# {title(cited)}",
        "\n".join(_what(cited)),
        "## The result",
        *result(cited),
        "## To reproduce it",
        *_how(cited),
        "## Files",
        "\n".join(f"- `{name}`: {what}" for name, what in _files_of(cited)),
        "## Before it is quoted",
        "A share of histories is a share under these rules and these ranges of numbers, not a frequency in the past. "
        "Intervals of 95 % are of chance in drawing histories and numbers; they do not hold the error of the rules. "
        '"Without" a system means with what is named above in its place. Numbers graded P are priors of the project '
        "(`parameters.csv`).",
    ]
    return "\n\n".join(parts) + "\n"


def title(cited: Cited) -> str:
    """What the bundle is of, in a line."""
    if cited.answer is not None:
        asked = cited.answer["question"]
        return f"{asked['id']}: {asked['text']}"
    if cited.kind == bundle.RUN:
        return f"A history: {cited.arms[0].name}, seed {cited.arms[0].histories[0].seed}"
    if len(cited.arms) == 1:
        return f"An ensemble: {cited.arms[0].name}"
    return f"{'A study' if cited.kind == bundle.STUDY else 'An experiment'}: {cited.name}"


def _what(cited: Cited) -> Iterator[str]:
    arms = f" in {len(cited.arms)} arms" if len(cited.arms) > 1 else ""
    count = "1 history" if cited.histories == 1 else f"{cited.histories:,} histories"
    made = cited.platform
    yield f"{count}{arms}, {calendar.label(0)} to {calendar.label(cited.months - 1)}, made by"
    yield ""
    yield f"- partystate {version('partystate')}"
    yield f"- model `{cited.model}`"
    yield f"- record `{cited.record}`"
    yield f"- Python {made['python']}, NumPy {made['numpy']}, numba {made['numba']}, {made['machine']}"


def result(cited: Cited) -> Iterator[str]:
    """The sentences of an answer, and the levels of the main outcomes by arm."""
    if cited.answer is not None:
        yield "\n\n".join(cited.answer["sentences"])
    shown = [name for name in cited.shown if _told(cited, name)]
    if len(cited.arms) == 1:
        yield alone(cited, shown[:LISTED])
    else:
        yield from (by_arm(cited, name) for name in shown[:COMPARED])
    yield "All outcomes of all arms, and what they mean, are in `levels.csv`; each history's in `histories.csv`."
    off = {system: meaning for arm in cited.arms for system, meaning in arm.off.items()}
    if off:
        yield "\n".join(f"- Without {system}: {meaning}" for system, meaning in sorted(off.items()))


def _told(cited: Cited, name: str) -> bool:
    """Whether the first page tells an outcome: one with a definition, or who went out of the Politburo."""
    line = cited.level(cited.arms[0], name)
    return bool(line.effect.pairs) and (bool(line.meaning) or name.startswith("removed."))


def alone(cited: Cited, names: Sequence[str]) -> str:
    """Outcomes of the only arm; of a single history what happened in it."""
    (arm,) = cited.arms
    one = len(arm.histories) == 1
    head = "in this history" if one else "level (95 % interval)"
    lines = [cited.level(arm, name) for name in names]
    rows = [f"| {line.title} | {once(line) if one else words(line)} |" for line in lines]
    said = ["One history is an illustration and no answer.", ""] if one else []
    return "\n".join([*said, f"| outcome | {head} |", "|---|---|", *rows])


def by_arm(cited: Cited, name: str) -> str:
    """One outcome in each arm, and its difference from the first."""
    line = cited.level(cited.arms[0], name)
    said = f"**{line.title}** (`{name}`)" + (f": {line.meaning}" if line.meaning else "")
    rows = [f"| {arm.name} | {words(cited.level(arm, name))} | {gap(cited, arm, name)} |" for arm in cited.arms[:FEW]]
    head = f"| arm | level (95 % interval) | difference from {cited.arms[0].name} (95 % interval) |"
    return "\n".join([said, "", head, "|---|---|---|", *rows])


def once(line: Line) -> str:
    """An outcome of a single history."""
    at = line.effect.a
    if line.effect.kind == CHANCE:
        return "yes" if at.mean else "no"
    if line.effect.kind == DATE:
        return calendar.label(round(at.median)) if at.happened else "did not come"
    return f"{at.mean:.6g}"


def words(line: Line) -> str:
    """A level with its interval; of a date the share of histories in which it came, and the median month."""
    at = line.effect.a
    if not line.effect.pairs:
        return "not defined"
    if at.happened is not None:
        when = calendar.label(round(at.median)) if math.isfinite(at.median) else "not reached"
        return f"came in {at.happened:.3f} of histories, median {when}"
    if math.isnan(at.low):
        return f"{at.mean:.6g}"
    return f"{at.mean:.4g} ({at.low:.4g} to {at.high:.4g})"


def gap(cited: Cited, arm: Arm, name: str) -> str:
    """The paired difference of an arm from the first, with its interval; nothing for the first itself."""
    effect = cited.line(arm, name).effect
    if arm is cited.arms[0] or not effect.pairs:
        return ""
    if math.isnan(effect.low):
        return f"{effect.difference:+.4g}"
    return f"{effect.difference:+.4g} ({effect.low:+.4g} to {effect.high:+.4g})"


def _how(cited: Cited) -> Iterator[str]:
    yield (
        f"Install partystate {version('partystate')} with the model and the record named above, and in this folder run"
    )
    yield "```sh\npartystate cite --check .\n```"
    yield (
        "It runs two histories of each arm again (`--all` runs every one) and compares their fingerprints with "
        "`histories.csv`. Exit code 0: they came out. 1: one did not. 2: another version of model or record is "
        "installed, so that nothing was tested. 3: a file of this bundle was changed. On another processor the last "
        "bit of a number may differ; outcomes are then compared to nine digits, and the check says so."
    )
    if cited.command:
        yield f"What made the result:\n\n```sh\n{cited.command}\n```"
    shown, names = list(cited.arms[:FEW]), bundle_files.scenarios(cited)
    lines = [line for arm in shown for line in (f"# {arm.name}", *bundle_files.commands(arm, names))]
    more = "" if len(shown) == len(cited.arms) else "\n# the other arms: see reproduce.sh"
    yield "The arms by themselves:\n\n```sh\n" + "\n".join(lines) + f"{more}\n```"


def _files_of(cited: Cited) -> Iterator[tuple[str, str]]:
    absent = {
        "answer.json": cited.answer is None,
        "study.toml": not cited.text,
        "scenarios/": not bundle_files.scenarios(cited),
    }
    yield from ((name, what) for name, what in FILES.items() if not absent.get(name))
