"""What Python gets back: thin views of stored runs, ensembles and answers. Nothing here computes a result of its own.

Tables come as polars or pandas, arrays as xarray, draws as ArviZ. In a notebook an object shows the numbers that the
command of the same name prints, each with its interval.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from partystate.app import frames, inputs
from partystate.foundation import calendar
from partystate.foundation.problems import problem
from partystate.runs import store
from partystate.runs.design import REFERENCE_ARM

if TYPE_CHECKING:
    import arviz
    import pandas
    import polars
    import pyarrow
    import xarray

    from partystate.analysis.compare import Comparison as Compared
    from partystate.analysis.compare import Line
    from partystate.runs.ensemble import Ensemble as StoredEnsemble

PLACE = Path | str | None
LEVELS = "Shares of a chance; mean (median) of a quantity; of a date the share in which it came, and the median month."


class Tables:
    """What every result can do: give each of its `tables` as polars or pandas."""

    tables: tuple[str, ...] = ()

    def _table(self, name: str, **options: Any) -> pyarrow.Table:
        raise NotImplementedError

    def to_polars(self, table: str = "", **options: Any) -> polars.DataFrame:
        """A table as a polars frame; the first of `tables` unless another is named."""
        return frames.polars_frame(self._named(table, options))

    def to_pandas(self, table: str = "", **options: Any) -> pandas.DataFrame:
        """A table as a pandas frame; the first of `tables` unless another is named."""
        return frames.pandas_frame(self._named(table, options))

    def _named(self, table: str, options: dict[str, Any]) -> pyarrow.Table:
        return self._table(frames.known(table or self.tables[0], self.tables, "a table of this result"), **options)


@dataclass(frozen=True, repr=False)
class Run(Tables):
    """One stored history. Tables: series, chronicle, flows, leaders, votes."""

    stored: store.Run
    tables = store.TABLES

    @property
    def folder(self) -> Path:
        return self.stored.folder

    @property
    def key(self) -> str:
        return self.stored.key

    @property
    def seed(self) -> int:
        return self.stored.manifest["seed"]

    @property
    def months(self) -> int:
        return self.stored.months

    @property
    def name(self) -> str:
        """The title of its scenario, or `reference`."""
        return self.stored.manifest["scenario"]["name"]

    @property
    def outcomes(self) -> Mapping[str, float | None]:
        """Outcome -> value, None where it is undefined; months count from January 1922."""
        return self.stored.manifest["outcomes"]

    @property
    def off(self) -> Mapping[str, str]:
        """System that is off -> what takes its place."""
        return self.stored.manifest["off"]

    def series(self, name: str, region: str | None = None) -> np.ndarray:
        """One series by month (months,), NaN where it has no value. Raises Problem (exit 2) for an unknown one."""
        return self.stored.series(name, region)

    def events(self, kind: str | None = None) -> list[dict[str, Any]]:
        """The chronicle, or the events of one kind: id, month, title, actors, numbers, because."""
        return [row for row in self.stored.rows("chronicle") if kind in (None, row["kind"])]

    def why(self, event: str | None = None, depth: int = 6) -> Told:
        """Why an event happened: its causes, the votes and each voter's reasons; without one, what can be asked."""
        from partystate.analysis.why import explain

        found = explain(self.folder, event, depth)
        return Told("why", found.as_dict(), found.text())

    def fork(self, at: str, scenario: Any = None, *, until: str | None = None, out: PLACE = None) -> Run:
        """A new history that shares this one's past before the month `at` and follows `scenario` from then on."""
        from partystate.analysis import rural_outcomes
        from partystate.app.api import scenario_text
        from partystate.runs import single

        text, where = scenario_text(scenario)
        root, month = inputs.runs_folder(Path(out) if out else None), inputs.month(at, "--at")
        measure = rural_outcomes.of_sectors(self.stored.manifest["sectors"])
        return Run(single.fork(self.stored, month, text, where, root, measure, until=inputs.months(until)))

    def report(self, out: PLACE = None) -> Path:
        """Writes the report of this run as one HTML file; in the folder of the run unless `out` is given."""
        from partystate.runs import ensemble
        from partystate.views import report

        target = Path(out) if out else self.folder / "report.html"
        if target.is_dir() or not target.parent.is_dir():
            came = "a folder" if target.is_dir() else "none"
            raise problem("--out", str(target), "a file in a folder that exists", came)
        return report.build(self.folder, ensemble.newest(store.home(), self.stored), target)

    def to_xarray(self) -> xarray.Dataset:
        """Every series over seed × month (× region), one seed."""
        return frames.dataset(frames.of_run(self.stored), self.months, about(self.stored.manifest["key_parts"], self))

    def text(self) -> str:
        """What `partystate run` prints: who lost what, when, to whom and why, beside the record."""
        from partystate.views import terminal

        return terminal.summary(self.stored)

    def _table(self, name: str, **options: Any) -> pyarrow.Table:
        return frames.dated(self.stored.table(name), **options)

    def __repr__(self) -> str:
        return f"<partystate run {self.stored.folder.name}: {self.name}, seed {self.seed}, {period(self.months)}>"

    def _repr_html_(self) -> str:
        return preformatted(self.text())


