"""The report in a real browser: charts are drawn, nothing fails, nothing is wider than a phone."""

from __future__ import annotations

import html
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from archwright.report.html import write
from archwright.report.record import Record

pytestmark = [pytest.mark.browser, pytest.mark.slow]

QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip

WIDTHS = (375, 1280)

PROBE = """<script>
const wrong = [];
addEventListener("error", (event) => wrong.push(String(event.message)), true);
addEventListener("securitypolicyviolation", (event) => wrong.push(event.violatedDirective));
addEventListener("load", () => setTimeout(() => {
  const all = (what) => [...document.querySelectorAll(what)];
  const seen = (each) => each.getBoundingClientRect();
  parent.postMessage({
    width: innerWidth,
    scroll: document.documentElement.scrollWidth,
    plots: all(".plot").length,
    drawn: all(".plot").filter((each) => each.querySelector("svg.main-svg")).length,
    wide: all(".plot").filter((each) => seen(each.querySelector("svg")).width > innerWidth).length,
    pictures: all("img").filter((each) => each.naturalWidth > 0).length,
    colours: all(".plot path[style*='--']").length,
    ink: getComputedStyle(document.body).color,
    wrong: wrong,
  }, "*");
}, 1500));
</script>"""

FRAMES = """<!doctype html><body><script>
const found = [];
addEventListener("message", (event) => {
  found.push(event.data);
  document.getElementById("found").textContent = JSON.stringify(found);
});
</script><pre id="found"></pre>"""


def look(chromium: str, record: Record, folder: Path, *flags: str) -> list[dict[str, Any]]:
    """What the report is like at each of `WIDTHS`, measured in frames of one page."""
    write(record, folder / "report.html")
    page = (folder / "report.html").read_text("utf-8")
    (folder / "probed.html").write_text(page.replace("<head>", f"<head>{PROBE}", 1), "utf-8")
    frames = [
        f'<iframe src="probed.html" style="width:{width}px;height:900px;border:0"></iframe>'
        for width in WIDTHS
    ]
    (folder / "frames.html").write_text(FRAMES + "".join(frames), "utf-8")
    where = [f"--user-data-dir={folder / 'profile'}", "--window-size=1700,2000"]
    wait = ["--virtual-time-budget=10000", "--dump-dom", (folder / "frames.html").as_uri()]
    command = [chromium, *QUIET, *where, *flags, *wait]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    found = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.S)
    assert found, done.stderr[-2000:]
    measured: list[dict[str, Any]] = json.loads(html.unescape(found[1]) or "[]")
    return sorted(measured, key=lambda each: each["width"])


@pytest.mark.parametrize("name", ["digits_record", "wine_record", "diabetes_record"])
def test_charts_are_drawn_without_errors_and_fit_a_phone(
    name: str, chromium: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    record = request.getfixturevalue(name)
    found = look(chromium, record, tmp_path)
    assert [each["width"] for each in found] == list(WIDTHS)
    for each in found:
        assert each["wrong"] == []
        assert each["drawn"] == each["plots"] >= 4
        assert each["scroll"] <= each["width"]
        assert each["wide"] == 0
        assert each["colours"] == 0
        assert (each["pictures"] > 5) == (name == "digits_record")


def test_the_page_follows_the_wish_for_a_dark_one(
    diabetes_record: Record, chromium: str, tmp_path: Path
) -> None:
    (tmp_path / "light").mkdir()
    (tmp_path / "dark").mkdir()
    wish = "--blink-settings=preferredColorScheme={}"
    light = look(chromium, diabetes_record, tmp_path / "light", wish.format(1))
    dark = look(chromium, diabetes_record, tmp_path / "dark", wish.format(0))
    assert light[0]["ink"] == "rgb(27, 30, 35)"
    assert dark[0]["ink"] == "rgb(231, 233, 236)"
