"""The page of the study of the countryside: Markdown tables and sentences, all made from its results."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from partystate import record
from partystate.analysis import rural_measures
from partystate.analysis.rural_checks import MEDIAN, OVERLAP, RATIO, RESPONSE, SHARE, Band, Check
from partystate.analysis.rural_results import FAILS, HOLDS, UNDECIDED, UNMEASURED, Checked, Results, groups, tally
from partystate.record.series import CALIBRATION, VALIDATION, WITHHELD

from .study_page import NONE, difference, made, month, number, share, table

HEADINGS = {
    CALIBRATION: "## Figures to 1933",
    VALIDATION: "## Figures from 1934 on",
    WITHHELD: "## Asked of figures that are kept back",
    "changed": "## What one change does",
    "no_result": "## The famine: level and timing, not established",
}
LEADS = {
    CALIBRATION: "These years were looked at while parameters were moved: agreement shows what the model can do, and "
    "tests little.",
    VALIDATION: "Rules were changed looking at these years too; they are no longer a test.",
    WITHHELD: "The record of these series is kept back for an independent check and is not given.",
    "changed": "Paired history by history with the same seeds. There is no record of what did not happen.",
    "no_result": "These figures are what the model puts out. They are shown because they were asked for, with what the "
    "rule would say in brackets; **none of them is a result**.",
}
RULE = (
    "Fixed beforehand. Every check names a quantity and a band. It *holds* when the 95 % interval of the estimate lies "
    "wholly in the band, *fails* when it lies wholly outside, and is *undecided* when it reaches over an edge or when "
    "there are fewer than {fewest} histories or pairs. The estimate is the median over histories (interval by ranks), "
    "the share of histories inside the band (Wilson's interval, held against the share asked for), or the ratio of two "
    "means over paired histories (Fieller's interval). Where only an overlap is asked it holds when the middle 80 % of "
    "histories meet the band. “Middle 80 %” runs from the 10th to the 90th percentile of histories; of a "
    "ratio of means it is the arm's. “Meet it” is the share of histories, or pairs, that lie inside the band by "
    "themselves. Intervals are of chance in drawing "
    "histories; they do not say whether the model is right. Grades: A read in the source, B attributed to a standard "
    "work, C uncertain or contested; of several figures the worst."
)
HEAD = ("asked", "band", "record", "grade", "estimate (95 %)", "median (middle 80 %)", "meet it", "n", "verdict")
LEVEL_HEAD = ("figure", "band", "record", "grade", "median (middle 80 %)", "record in it", "meet it", "verdict")


def page(results: Results, about: Mapping[str, Any]) -> str:
    """The whole page. about: `date`, `command`, `model`, `record`, `platform` (name -> version)."""
    parts = [
        f"# {results.study.title}: results", made(results, about), results.asked.about,
        "## How it is judged", RULE.format(fewest=results.asked.fewest), *counts(results),
    ]  # fmt: skip
    told = groups(results.checks)
    for place, heading in HEADINGS.items():
        parts += [heading, LEADS[place], *section(told.get(place, []))]
        if place == WITHHELD:
            parts += kept_back(results)
    parts += ["## Other weather", *weather(results), "## What each arm changes", *arms(results)]
    parts += ["## Asked beforehand, not measured here", *unmeasured(results)]
    return "\n\n".join(parts) + "\n"


def summary(results: Results) -> str:
    """What fits on a screen: the counts, and every check that is no single figure of a series."""
    told = groups(results.checks)
    found = counts(results)
    for place, heading in HEADINGS.items():
        lines = [line for line in told.get(place, []) if not line.check.level]
        found += [heading.lstrip("# "), *section(lines)]
    return "\n\n".join([*found, *effects_table(results)])


# Sections ---------------------------------------------------------------------------------------------------------


def counts(results: Results) -> list[str]:
    """How many checks hold, fail and are undecided, by where they are shown; what is no result is not counted."""
    told = groups(results.checks)
    rows = []
    for place, heading in HEADINGS.items():
        if place == "no_result":
            continue
        for words, level in (("checks", False), ("single figures", True)):
            lines = [line for line in told.get(place, []) if line.check.level == level]
            if lines:
                rows.append((f"{heading.lstrip('# ')}: {words}", len(lines), *tally(lines).values()))
    return [table(("", "asked", HOLDS, FAILS, UNDECIDED, UNMEASURED), rows)]


def section(lines: Sequence[Checked]) -> list[str]:
    """A table of checks, one of single figures, and why those that fail may fail."""
    named = [line for line in lines if not line.check.level]
    levels = [line for line in lines if line.check.level]
    found = []
    if named:
        found.append(table(HEAD, map(_row, named)))
    if levels:
        found.append(table(LEVEL_HEAD, map(_level_row, levels)))
    if reasons := _reasons(named):
        found.append(reasons)
    return found or ["None."]


def _reasons(lines: Sequence[Checked]) -> str:
    """Where a check failed: on which side of the band, and what in the structure may be the reason."""
    told = [line for line in lines if line.verdict == FAILS and line.check.why_it_may_fail]
    return "\n".join(
        f"- *{line.check.title}*: {_side(line)}. What may be the reason: {line.check.why_it_may_fail}" for line in told
    )


def _side(line: Checked) -> str:
    check = line.check
    low, high = (check.least, check.most) if check.rule == SHARE else check.within
    edge, word = (low, "below") if line.estimate < low else (high, "above")
    shown = month if check.months and check.rule != SHARE else number
    return f"{shown(line.estimate)}, {word} {shown(edge)}"


def _row(line: Checked) -> tuple[object, ...]:
    check = line.check
    estimate = _value(check, line.estimate, line.low, line.high) if check.rule != OVERLAP else NONE
    met = NONE if check.rule == SHARE else share(line.share, line.share_low, line.share_high)
    record_, grade = _record(check)
    return check.title, _asked(check), record_, grade, estimate, _middle(line), met, line.runs, _verdict(line)


def _level_row(line: Checked) -> tuple[object, ...]:
    met = share(line.share, line.share_low, line.share_high)
    record_, grade = _record(line.check)
    near = {True: "yes", False: "no", None: NONE}[line.record_inside]
    return line.check.title, band(line.check.within), record_, grade, _middle(line), near, met, _verdict(line)


def _verdict(line: Checked) -> str:
    return f"no result ({line.verdict})" if line.check.no_result else line.verdict


def _asked(check: Check) -> str:
    inside = band(check.within, check.months)
    if check.rule == SHARE:
        return f"{inside} in a share of {band((check.least, check.most if check.most < 1 else math.inf))}"
    if check.rule == RATIO:
        event = f"share with {band(check.event)}, " if check.event else "mean, "
        return f"{event}{check.arm} over {check.against}: {inside}"
    if check.rule == RESPONSE:
        return f"elasticity {inside}"
    return f"{inside}" if check.rule == MEDIAN else f"meets {inside}"


def _record(check: Check) -> tuple[str, str]:
    figure = check.figure
    if figure is None:
        return NONE, NONE
    shown = month if check.months else number
    span = "" if figure.low == figure.high else f" ({shown(figure.low)} to {shown(figure.high)})"
    return f"{shown(figure.value)}{span}", figure.grade


def _middle(line: Checked) -> str:
    """The median with the middle 80 % of histories; of events nothing, since they are 1 or 0."""
    if not line.runs or line.check.event is not None:
        return NONE
    shown = month if line.check.months else number
    return f"{shown(line.median)} ({shown(line.band_low)} to {shown(line.band_high)})"


def _value(check: Check, value: float, low: float, high: float) -> str:
    if check.months and check.rule != SHARE:
        return f"{month(value)} ({month(low)} to {month(high)})"
    return share(value, low, high)


def band(edges: Band, months: bool = False) -> str:
    """`0.45 to 0.6`, `≥ 1.8`, `≤ 0.5`."""
    shown = month if months else number
    low, high = edges
    if not math.isfinite(high):
        return f"≥ {shown(low)}"
    return f"{shown(low)} to {shown(high)}" if (math.isfinite(low) and low > 0) or months else f"≤ {shown(high)}"


def kept_back(results: Results) -> list[str]:
    """The model's figures of series that are kept back, without the record's."""
    known = record.load().series
    rows = []
    for line in results.kept_back():
        what, level = line.what, line.level
        title = known[what.series].title if what.series in known else what.series.replace("_", " ").capitalize()
        unit = known[what.series].unit if what.series in known else "million"
        answers = "" if what.answers_to == what.series else f" (answers to {what.answers_to})"
        middle = (
            f"{number(level.median)} ({number(level.band_low)} to {number(level.band_high)})" if line.runs else NONE
        )
        rows.append((f"{title}, {unit}{answers}", what.date, middle, line.runs))
    words = "What the model says of series that are kept back, put out before anyone holds them against the record:"
    return [words, table(("series", "date", "median (middle 80 %)", "histories"), rows)]


def weather(results: Results) -> list[str]:
    """What is asked of the reference, asked of the other kinds of weather."""
    told = results.weather()
    if not told:
        return ["Not run."]
    reference = {line.check.id: line for line in results.checks}
    rows = []
    for place, line in enumerate(next(iter(told.values()))):
        name = line.check.id
        cells: list[str] = []
        for each in (reference[name], *(lines[place] for lines in told.values())):
            cells += [_value(each.check, each.estimate, each.low, each.high), _verdict(each)]
        rows.append((line.check.title, _asked(line.check), *cells))
    head = ["asked", "band", "reference", ""]
    for arm in told:
        head += [arm, ""]
    barred = [arm for arm in told if arm in results.asked.not_scored]
    found = [table(head, rows)]
    if barred:
        found.append(f"In {', '.join(barred)} checks of harvests are not scored: that weather was coded from them.")
    return found


def arms(results: Results) -> list[str]:
    """What is different in each arm, and its paired effects."""
    rows = [(arm.name, f"{arm.title}. {results.meaning(arm)}".strip()) for arm in results.arms[1:]]
    return [table(("arm", "what is different"), rows), *effects_table(results)]


def effects_table(results: Results) -> list[str]:
    """One row for each arm: mean differences from the reference with 95 % intervals."""
    follow = results.asked.follow
    told = results.effects()
    rows = []
    for arm, row in told:
        pairs = max((effect.pairs for effect in row.values()), default=0)
        rows.append((arm.name, *(difference(row[name]) for name in follow), pairs))
    levels = []
    for name in follow:
        values = list(results.values("reference", results.asked.check(name).value).values())
        levels.append(number(sum(values) / len(values)) if values else NONE)
    count = sum(effect.pairs > 0 for _, row in told for effect in row.values())
    clear = sum(effect.clear for _, row in told for effect in row.values())
    words = (
        f"Mean differences from the reference, paired by seed, with Student's 95 % interval; bold where it leaves out "
        f"zero ({clear} of {count}; about {count / 20:.0f} would if nothing had any effect). Deaths are compared, "
        "never predicted: their level is not established."
    )
    runs = len(results.reference.parts)
    head = ("arm", *follow.values(), "pairs")
    return [words, table(head, [("*reference, mean*", *levels, runs), *rows])]


def unmeasured(results: Results) -> list[str]:
    """What was to be asked and cannot be measured, and how two quantities that are no series are made."""
    rows = [(row["title"], row["why"]) for row in results.asked.unmeasured]
    made_of = "\n".join(f"- `{name}`: {words}." for name, words in rural_measures.DEFINITIONS.items())
    return [table(("asked", "why not"), rows), f"Quantities that are no series:\n\n{made_of}"]
