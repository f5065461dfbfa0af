"""The report in a real browser: it asks nobody, fits each screen, and can be heard and printed."""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Page, browser
from moments import wait_for
from reported import record

from ops.records.report import html

pytestmark = pytest.mark.site
SCHEMES = ("light", "dark")
LONG = "a-long-word-of-somebody-else's_" * 30

# Each text, with its colour, what is behind it, and what WCAG calls their contrast.
CONTRASTS = """
(() => {
  const part = (c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const light = (rgb) => { const [r, g, b] = rgb.match(/\\d+/g).map(Number);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b); };
  const behind = (element) => { for (; element; element = element.parentElement) {
    const found = getComputedStyle(element).backgroundColor;
    if (!found.includes("rgba") && found !== "transparent") return found; }
    return "rgb(255,255,255)"; };
  const bar = getComputedStyle(document.querySelector(".bar.bad")).fill;
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    if (![...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
    if (!element.getClientRects().length || ["title", "desc"].includes(element.tagName)) continue;
    const drawn = element.closest("svg"), style = getComputedStyle(element);
    const ink = light(drawn ? style.fill : style.color);
    const paper = light(element.matches(".inside") ? bar : behind(element));
    const contrast = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    found.push([contrast, element.textContent.trim().slice(0, 40)]);
  }
  return found;
})()
"""
# The right end of each text of the picture that is seen, and the picture's own right end.
ENDS = """
[...document.querySelectorAll("svg")].filter((s) => s.getClientRects().length).flatMap((svg) =>
  [...svg.querySelectorAll("text")].map((text) =>
    [text.getBoundingClientRect().right - svg.getBoundingClientRect().right, text.textContent]))
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("browser")) as found:
        yield found


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report that has everything."""
    return written(tmp_path_factory.mktemp("report"), record())


def written(directory: Path, found: dict[str, Any]) -> Path:
    path = directory / "report.html"
    path.write_text(html(found))
    return path


def trouble(page: Page) -> list[Any]:
    """Return what the console has, and what was asked for beside the page itself."""
    asked = [event["request"]["url"] for event in page.told("Network.requestWillBeSent")]
    names = ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown")
    return [*(event for name in names for event in page.told(name)), *asked[1:]]


def test_it_fits_each_screen_and_asks_nobody(page: Page, file: Path) -> None:
    for width, scheme in itertools.product((360, 700, 1280), SCHEMES):
        page.open(file, width=width, scheme=scheme)
        assert trouble(page) == [], (width, scheme)
        assert page.value("document.documentElement.scrollWidth") == width
        shown = page.value(
            "[...document.querySelectorAll('svg')].filter((s) => s.getClientRects().length).length"
        )
        assert shown == 4, (width, scheme)  # one of each pair
        assert [text for right, text in page.value(ENDS) if right > 1] == [], (width, scheme)


def test_texts_without_end_fit_the_narrow_screen(page: Page, tmp_path: Path) -> None:
    page.open(written(tmp_path, record(lambda text: f"{text} {LONG}")), width=360)
    assert page.value("document.documentElement.scrollWidth") == 360
    assert [text for right, text in page.value(ENDS) if right > 1] == []


def test_each_text_can_be_read(page: Page, file: Path) -> None:
    for width, scheme in itertools.product((360, 1280), SCHEMES):
        page.open(file, width=width, scheme=scheme)
        found = page.value(CONTRASTS)
        assert len(found) > 100
        assert [text for contrast, text in found if contrast < 4.5] == [], (width, scheme)
        paper = page.value("getComputedStyle(document.body).backgroundColor")
        assert (sum(map(int, re.findall(r"\d+", paper))) < 300) == (scheme == "dark")


def test_what_is_seen_is_heard(page: Page, file: Path) -> None:
    page.open(file, width=1280)
    page.value("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    elements = page.elements()

    def names(role: str) -> list[str]:
        return [element["name"] for element in elements if element["role"] == role]

    titles = [
        "The runners' tags while they were watched", "Pipeline 6936",
        "The chain from Kafka's user to a login with SASL", "Steps",
    ]  # fmt: skip
    pictures = [element for element in elements if element["role"] in ("image", "img")]
    assert [picture["name"] for picture in pictures] == titles
    assert all(picture["description"] for picture in pictures)
    assert "31 looks at 3 runners within 5 min 0 s" in pictures[0]["description"]
    tables = names("table")
    assert [name for name in tables if name in titles] == titles
    assert all(tables)
    for role in ("banner", "main", "contentinfo"):
        assert len(names(role)) == 1, role
    assert all(names("region")) and set(titles) < set(names("region"))
    assert names("heading")[0] == "fix_tags"
    assert "17 k8s-runner-4" in names("cell")
    assert {"Runner", "Its tags", "Seen", "Before", "After"} <= set(names("columnheader"))
    assert page.value("document.documentElement.lang") == "en"
    # On a narrow screen a table is drawn as a list, and is a table all the same.
    page.open(file, width=360)
    page.value("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    roles = [element["role"] for element in page.elements()]
    assert roles.count("table") == 5
    assert roles.count("columnheader") == 4 + 3 + 6 + 3 + 5


def test_it_can_be_printed(page: Page, file: Path) -> None:
    page.open(file, width=360, scheme="dark")
    assert page.pdf().startswith(b"%PDF")
    # On paper it is the wide picture, dark on white.
    style = "getComputedStyle(document.querySelector('svg.{}')).display"
    assert [page.value(style.format(which)) for which in ("wide", "narrow")] == ["block", "none"]
    assert page.value("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.value("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


PUT_IN = (
    "<img src='https://example.com/a.png' alt=''>",
    "<script>document.title = 'run'</script>",
    "<p onclick='1' style='color: red'>a text</p>",
    "<style>body { background: url(https://example.com/b.png) }</style>",
    "<iframe src='https://example.com/'></iframe>",
    "<link rel=stylesheet href='https://example.com/c.css'>",
)


def test_what_somebody_puts_into_it_is_blocked(page: Page, tmp_path: Path) -> None:
    """The policy of the page holds, should a text ever become an element."""
    path = tmp_path / "report.html"
    for more in PUT_IN:
        path.write_text(html(record()).replace("<main>", f"<main>{more}"))
        page.open(path, width=1280)
        wait_for(lambda: is_blocked(page))
        assert page.value("document.title").startswith("fix_tags: Failed")
        asked = {event["requestId"] for event in page.told("Network.requestWillBeSent")
                 if event["request"]["url"].startswith("http")}  # fmt: skip
        wait_for(lambda ids=asked: ids <= refused(page))


def refused(page: Page) -> set[str]:
    """Return what the policy did not let out."""
    page.value("1")
    failed = page.told("Network.loadingFailed")
    return {event["requestId"] for event in failed if event.get("blockedReason") == "csp"}


def is_blocked(page: Page) -> bool:
    page.value("1")  # With its answer comes what was told before.
    said = [event["entry"]["text"] for event in page.told("Log.entryAdded")]
    return any("Content Security Policy" in text for text in said)
