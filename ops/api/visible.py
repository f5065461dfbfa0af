"""Text of others as it may reach a terminal: what would steer the terminal is shown instead."""

import re

# Control characters but the tab and the line feed, what turns the direction of writing or breaks a
# line unseen, and halves of characters, which cannot be printed at all.
_STEERS = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff"
_CHARACTER = re.compile(f"[{_STEERS}]")
# What click writes where pyinfra or we want bold or a colour (https://click.palletsprojects.com).
_STYLE = r"\x1b\[(?:0|1|3[1-7])m"
_ALL_BUT_STYLES = re.compile(f"({_STYLE})|[{_STEERS}]")


def visible(text: str) -> str:
    r"""Return a text with each character that steers a terminal as its escape, such as `\x1b`.

    + text: of an API, a log, a file, a command
    """
    return _CHARACTER.sub(_escape, text)


def one_line(text: str) -> str:
    r"""Return a text like `visible` that is one line: a line break in it is shown as `\n`.

    + text: a line of ours in which a name or a message of others stands
    """
    return visible(text).replace("\n", "\\n")


def visible_but_styles(text: str) -> str:
    """Return a text like `visible`, with the colours of click left in: it may be our own line.

    + text: a line as it is about to be printed
    """
    return _ALL_BUT_STYLES.sub(lambda match: match[1] or _escape(match), text)


def _escape(match: re.Match[str]) -> str:
    number = ord(match[0])
    return f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}"


def cut(text: str, longest: int) -> str:
    """Return a text, or its beginning with `…`: it ends after a word where there is one.

    + text: what is shown
    + longest: how many characters of it may be
    """
    if len(text) <= longest:
        return text
    words = text[: longest + 1].rpartition(" ")[0].rstrip()
    return f"{words if len(words) > longest // 2 else text[:longest]}…"
