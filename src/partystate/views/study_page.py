"""The page of a study: Markdown tables and sentences, all made from its results."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from partystate.analysis import effects, outcomes
from partystate.analysis.compare import title
from partystate.analysis.effects import Effect, Level
from partystate.analysis.study_results import FIRST, MOVES, REMOVED, UNMEASURED, Results, by_arm
from partystate.foundation import calendar

if TYPE_CHECKING:
    from partystate.analysis.rural_results import Results as RuralResults

MAIN = ("keeps_secretariat", "leads", "rivals_out", "left_before_right", "motions_match_holder", "rivals_match")
ALONG = (
    "opposition_in_cells", "opposition_in_conference", "opposition_in_congress", "secretaries_appointed",
    "committee_turnover", "challenges",
)  # fmt: skip
METHOD = (
    "Every arm was run on the same seeds, which are kept for publication. Ranges in brackets are 95 % intervals of "
    "chance in drawing histories; they do not say whether the model is right. Differences are paired history by "
    "history. Of a share: Wilson's interval, and Tango's for a paired difference. Of a mean: Student's, with the "
    "standard error of the paired differences. Months are restricted means: a history in which a thing did not happen "
    "counts as its whole length. Differences whose interval leaves out zero are **bold**."
)
NONE = "—"


def page(results: Results, about: Mapping[str, Any]) -> str:
    """The whole page. about: `date`, `command`, `model`, `record`, `platform` (name -> version)."""
    parts = [
        f"# {results.study.title}: results",
        made(results, about),
        METHOD,
        "## The reference",
        *reference(results),
        "## Who was first, and in which order",
        *order(results),
        "## When they went out",
        *departures(results),
        "## Beside the record",
        *checks(results),
        "## What each arm changes",
        *arms(results),
        "## What each system moves",
        *systems(results),
        "## The Secretariat given to others",
        *permutation(results),
        "## All contenders alike",
        *alike(results),
    ]
    return "\n\n".join(parts) + "\n"


def summary(results: Results) -> str:
    """What fits on a screen: the reference, the order, the dates and the effects on the main outcomes."""
    chosen = [*reference(results), *order(results), *departures(results), effect_table(results, MAIN)]
    return "\n\n".join([*chosen, moved_words(results)])


def made(results: Results | RuralResults, about: Mapping[str, Any]) -> str:
    """When and how the page of a study was made, and which arms were not run."""
    seeds = results.reference.parts
    machine = ", ".join(f"{name} {version}" for name, version in about["platform"].items())
    left = [arm.name for arm in results.study.arms if arm.name not in results.sides]
    runs = {len(side.parts) for side in results.sides.values()}
    lines = [
        f"*Written on {about['date']} by `{about['command']}` from {len(results.sides)} arms of "
        f"{' or '.join(map(str, sorted(runs)))} histories, seeds {min(seeds)} to {max(seeds)}, January 1922 to "
        f"{calendar.label(results.study.months - 1)}; model {about['model'][:8]}, record {about['record'][:8]}; "
        f"{machine}. Do not edit by hand.*"
    ]
    if left:
        lines.append(f"Not run: {', '.join(left)}.")
    return "\n\n".join(lines)


# Sections ---------------------------------------------------------------------------------------------------------


def reference(results: Results) -> list[str]:
    """Levels of every outcome, and how near the nearest chance is to certainty."""
    rows = []
    for outcome in results.outcomes():
        level, runs = outcome.level, outcome.runs
        if level.happened is not None:
            cells = f"in {level.happened:.2f}", f"median {month(level.median)}"
        elif outcome.name in outcomes.CHANCES:
            cells = bracket(level), NONE
        else:
            cells = bracket(level), f"{number(level.median)} ({number(level.band_low)} to {number(level.band_high)})"
        rows.append((outcome.title, *cells, runs, outcome.meaning))
    top = results.highest_chance()
    return [
        table(("outcome", "share or mean", "median and middle 80 %", "histories", "meaning"), rows),
        f"The highest of the chances is {top.level.mean:.2f}: {lower(top.title)}.",
    ]


def order(results: Results) -> list[str]:
    """What is asked of the order, and who was censured first."""
    asked = [
        (a.condition.title, f"≥ {a.condition.least:g}", share(a.share, a.low, a.high), a.runs, a.verdict)
        for a in results.conditions()
    ]
    among = results.study.dates.among
    everywhere, leading = results.first_censured(""), results.first_censured(among)
    rows = [(person, bracket(everywhere[person]), bracket(leading[person])) for person in everywhere]
    return [
        table(("where the General Secretary leads", "asked", "share", "histories", "verdict"), asked),
        table(("first to be censured", "all histories", "where the General Secretary leads"), rows),
    ]


def departures(results: Results) -> list[str]:
    """Dates of going out of the Politburo, in all and in leading histories."""
    head = ("out of the Politburo", "record", "share", "10 %, 50 %, 90 % of those", "median of all", "verdict")
    found = []
    for among, words in (("", "All histories"), (results.study.dates.among, "Where the General Secretary leads")):
        told = results.departures(among)
        rows = [
            (
                d.person, d.record_date[:7] or "stayed", two(d.happened),
                ", ".join(map(month, (d.low, d.middle, d.high))),
                f"{month(d.median)} ({month(d.median_low)} to {month(d.median_high)})", d.verdict or NONE,
            )
            for d in told
        ]  # fmt: skip
        found += [f"{words} ({told[0].runs}):", table(head, rows)]
    within = results.study.dates.within
    found.append(
        f"The median of all counts those who stayed; “not reached” means that fewer than half went. The verdict asks "
        f"whether it lies within {within} months of the record. Death is not a removal."
    )
    return found


def checks(results: Results) -> list[str]:
    """Figures of the record beside the model's."""
    rows = []
    for c in results.checks():
        span = number(c.record) if c.record_low == c.record_high else (
            f"{number(c.record)} ({number(c.record_low)} to {number(c.record_high)})"
        )  # fmt: skip
        model = f"{number(c.median)} ({number(c.band_low)} to {number(c.band_high)})" if c.runs else NONE
        rows.append((c.check.title, span, c.grade, c.source, model, c.runs, c.use, c.verdict))
    head = ("figure", "record", "grade", "source", "model: median, middle 80 %", "histories", "use", "verdict")
    words = (
        "“Holds” means that the record's figure or range meets the middle 80 % of histories. Calibration figures were "
        "known while ranges were set, so agreement with them is no test."
    )
    return [table(head, rows), words]


