"""The tables of an answer, made once from its plain data for the terminal, the page and the documentation.

A table is a `Sheet`: its first column names the row, and what must stand beside a row (what "off" means, what a
reading carries) are the row's notes. No sentence here concludes anything; the sentences of an answer are made where
its numbers are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from partystate.foundation import calendar

from . import answer_numbers as numbers
from . import narrative
from .answer_numbers import Data

REFERENCE = "reference"
PATRONAGE = "contains patronage"
INTERVALS = (
    "Ranges in brackets are 95 % intervals of chance in drawing histories. Differences are paired: each history "
    "against the one of the reference with the same seed. ρ is the correlation that the shared seeds achieved. "
    "Changed: histories in which the outcome is another. Flips: those that changed against the direction of the mean."
)
PARTS = (
    "The Shapley value is what a group adds when it joins, averaged over orders of joining; the values add up to the "
    "difference. Necessity is what is lost when it alone is off, sufficiency the outcome when it alone is on; these "
    "add up to nothing. Every value depends on what “off” means."
)
VARIANCE = (
    "Share of the variance of the outcome that goes with a factor of two levels, the reference and the changed arm "
    "being equally likely (total effect, Jansen 1999). Shares of several factors need not add up to one."
)
TOGETHER = "What the joint change does beyond the sum of what each does alone; zero where they only add up."
INTERACTIONS = "What two bring together beyond what each brings without the other (Shapley’s interaction index)."


@dataclass(frozen=True)
class Row:
    """One line: its name, its cells, and what must stand beside it."""

    label: str
    cells: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """A table. `columns` begins with the column of the labels; the others hold figures unless `words` names them."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    words: frozenset[str] = frozenset()

    def without_notes(self) -> Sheet:
        return Sheet(self.title, self.columns, tuple(Row(row.label, row.cells) for row in self.rows), self.words)


# What an answer is about ------------------------------------------------------------------------------------------


def period(answer: Data) -> str:
    """`January 1922 to December 1929`."""
    return f"{narrative.month_words(0)} to {narrative.month_words(calendar.index(answer['question']['until']))}"


def histories(answer: Data) -> int:
    """Histories of the reference."""
    return answer["reference"][answer["question"]["main"]]["histories"]


def kind(answer: Data, outcome: str) -> str:
    return answer["reference"][outcome]["kind"]


def outcome_title(answer: Data, outcome: str) -> str:
    """The title of an outcome, marked where it holds what the Secretariat hands out."""
    about = answer["question"]["outcomes"].get(outcome)
    if about is None:
        return outcome
    return f"{about['title']} ({PATRONAGE})" if about["contains_patronage"] else about["title"]


def others(answer: Data) -> list[str]:
    """The outcomes but the main one."""
    return [name for name in answer["question"]["outcomes"] if name != answer["question"]["main"]]


def versions(answer: Data) -> str:
    made = answer["made"]
    return f"model {made['model'][:8]}, record {made['record'][:8]}"


def gaps(answer: Data) -> str:
    """That histories are missing, where some are."""
    failed = answer["made"].get("failed", 0)
    return f"Histories that could not be made, and are left out: {failed:,}." if failed else ""


# What changed -----------------------------------------------------------------------------------------------------


def effects(answer: Data, outcome: str) -> Sheet:
    """Reference and arms for one outcome. Notes of an arm: its title, what off means, and warnings."""
    own, unit = kind(answer, outcome), numbers.UNITS[kind(answer, outcome)]
    level = answer["reference"][outcome]
    rows = [Row(REFERENCE, (numbers.level(own, level), "", "", "", "", f"{level['histories']:,}"))]
    for arm in answer["arms"]:
        found = arm["effects"][outcome]
        cells = (
            numbers.level(own, found["b"]),
            numbers.effect(found, unit=False),
            numbers.correlation(found["correlation"]),
            numbers.share(found["changed"]),
            numbers.share(found["flips"]),
            f"{found['pairs']:,}",
        )
        rows.append(Row(arm["name"], cells, tuple(meaning(arm))))
    columns = ("arm", numbers.MEANS[own], _headed("difference", unit), "ρ", "changed", "flips", "pairs")
    return Sheet(outcome_title(answer, outcome), columns, tuple(rows))


