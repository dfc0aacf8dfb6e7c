"""The page: complete in itself, traceable to the run, safe with hostile text, and sober."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from partystate.analysis.history import History
from partystate.foundation.problems import Problem
from partystate.runs import ensemble
from partystate.views import narrative, report, struggle, svg
from tests.views import synthetic
from tests.views.synthetic import HOSTILE

VOID = {"meta", "input", "br"}


class Page(HTMLParser):
    """Tags with their attributes, ids, links, and the text outside style and script."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.raw: dict[str, str] = {}
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open[-1] == tag, f"</{tag}> closes <{self.open[-1]}>"
        self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] in ("style", "script"):
            self.raw[self.open[-1]] = self.raw.get(self.open[-1], "") + data
        else:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.texts))

    def all(self, tag: str) -> list[dict]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def ids(self) -> list[str]:
        return [attributes["id"] for _, attributes in self.tags if "id" in attributes]


@pytest.fixture(scope="module")
def parsed(page) -> Page:
    return Page(page)


def test_the_page_is_well_formed(parsed):
    assert parsed.open == []


def test_nothing_is_loaded_from_elsewhere(parsed, page, history):
    loading = {"src", "srcset", "data", "poster", "action", "formaction", "background"}
    assert not [(tag, a) for tag, a in parsed.tags if loading & a.keys()]
    assert not parsed.all("link")
    for word in ("@import", "url(", "fetch(", "XMLHttpRequest", "import("):
        assert word not in parsed.raw["style"] + parsed.raw["script"]
    opened = {source.where_opened for source in history.known.sources.values()}
    for link in parsed.all("a"):
        assert link["href"].startswith("#") or (link["href"] in opened and "noreferrer" in link["rel"])
    addresses = set(re.findall(r'https?://[^\s"<>]+', re.sub(r'href="[^"]*"', "", page)))
    cited = " ".join(source.citation + source.where_opened for source in history.known.sources.values())
    assert {a for a in addresses if a not in cited} <= {"http://www.w3.org/2000/svg"}