@dataclass(frozen=True, repr=False)
class Ensemble(Tables):
    """Many stored histories. Tables: summary, outcomes, parameters, series (which takes `names`); each takes `arm`.

    failed: seed -> what went wrong in a history that could not be made.
    """

    stored: StoredEnsemble
    failed: Mapping[int, str] = field(default_factory=dict)
    tables = ("summary", "outcomes", "parameters", "series")

    @property
    def folder(self) -> Path:
        return self.stored.folder

    @property
    def arms(self) -> tuple[str, ...]:
        return self.stored.arms

    @property
    def months(self) -> int:
        return self.stored.months

    @property
    def seeds(self) -> list[int]:
        """The seeds of the histories that are there."""
        return [part.seed for part in self.stored.parts(self.arms[0])]

    @property
    def name(self) -> str:
        """The title of its scenario, or `reference`."""
        return self._facts["scenario"]["name"]

    @property
    def off(self) -> Mapping[str, str]:
        """System that is off -> what takes its place."""
        return self._facts["off"]

    @property
    def _facts(self) -> Mapping[str, Any]:
        return self.stored.facts["arms"][0]["facts"]

    def series(self, name: str, region: str | None = None, arm: str = REFERENCE_ARM) -> np.ndarray:
        """One series of every history: (runs, months), NaN where it has no value."""
        return self.stored.series(name, region, arm)

    def summary(self, arm: str = REFERENCE_ARM) -> list[dict[str, Any]]:
        """Each outcome with its meaning, mean, median, band of the middle 80 % and, of a chance, its 95 % interval."""
        from partystate.app.commands import ensemble

        return ensemble.summary(self.stored, arm)

    def to_xarray(self, names: Sequence[str] | None = None, arm: str = REFERENCE_ARM) -> xarray.Dataset:
        """Series over seed × month (× region); every series when `names` is None."""
        held = frames.of_ensemble(self.stored, arm, names)
        return frames.dataset(held, self.months, about(self.stored.facts, self))

    def to_arviz(self, arm: str = REFERENCE_ARM) -> arviz.InferenceData:
        """Drawn parameters as `prior`, outcomes as `prior_predictive`; nothing was fitted, so there is no posterior."""
        return frames.inference_data(self.stored, arm, about(self.stored.facts, self))

    def text(self) -> str:
        """What `partystate ensemble` prints."""
        from partystate.app.commands import ensemble

        return ensemble.text(self.summary(self.arms[0]))

    def _table(self, name: str, arm: str = "", names: Sequence[str] | None = None) -> pyarrow.Table:
        arm = arm or self.arms[0]
        if name == "summary":
            return frames.of_rows([_summary_row(row) for row in self.summary(arm)])
        if name == "series":
            return frames.series(self.stored, arm, names)
        return {"outcomes": frames.outcomes, "parameters": frames.parameters}[name](self.stored, arm)

    def __repr__(self) -> str:
        seeds = self.seeds
        held = f"{len(seeds)} histories, seeds {min(seeds)} to {max(seeds)}" if seeds else "no history"
        return f"<partystate ensemble {self.folder.name}: {self.name}, {held}, {period(self.months)}>"

    def _repr_html_(self) -> str:
        from partystate.analysis import compare

        shown = [row for row in self.summary(self.arms[0]) if row["runs"] and (row["meaning"] or _removal(row))]
        rows = [(compare.title(row["outcome"]), *_cells(row)) for row in shown]
        meanings = "Share of histories with its 95 % interval, or median with the middle 80 % of histories."
        return html_table(repr(self).strip("<>"), ("outcome", "share or median", "interval"), rows, meanings)


