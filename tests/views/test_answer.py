"""An answer as text, page and documentation: complete, readable to everyone, and no other than its numbers."""

from __future__ import annotations

import base64
import copy
import hashlib
import math
import re
from itertools import pairwise

import pytest

from partystate.analysis import question
from partystate.views import answer_basis, answer_charts, answer_numbers, answer_page, answer_tables, answer_text
from tests.views import answers
from tests.views.drawing import Drawing
from tests.views.synthetic import HOSTILE
from tests.views.test_report import Page

BOTH = ("ARMS", "GROUPS")
FORMS = {"text": answer_text.text, "page": answer_page.page, "markdown": answer_page.markdown}


@pytest.fixture(scope="module")
def arms() -> dict:
    return answers.answer(answers.ARMS)


@pytest.fixture(scope="module")
def groups() -> dict:
    return answers.answer(answers.GROUPS)


@pytest.fixture(scope="module", params=BOTH)
def either(request, arms, groups) -> dict:
    return {"ARMS": arms, "GROUPS": groups}[request.param]


@pytest.fixture(scope="module")
def parsed(either) -> Page:
    return Page(answer_page.page(either))


def joined(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def shown(answer: dict, form: str) -> str:
    """A form of the answer as running text."""
    made = FORMS[form](answer)
    return joined(Page(made).text if form == "page" else made)


# Numbers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((0.3, 0.1455, 0.519), "30 % (15 to 52)"),
        ((0.0, 0.0, 0.161), "0 % (0 to 16)"),
        ((0.002, 0.0005, 0.007), "under 1 % (under 1 to 1)"),
        ((0.0, 0.0, 0.004), "0 % (0 to under 1)"),
        ((1.0, 0.997, 1.0), "100 % (over 99 to 100)"),
        ((0.3, None, None), "30 % (no interval)"),
        ((None, None, None), "not defined"),
    ],
)
def test_shares_never_lose_their_interval(values, said):
    assert answer_numbers.shares(*values) == said


@pytest.mark.parametrize(
    ("kind", "values", "said"),
    [
        ("chance", (-0.3, -0.522, -0.087), "−30 points (−52 to −9)"),
        ("chance", (0.01, 0.004, 0.016), "+1.0 points (+0.4 to +1.6)"),
        ("chance", (0.0, -0.06, 0.06), "0 points (−6 to +6)"),
        ("date", (-5.04, -7.0, -3.2), "−5.0 months (−7.0 to −3.2)"),
        ("quantity", (-1.449, -2.231, -0.669), "−1.45 (−2.23 to −0.67)"),
        ("quantity", (0.012, 0.004, 0.02), "+0.012 (+0.004 to +0.020)"),
        ("quantity", (0.0, 0.0, 0.0), "exactly zero"),
        ("quantity", (1.5, None, None), "+1.50 (no interval)"),
        ("date", (None, None, None), "not defined"),
    ],
)
def test_differences_are_signed_and_as_exact_as_their_interval(kind, values, said):
    assert answer_numbers.difference(kind, *values) == said


def date(**of) -> dict:
    return {"mean": 88.9, "low": 81.75, "high": 96.05, "median": None, "happened": 0.3} | of


@pytest.mark.parametrize(
    ("of", "said"),
    [
        (date(), "in 30 %, median not reached; mean 88.9 (81.8 to 96.0) months"),
        (date(median=57.0, happened=0.8), "in 80 %, median 1926-10; mean 88.9 (81.8 to 96.0) months"),
        (date(happened=0.0), "not reached in any history"),
        (date(mean=None, happened=None), "not defined"),
    ],
)
def test_a_date_is_a_month_or_not_reached(of, said):
    assert answer_numbers.level("date", of) == said


def test_a_level_without_spread_is_said_to_be_one():
    assert answer_numbers.level("quantity", {"mean": 0.0, "low": 0.0, "high": 0.0}) == "0 in every history"