def meaning(arm: Data) -> Iterator[str]:
    """What an arm changes: its title, what off means for each system, the rest as a scenario file has it, warnings."""
    yield f"{arm['title']}."
    for system, means in arm["off"].items():
        yield f"{system} off: {means}"
    turns = [", ".join(changes(turn)) for turn in arm["turns"]]
    if len(turns) > 1:
        yield f"Taken in turn, history by history: {'; '.join(turns)}."
    elif any(turns):
        yield f"Set: {turns[0]}."
    for warning in arm["warnings"]:
        yield f"Warning: {warning}."


def changes(declared: Data, path: str = "") -> Iterator[str]:
    """What a scenario sets beside switching systems off, key by key: `founding.holder = Trotsky`."""
    for key, value in declared.items():
        name = f"{path}{key}"
        if name == "systems.off":
            continue
        if isinstance(value, Mapping):
            yield from changes(value, f"{name}.")
        else:
            items = value if isinstance(value, list) else [value]
            yield f"{name} = {' and '.join(numbers.minus(str(item)) for item in items)}"


# How it divides ---------------------------------------------------------------------------------------------------


def total(answer: Data) -> str:
    """All groups on, all off, and the difference that is divided."""
    found = answer["attribution"]
    own, whole = found["kind"], found["total"]
    sampled = f"{found['walks']:,} orders of joining"
    way = sampled if found["walks"] else f"all {2 ** len(found['players'])} combinations"
    return (
        f"{outcome_title(answer, found['on'])}. All on: {numbers.level(own, whole['b'])}; all off: "
        f"{numbers.level(own, whole['a'])}; difference {numbers.own_effect(whole)}. From {way}, "
        f"{len(found['runs']):,} histories."
    )


def parts(answer: Data) -> Sheet:
    """What falls to each group, the largest value first. Notes of a group: what off means."""
    found = answer["attribution"]
    own, unit = found["kind"], numbers.UNITS[found["kind"]]
    shares = {share["player"]: share for share in found["shares"]}
    rows = []
    for name in [name for group in found["groups"] for name in group]:
        share, about = shares[name], found["groups_off"][name]
        needed, enough = share["necessity"], share["sufficiency"]
        cells = (
            numbers.estimate(own, share["shapley"], unit=False),
            numbers.proportion(share["of_total"]),
            numbers.own_effect(needed, unit=False),
            numbers.level(own, enough["b"]),
            f"{needed['pairs']:,}, {enough['pairs']:,}",
        )
        rows.append(Row(name, cells, (f"{_upper(about['title'])}.", f"Off: {about['off']}")))
    columns = ("group", "Shapley value", "share of total", "lost without it", "it alone on", "pairs")
    title = f"What falls to each part of {found['title']}"
    return Sheet(f"{title}, in {unit}" if unit else title, columns, tuple(rows))


def withheld(answer: Data) -> str:
    """Why shares of the total are not given, or have no interval."""
    reasons: dict[str, list[str]] = {}
    for share in answer["attribution"]["shares"]:
        if share["of_total"]["withheld"]:
            reasons.setdefault(share["of_total"]["withheld"], []).append(share["player"])
    told = [f"{reason} ({narrative.listing(names)})" for reason, names in reasons.items()]
    return f"No share of the total, or no interval of it: {'; '.join(told)}." if told else ""


def told_apart(answer: Data) -> str:
    """Which groups cannot be told apart."""
    found = answer["attribution"]
    tied = [narrative.listing(group) for group in found["groups"] if len(group) > 1]
    if tied:
        return f"Cannot be told apart, so that their order means nothing: {'; '.join(tied)}."
    if len(found["players"]) == 1:
        return ""
    return "Every two groups can be told apart, all comparisons taken together."


def interactions(answer: Data) -> Sheet | str | None:
    """The clear ones first; why they are withheld; None for a single group."""
    found = answer["attribution"]
    if len(found["players"]) == 1:
        return None
    if found["interactions"] is None:
        return found["interactions_withheld"]
    ranked = sorted(found["interactions"], key=lambda pair: (not pair["clear"], -abs(pair["mean"] or 0)))
    return _pairs("Interactions", " × ", ranked, found["kind"])


