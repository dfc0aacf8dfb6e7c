"""The page in a real browser: nothing is fetched, nothing overflows, filters work."""

from __future__ import annotations

import re
import subprocess

import pytest

pytestmark = pytest.mark.browser

# What the page reports of itself, run after it has loaded; written into the document so that the dump shows it.
PROBE = """
<script>
addEventListener("load", () => {
  const facts = {};
  facts.overflow = document.documentElement.scrollWidth - innerWidth;
  facts.fetched = performance.getEntriesByType("resource").length;
  facts.form = document.getElementById("filter").hidden;
  const boxes = [...document.querySelectorAll("#filter input")];
  boxes.forEach((box) => { box.checked = box.value === "sanction"; });
  document.getElementById("filter").dispatchEvent(new Event("input"));
  facts.shown = document.querySelectorAll(".event:not([hidden])").length;
  const drawings = [...document.querySelectorAll("figure svg")].filter((d) => d.getBoundingClientRect().width > 0);
  facts.drawings = drawings.length;
  facts.figures = document.querySelectorAll("figure").length;
  facts.widest = Math.max(...drawings.map((d) => d.getBoundingClientRect().right));
  document.body.dataset.facts = JSON.stringify(facts);
});
</script>"""


def dump(browser: str, page: str, width: int, tmp_path) -> dict:
    import html
    import json

    file = tmp_path / "page.html"
    # The policy forbids the probe, as it should any other script; without it the page is the same.
    file.write_text(
        re.sub(r"<meta http-equiv=[^>]*>", "", page).replace("</body>", PROBE + "</body>"), encoding="utf-8"
    )
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--window-size={width},900", "--dump-dom",
               "--virtual-time-budget=4000", f"--user-data-dir={tmp_path / 'profile'}", file.as_uri()]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=True)
    return json.loads(html.unescape(re.search(r'data-facts="([^"]*)"', done.stdout)[1]))


@pytest.mark.parametrize("width", [1280, 820, 500])
def test_the_page_fits_and_needs_nothing(browser, page, tmp_path, width):
    facts = dump(browser, page, width, tmp_path)
    assert facts["overflow"] <= 0
    assert facts["fetched"] == 0
    assert facts["drawings"] == facts["figures"], "one drawing of each figure is seen"
    assert facts["widest"] <= width


def test_filters_show_only_what_is_asked_for(browser, page, history, tmp_path):
    facts = dump(browser, page, 1280, tmp_path)
    assert facts["form"] is False
    assert facts["shown"] == sum(event.kind == "sanction" for event in history.events)


def test_the_policy_lets_the_pages_own_script_run(browser, page_file, tmp_path):
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", "--virtual-time-budget=3000",
               f"--user-data-dir={tmp_path / 'profile'}", page_file.as_uri()]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=True)
    assert re.search(r'<form[^>]*id="filter"(?![^>]*hidden)', done.stdout)
    assert "Content Security Policy" not in done.stderr
