"""The page of the ledger: the notes against the record, and against the model, as HTML, Markdown and plain text."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from partystate.analysis.check_histories import FAILS, HOLDS, TOLD, UNDECIDED, WAITING
from partystate.analysis.claims import ASSUMED, MODEL, RECORD, STATUSES, Group, Judged, Ledger

from . import claims_words as words
from . import svg
from .charts import NARROW, WIDE
from .study_page import table

TEMPLATES = Path(__file__).with_name("templates")
TITLE = "The notes against the record, and against the model"
LINE = 100  # columns of plain text
TONES = {HOLDS: svg.BLUE, FAILS: svg.ORANGE, UNDECIDED: svg.SKY, WAITING: svg.FAINT, TOLD: svg.PURPLE}
LEAD = (
    "Five sets of students' notes say {claims} things about the party-state of 1922 to 1941. Where one check can test "
    "what several of them say, they are judged once: {groups} checks."
)
TARGETS = (
    "Thresholds of checks about histories are design targets of this project, chosen before the model was run, and not "
    "facts. That a check fails says that the model and the target disagree; either may be wrong."
)
TARGETS_SHORT = "Targets of checks about histories are design targets, not facts."
RULE = (
    "A check about histories holds when its whole 95 % interval lies on the target's side, fails when the whole "
    "interval lies on the other, and is undecided otherwise. A check of several clauses fails when one fails and holds "
    "when all hold. The rule was fixed before any run."
)
METHOD = (
    "Intervals are of 95 % and tell of chance in drawing histories, not of whether the model is right: Wilson's of a "
    "share, Student's of a mean, from ranks of a median, Tango's of a paired difference of shares, Student's of other "
    "paired differences, Fisher's of a correlation, and of ratios and of several statistics together percentiles of "
    "resampled seeds. With so many checks some verdicts are wrong by chance alone."
)
ASSUMPTIONS = (
    "That a claim is among the assumptions is no evidence for it: the model then begins with what the note says. "
    "Where it fails, the model begins otherwise."
)
CORRECTED = (
    "These notes contradict the record or are imprecise. Their checks hold the corrected record, never the note, so "
    "that a check that holds speaks for the correction. They say nothing against the model."
)
DISAGREE = (
    "A clause of this kind that fails shows where the ledger and the record of this project disagree. One of the two "
    "is to be mended."
)


def summary(ledger: Ledger, groups: Sequence[Group], everything: bool) -> str:
    """Counts, and one line for each group, in lines of at most 100 characters.

    everything: also those that wait or are told.
    """
    head = f"{words.people(len(ledger.groups), 'check')} of {words.people(ledger.claims, 'claim')}"
    if ledger.about:
        head += f"; {ledger.about['arms']} arms of {ledger.about['runs']} histories"
    shown = [group for group in groups if everything or group.status not in (WAITING, TOLD)]
    lines = [head, "", *_counts_text(ledger), "", TARGETS_SHORT, ""]
    for status in STATUSES:
        lines += [_line(group) for group in shown if group.status == status]
    if len(shown) < len(groups):
        lines.append(f"{len(groups) - len(shown)} more wait or are told: --status waiting, --status told")
    return "\n".join(lines)


def _counts_text(ledger: Ledger) -> list[str]:
    head = f"{'':10} {'checks':>7} {'claims':>7}   {'model':>6} {'record':>7} {'assumed':>8}"
    rows = [
        f"{status:10} {count['groups']:7} {count['claims']:7}   {count[MODEL]:6} {count[RECORD]:7} {count[ASSUMED]:8}"
        for status, count in ledger.counts().items()
    ]
    return [head, *rows]


def _line(group: Group) -> str:
    ids = ",".join(claim.claim_id for claim in group.claims)
    ids = ids if len(ids) <= 14 else f"{ids[:9]},…"
    judged = next((j for j in group.clauses if j.status == group.status and j.found), None)
    shown = group.claims[0].claim
    if all(claim.quality != "ok" for claim in group.claims):
        shown = f"(the note {words.QUALITY[group.claims[0].quality]}) {shown}"
    if judged is not None and group.status in (FAILS, UNDECIDED) and judged.clause.kind not in ("REC", "INPUT"):
        shown = f"{words.measured(judged)}, target {words.target(judged)}: {shown}"
    return _cut(f"{ids:14} {group.status:9} {shown}")


def _cut(line: str) -> str:
    return line if len(line) <= LINE else line[: LINE - 1].rstrip() + "…"


def detail(group: Group, record: Any) -> str:
    """Everything about one group, in lines of at most 100 characters."""
    import textwrap

    def block(text: str, indent: str = "") -> list[str]:
        return textwrap.wrap(text, LINE, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False)

    lines: list[str] = []
    for claim in group.claims:
        lines += block(f"{claim.claim_id} ({claim.note}) {claim.claim}")
        if claim.quality != "ok":
            lines += block(f"The note {words.QUALITY[claim.quality]}: {claim.remark}", "  ")
    lines += ["", *block(f"Check {group.name}: {group.check}"), *block(f"Together: {words.standing(group)}"), ""]
    for number, judged in enumerate(group.clauses, start=1):
        formal = words.formal(judged.clause)
        lines += block(f"{number}. {words.lead_in(judged.clause, record)}" + (f": {formal}" if formal else ""))
        if judged.found:
            lines += block(f"{judged.status}: {words.measured(judged)}; target {words.target(judged)}", "   ")
        else:
            lines += block(f"{judged.status}: {judged.reason}", "   ")
        if said := words.remark(judged):
            lines += block(said, "   ")
        for name, meaning in words.defined(judged.clause):
            lines += block(f"{name}: {meaning}", "     ")
    if not group.clauses:
        lines += block(f"Waiting, {words.waits_for(group, record)}.")
    return "\n".join(lines)


# Shared by both pages ----------------------------------------------------------------------------------------------


def sections(ledger: Ledger) -> dict[str, list[Group]]:
    """The groups by where they stand on the page."""
    order = {status: place for place, status in enumerate(STATUSES)}

    def of(basis: str, waiting: bool = False) -> list[Group]:
        found = [g for g in ledger.groups if g.basis == basis and (g.status == WAITING) == waiting]
        return sorted(found, key=lambda group: order[group.status])

    return {
        MODEL: of(MODEL),
        RECORD: of(RECORD),
        ASSUMED: of(ASSUMED),
        "partly": [g for basis in (MODEL, RECORD, ASSUMED) for g in of(basis, waiting=True)],
        WAITING: [g for g in ledger.groups if g.status == WAITING and not g.basis],
        TOLD: [g for g in ledger.groups if g.status == TOLD],
    }


def made(ledger: Ledger, about: Mapping[str, Any]) -> list[str]:
    """How the page came about: histories, seeds, versions, date and command."""
    said = [f"Written on {about['date']} by `{about['command']}`."]
    if found := ledger.about:
        groups = "; ".join(
            f"{words.sectors(group['sectors'])}: {words.people(group['arms'], 'arm')}, {group['months']} months from "
            "January 1922"
            for group in found["sectors"]
        )
        said.append(
            f"{found['arms']} arms of {found['runs']} histories, seeds {found['seeds'][0]} to {found['seeds'][-1]} "
            f"({groups}); model {found['model'][:8]}, record {found['record'][:8]}."
        )
    else:
        said.append("No histories were run.")
    return said


def told_readings(ledger: Ledger) -> list[tuple[str, Any]]:
    """Readings that a claim is told by."""
    used = {
        judged.clause.words.partition(" ")[2]
        for group in ledger.groups
        for judged in group.clauses
        if judged.clause.kind == "TXT" and judged.clause.words.startswith("reading ")
    }
    return [(name, ledger.record.readings[name]) for name in sorted(used)]


# Markdown ----------------------------------------------------------------------------------------------------------


def markdown(ledger: Ledger, about: Mapping[str, Any]) -> str:
    """The page for the documentation. about: `date` and `command`."""
    record, parts = ledger.record, sections(ledger)
    counts = [
        (status, c["groups"], c["claims"], c[MODEL], c[RECORD], c[ASSUMED], words.MEANING[status])
        for status, c in ledger.counts().items()
    ]
    lead = LEAD.format(claims=ledger.claims, groups=len(ledger.groups))
    text = [
        f"# {TITLE}",
        f"*{' '.join(made(ledger, about))} Do not edit by hand.*",
        f"{lead} {RULE}",
        f"{TARGETS} {METHOD}",
        table(("status", "checks", "claims", "by the model", "by the record", "assumed", "meaning"), counts),
        "## The notes against the record",
        CORRECTED,
        table(("claim", "the note", "", "the correction", "its check"), _corrected_rows(ledger)),
        "## The notes against the model",
        *_group_tables(parts[MODEL], record),
        "## The ledger against the record",
        DISAGREE,
        *_group_tables(parts[RECORD], record),
        "## What the model assumes",
        ASSUMPTIONS,
        *_group_tables(parts[ASSUMED], record),
        "## Judged in part",
        *_group_tables(parts["partly"], record),
        "## Told",
        *_group_tables(parts[TOLD], record),
        *(f"**{name}, {r.title}.** {r.encoding} {r.carried}" for name, r in told_readings(ledger)),
        "## Waiting",
        table(("claims", "note", "needs"), [_waiting_row(group, record) for group in parts[WAITING]]),
        "## What of the model answers to a metric of the notes",
        table(("metric", "in the model", "because"), _counterpart_rows(record)),
        "## Outcomes in these checks",
        table(("outcome", "meaning"), [(f"`{name}`", meaning) for name, meaning in _outcomes(ledger)]),
    ]
    return "\n\n".join(text) + "\n"


def _corrected_rows(ledger: Ledger) -> Iterable[Sequence[str]]:
    for claim, group in ledger.corrected():
        yield claim.claim_id, claim.claim, claim.quality, claim.remark, words.standing(group)


def _group_tables(groups: Sequence[Group], record: Any) -> list[str]:
    if not groups:
        return ["None."]
    rows = []
    for group in groups:
        for place, judged in enumerate(group.clauses):
            said = " / ".join(f"{c.claim_id} {c.claim}" for c in group.claims) if place == 0 else ""
            formal = words.formal(judged.clause)
            told = words.lead_in(judged.clause, record) + (f": `{formal}`" if formal else "")
            found = "; ".join(part for part in (words.measured(judged), words.remark(judged)) if part)
            rows.append((said, told, found, words.target(judged), judged.status, _together(group, place)))
    return [table(("claims", "clause", "found", "target", "clause", "together"), rows)]


def _together(group: Group, place: int) -> str:
    return f"**{words.standing(group)}**" if place == 0 else ""


def _waiting_row(group: Group, record: Any) -> tuple[str, str, str]:
    ids = ", ".join(claim.claim_id for claim in group.claims)
    return ids, group.claims[0].claim, words.waits_for(group, record)


def _counterpart_rows(record: Any) -> list[tuple[str, str, str]]:
    return [(f"`{c.metric}`", c.quantity or "nothing", c.because) for c in record.checks.counterparts.values()]


def _outcomes(ledger: Ledger) -> list[tuple[str, str]]:
    found = {
        name: meaning
        for group in ledger.groups
        for judged in group.clauses
        for name, meaning in words.defined(judged.clause)
    }
    return sorted(found.items())


# HTML --------------------------------------------------------------------------------------------------------------


def html(ledger: Ledger, about: Mapping[str, Any]) -> str:
    """The page as one file that needs nothing from elsewhere. about: `date` and `command`."""
    style = "\n".join((TEMPLATES / name).read_text(encoding="utf-8") for name in ("report.css", "claims.css"))
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'"
    return _template().render(
        ledger=ledger,
        record=ledger.record,
        parts=sections(ledger),
        corrected=ledger.corrected(),
        counts=ledger.counts(),
        readings=told_readings(ledger),
        counterparts=list(ledger.record.checks.counterparts.values()),
        chart={"wide": picture(ledger, WIDE), "narrow": picture(ledger, NARROW)},
        made=[*made(ledger, about), METHOD],
        title=TITLE,
        lead=LEAD.format(claims=ledger.claims, groups=len(ledger.groups)),
        texts={"targets": TARGETS, "rule": RULE, "assumed": ASSUMPTIONS, "corrected": CORRECTED, "disagree": DISAGREE},
        facts_of=_facts_of,
        words=words,
        style=Markup(style),
        policy=policy,
    )


def _facts_of(group: Group) -> list[Judged]:
    """The clauses of a group about the record that are judged."""
    return [judged for judged in group.clauses if judged.clause.kind == "REC" and judged.found]


@lru_cache(maxsize=1)
def _template():
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("claims.html")


def picture(ledger: Ledger, width: float) -> Markup:
    """Checks by what they rest on and how they stand, as bars; every figure is written out."""
    rows: list[tuple[str, Callable[[Group], bool]]] = [
        ("by histories of the model", lambda g: g.basis == MODEL and g.status != WAITING),
        ("by the record", lambda g: g.basis == RECORD and g.status != WAITING),
        ("assumptions of the model", lambda g: g.basis == ASSUMED and g.status != WAITING),
        ("told", lambda g: g.status == TOLD),
        ("judged in part, waiting", lambda g: g.status == WAITING and bool(g.basis)),
        ("waiting", lambda g: g.status == WAITING and not g.basis),
    ]
    left, gap, bar = (190.0, 34.0, 20.0) if width > NARROW else (0.0, 50.0, 18.0)
    most = max(max((sum(map(of, ledger.groups)) for _, of in rows), default=1), 1)
    scale = svg.Scale(0, most, left, width - 40)
    parts, y = [], 8.0
    for title, of in rows:
        groups = [group for group in ledger.groups if of(group)]
        top = y if left else y + 18
        parts.append(svg.text(left - 10 if left else 0, y + 14, title, text_anchor="end" if left else "start"))
        parts += _bars(groups, scale, top, bar)
        y += gap
    alt = "; ".join(f"{title}: {sum(map(of, ledger.groups))} checks" for title, of in rows)
    return svg.frame("standing", "Checks by what they rest on and how they stand", alt, width, y + 4, *parts)


def _bars(groups: Sequence[Group], scale: svg.Scale, top: float, height: float) -> list[Markup]:
    parts, so_far = [], 0
    for status in (HOLDS, UNDECIDED, FAILS, TOLD, WAITING):
        count = sum(group.status == status for group in groups)
        if not count:
            continue
        x, end = scale(so_far), scale(so_far + count)
        parts.append(svg.rect(x, top, end - x - 1, height, fill=TONES[status]))
        if end - x > svg.width_of(str(count)) + 6:
            dark = status in (UNDECIDED, WAITING, FAILS)
            parts.append(svg.text((x + end) / 2, top + height - 5.5, count, text_anchor="middle",
                                  fill=svg.INK if dark else svg.PAPER))  # fmt: skip
        so_far += count
    parts.append(svg.text(scale(so_far) + 6, top + height - 5.5, so_far, fill=svg.MUTED))
    return parts