def _removal(row: Mapping[str, Any]) -> bool:
    return row["outcome"].startswith("removed.")


def _summary_row(row: Mapping[str, Any]) -> dict[str, Any]:
    from partystate.analysis import compare
    from partystate.app.output import plain

    told = {key: value for key, value in row.items() if key != "interval"} | {"title": compare.title(row["outcome"])}
    low, high = row["interval"] or (None, None)
    return plain(told | {"share_low": low, "share_high": high})


def _cells(row: Mapping[str, Any]) -> tuple[str, str]:
    from partystate.analysis.compare import DATES

    if row["interval"]:
        low, high = row["interval"]
        return f"{row['mean']:.2f} of histories", f"{low:.2f} to {high:.2f}"
    low, median, high = (row[name] for name in ("low", "median", "high"))
    if row["outcome"].startswith(DATES):
        low, median, high = (calendar.label(round(month)) for month in (low, median, high))
        return f"{median} (in {row['share_defined']:.2f} of histories)", f"{low} to {high}"
    return f"{median:.3g}", f"{low:.3g} to {high:.3g}"


@dataclass(frozen=True, repr=False)
class Told(Tables):
    """An analysis as its command tells it: `data` is what --json gives, `text()` what is printed.

    tables: names of lists of rows in `data`.
    """

    kind: str
    data: Mapping[str, Any]
    words: str
    tables: tuple[str, ...] = ()

    def text(self) -> str:
        """What the command prints."""
        return self.words

    def _table(self, name: str, **options: Any) -> pyarrow.Table:
        return frames.of_rows(self.data[name] or [], **options)

    def __repr__(self) -> str:
        return f"<partystate {self.kind}>"

    def _repr_html_(self) -> str:
        return preformatted(self.text())


@dataclass(frozen=True, repr=False)
class Comparison(Tables):
    """Ensemble B against A, paired by seed. The table: outcomes, one row for each, differences are B − A."""

    found: Compared
    tables = ("outcomes",)

    @property
    def pairs(self) -> int:
        return len(self.found.seeds)

    @property
    def notes(self) -> tuple[str, ...]:
        """What must be known before the numbers are read."""
        return self.found.notes

    @property
    def differing(self) -> list[str]:
        """What sets B apart from A, in words."""
        from partystate.analysis import compare

        return compare.differing(self.found.a, self.found.b)

    def line(self, outcome: str) -> Line:
        """One outcome: its levels in A and B, the difference with its interval, and what they mean."""
        from partystate.foundation.problems import did_you_mean

        try:
            return self.found.line(outcome)
        except KeyError:
            hint = did_you_mean(outcome, [line.name for line in self.found.lines])
            raise problem("outcome", outcome, "an outcome that was compared", outcome, hint) from None

    def text(self) -> str:
        """What `partystate compare` prints."""
        from partystate.app.commands import compare

        return "\n\n".join(["\n".join([*self.notes, *self.differing]), compare.text(self.found.lines)]).strip()

    def _table(self, name: str, **options: Any) -> pyarrow.Table:
        from partystate.app.output import plain

        return frames.of_rows([plain(line.as_dict()) for line in self.found.lines], **options)

    def __repr__(self) -> str:
        return f"<partystate comparison: {self.pairs} pairs of histories, {len(self.found.lines)} outcomes>"

    def _repr_html_(self) -> str:
        from partystate.app.commands import compare

        shown = [line for line in self.found.lines if line.effect.pairs]
        rows = [(line.title, *compare.levels(line.effect), compare.difference(line.effect)) for line in shown]
        head = ("outcome", "A", "B", "B − A (95 % interval)")
        notes = " ".join([*self.differing, *self.notes, LEVELS])
        return html_table(f"{self.pairs} pairs of histories", head, rows, notes)


