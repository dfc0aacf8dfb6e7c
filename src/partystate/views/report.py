"""report.html: one run, and an ensemble where there is one, on a single page that needs nothing but itself.

`build` gathers the parts, `templates/report.html` sets them. The page carries a content-security policy that names
the hash of its own style and script, so that it can load nothing else, whatever text a scenario or a source holds.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from partystate.analysis import against_record, why
from partystate.analysis.against_record import Comparison
from partystate.analysis.history import History
from partystate.analysis.why import WEIGHT, Cause
from partystate.foundation import calendar
from partystate.foundation.problems import USAGE, problem
from partystate.model.chronicle import Event
from partystate.runs import ensemble as ensembles
from partystate.runs import store

from . import beside, countryside, narrative, struggle, svg
from .assumptions import assumptions, sources_cited
from .charts import Caption, Chart
from .facts import Facts

TEMPLATES = Path(__file__).parent / "templates"
WHY_DEPTH = 2  # levels of causes folded under an event; deeper ones are links to the events themselves
WEIGHTY = WEIGHT["recantation"]
MOST_NAMED = 6


@dataclass(frozen=True)
class Entry:
    """One line of the chronicle with what lies behind it."""

    event: Event
    anchor: str
    month: str
    sentence: str
    weighty: bool
    why: Cause | None


def build(run_dir: Path, ensemble_dir: Path | None, out: Path, record: Any = None) -> Path:
    """Write the report on the run in `run_dir`, with the ensemble in `ensemble_dir` where there is one; returns `out`.

    `out` is a file, or a folder in which ``report.html`` is written. Raises Problem for a folder that holds no run.
    """
    history = History.open(Path(run_dir), record)
    many = ensembles.open_ensemble(Path(ensemble_dir)) if ensemble_dir is not None else None
    page = html(history, many)
    target = Path(out)
    if target.suffix.lower() not in (".html", ".htm"):
        target = target / "report.html"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(page, encoding="utf-8")
    except OSError as error:
        raise problem(
            "--out", str(target), "a file that can be written", error.strerror or str(error), exit_code=USAGE
        ) from None
    return target


def html(history: History, many: ensembles.Ensemble | None = None) -> str:
    """The page as text."""
    style, script = _asset("report.css"), _asset("report.js")
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:; base-uri 'none'"
    )
    context = context_of(history, many)
    return _template().render(context, style=Markup(style), script=Markup(script), policy=policy)


def context_of(history: History, many: ensembles.Ensemble | None = None) -> dict[str, Any]:
    """Everything the template sets, by name."""
    facts = Facts.of(history)
    comparison = against_record.of_run(history)
    caption = Caption(facts.period, "", "1 run", facts.versions, facts.forced)
    entries = chronicle(history)
    shared = shared_series(history, comparison)
    drawn = series_of(many, [*shared, countryside.DEATHS]) if many is not None else {}
    chapter = countryside.chapter(history, caption, drawn, shared)
    apart = [name for name in shared if not (chapter and countryside.belongs(history, name))]
    charts = {name: beside.series_chart(history, name, caption, drawn.get(name)) for name in apart}
    groups = assumptions(history)
    power = "power" in history.manifest["sectors"]
    return {
        "facts": facts,
        "brief": [*(brief(history, comparison) if power else ()), *(countryside.brief(history) if chapter else ())],
        "power": power,
        "countryside": chapter,
        "offices": struggle.offices_chart(history, comparison, caption) if power else None,
        "losses": struggle.losses(history, comparison) if power else [],
        "tiers": struggle.tiers_chart(history, caption) if power else None,
        "motions": motions(history),
        "shares": struggle.shares_charts(history, caption) if power else [],
        "membership": [chart for name, chart in charts.items() if name in beside.MEMBERSHIP],
        "others": [chart for name, chart in charts.items() if name not in beside.MEMBERSHIP],
        "ensemble": _ensemble(history, many, drawn, caption) if many is not None else None,
        "comparison": comparison,
        "agreement": agreement(comparison),
        "years": [(year, list(group)) for year, group in groupby(entries, key=lambda e: calendar.year(e.event.month))],
        "kinds": Counter(entry.event.kind for entry in entries),
        "people": sorted({actor for entry in entries for actor in entry.event.actors}),
        "assumptions": groups,
        "sources": sources_cited(history, comparison, groups),
        "words": narrative,
        "number": svg.number,
        "anchor": anchor,
        "why": why,
    }  # fmt: skip


def anchor(event_id: str) -> str:
    return "ev." + event_id.replace("/", ".")


def brief(history: History, comparison: Comparison) -> list[str]:
    """What happened in this run, in a few sentences."""
    gone = sorted((r for r in comparison.removals if r.model is not None), key=lambda r: (r.model, r.person))
    named = [f"{r.person} ({narrative.month_words(int(r.model))})" for r in gone]
    if len(named) > MOST_NAMED:
        named = [*named[: MOST_NAMED - 1], narrative.count_words(len(named) - MOST_NAMED + 1, "other")]
    found = [struggle.secretariat(history)]
    if gone:
        many = narrative.count_words(len(gone), "leader").capitalize()
        found.append(f"{many} went out of the Politburo: {narrative.listing(named)}.")
    else:
        found.append("In this run nobody was put out of the Politburo.")
    dated = [r for r in comparison.removals if r.difference is not None]
    recorded = [r for r in comparison.removals if r.record_month is not None]
    if recorded:
        close = narrative.number_words(sum(abs(r.difference) <= 12 for r in dated))
        found.append(
            f"Of {narrative.count_words(len(recorded), 'removal')} in the record, {narrative.number_words(len(dated))} "
            f"happened in this run as well, {close} of them within a year of the date."
        )
    return [sentence for sentence in found if sentence]


def motions(history: History) -> list[dict[str, Any]]:
    """Every roll-call, in order of time."""
    calls = sorted(history.rollcalls.values(), key=lambda call: (call.month, call.motion))
    return [
        {
            "month": narrative.month_words(c.month),
            "title": narrative.sentence(history.event[c.motion]) if c.motion in history.event else c.title,
            "forum": c.forum,
            "for": c.count(1),
            "against": c.count(-1),
            "abstained": c.count(0),
            "anchor": anchor(c.motion) if c.motion in history.event else "",
        }
        for c in calls
    ]


def chronicle(history: History) -> list[Entry]:
    """All events but routine appointments that nothing points to."""
    named = {name for event in history.events for name in event.because}
    shown = [event for event in history.events if event.kind != "appointment" or event.id in named or event.actors]
    return [
        Entry(
            event,
            anchor(event.id),
            narrative.MONTHS[calendar.month_of_year(event.month) - 1],
            narrative.sentence(event),
            WEIGHT.get(event.kind, 99) <= WEIGHTY,
            why.cause(history, event.id, WHY_DEPTH)
            if event.because or event.numbers or event.id in history.rollcalls
            else None,
        )
        for event in sorted(shown, key=lambda e: e.month)
    ]


def shared_series(history: History, comparison: Comparison) -> list[str]:
    """The series that the run and the record share, membership first; refused ones are left out."""
    refused = {refusal.series for refusal in comparison.refused}
    shared = [name for name in history.run.series_ids() if name in history.known.series and name not in refused]
    return sorted(shared, key=lambda name: (beside.MEMBERSHIP.index(name) if name in beside.MEMBERSHIP else 99, name))


def series_of(many: ensembles.Ensemble, names: Sequence[str]) -> dict[str, np.ndarray]:
    """Series -> (runs, months) over an ensemble, each part read once."""
    found: dict[str, list[np.ndarray]] = {name: [] for name in names}
    for part in many.parts():
        values = store.series_of(part.table([("series", "in", set(names))]), part.months) if names else {}
        for name in names:
            found[name].append(values.get((name, None), np.full(part.months, np.nan)))
    return {name: np.array(rows) for name, rows in found.items()}


@dataclass(frozen=True)
class Many:
    """The ensemble's part of the page. `unlike` says in what it differs from the run, where it does."""

    runs: int
    unlike: tuple[str, ...]
    outcomes: list[beside.Outcome]
    chances: Chart | None
    removals: Chart | None
    comparison: Comparison