def arms(results: Results) -> list[str]:
    """Paired effects of every arm on every outcome."""
    patronage = [name for name, meaning in outcomes.DEFINITIONS.items() if meaning.startswith("Patronage")]
    removed = [REMOVED + person for person in results.contenders]
    first = [FIRST + person for person in results.contenders]
    every = [e for _, row in by_arm(results, (*MAIN, *ALONG, *patronage, *removed, *first)) for e in row if e]
    clear = sum(effect.clear for effect in every)
    return [
        _list_of_arms(results),
        f"Below are {len(every)} intervals, {clear} of which leave out zero. If nothing had any effect about "
        f"{len(every) / 20:.0f} would; a single one just beyond zero is weak evidence.",
        "Main outcomes, none of which contains patronage:",
        effect_table(results, MAIN),
        "On the way:",
        effect_table(results, ALONG),
        "The first to be censured:",
        effect_table(results, first),
        "Months to going out of the Politburo:",
        effect_table(results, removed),
        "**Patronage**, which the Secretariat hands out itself; no measure of success:",
        effect_table(results, patronage),
    ]


def effect_table(results: Results, names: Sequence[str]) -> str:
    """One row for each arm: its differences from the reference, and the correlation that common seeds achieved."""
    rows = []
    for arm, row in by_arm(results, names):
        known = [e.correlation for e in row if e and not math.isnan(e.correlation)]
        rho = two(sorted(known)[len(known) // 2]) if known else NONE
        rows.append((arm.name, *(difference(effect) for effect in row), rho))
    levels = [number(results.level(name).mean) for name in names]
    return table(("arm", *map(_head, names), "median ρ"), [("*reference*", *levels, NONE), *rows])


def _head(name: str) -> str:
    """A title without what is said above the table."""
    if name.startswith((REMOVED, FIRST)):
        return name.partition(".")[2]
    return title(name).removeprefix("Patronage: ")


def _list_of_arms(results: Results) -> str:
    rows = [(arm.name, f"{arm.title}. {results.meaning(arm)}".strip()) for arm in results.arms[1:]]
    return table(("arm", "what is different"), rows)


def systems(results: Results) -> list[str]:
    """Each system that was switched off: whether what it is declared to move moved."""
    rows = []
    for m in results.moved():
        level = NONE if m.effect is None else f"{number(m.effect.a.mean)} → {number(m.effect.b.mean)}"
        name = f"{m.series}{', total' if m.total else ''}{' (patronage)' if m.contains_patronage else ''}"
        rows.append((m.system, name, level, difference(m.effect), m.effect.pairs if m.effect else 0, m.word))
    head = ("without", "series, mean over the run", "with → without", "paired difference", "pairs", "")
    return [table(head, rows), moved_words(results)]


def moved_words(results: Results) -> str:
    """Which systems move at least one series they are declared to move, and which none."""
    told = results.moved()
    by_system: dict[str, list[str]] = {}
    for m in told:
        by_system.setdefault(m.system, []).append(m.word)
    moving = [system for system, words in by_system.items() if MOVES in words]
    still = [system for system, words in by_system.items() if MOVES not in words]
    missing = sorted({m.series for m in told if m.word == UNMEASURED})
    found = [f"{len(moving)} of {len(by_system)} systems move at least one series that they are declared to move."]
    if still:
        found.append(f"In this model, at this number of histories, none was seen to move for {listed(still)}.")
    if missing:
        found.append(f"Not measured in both arms: {listed(missing)}.")
    return " ".join(found)


def permutation(results: Results) -> list[str]:
    """Each person with the Secretariat and without it."""
    head = ("person", "keeps it", "leads", "last standing without it", "with it", "difference")
    first = results.values[f"last_standing.{results.holder}"]
    own = results.level("keeps_secretariat"), results.level("leads")
    rows = [(results.holder, *map(bracket, own), NONE, bracket(effects.share(first)), NONE)]
    for given in results.permutation():
        levels = map(bracket, (given.keeps, given.leads, given.standing.a, given.standing.b))
        rows.append((given.person, *levels, difference(given.standing)))
    others = results.given_to_another()
    words = [
        "Last standing: in the Politburo in December 1929 with four or more of the other contenders out, whoever has "
        "the Secretariat. A person who is not among the contenders has seven rivals, not six."
    ]
    if others:
        mean = sum(line.effect.b.mean for line in others) / len(others)
        words.append(f"When another has the Secretariat, {results.holder} is last standing in {mean:.2f} on average.")
    return [table(head, rows), " ".join(words)]


def alike(results: Results) -> list[str]:
    """The advantage of the office among equals."""
    rows = [
        (a.arm.title, bracket(a.holder), bracket(a.others), share(a.gap, a.low, a.high, signed=True), a.runs)
        for a in results.alike()
    ]
    if not rows:
        return ["Not run."]
    found = [table(("arm", "holder last standing", "another, on average", "gap", "histories"), rows)]
    if gap := results.appointment_gap():
        found.append(f"Paired, the gap is larger with appointment from above by {share(*gap, signed=True)}.")
    return found


# Words and numbers ------------------------------------------------------------------------------------------------


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(cell).replace('|', '/') for cell in line)} |" for line in lines)


