"""The page of an answer in a real browser: it fits a wide and a narrow screen, and fetches nothing."""

from __future__ import annotations

import html
import json
import re
import subprocess

import pytest

from partystate.views import answer_page
from tests.views import answers

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WIDTHS = (1280, 820, 390)

# What a page reports of itself to the one that frames it; a frame may be narrower than any window of the browser.
PROBE = """
<script>
addEventListener("load", () => {
  document.querySelectorAll("details").forEach((one) => { one.open = true; });
  const drawings = [...document.querySelectorAll("figure svg")].filter((d) => d.getBoundingClientRect().width > 0);
  const words = drawings.flatMap((drawing) => [...drawing.querySelectorAll("text")].map((text) => {
    const box = text.getBoundingClientRect(), frame = drawing.getBoundingClientRect();
    return Math.max(box.right - frame.right, frame.left - box.left);
  }));
  parent.report(NAME, {
    overflow: document.documentElement.scrollWidth - innerWidth,
    fetched: performance.getEntriesByType("resource").length,
    drawings: drawings.length,
    figures: document.querySelectorAll("figure").length,
    outside: Math.max(...words),
    focusable: [...document.querySelectorAll("a, summary, [tabindex='0']")].every((one) => one.tabIndex >= 0),
  });
});
</script>"""
FRAME = """<!doctype html><body><script>
const found = {};
function report(name, facts) { found[name] = facts; document.body.dataset.facts = JSON.stringify(found); }
</script>"""


@pytest.fixture(scope="module")
def reported(browser, tmp_path_factory) -> dict[str, dict]:
    """What each page says of itself at each width, from one start of the browser."""
    folder, frames = tmp_path_factory.mktemp("answers"), []
    for text in (answers.ARMS, answers.GROUPS):
        page = answer_page.page(answers.answer(text))
        for width in WIDTHS:
            name = f"{'arms' if text == answers.ARMS else 'groups'} {width}"
            # The policy forbids the probe, as it should any script; without it the page is the same.
            probed = re.sub(r"<meta http-equiv=[^>]*>", "", page)
            probed = probed.replace("</body>", PROBE.replace("NAME", json.dumps(name)) + "</body>")
            frames.append(f'<iframe width="{width}" height="900" srcdoc="{html.escape(probed)}"></iframe>')
    file = folder / "frames.html"
    file.write_text(FRAME + "".join(frames), encoding="utf-8")
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", "--virtual-time-budget=6000",
               f"--user-data-dir={folder / 'profile'}", file.as_uri()]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=True)
    return json.loads(html.unescape(re.search(r'data-facts="([^"]*)"', done.stdout)[1]))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["arms", "groups"])
def test_the_page_fits_and_needs_nothing(reported, name, width):
    facts = reported[f"{name} {width}"]
    assert facts["overflow"] <= 0
    assert facts["fetched"] == 0
    assert facts["drawings"] == facts["figures"] == 2, "one drawing of each figure is seen"
    assert facts["outside"] <= 1, "every word of a drawing stands inside it"
    assert facts["focusable"]