def between(answer: Data) -> Sheet | None:
    """Differences of Shapley values, with intervals that hold for all pairs at once."""
    found = answer["attribution"]
    return _pairs("Differences between groups", " less ", found["differences"], found["kind"], "for all pairs at once")


def _pairs(title: str, sign: str, found: Sequence[Data], own: str, how: str = "") -> Sheet | None:
    unit = numbers.UNITS[own]
    head = _headed(_headed("value", unit), how)
    rows = []
    for pair in found:
        shown = numbers.estimate(own, pair, unit=False)
        rows.append(Row(sign.join(pair["players"]), (shown, "" if pair["clear"] else "may be zero")))
    return Sheet(title, ("groups", head, ""), tuple(rows), frozenset({""})) if rows else None


def together(answer: Data) -> Sheet | None:
    """Joint changes against the sum of their parts, on the main outcome."""
    own = kind(answer, answer["question"]["main"])
    rows = [
        Row(f"{row['whole']} beyond {narrative.listing(row['parts'])}",
            (numbers.estimate(own, row), f"{row['pairs']:,}"), (f"{row['title']}.",))
        for row in answer["together"]
    ]  # fmt: skip
    return Sheet("Together", ("changes", "beyond the sum", "pairs"), tuple(rows)) if rows else None


def variance(answer: Data) -> Sheet | None:
    rows = [
        Row(row["factor"], (numbers.shares(row["value"], row["low"], row["high"]), f"{row['pairs']:,}"),
            (f"{outcome_title(answer, row['outcome'])}; levels: {REFERENCE} and {row['arm']}.",))
        for row in answer["variance"]
    ]  # fmt: skip
    return Sheet("Shares of variance", ("factor", "share of variance", "pairs"), tuple(rows)) if rows else None


def orders(answer: Data) -> Sheet | None:
    rows = [
        Row(", then ".join(row["people"]) or "nobody went out",
            (numbers.shares(row["level"]["mean"], row["level"]["low"], row["level"]["high"]),))
        for row in answer["orders"]
    ]  # fmt: skip
    title = "The commonest orders of going out of the Politburo, in the reference"
    return Sheet(title, ("order", "share of histories"), tuple(rows)) if rows else None


def further(answer: Data) -> list[tuple[Sheet, str]]:
    """Shares of variance, joint changes and orders, where the question asks for them, with what they mean."""
    asked = ((variance(answer), VARIANCE), (together(answer), TOGETHER), (orders(answer), ""))
    return [(sheet, words) for sheet, words in asked if sheet]


# Under rival readings ---------------------------------------------------------------------------------------------


def readings(answer: Data) -> Sheet | None:
    """The same change with no reading and under each. Notes: what of a reading is carried."""
    if not answer["readings"]:
        return None
    main, name = answer["question"]["main"], answer["readings"][0]["arm"]
    own, unit = kind(answer, main), numbers.UNITS[kind(answer, main)]
    plain = next((arm["effects"][main] for arm in answer["arms"] if arm["name"] == name), None)
    rows = [Row("none", _under(own, plain), ("All numbers are drawn from their full ranges.",))] if plain else []
    rows += [
        Row(row["reading"], _under(own, row["effect"]), (f"{row['title']}. {row['carried']}",))
        for row in answer["readings"]
    ]
    columns = ("reading", REFERENCE, name, _headed("difference", unit), "histories")
    return Sheet(f"{outcome_title(answer, main)}: {name} under rival readings", columns, tuple(rows))


def _under(own: str, of: Data) -> tuple[str, ...]:
    return (
        numbers.level(own, of["a"]), numbers.level(own, of["b"]), numbers.effect(of, unit=False), f"{of['pairs']:,}"
    )  # fmt: skip


def fewer(answer: Data) -> str:
    """That readings rest on fewer histories, where they do."""
    most = max((row["histories"] for row in answer["readings"]), default=0)
    if not answer["readings"] or most >= histories(answer):
        return ""
    return (
        f"Under each reading {most:,} of the {histories(answer):,} histories were made again, so that these intervals "
        f"are wider."
    )


def _headed(words: str, more: str) -> str:
    """The head of a column with its unit."""
    return f"{words}, {more}" if more else words


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
