"""Text of others never steers a terminal."""

import re

import pytest
from lab_process import Lab, Pyinfra
from terminal import on_a_terminal

from ops.api.visible import visible, visible_but_styles

# Sets the title, clears the screen, hides what follows, goes back to the beginning of the line.
EVIL = "\x1b]0;title\x07\x1b[2J\x1b[8m\r\x9b2J\u202eevil"
SHOWN = "\\x1b]0;title\\x07\\x1b[2J\\x1b[8m\\x0d\\x9b2J\\u202eevil"
# What is written on a terminal: bold, colours, and what takes the live line back.
STYLE = re.compile(r"\x1b\[((0|1|3[1-7])m|2?K)")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, ä, 漢, 🙂, a\ttab", None),
        (EVIL, SHOWN),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("half \ud800", "half \\ud800"),
        ("\x00\x7f\x85\u2028", "\\x00\\x7f\\x85\\u2028"),
    ],
)
def test_it_is_shown_as_an_escape(text: str, shown: str | None) -> None:
    assert visible(text) == (text if shown is None else shown)


def test_own_styles_stay() -> None:
    assert visible_but_styles("\x1b[1m\x1b[31mred\x1b[0m \x1b[8m\x1b[30m") == (
        "\x1b[1m\x1b[31mred\x1b[0m \\x1b[8m\\x1b[30m"
    )


def steers(output: str) -> str:
    return "".join(re.findall(r"[^\n\r\t -~\xa0-\uffff]", STYLE.sub("", output)))


@pytest.fixture
def evil(lab: Lab) -> Lab:
    """The site, where somebody has written to the terminal of whoever looks at it."""
    lab.fault(action="describe_runner", runner=17, description=EVIL)
    lab.fault(action="set_trace", job="experiment:build", text=f"{EVIL}\n")
    lab.fault(
        action="commit", remote="gitlab", branch="development", files={f"k8s/{EVIL[:9]}": EVIL},
        message=f"Add {EVIL}",
    )  # fmt: skip
    return lab


@pytest.mark.parametrize("deploy", ["fix_tags", "overview", "sync_master", "unblock_pipeline"])
def test_no_job_lets_it_through(evil: Lab, pyinfra: Pyinfra, deploy: str) -> None:
    output = on_a_terminal(pyinfra, 100, "inventory.py", f"deploys/{deploy}.py", "--dry")
    assert steers(output) == ""
    assert "\\x1b]0;title" in output.replace("\r\n", "")


def test_the_output_of_a_command_is_shown(evil: Lab, pyinfra: Pyinfra) -> None:
    pod = ("@pod/gitlab/app=toolbox", "exec", "--data", "kubernetes_via=")
    printf = "printf 'a\\033]0;title\\007b\\n'; printf 'c\\033[2Jd\\n' >&2; exit 3"
    output = on_a_terminal(pyinfra, 100, *pod, "--", f'sh -c "{printf}"')
    assert "a\\x1b]0;title\\x07b" in output
    assert "c\\x1b[2Jd" in output
    assert steers(output) == ""