# The terminal -----------------------------------------------------------------------------------------------------


def test_the_terminal_keeps_to_its_columns(either):
    lines = answer_text.text(either).splitlines()
    assert max(map(len, lines)) <= answer_text.WIDTH
    assert len(lines) <= 140
    assert not [line for line in lines if line.rstrip() != line]


def test_a_wide_table_is_told_row_by_row(arms):
    wide = copy.deepcopy(arms)
    wide["arms"][0]["name"] = "an arm whose name takes up the greater part of a line of the terminal"
    text = answer_text.text(wide)
    assert max(map(len, text.splitlines())) <= answer_text.WIDTH
    assert "flips 0 %" in joined(text)


def test_a_meaning_of_off_is_told_once(arms):
    text = joined(answer_text.text(arms))
    meaning = arms["arms"][0]["off"]["S05"]
    assert text.count(meaning) == 1
    assert "S05 off: as above." in text


# All forms --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_the_sentences_stand_as_they_were_made(either, form):
    text = shown(either, form)
    for sentence in either["sentences"]:
        assert joined(sentence) in text
    assert either["question"]["text"] in text


@pytest.mark.parametrize("form", FORMS)
def test_every_effect_on_the_main_outcome_is_there(either, form):
    text, main = shown(either, form), either["question"]["main"]
    for arm in either["arms"]:
        effect = arm["effects"][main]
        assert answer_numbers.effect(effect, unit=False) in text
        assert answer_numbers.level(effect["kind"], effect["b"]) in text
        for meaning in arm["off"].values():
            assert joined(meaning) in text


@pytest.mark.parametrize("form", FORMS)
def test_limits_readings_and_the_way_to_cite_are_there(either, form):
    text = shown(either, form)
    for limit in either["cannot_tell"]:
        assert joined(limit) in text
    for reading in either["readings"]:
        assert reading["title"] in text
        assert reading["carried"] in text
        assert answer_numbers.effect(reading["effect"], unit=False) in text
    assert "20 of the 60 histories" in text
    assert "partystate cite" in text
    assert either["made"]["command"] in text


@pytest.mark.parametrize("form", FORMS)
def test_changes_are_told_with_their_warnings(arms, groups, form):
    text = shown(arms, form)
    assert "coalitions.fear = −7.5" in text
    assert arms["arms"][3]["warnings"][0] in text
    assert "founding.holder = Molotov; founding.holder = Zinoviev" in shown(groups, form)


@pytest.mark.parametrize("form", FORMS)
def test_joint_changes_factors_and_orders_are_there(arms, form):
    text = shown(arms, form)
    beyond, factor, order = arms["together"][0], arms["variance"][0], arms["orders"][0]
    assert answer_numbers.estimate("chance", beyond) in text
    assert f"{beyond['whole']} beyond no slates and no ban" in text
    assert answer_numbers.shares(factor["value"], factor["low"], factor["high"]) in text
    assert ", then ".join(order["people"]) in text


@pytest.mark.parametrize("form", FORMS)
def test_what_falls_to_each_group_is_there(groups, form):
    text, found = shown(groups, form), groups["attribution"]
    for share in found["shares"]:
        assert answer_numbers.estimate(found["kind"], share["shapley"], unit=False) in text
        assert answer_numbers.proportion(share["of_total"]) in text
        assert answer_numbers.own_effect(share["necessity"], unit=False) in text
        assert answer_numbers.level(found["kind"], share["sufficiency"]["b"]) in text
    for about in found["groups_off"].values():
        assert about["off"] in text
    for pair in found["interactions"]:
        assert answer_numbers.estimate(found["kind"], pair, unit=False) in text
    tied = [group for group in found["groups"] if len(group) > 1]
    assert tied, "the invented answer has groups that cannot be told apart"
    assert f"order means nothing: {answer_tables.narrative.listing(tied[0])}" in text