def test_the_policy_admits_only_this_style_and_this_script(parsed):
    policy = next(meta["content"] for meta in parsed.all("meta") if "Policy" in meta.get("http-equiv", ""))
    for tag in ("style", "script"):
        hashed = base64.b64encode(hashlib.sha256(parsed.raw[tag].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{hashed}'" in policy
    assert "default-src 'none'" in policy
    assert not [a for _, a in parsed.tags if "style" in a or any(name.startswith("on") for name in a)]


def test_hostile_text_is_text(parsed, page):
    assert HOSTILE in parsed.text
    assert "<script>alert" not in page
    assert len(parsed.all("script")) == 1
    assert not parsed.all("b")


def test_ids_are_unique_and_every_link_inside_the_page_leads_somewhere(parsed):
    assert len(parsed.ids) == len(set(parsed.ids))
    inside = {link["href"][1:] for link in parsed.all("a") if link["href"].startswith("#")}
    # The page says why an event came; a source or mechanism that is not installed has no place to lead to.
    lost = {name for name in inside - set(parsed.ids) if not name.startswith("mechanism-")}
    assert lost == set()


def test_every_figure_has_a_title_words_a_table_and_says_what_was_forced(page):
    figures = re.findall(r"<figure.*?</figure>", page, re.DOTALL)
    assert len(figures) >= 8
    for figure in figures:
        assert figure.count('role="img"') == 2, "one drawing for a wide page and one for a narrow page"
        assert re.search(r"<desc[^>]*>[^<]{20,}", figure)
        assert "<h3>" in figure
        assert "<tbody><tr>" in figure
        for part in (
            "unit: ",
            "1922",
            "run",
            "model mmmmmmmm",
            "record rrrrrrrr",
            "forced to the record: economy, foreign",
        ):
            assert part in figure


def test_every_event_of_the_run_is_in_the_chronicle(parsed, history):
    shown = [a["id"] for a in parsed.all("article")]
    assert shown == [report.anchor(event.id) for event in history.events]
    kinds = {a["value"] for a in parsed.all("input")}
    assert kinds == {event.kind for event in history.events}


def test_why_is_folded_under_an_event_with_votes_and_reasons(page):
    article = re.search(rf'<article[^>]*id="{re.escape(report.anchor(synthetic.LAST))}".*?</article>', page, re.DOTALL)[
        0
    ]
    assert "<details><summary>Why?" in article
    assert "Trotsky is deprived of an office" in article
    assert "3 for, 1 against, 1 abstaining in the politburo" in article.lower()
    assert "taint of the condemned" in article
    assert article.count("<tr>") == 6


def test_losses_come_from_the_table_of_leaders(history, parsed):
    from partystate.analysis import against_record

    found = struggle.losses(history, against_record.of_run(history))
    first = found[0]
    assert (first.month, first.person, first.lost, first.to) == (36, "Trotsky", "Army", "Molotov (Army)")
    seats = {loss.person: loss.month for loss in found if "full seat" in loss.lost}
    assert seats == synthetic.REMOVED
    assert all(loss.person != "Kamenev" or loss.month < synthetic.DIED["Kamenev"] for loss in found)
    assert "23 October 1926; 3 months later" in parsed.text


def test_an_heir_within_half_a_year_is_named(history):
    assert struggle.holder(history, "army", 36) == "Molotov"
    assert struggle.holder(history, "army", 30) == "Trotsky"
    assert struggle.holder(history, "leningrad", 60) is None


def test_parameters_are_shown_as_drawn_with_range_and_layer(parsed):
    assert "0.1 to 0.3, uniform" in parsed.text
    assert svg.number(0.2468) in parsed.text
    assert "motions.fixed" in parsed.text
    assert "fixed scenario" in parsed.text.replace("  ", " ")


def test_a_driver_is_not_compared(parsed):
    assert "it drove this run" in parsed.text
    assert "series-scissors-ratio" not in parsed.ids


def test_series_the_record_does_not_know_are_not_set_beside_it(parsed):
    assert "series-share-for-model-only" not in parsed.ids


def test_the_ensemble_is_counted_from_its_parts(parsed):
    assert f"drawn {synthetic.RUNS} times" in parsed.text
    assert "8 of 40 never" in parsed.text
    assert "90 % of histories" in parsed.text


def test_parts_are_read_once_and_as_the_ensemble_has_them(ensemble_dir):
    many = ensemble.open_ensemble(ensemble_dir)
    found = report.series_of(many, ["party_members", "party_candidates"])
    assert found["party_members"].shape == (synthetic.RUNS, synthetic.MONTHS)
    for name, values in found.items():
        assert np.array_equal(values, many.series(name), equal_nan=True)
    assert report.series_of(many, []) == {}


def test_the_colophon_gives_key_fingerprint_and_versions(parsed, run_dir):
    manifest = json.loads((run_dir / "manifest.json").read_text())
    for fact in (manifest["key"], manifest["fingerprint"], "m" * 64, "r" * 64, "0.1.0"):
        assert fact in parsed.text


def test_without_an_ensemble_the_page_says_what_is_missing(run_dir, tmp_path):
    page = report.build(run_dir, None, tmp_path / "out")
    assert page == tmp_path / "out" / "report.html"
    text = Page(page.read_text(encoding="utf-8")).text
    assert "One run cannot say" in text
    assert "One run among many" not in text


def test_a_scenario_says_what_is_off_and_what_that_means(tmp_path):
    declared = {
        "title": HOSTILE,
        "question": "Would it?",
        "expect": "less",
        "levers": [{"at": "1924-05", "remove": "X"}],
    }
    scenario = {"name": "s", "file": "s.toml", "declares": declared}
    run = synthetic.write_run(tmp_path, scenario=scenario, off={"S01": "Vacancies are filled locally."}, forced=[])
    text = Page(report.html(History.open(run))).text
    for part in (
        HOSTILE,
        "Would it?",
        "S01",
        "was off",
        "Vacancies are filled locally.",
        "in May 1924: remove X",
        "less",
    ):
        assert part in text
    assert "Partial run" not in text
    assert "forced to the record" not in text


def test_an_ensemble_of_another_kind_is_said_to_be_one(tmp_path, ensemble_dir, history):
    many = ensemble.open_ensemble(ensemble_dir)
    assert report.unlike(history, many) == ()
    declared = {"name": "s", "file": "s.toml", "declares": {"title": "Other"}}
    fixed = {"low": 0.1, "high": 0.1, "value": 0.1, "drawn": 0.1, "distribution": "fixed", "layer": "scenario"}
    narrower = synthetic.facts()["parameters"] | {"motions.fixed": fixed}
    other = History.open(synthetic.write_run(tmp_path, scenario=declared, parameters=narrower))
    assert report.unlike(other, many) == ("scenario", "parameters")
    text = Page(report.html(other, many)).text
    assert "it differs in scenario and parameters" in text
    assert "The same model, drawn" not in text


def test_same_run_same_page(run_dir, ensemble_dir, tmp_path):
    first = report.build(run_dir, ensemble_dir, tmp_path / "a.html").read_bytes()
    assert report.build(run_dir, ensemble_dir, tmp_path / "b.html").read_bytes() == first


def test_a_folder_without_a_run_is_a_fault_in_words(tmp_path):
    with pytest.raises(Problem, match=r"manifest\.json"):
        report.build(tmp_path, None, tmp_path / "report.html")


@pytest.mark.parametrize(
    "word",
    [r"\byou\b", r"\byour\b", r"would have", r"lives saved", r"\bscore[sd]?\b(?! the record)", r"\bwin(s|ner|ning)?\b",
     r"\bdefeat(ed)? enemy", r"liquidat", r"\bvictory\b", r"optimi[sz]e"],
)  # fmt: skip
def test_the_page_is_sober(word, parsed):
    sections = parsed.text.split("Chronicle of this run")[0]
    assert not re.search(word, sections, re.IGNORECASE)


def test_nothing_is_said_of_a_person_in_the_conditional():
    for number in (0, 1, -3):
        assert "would" not in narrative.months_apart(number)
