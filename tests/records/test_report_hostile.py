"""Texts of others in a report: whatever they are, they are text, in the page and in a ticket."""

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from record_files import RECORD_VALIDATOR
from reported import record

from ops.api.visible import visible
from ops.records.report import html, markdown
from ops.records.report.code_span import code
from ops.records.report.drawing import width

HOSTILE = [
    "<script>alert(1)</script>",
    "</style><img src=https://example.com/a.png onerror=alert(1)>",
    "\"' onload='alert(1)' x=\"",
    "]]></svg><script>alert(1)</script>",
    "&lt;b&gt; &amp; <b>bold</b>",
    "{{ 7 * 7 }}{% include '/etc/passwd' %}",
    "@root @all #1 !2 $3 ~label %4 &5 :tada: [text](https://example.com) https://example.com/",
    "`code` ``more`` ```\n~~~\n/close\n# heading\n- item\n> quote\n| a | b |\n| - | - |",
    "![image](https://example.com/a.png) <https://example.com> [x]: https://example.com",
    "$`a^2`$ $$b$$ [[_TOC_]] [[wiki]] ::include{file=x} \\`escaped\\` \\",
    "``` `", "`", " ", "  ` ", "a\u202eb\u2066c\x1b[2J\x00\r\n\x85\u2028z",
]  # fmt: skip


class Elements(HTMLParser):
    """The elements of a page with their attributes, and all of its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


def harmless(text: str) -> Callable[[str], str]:
    """Return what replaces a text by one that is as wide, with the same lines.

    Pictures are the same then: how wide a text is decides where a bar begins.
    """

    def letter(character: str) -> str:
        return next((like for like in "ia" if width(character) == width(like)), "A")

    replaced = "".join(c if c in " \n" else letter(c) for c in visible(text))
    return lambda _: replaced


def tokens(text: str) -> list[Token]:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    return [part for token in parser.parse(text) for part in [token, *(token.children or [])]]


def shape(text: str) -> list[Any]:
    """Return what Markdown is made of, without the content of code."""
    return [
        (token.type, token.tag, token.attrs,
         "" if token.type in ("code_inline", "inline") else token.content)
        for token in tokens(text)
    ]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_the_page_has_the_elements_that_it_has_with_harmless_texts(text: str) -> None:
    hostile = record(lambda _: text)
    assert RECORD_VALIDATOR.is_valid(hostile)
    page, other = Elements(html(hostile)), Elements(html(record(harmless(text))))
    assert page.found == other.found
    assert visible(text).split("\n")[0].strip() in page.text
    assert not {"script", "a", "img", "link", "iframe", "object", "form"} & {
        tag for tag, _ in page.found
    }
    names = {name for _, attributes in page.found for name, _ in attributes}
    assert not [name for name in names if name.startswith("on") or name in ("href", "src", "style")]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_ticket_has_the_markup_that_it_has_with_harmless_texts(text: str) -> None:
    assert shape(markdown(record(lambda _: text))) == shape(markdown(record(harmless(text))))


@pytest.mark.parametrize("text", HOSTILE)
def test_outside_of_code_a_ticket_has_nothing_of_it(text: str) -> None:
    """GitLab makes mentions and links of what is no code."""
    mark = "zq"
    found = tokens(markdown(record(lambda words: f"{mark}{text}{words}{mark}")))
    plain = [token.content for token in found if token.type not in ("code_inline", "inline")]
    assert not [words for words in plain if mark in words]
    assert any(mark in token.content for token in found if token.type == "code_inline")


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_any_text_is_code_and_stays_what_it_is(text: str) -> None:
    shown = visible(text)
    found = tokens(f"- a {code(shown)} b")
    inline = [token for token in found if token.type in ("text", "code_inline")]
    assert [token.type for token in inline] == ["text", "code_inline", "text"]
    assert inline[1].content == (shown.replace("\n", "\\n") or " ")


def test_what_steers_a_reader_is_shown_as_its_escape() -> None:
    for made in (html, markdown):
        found = made(record(lambda words: f"{words}\u202e\x1b[2J\u2066"))
        assert "\\u202e" in found
        assert not {"\u202e", "\u2066", "\x1b"} & set(found)
