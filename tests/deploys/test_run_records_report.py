"""The report of real runs (docs/records.md): what the site has shown, in a real browser."""

import os
import re
from pathlib import Path

from browser import browser
from lab_process import ROOT, Lab, Pyinfra
from moments import TAGS

# `make screenshot` has it made anew, after a proof that takes as long as one may wait for it.
PICTURE = ROOT / "docs" / "images" / "report.png"
IS_WANTED = os.environ.get("SCREENSHOT") == "1"
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def report_of(output: str) -> Path:
    """Return the report that a run's verdict names."""
    [path] = re.findall(r"^report:   (.*/report\.html)$", output, re.MULTILINE)
    return Path(path)


def test_the_report_of_the_repair(lab: Lab, pyinfra: Pyinfra, tmp_path: Path) -> None:
    proof = {"TAG_VERIFICATION_SECONDS": "60"} if IS_WANTED else {}
    code, output = pyinfra.deploy("fix_tags", "-y", **proof)
    assert code == 0, output
    file = report_of(output)
    page_text = file.read_text()
    for secret in (lab.environment["GITLAB_TOKEN"], lab.environment["DEDUP_KAFKA_PASSWORD"]):
        assert secret not in page_text
    with browser(tmp_path) as page:
        page.open(file, width=1100)
        pictures = [each["name"] for each in page.elements() if each["role"] in ("img", "image")]
        assert pictures == ["The runners' tags while they were watched", "Steps"]
        text = page.value("document.body.innerText")
        assert "all tags of 12 runners lasted for" in text
        lanes = page.value(
            "[...document.querySelectorAll('[aria-labelledby^=tags-1-wide] .label')]"
            ".map((label) => label.textContent)"
        )
        assert [int(lane.split()[0]) for lane in lanes] == sorted(TAGS)
        steps = page.value("document.querySelector('#steps').closest('section').textContent")
        assert "Prove that the tags last" in steps
        assert page.value("document.documentElement.scrollWidth") == 1100
        assert page.told("Log.entryAdded") == []
        made = page.screenshot(height=1100)
    assert made.startswith(SIGNATURE)
    if IS_WANTED:
        PICTURE.write_bytes(made)


def test_the_report_of_the_chain(chain: Lab, pyinfra: Pyinfra, tmp_path: Path) -> None:
    code, output = pyinfra.deploy("verify_kafka_sasl", "-y")
    assert code == 0, output
    file = report_of(output)
    assert chain.environment["DEDUP_KAFKA_PASSWORD"] not in file.read_text()
    with browser(tmp_path) as page:
        page.open(file, width=360)
        marks = page.value("document.querySelectorAll('svg.narrow circle.good').length")
        assert marks == 9
        assert "9 of 9 links hold." in page.value("document.body.innerText")
        assert page.value("document.documentElement.scrollWidth") == 360


def test_the_readme_shows_it() -> None:
    assert f"]({PICTURE.relative_to(ROOT)})" in (ROOT / "README.md").read_text()
    assert PICTURE.read_bytes().startswith(SIGNATURE)
    assert PICTURE.stat().st_size < 200_000
