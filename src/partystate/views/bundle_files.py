"""The files of a bundle: what a machine runs, what must come out, and what it rests on. No file holds a path."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import metadata, version
from typing import Any

from partystate import record
from partystate.analysis import bundle
from partystate.analysis.bundle import Arm, Cited, History
from partystate.foundation import calendar
from partystate.foundation.problems import DATA, problem
from partystate.runs import store
from partystate.runs.recipe import Recipe

from . import bibtex

FACTS, HISTORIES = "bundle.json", "histories.csv"
SCENARIOS = "scenarios"
ABOUT = ("arm", "seed", "key", "fingerprint")  # columns of a history before its outcomes
FEW_SEEDS = 4


def files(cited: Cited) -> dict[str, str]:
    """Name -> content of every file but `bundle.json`, which holds their hashes."""
    from . import bundle_page

    made = {
        "README.md": bundle_page.readme(cited),
        "reproduce.sh": script(cited),
        HISTORIES: histories(cited),
        "levels.csv": levels(cited),
        "parameters.csv": parameters(cited),
        "sources.bib": bibliography(cited),
        "CITATION.cff": citation(),
        **{name: text for text, name in scenarios(cited).items()},
    }
    if cited.answer is not None:
        made["answer.json"] = json.dumps(cited.answer, ensure_ascii=False, indent=1) + "\n"
    if cited.text:
        made["study.toml"] = cited.text
    return made


def facts(cited: Cited, hashes: Mapping[str, Mapping[str, Any]]) -> str:
    """`bundle.json`."""
    names = scenarios(cited)
    data = {
        "schema": store.SCHEMA,
        "kind": cited.kind,
        "name": cited.name,
        "command": cited.command,
        "partystate": version("partystate"),
        "model": cited.model,
        "record": cited.record,
        "measure": cited.measure,
        "measure_version": bundle.MEASURES[cited.measure][1](),
        "platform": cited.platform,
        "months": cited.months,
        "last": calendar.label(cited.months - 1),
        "outcomes": cited.shown,
        "arms": [
            {
                "arm": arm.name,
                "title": arm.title,
                "scenario": names.get(scenario_text(arm.recipe), ""),
                "off": arm.off,
                "warnings": arm.warnings,
                "commands": list(commands(arm, names)),
                "recipe": asdict(arm.recipe),
            }
            for arm in cited.arms
        ],
        "files": hashes,
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


# Scenarios and commands --------------------------------------------------------------------------------------------


def scenarios(cited: Cited) -> dict[str, str]:
    """Text of a scenario -> the file that holds it: those of all arms and of the histories they branch off from."""
    names: dict[str, str] = {}
    for arm in cited.arms:
        recipe: Recipe | None = arm.recipe
        while recipe is not None:
            text = scenario_text(recipe)
            if text and text not in names:
                slug = re.sub(r"[^a-z0-9]+", "-", arm.name.lower()).strip("-")[:40] or "arm"
                names[text] = f"{SCENARIOS}/{len(names) + 1:02d}-{slug}.toml"
            recipe = recipe.fork and recipe.fork.parent
    return names


def scenario_text(recipe: Recipe) -> str:
    """The scenario file of a recipe, with the systems that are off beside those the file names; "" is the reference."""
    import tomli_w

    declared = recipe.built().scenario.canonical()
    if not declared:
        return ""
    return tomli_w.dumps(declared) if recipe.off else recipe.text


def commands(arm: Arm, names: Mapping[str, str]) -> Iterator[str]:
    """The commands that make the histories of an arm; names: text of a scenario -> its file."""
    seeds = [history.seed for history in arm.histories]
    if len(seeds) > 1 and arm.recipe.fork is None and seeds == list(range(seeds[0], seeds[0] + len(seeds))):
        many = [*settings(arm.recipe), "--runs", str(len(seeds)), "--first-seed", str(seeds[0])]
        yield _line("ensemble", names.get(scenario_text(arm.recipe), ""), many)
        return
    for seed in seeds[:FEW_SEEDS]:
        yield from single(arm.recipe, seed, names)
    if len(seeds) > FEW_SEEDS:
        yield f"# and so on for each seed of this arm in {HISTORIES}"


def single(recipe: Recipe, seed: int, names: Mapping[str, str]) -> Iterator[str]:
    """The commands of one history; what it branches off from is run first."""
    file = names.get(scenario_text(recipe), "")
    if recipe.fork is None:
        yield _line("run", file, [*settings(recipe), "--seed", str(seed)])
        return
    parent = recipe.fork.parent
    yield from single(parent, seed, names)
    options = [parent.built().key(seed).short, "--at", calendar.label(recipe.fork.month)]
    yield shlex.join(["partystate", "fork", *options, *(["--with", file] if file else []), *_until(recipe)])


def settings(recipe: Recipe) -> list[str]:
    """The options of `run` and `ensemble` that a recipe stands for, the scenario and the seeds apart."""
    found = _until(recipe)
    if recipe.scale is not None:
        found += ["--scale", str(recipe.scale)]
    if recipe.only is not None:
        found += ["--only", recipe.only]
    for key, value in recipe.overrides:
        found += ["--set", f"{key}={':'.join(map(repr, value)) if isinstance(value, tuple) else repr(value)}"]
    return found


def _until(recipe: Recipe) -> list[str]:
    return ["--until", calendar.label(recipe.months)] if recipe.months < calendar.MONTHS else []


def _line(command: str, file: str, options: Sequence[str]) -> str:
    return shlex.join(["partystate", command, *([file] if file else []), *options])


def script(cited: Cited) -> str:
    """`reproduce.sh`: the check first, then what made the result, then each arm by itself."""
    lines = [
        "#!/bin/sh",
        f"# Reproduces {cited.name}. Run it in this folder, with partystate {version('partystate')} installed:",
        f"# model {cited.model}",
        f"# record {cited.record}",
        "set -e",
        "",
        "# Runs some histories of each arm again and compares them with what is kept here; --all runs all.",
        "partystate cite --check .",
        "",
    ]
    if cited.command:
        lines += ["# What made the result:", cited.command, ""]
    lines.append("# Each arm by itself:")
    names = scenarios(cited)
    for arm in cited.arms:
        lines += [f"# {arm.name}: {arm.title}", *commands(arm, names)]
    return "\n".join(lines) + "\n"


# Tables ------------------------------------------------------------------------------------------------------------


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """CSV; a number with all its digits, nothing for None and for what is not finite."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return out.getvalue()