def difference(effect: Effect | None) -> str:
    """`**−0.15 (−0.18 to −0.12)**`; a dash where an outcome is not measured."""
    if effect is None or not effect.pairs:
        return NONE
    if effect.same_histories or (effect.changed == 0 and effect.kind != effects.CHANCE):
        return "0, in every history"
    largest = max(map(abs, (effect.low, effect.high, effect.difference)))
    digits = 1 if effect.kind == effects.DATE else _digits(largest)
    cells = [f"{value:+.{digits}f}".replace("-", "−") for value in (effect.difference, effect.low, effect.high)]
    shown = f"{cells[0]} ({cells[1]} to {cells[2]})" if not math.isnan(effect.low) else cells[0]
    return f"**{shown}**" if effect.clear else shown


def bracket(level: Level) -> str:
    return share(level.mean, level.low, level.high)


def share(value: float, low: float, high: float, signed: bool = False) -> str:
    if math.isnan(value):
        return NONE
    digits = _digits(max(map(abs, (value, high))) if not math.isnan(high) else value)

    def shown(number: float) -> str:
        return f"{number:{'+' if signed else ''},.{digits}f}".replace("-", "−")

    return shown(value) if math.isnan(low) else f"{shown(value)} ({shown(low)} to {shown(high)})"


def number(value: float) -> str:
    """None, one, two or three decimals: the smaller, the more."""
    return NONE if math.isnan(value) else f"{value:,.{_digits(value)}f}".replace("-", "−")


def _digits(value: float) -> int:
    size = abs(value)
    return 0 if not size < 100 else 1 if size >= 10 else 2 if size >= 0.1 else 3


def two(value: float) -> str:
    return NONE if math.isnan(value) else f"{value:.2f}".replace("-", "−")


def month(value: float) -> str:
    """`1926-10`, `not reached`, or a dash where there is nothing to tell."""
    if math.isnan(value):
        return NONE
    return calendar.label(round(value)) if math.isfinite(value) else "not reached"


def lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def listed(words: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
