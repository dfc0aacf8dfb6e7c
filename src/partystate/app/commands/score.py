"""`partystate score`: an ensemble held against the record, series by series and date by date."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from partystate.app.commands.compare import month_words
from partystate.app.commands.why import PANEL
from partystate.app.output import Json, emit, say, show, table, wrapped

if TYPE_CHECKING:
    from partystate.analysis.score_events import Departures
    from partystate.analysis.score_series import Figure, Line, Skill, Total
    from partystate.analysis.scorecard import Card

Folder = Annotated[Path, typer.Argument(metavar="ENSEMBLE", help="Folder of an ensemble.")]
Arm = Annotated[str | None, typer.Option(help="The arm that is scored; default the reference, or the only one.")]
SeriesName = Annotated[str | None, typer.Option("--series", metavar="NAME", help="One series, figure by figure.")]

HEADS = {
    "validation": "Validation: figures kept out of fitting. A test, though a weak one where there are few.",
    "calibration": "Calibration: figures that ranges could be set with. Agreement here is no test; failure is one.",
    "hindsight": "Set beside the record but not scored: a driver coded with hindsight was already at work on them. "
    "Agreement is no merit of the model, disagreement is a fault all the same.",
}
FAILS, NONE = "✗", "–"
NAIVE_HEADS = ("pers.", "trend", "clim.")  # in the order of `scoring.NAIVE`
NAME = 19  # letters of the name of a series that a row has room for
LEAST = -10  # skills below are not told apart
THOUSANDS = 100_000  # from this size on, figures of a series are shown in thousands
HOW = {
    "in 50/80/95": "Figures inside the bands that should hold 50, 80 and 95 % of them.",
    "80 %": "Per cent inside the 80 % band: 95 % interval of counting alone. Figures of one series go together, and "
    "series may be parts of each other (members, candidates, total): all intervals here are too narrow.",
    "wide": "Mean width of the 80 % band beside the size of the figures. A band that holds everything says little.",
    "bias": "Median of (model − record) / record.",
    "CRPS": "How far the runs lie from the figure, beside the size of the figures; 0 is perfect.",
    "skill": "1 − CRPS / CRPS of a naive forecast: 1 is perfect, below 0 the naive forecast is better.",
    "pers.": "Persistence: the last figure known before the date, give or take earlier changes.",
    "trend": "The line through the figures of 1922–28 known before the date, give or take its residuals.",
    "clim.": "Climatology: all earlier figures, one as likely as another. These three know the record up to the date; "
    "the runs know January 1922 and their drivers.",
    FAILS: "Some naive forecast is better. The worst series stand first.",
}
ONCE = (
    "What happened happened once. So these scores cannot show that a chance is right as a frequency; they say how much "
    "of the runs' chance lay near what happened. Not before the end counts as a date beyond it. Earlier: share of runs "
    "with an earlier month. Intervals together and of the Brier score: persons resampled. * The date was looked at "
    "while the model was made: agreement shows that the model can be brought to it, and tests nothing."
)


def register(app: typer.Typer) -> None:
    """Adds `score` to the command line."""
    app.command("score", rich_help_panel=PANEL)(score)


def score(ensemble: Folder, arm: Arm = None, series: SeriesName = None, as_json: Json = False) -> None:
    """Score an ensemble against the record: coverage, CRPS, skill over naive forecasts."""
    from partystate.analysis import scorecard
    from partystate.runs.ensemble import open_ensemble

    card = scorecard.score(open_ensemble(ensemble), arm, series)
    if as_json:
        emit(facts(card))
        return
    for note in card.notes:
        say(f"Note: {note}")
    show(text(card, alone=series is not None))


# JSON -------------------------------------------------------------------------------------------------------------


def facts(card: Card) -> dict[str, Any]:
    """What `--json` says of a scorecard."""
    from partystate.analysis import score_events, score_series, scoring

    return {
        "folder": str(card.ensemble.folder),
        "arm": card.arm,
        "runs": len(card.seeds),
        "run_keys": len(card.ensemble.keys(card.arm)),
        "seeds": [min(card.seeds), max(card.seeds)],
        "months": card.ensemble.months,
        "model": card.ensemble.facts["model"],
        "record": card.ensemble.facts["record"],
        "record_scored_with": card.record_version,
        "scenario": card.facts["scenario"],
        "off": card.facts["off"],
        "notes": card.notes,
        "grade_weights": score_series.GRADE_WEIGHTS,
        "quantiles_at": scoring.QUANTILES,
        "totals": [asdict(total) for total in card.totals],
        "series": [_line_facts(line) for use in score_series.USES for line in card.of(use)],
        "figures": [_figure_facts(figure) for line in card.lines for figure in line.figures],
        "removals": card.departures and _departure_facts(card.departures),
        "brier_of_a_coin": score_events.COIN,
        "not_scored": [asdict(refusal) for refusal in card.refused],
        "given_in_january_1922": card.given,
    }


def _line_facts(line: Line) -> dict[str, Any]:
    told = asdict(line) | {"figures": len(line.figures), "fails": line.fails}
    told["against"] = {
        name: asdict(one) | {"skill": one.skill, "skill_aware": one.skill_aware} for name, one in line.against.items()
    }
    return told


def _figure_facts(figure: Figure) -> dict[str, Any]:
    return asdict(figure) | {"bias": figure.bias, "bias_in_ranges": figure.bias_in_ranges}


def _departure_facts(found: Departures) -> dict[str, Any]:
    told = asdict(found)
    told["persons"] = [asdict(one) | {"skill": one.skill} for one in found.persons]
    told["out_by"] = [asdict(one) | {"skill": one.skill} for one in found.out_by]
    return told


# Text -------------------------------------------------------------------------------------------------------------


def text(card: Card, alone: bool = False) -> str:
    """The scorecard in words and tables of at most 100 columns; `alone` lists the figures of a single series."""
    blocks = [head(card)]
    for use, title in HEADS.items():
        lines, total = card.of(use), card.total(use)
        if not lines:
            if use == "validation":
                blocks.append(f"{title.partition(':')[0]}: there is no figure that these runs could be tested by.")
            continue
        blocks.append("\n".join([wrapped(title), *([] if alone else together(card, total))]))
        blocks.append(series_table(lines))
        blocks += [figures_table(line) for line in lines] if alone else []
    blocks.append("\n".join([*how(), *names(card)]))
    if card.departures:
        blocks += removals(card.departures)
    blocks += [block for block in [refused(card)] if block]
    return "\n\n".join(blocks)


def head(card: Card) -> str:
    """Which histories of which versions are scored."""
    from partystate.foundation import calendar

    ensemble, seeds = card.ensemble, f"seeds {min(card.seeds)} to {max(card.seeds)}"
    arm = "" if len(ensemble.arms) == 1 else f", arm {card.arm}"
    period = f"{calendar.label(0)} to {calendar.label(ensemble.months - 1)}"
    versions = f"model {ensemble.facts['model'][:8]}, record {ensemble.facts['record'][:8]}"
    return "\n".join(
        [
            f"Ensemble {ensemble.folder}{arm}",
            wrapped(f"{card.facts['scenario']['name']}: {len(card.seeds)} histories, {seeds}, {period}; {versions}"),
        ]
    )


def how() -> Iterator[str]:
    """What the columns mean, a line or more each."""
    import textwrap

    for word, meaning in HOW.items():
        yield textwrap.fill(meaning, 100, initial_indent=f"  {word:<13}", subsequent_indent=" " * 15)


def names(card: Card) -> Iterator[str]:
    """What each series is."""
    yield "\nSeries, and `--series NAME` for its figures"
    for line in {line.series: line for line in card.lines}.values():
        yield wrapped(f"{line.series}: {line.title}, {line.unit}", "  ")


def together(card: Card, total: Total) -> Iterator[str]:
    """All series of one use: shares and skills with their intervals, then the sectors."""
    from partystate.analysis.score_series import GRADE_WEIGHTS

    held, aware = _with_interval(total.within[80]), _with_interval(total.within_aware[80])
    fifths, even = ", ".join(map(str, total.fifths)), total.figures / len(total.fifths)
    yield f"  {_count(total.figures, 'figure')} in {total.series} series."
    yield f"  Inside the 80 % band: {held}; allowing for errors of the record {aware}."
    yield f"  In each fifth of the runs, lowest first: {fifths}; evenly spread they would be {even:.3g} each."
    for one in card.totals:
        if (one.use, one.weights) == (total.use, total.weights) and one is not total:
            yield wrapped(_sector(one), "  ")
    if not total.compared:
        return
    yield f"  Worse than at least one naive forecast: {total.fails} of {total.compared} series.\n"
    alike = card.total(total.use, weights="equal")
    columns = ("all series against", "skill", "with errors of the record", "grades alike", "worse in")
    yield table(columns, [_skill_row(name, skill, alike.skill[name]) for name, skill in total.skill.items()])
    weights = ", ".join(f"{grade} {weight:.2g}" for grade, weight in GRADE_WEIGHTS.items())
    yield f"\nA figure counts by its grade: {weights} (a judgement, not measured)."


def _skill_row(name: str, skill: Skill, alike: Skill) -> tuple[str, ...]:
    plain = _with_interval((skill.value, skill.low, skill.high))
    aware = _with_interval((skill.aware, skill.aware_low, skill.aware_high))
    return name, plain, aware, _signed(alike.value), f"{skill.worse} of {skill.series} series"


def _sector(total: Total) -> str:
    skills = [f"{name} {_with_interval((one.value, one.low, one.high))}" for name, one in total.skill.items()]
    return (
        f"Sector {total.sector}: {_count(total.figures, 'figure')} in {total.series} series; inside 80 % "
        f"{_with_interval(total.within[80])}{'; skill against ' if skills else ''}{', '.join(skills)}."
    )


def series_table(lines: Sequence[Line]) -> str:
    """One row a series, worst first."""
    from partystate.analysis import scoring

    columns = ["series", "grades", "in 50/80/95", "80 %", "wide", "bias"]
    scored = any(math.isfinite(line.crps) for line in lines)
    rows = []
    for line in lines:
        _, low, high = line.within[80]
        inside = "/".join(str(count) for count, _, _ in line.within.values())
        row = [_name(line), _grades(line), f"{inside} of {len(line.figures)}", f"{100 * low:.0f}–{100 * high:.0f}"]
        row += [_percent(_over(line.width, line.level), sign=False), _percent(line.bias)]
        if scored:
            skills = [line.against[name].skill if name in line.against else math.nan for name in scoring.NAIVE]
            row += [_percent(_over(line.crps, line.level), sign=False), *map(_skill, skills)]
        rows.append(row)
    return table(columns + (["CRPS", *NAIVE_HEADS] if scored else []), rows)


def figures_table(line: Line) -> str:
    """One row a figure of one series."""
    from partystate.analysis import scoring

    thousands = line.level >= THOUSANDS
    scale = 1000 if thousands else 1
    scored = any(math.isfinite(figure.crps) for figure in line.figures)
    rows = []
    for one in line.figures:
        at = dict(zip(scoring.QUANTILES, one.quantiles, strict=True))
        record = _amount(one.record / scale) + _range(one.low / scale, one.high / scale)
        model = _amount(one.median / scale) + _range(at[0.1] / scale, at[0.9] / scale)
        row = [one.date, one.grade, record, model, "yes" if one.inside[80] else "no", f"{one.rank:.2f}"]
        if scored:
            scores = [one.crps, *(one.naive.get(name, math.nan) for name in scoring.NAIVE)]
            row += [_amount(score / scale) for score in scores]
        rows.append(row)
    columns = ["date", "grade", "record (range)", "median (80 %)", "in 80", "rank"]
    said = [
        f"In {'thousand ' if thousands else ''}{line.unit}.",
        "CRPS of the runs, then of the naive forecasts." if scored else "",
        f"Rank: share of runs below the record. Median bias {_percent(line.bias)}",
    ]
    if math.isfinite(line.bias_in_ranges):
        said.append(f"of the figure, {_signed(line.bias_in_ranges)} times the width of the record's range")
    words = wrapped(" ".join(filter(None, said)) + ".")
    return f"{table(columns + (['CRPS', *NAIVE_HEADS] if scored else []), rows)}\n\n{words}"


def removals(found: Departures) -> Iterator[str]:
    """The tables about removals from the Politburo."""
    rows = [
        (
            f"{one.person}{'*' if one.aimed_at else ''}",
            f"{'stayed' if one.record_month is None else month_words(one.record_month)} ({one.grade})",
            _with_interval(one.gone),
            month_words(one.median),
            f"{one.rank:.2f}",
            f"{one.crps:.0f}",
            f"{one.naive:.0f}",
            _skill(one.skill),
        )
        for one in found.persons
    ]
    columns = ("went out", "record", "share of runs", "median of all", "earlier", "CRPS, months", "naive", "skill")
    lines = [
        f"Removals from the Politburo: {len(found.persons)} persons, one history. Skill together "
        f"{_with_interval(found.skill)} against somebody to whom going is as likely as not, and all months alike.",
        *(f"{person}: not scored, {why}." for person, why in found.left_out.items()),
    ]
    yield "\n".join(wrapped(line) for line in lines)
    yield table(columns, rows)
    if found.out_by:
        yield table(
            ("out by", "Brier score", "skill on a coin", f"out in the record, of {len(found.persons)}"),
            [
                (one.date, _with_interval((one.brier, one.low, one.high)), _skill(one.skill), one.out)
                for one in found.out_by
            ],
        )
    yield wrapped(ONCE)


def refused(card: Card) -> str:
    """Which series are not scored, by reason."""
    reasons: dict[str, list[str]] = {}
    for refusal in card.refused:
        reasons.setdefault(refusal.reason, []).append(refusal.series)
    lines = [f"{', '.join(names)}: {reason}." for reason, names in reasons.items()]
    if card.given:
        lines.append(f"{_count(card.given, 'figure')} of January 1922: the histories begin with them.")
    return "\n".join(["Not scored", *(wrapped(line, "  ") for line in lines)]) if lines else ""


# Cells ------------------------------------------------------------------------------------------------------------


def _name(line: Line) -> str:
    name = line.series if len(line.series) <= NAME else f"{line.series[: NAME - 1]}…"
    return f"{FAILS if line.fails else ' '} {name}"


def _grades(line: Line) -> str:
    return "".join(f"{grade}{count}" for grade, count in line.grades.items())


def _with_interval(three: tuple[float, float, float]) -> str:
    value, low, high = three
    return f"{_signed(value)} ({'no interval' if math.isnan(low) else f'{_signed(low)} to {_signed(high)}'})"


def _signed(value: float) -> str:
    return NONE if math.isnan(value) else f"{value:.2f}".replace("-", "−")


def _percent(value: float, sign: bool = True) -> str:
    return NONE if math.isnan(value) else f"{100 * value:{'+' if sign else ''}.0f} %".replace("-", "−")


def _skill(value: float) -> str:
    if value < LEAST:
        return f"<{LEAST}".replace("-", "−")
    return NONE if math.isnan(value) else f"{value:+.2f}".replace("-", "−")


def _over(part: float, whole: float) -> float:
    return part / whole if whole > 0 else math.nan


def _amount(value: float) -> str:
    if math.isnan(value):
        return NONE
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}".replace("-", "−")


def _range(low: float, high: float) -> str:
    return f" ({_amount(low)}–{_amount(high)})" if high > low else ""


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