@pytest.mark.parametrize("form", FORMS)
def test_what_is_withheld_is_said_with_its_reason(groups, form):
    unclear = copy.deepcopy(groups)
    found = unclear["attribution"]
    found["interactions"], found["interactions_withheld"] = None, "Too few orders."
    for share in found["shares"]:
        share["of_total"] = {"value": None, "low": None, "high": None, "withheld": "the total is not clear"}
    text = shown(unclear, form)
    assert "the total is not clear (appointments, slates and alike)" in text
    assert "Too few orders." in text


@pytest.mark.parametrize("form", FORMS)
def test_what_is_undefined_is_said_to_be(arms, form):
    empty = copy.deepcopy(arms)
    effect = empty["arms"][0]["effects"]["leads"]
    for name in ("difference", "low", "high", "correlation", "changed", "flips", "up", "down"):
        effect[name] = None
    effect["b"] = dict.fromkeys(effect["b"])
    effect["pairs"] = 0
    empty["picture"]["arms"]["no ban"] = {part: [None] * 96 for part in ("low", "median", "high")}
    text = shown(empty, form)
    assert text.count("not defined") >= 5
    assert not re.search(r"\bNone\b(?! of the)", text)
    assert "nan" not in text


@pytest.mark.parametrize("form", FORMS)
def test_missing_histories_are_said_at_the_top(arms, form):
    assert "could not be made" not in shown(arms, form)
    gaps = copy.deepcopy(arms)
    gaps["made"]["failed"] = 3
    text = shown(gaps, form)
    assert "Histories that could not be made, and are left out: 3." in text[: len(text) // 4]


@pytest.mark.parametrize("form", ["text", "page"])
def test_patronage_is_marked_and_numbers_are_counted_by_grade(arms, form):
    text = shown(arms, form)
    assert "(contains patronage)" in text
    assert f"{len(arms['rests_on']['parameters'])} numbers" in text
    assert f"P {arms['rests_on']['grades']['P']}" in text
    assert f"None of the {arms['hinges']['looked_at']} numbers looked at stands out" in text


@pytest.mark.parametrize("form", ["text", "page"])
def test_numbers_on_which_it_hangs_are_named(arms, form):
    hung = copy.deepcopy(arms)
    hung["hinges"]["parameters"] = [
        {"parameter": "coalitions.fear", "title": "fear of a stronger ally", "grade": "P", "below": 0.4, "above": 0.8,
         "difference": 0.4, "low": 0.2, "high": 0.6, "p_value": 0.001}
    ]  # fmt: skip
    text = shown(hung, form)
    assert "+40 points (+20 to +60)" in text
    assert "fear of a stronger ally" in text
    assert "stands out" not in text


@pytest.mark.parametrize("form", FORMS)
def test_rewriting_is_told_for_every_arm(arms, form):
    text = shown(arms, form)
    marks = [arm["rewriting"]["mark"] for arm in arms["arms"]]
    assert "" in marks
    assert "D" in marks
    assert "not measured" in text
    assert "Another world" in text


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Q08", "Q09"])
def test_questions_of_the_project_can_be_shown(name):
    answer = answers.answer_to(question.load(name))
    lines = answer_text.text(answer).splitlines()
    assert max(map(len, lines)) <= answer_text.WIDTH
    for form in FORMS:
        text = shown(answer, form)
        for arm in answer["arms"]:
            assert answer_numbers.effect(arm["effects"][answer["question"]["main"]], unit=False) in text
        assert not re.search(r"\bNone\b(?! of the)", text)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "word",
    [r"\byou\b", r"\byour\b", r"would have", r"lives saved", r"\bscore[sd]?\b", r"\bwin(s|ner|ning)?\b", r"liquidat",
     r"\bprove[sdn]?\b", r"\bvictory\b", r"optimi[sz]e"],
)  # fmt: skip
def test_every_form_is_sober(word, form, groups):
    assert not re.search(word, shown(groups, form).split("The claims of the ledger")[0], re.IGNORECASE)