def _ensemble(history: History, many: ensembles.Ensemble, series: Mapping[str, np.ndarray], caption: Caption) -> Many:
    # What is asked of every run is asked about the struggle, so it has no answer where that was not modelled.
    values = many.outcomes() if "power" in history.manifest["sectors"] else {}
    runs = len(many.parts())
    caption = replace(caption, runs=f"{runs} runs")
    shown = beside.outcomes_of(values)
    removed = removed_in(values, history.leaders)
    comparison = against_record.compare(series, removed, history.manifest, history.known)
    chart = beside.removals_chart(comparison, removed, caption, history) if comparison.removals else None
    return Many(runs, unlike(history, many), shown, beside.outcomes_chart(shown, caption), chart, comparison)


def unlike(history: History, many: ensembles.Ensemble) -> tuple[str, ...]:
    """In what an ensemble differs from the run beside which it is drawn, apart from seeds."""
    parts, mine = history.manifest["key_parts"], history.manifest
    theirs = many.facts["arms"][0]["facts"]
    ranges = ("low", "high", "distribution")

    def settings(manifest: Mapping[str, Any]) -> dict[str, tuple]:
        return {key: tuple(used[name] for name in ranges) for key, used in manifest["parameters"].items()}

    pairs = {
        "scenario": (mine["scenario"]["declares"], theirs["scenario"]["declares"]),
        "parameters": (settings(mine), settings(theirs)),
        "sectors": (mine["sectors"], theirs["sectors"]),
        "length": (history.months, many.months),
        "version of the model": (parts["model"], many.facts["model"]),
        "version of the record": (parts["record"], many.facts["record"]),
    }
    return tuple(name for name, (one, other) in pairs.items() if one != other)