@dataclass(frozen=True, repr=False)
class Answer(Tables):
    """An answer to a question. Tables: effects, parameters, claims, hinges, readings; `data` holds everything.

    folder: where the answer and the description of its histories are stored.
    """

    data: Mapping[str, Any]
    folder: Path
    tables = ("effects", "parameters", "claims", "hinges", "readings")

    @property
    def sentences(self) -> list[str]:
        return self.data["sentences"]

    @property
    def cannot_tell(self) -> list[str]:
        """What the answer leaves open."""
        return self.data["cannot_tell"]

    def text(self) -> str:
        """What `partystate ask` prints."""
        from partystate.views import answer_text

        return answer_text.text(self.data)

    def page(self, out: PLACE) -> Path:
        """Writes the answer as one self-contained HTML page."""
        from partystate.views import answer_page

        target = Path(out or "")
        if not target.parent.is_dir():
            raise problem("--html", str(target), "a file in a folder that exists", f"no folder {target.parent}")
        target.write_text(answer_page.page(self.data), encoding="utf-8")
        return target

    def _table(self, name: str, **options: Any) -> pyarrow.Table:
        data = self.data
        rows: Mapping[str, Iterable[Mapping[str, Any]]] = {
            "effects": ({"arm": arm["name"], "arm_title": arm["title"], **effect}
                        for arm in data["arms"] for effect in arm["effects"].values()),
            "parameters": data["rests_on"]["parameters"],
            "claims": data["rests_on"]["claims"],
            "hinges": data["hinges"]["parameters"],
            "readings": data["readings"],
        }  # fmt: skip
        return frames.of_rows(list(rows[name]), **options)

    def __repr__(self) -> str:
        asked, made = self.data["question"], self.data["made"]
        return f"<partystate answer to {asked['id']}: {made['runs']} seeds, {made['histories']} histories>"

    def _repr_html_(self) -> str:
        asked = self.data["question"]
        said = "".join(f"<p>{escape(sentence)}</p>" for sentence in self.sentences)
        limits = "".join(f"<li>{escape(limit)}</li>" for limit in self.cannot_tell)
        head = f"<p><strong>{escape(asked['id'])}. {escape(asked['text'])}</strong></p>"
        return f"{head}{said}<details><summary>What it cannot tell</summary><ul>{limits}</ul></details>"


# Showing -----------------------------------------------------------------------------------------------------------


def about(versions: Mapping[str, Any], what: Run | Ensemble) -> dict[str, str]:
    """Attributes of a data set: what it is and which versions made it."""
    from importlib.metadata import version

    return {
        "title": what.name,
        "model": versions["model"],
        "record": versions["record"],
        "partystate": version("partystate"),
        "off": "; ".join(f"{system}: {meaning}" for system, meaning in what.off.items()),
    }


def period(months: int) -> str:
    """`1922-01 to 1929-12`."""
    return f"{calendar.label(0)} to {calendar.label(months - 1)}"


def preformatted(text: str) -> str:
    """Text as it is printed on a terminal, for a notebook."""
    return f'<pre style="white-space: pre-wrap">{escape(text)}</pre>'


def html_table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]], note: str = "") -> str:
    """A plain table with its title and a note; the first column is a row's name."""
    top = "".join(f'<th scope="col" style="text-align: left">{escape(cell)}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row" style="text-align: left; font-weight: normal">{escape(row[0])}</th>'
        + "".join(f'<td style="text-align: left">{escape(cell)}</td>' for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    caption = f'<caption style="text-align: left">{escape(title)}</caption>'
    below = f"<p>{escape(note)}</p>" if note else ""
    return f"<table>{caption}<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>{below}"