def test_the_same_answer_gives_the_same_page(either):
    assert answer_page.page(either) == answer_page.page(copy.deepcopy(either))


# The page ---------------------------------------------------------------------------------------------------------


def test_the_page_is_well_formed_and_needs_nothing(parsed):
    assert parsed.open == []
    loading = {"src", "srcset", "data", "poster", "action", "formaction", "background"}
    assert not [(tag, a) for tag, a in parsed.tags if loading & a.keys()]
    assert not parsed.all("link")
    assert not parsed.all("script")
    assert not [a for _, a in parsed.tags if "style" in a or any(name.startswith("on") for name in a)]
    assert "@import" not in parsed.raw["style"]
    assert "url(" not in parsed.raw["style"]


def test_the_policy_admits_only_this_style(parsed):
    policy = next(meta["content"] for meta in parsed.all("meta") if "Policy" in meta.get("http-equiv", ""))
    hashed = base64.b64encode(hashlib.sha256(parsed.raw["style"].encode()).digest()).decode()
    assert f"style-src 'sha256-{hashed}'" in policy
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


def test_hostile_text_is_text(arms):
    page = answer_page.page(arms)
    assert HOSTILE in Page(page).text
    assert "<script" not in page
    assert "<b>bold" not in page


def test_headings_and_tables_can_be_heard(parsed):
    levels = [int(tag[1]) for tag, _ in parsed.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(a.get("scope") in ("col", "row") for a in parsed.all("th"))
    assert len(parsed.all("summary")) == len(parsed.all("details"))
    assert all(
        a.get("tabindex") == "0" and a.get("aria-label") for a in parsed.all("div") if a.get("class") == "scroll"
    )
    assert len(parsed.all("main")) == len(parsed.all("nav")) == 1


def test_ids_are_unique_and_every_link_leads_somewhere(parsed):
    assert len(parsed.ids) == len(set(parsed.ids))
    links = [a["href"] for a in parsed.all("a")]
    assert all(link.startswith("#") and link[1:] in parsed.ids for link in links)
    assert "#made" in links


def test_every_figure_has_words_a_table_and_says_what_it_is_of(either):
    figures = re.findall(r"<figure.*?</figure>", answer_page.page(either), re.DOTALL)
    assert len(figures) == 2
    for figure in figures:
        assert figure.count('role="img"') == 2, "one drawing for a wide page and one for a narrow page"
        assert re.search(r"<desc[^>]*>[^<]{40,}", figure)
        assert "<tbody><tr>" in figure
        for part in ("January 1922 to December 1929", "unit: ", "60", "aseline", "model mmmmmmmm", "not history"):
            assert part in figure


def test_every_claim_number_and_source_behind_an_answer_is_on_the_page(either, parsed):
    for claim in either["rests_on"]["claims"]:
        assert joined(claim["text"]) in parsed.text
    for parameter in either["rests_on"]["parameters"]:
        assert parameter["key"] in parsed.text
    for key, citation in answer_basis.sources(either).items():
        assert f"source-{key}" in parsed.ids
        assert joined(citation) in parsed.text


def test_every_other_outcome_is_on_the_page(arms):
    text = shown(arms, "page")
    for arm in arms["arms"]:
        for effect in arm["effects"].values():
            assert answer_numbers.effect(effect, unit=False) in text
    assert arms["question"]["outcomes"]["one_man_rule"]["meaning"] in text


# Charts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [860, 350])
def test_marks_stand_where_the_effects_are(arms, width):
    drawing = Drawing(answer_charts.changed(arms).draw(width))
    marks = drawing.having("data-mark")
    effects = [arm["effects"]["leads"] for arm in arms["arms"]]
    assert [float(mark.get("data-value")) for mark in marks] == pytest.approx([100 * e["difference"] for e in effects])
    assert [mark.get("data-clear") == "true" for mark in marks] == [effect["clear"] for effect in effects]
    for mark in marks:
        assert drawing.value("x", float(mark.get("cx"))) == pytest.approx(float(mark.get("data-value")), abs=0.3)
        assert (mark.get("fill") == mark.get("stroke")) == (mark.get("data-clear") == "true")
    for effect in effects:
        assert answer_numbers.effect(effect, unit=False) in drawing.words


def test_each_group_has_three_marks_of_different_shape(groups):
    drawing = Drawing(answer_charts.divided(groups).draw(860))
    marks = drawing.having("data-mark")
    shapes = {mark.get("data-mark"): mark.tag.rpartition("}")[2] for mark in marks}
    assert shapes == {"Shapley value": "circle", "lost without it": "rect", "gained alone": "path"}
    assert len(marks) == 3 * len(groups["attribution"]["players"])
    shares = {share["player"]: share for share in groups["attribution"]["shares"]}
    first = groups["attribution"]["groups"][0][0]
    assert float(marks[0].get("data-value")) == pytest.approx(100 * shares[first]["shapley"]["mean"])
    assert float(marks[2].get("data-value")) == pytest.approx(100 * shares[first]["sufficiency"]["difference"])


def test_an_undefined_effect_has_words_and_no_mark(arms):
    empty = copy.deepcopy(arms)
    empty["arms"] = empty["arms"][:1]
    empty["arms"][0]["effects"]["leads"] |= {"difference": None, "low": None, "high": None, "up": None, "down": None}
    drawing = Drawing(answer_charts.changed(empty).draw(860))
    assert drawing.having("data-mark") == []
    assert "not defined" in drawing.words


@pytest.mark.parametrize("width", [860, 350])
def test_bands_and_lines_are_those_of_the_picture(arms, width):
    drawing = Drawing(answer_charts.through_time(arms).draw(width))
    lines = {line.get("data-series"): drawing.points(line) for line in drawing.having("data-series")}
    assert [*lines] == ["reference", "no ban"]
    for name, band in arms["picture"]["arms"].items():
        seen = [value for value in band["median"] if value is not None]
        assert len(seen) == len(band["median"]) - 1, "the last month of the invented series is empty"
        assert [y for _, y in lines[name]] == pytest.approx(seen, abs=0.05)
        area = next(area for area in drawing.having("data-band") if area.get("data-band") == name)
        heights = [y for _, y in drawing.points(area)]
        assert max(heights) == pytest.approx(max(v for v in band["high"] if v is not None), abs=0.05)
        assert name in drawing.words
    strokes = [(line.get("stroke"), line.get("stroke-dasharray")) for line in drawing.having("data-series")]
    assert len({colour for colour, _ in strokes}) == len({dash for _, dash in strokes}) == 2


def test_a_line_below_zero_stays_in_its_chart(arms):
    below = copy.deepcopy(arms)
    below["picture"]["series"] = "line_peasants"
    for band in below["picture"]["arms"].values():
        band |= {"low": [-0.8] * 96, "median": [-0.5] * 96, "high": [-0.2] * 96}
    chart = answer_charts.through_time(below)
    drawing = Drawing(chart.draw(860))
    low, high = map(float, drawing.plot.get("data-y-domain").split())
    assert low <= -0.8
    assert math.isclose(high, 0)
    assert chart.caption.unit == "−1 market to 1 command"


# The documentation ------------------------------------------------------------------------------------------------


def test_the_documentation_names_no_folder_of_this_machine(either):
    page = answer_page.markdown(either)
    assert "/somewhere" not in page
    assert "`partystate cite FOLDER`" in page
    assert page.startswith(f"# {either['question']['id']}: ")
    assert page.count("\n# ") == 0


def test_tables_of_the_documentation_are_whole(either):
    blocks = re.findall(r"(?:^\|.*\n)+", answer_page.markdown(either), re.MULTILINE)
    assert len(blocks) >= 3
    for block in blocks:
        assert len({line.count("|") for line in block.splitlines()}) == 1