def _cell(value: Any) -> Any:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return repr(value) if isinstance(value, float) else value


def histories(cited: Cited) -> str:
    """One row for each history of each arm."""
    return table(
        [*ABOUT, *cited.shown],
        (
            [arm.name, each.seed, each.key, each.fingerprint, *(each.outcomes.get(name) for name in cited.shown)]
            for arm in cited.arms
            for each in arm.histories
        ),
    )


def read_histories(text: str, name: str) -> dict[str, list[History]]:
    """Arm -> its histories, from the text of `histories.csv`. Raises Problem (exit 3) when it cannot be read."""
    found: dict[str, list[History]] = {}
    reader = csv.DictReader(io.StringIO(text))
    try:
        for row in reader:
            arm, seed, key, fingerprint = (row.pop(column) for column in ABOUT)
            values = {outcome: float(value) if value else None for outcome, value in row.items()}
            found.setdefault(arm, []).append(History(int(seed), key, fingerprint, values))
    except (KeyError, TypeError, ValueError) as error:
        raise problem(f"{name}/{HISTORIES}", f"line {reader.line_num}", "a history", str(error), "", DATA) from None
    return found


def levels(cited: Cited) -> str:
    """One row for each outcome of each arm: its level, and its difference from the first arm under the same seeds."""
    head = [
        "arm", "outcome", "title", "meaning", "kind", "histories", "mean", "low", "high", "median", "band_low",
        "band_high", "share_happened", "pairs", "difference", "difference_low", "difference_high",
    ]  # fmt: skip
    rows = []
    for arm in cited.arms:
        for name in cited.shown:
            line = cited.level(arm, name)
            at, effect = line.effect.a, cited.line(arm, name).effect
            row = [arm.name, name, line.title, line.meaning, line.effect.kind, line.effect.pairs]
            row += [at.mean, at.low, at.high, at.median, at.band_low, at.band_high, at.happened]
            paired = arm is not cited.arms[0]
            rows.append(row + ([effect.pairs, effect.difference, effect.low, effect.high] if paired else [None] * 4))
    return table(head, rows)


def _used(setting: Mapping[str, Any]) -> list[Any]:
    return [setting.get(name) for name in ("value", "low", "high", "distribution", "layer")]


def parameters(cited: Cited) -> str:
    """One row for each parameter; of arms after the first only what differs from it."""
    known = record.load().parameters
    head = [
        "arm", "parameter", "title", "unit", "value", "low", "high", "distribution", "layer", "grade", "sources",
        "central", "plausible_low", "plausible_high", "note",
    ]  # fmt: skip
    rows = []
    for arm in cited.arms:
        for key, used in sorted(arm.parameters.items()):
            told = _used(used)
            if arm is not cited.arms[0] and told == _used(cited.arms[0].parameters.get(key, {})):
                continue
            own = known[key]
            by = [own.grade, " ".join(own.source), own.value, own.low, own.high, own.note]
            rows.append([arm.name, key, own.title, own.unit, *told, *by])
    return table(head, rows)


# Sources -----------------------------------------------------------------------------------------------------------


def bibliography(cited: Cited) -> str:
    """`sources.bib`: the program, and every source behind the result with what it stands behind."""
    known = record.load().sources
    keys = [history.key[:16] for arm in cited.arms for history in arm.histories]
    note = f"Run keys: {keys[0]}" if len(keys) == 1 else f"Run keys of {len(keys)} histories from {keys[0]} on"
    program = bibtex.software(version("partystate"), {"model": cited.model[:16], "record": cited.record[:16]}, note)
    works = [bibtex.entry(known[key], behind) for key, behind in bundle.sources(cited).items()]
    return "\n".join([bibtex.HEAD, program, *works])


def citation() -> str:
    """`CITATION.cff` of the installed program."""
    about = metadata("partystate")
    lines = [
        "cff-version: 1.2.0",
        f"title: {json.dumps('partystate: ' + about['Summary'], ensure_ascii=False)}",
        'message: "If you use this software, please cite it together with the run keys of the histories you report."',
        "type: software",
        "authors:",
        '  - name: "The partystate contributors"',
        f"version: {about['Version']}",
        f"license: {about['License-Expression'] or 'MIT'}",
    ]
    return "\n".join(lines) + "\n"