def removed_in(outcomes: Mapping[str, Any], people: Sequence[str]) -> dict[str, list[int | None]]:
    """Person -> month of going out of the Politburo, run by run, from the outcomes named ``removed.<person>``."""
    found = {}
    for person in people:
        months = outcomes.get(f"removed.{person}")
        if months is not None:
            found[person] = [None if m != m else int(m) for m in months]
    return found


@dataclass(frozen=True)
class Agreement:
    """How one series sits beside the record."""

    title: str
    unit: str
    points: int
    ranged: int
    inside: int
    median: float | None
    windows: str
    grades: str


def agreement(comparison: Comparison) -> list[Agreement]:
    """One line for each series: how many figures have a range, how many lie inside, the middling difference."""
    lines = []
    for name in comparison.series:
        rows = comparison.of(name)
        differences = sorted(abs(row.difference) for row in rows if row.difference is not None)
        ranged = [row for row in rows if row.inside is not None]
        windows, grades = Counter(row.window for row in rows), Counter(row.grade for row in rows)
        lines.append(
            Agreement(
                rows[0].title,
                rows[0].unit,
                len(rows),
                len(ranged),
                sum(bool(row.inside) for row in ranged),
                differences[len(differences) // 2] if differences else None,
                ", ".join(f"{count} {window}" for window, count in sorted(windows.items())),
                " ".join(f"{grade}{count}" for grade, count in sorted(grades.items())),
            )
        )
    return lines


@lru_cache(maxsize=1)
def _template():
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(TEMPLATES)
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["capitalize_first"] = lambda words: words[:1].upper() + words[1:]
    environment.globals["month_label"] = calendar.label
    return environment.get_template("report.html")


def _asset(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"
