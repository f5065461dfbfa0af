"""Pictures as SVG in the page: colours are classes, which its style sheet has for light and dark.

Texts are escaped by drawsvg; attributes are ours alone, as it does not escape those.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence

import drawsvg

from ops.api.wording import duration
from ops.records.report.shapes import Lane, Link, Picture

WIDE, NARROW = 1000, 340  # units, which are pixels where there is room
SIZE, SMALL = 13, 11  # of letters
ROW, BAR, GAP = 26, 14, 8
HIGH = 50  # of a link
_SLIM = frozenset("iljtfr.,:;'|!()[]/ -")
TICKS = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)


class _Description(drawsvg.Title):  # type: ignore[misc]
    TAG_NAME = "desc"


def svg(picture: Picture, *, is_narrow: bool) -> str:
    """Return a picture as an element of the page, with its name and description for those who hear.

    + is_narrow: for a screen that has no room beside a lane for what it is
    """
    width = NARROW if is_narrow else WIDE
    elements, height = (
        _chain(picture.links, width) if picture.links else _lanes(picture, width, is_narrow)
    )
    name = f"{picture.name}-{'narrow' if is_narrow else 'wide'}"
    drawing = drawsvg.Drawing(
        width,
        height,
        id_prefix=name,
        role="img",
        class_="narrow" if is_narrow else "wide",
        **{"aria-labelledby": f"{name}-title", "aria-describedby": f"{name}-desc"},
    )
    drawing.append(drawsvg.Title(picture.title, id=f"{name}-title"))
    drawing.append(_Description(picture.text, id=f"{name}-desc"))
    drawing.extend(elements)
    found: str = drawing.as_svg(header="", skip_js=True, skip_css=True)
    return found


def _lanes(
    picture: Picture, width: int, is_narrow: bool
) -> tuple[list[drawsvg.DrawingElement], int]:
    left = 0 if is_narrow else _longest((lane.label for lane in picture.lanes), 330)
    right = 0 if is_narrow else _longest((lane.note for lane in picture.lanes), 260)
    scale = (width - left - right) / (picture.seconds or 1)
    found: list[drawsvg.DrawingElement] = []
    y = 0
    bars: list[tuple[int, Lane]] = []
    for lane in picture.lanes:
        if lane.heading:
            y += GAP if y else 0
            found.append(_text(lane.heading, 0, y + 17, "heading", width))
            y += ROW
        if is_narrow:
            found += _above(lane, y, width)
            y += ROW - 4
        else:
            found += _beside(lane, y, left, width - right)
        bars.append((y, lane))
        y += ROW if not is_narrow else BAR + 10
    axis = list(_axis(picture.seconds, left, scale, y, width - right))
    for top, lane in bars:
        axis += _bar(lane, top + (ROW - BAR) // 2 if not is_narrow else top, left, scale)
    return [*axis, *found], y + 24


def _longest(texts: Iterable[str], most: int) -> int:
    """Return how much room is needed for texts and the gaps beside them."""
    widths = (max(_widths(text), default=0) * SIZE for text in texts)
    return min(int(max(widths, default=0)) + 1 + 2 * GAP, most)


def _above(lane: Lane, y: int, width: int) -> Iterator[drawsvg.DrawingElement]:
    room = width * 0.58 if lane.note else width
    yield _text(lane.label, 0, y + 15, "label", room)
    yield _text(lane.note, width, y + 15, "note", width - room - GAP, anchor="end")


def _beside(lane: Lane, y: int, left: int, right: int) -> Iterator[drawsvg.DrawingElement]:
    yield _text(lane.label, 0, y + 18, "label", left - 2 * GAP)
    yield _text(lane.note, right + GAP, y + 18, "note", WIDE - right - GAP)


def _bar(lane: Lane, y: int, left: float, scale: float) -> Iterator[drawsvg.DrawingElement]:
    for span in lane.spans:
        long = max((span.end - span.start) * scale, 3)
        start = left + span.start * scale
        yield drawsvg.Rectangle(
            round(start, 1), y, round(long, 1), BAR, rx=2, class_=f"bar {span.tone}"
        )
        if span.text and long > 80:
            yield _text(span.text, start + 5, y + BAR - 3, "inside", long - 8, SMALL)


def _axis(
    seconds: float, left: float, scale: float, y: int, right: float
) -> Iterator[drawsvg.DrawingElement]:
    step = next((tick for tick in TICKS if seconds / tick <= 6), seconds / 6)
    number = 0
    while seconds and number * step <= seconds * 1.0001:
        x = round(left + number * step * scale, 1)
        yield drawsvg.Line(x, 0, x, y + 4, class_="grid")
        text = (
            "0" if not number else f"{step * number:g} s" if step < 60 else duration(step * number)
        )
        anchor = "start" if not number else "end" if x > right - 25 else "middle"
        yield _text(text.removesuffix(" 0 s"), x, y + 18, "tick", 90, SMALL, anchor)
        number += 1


def _chain(links: Sequence[Link], width: int) -> tuple[list[drawsvg.DrawingElement], int]:
    found: list[drawsvg.DrawingElement] = []
    for number, link in enumerate(links):
        found += _link(link, 8 + number * HIGH, width, is_last=number == len(links) - 1)
    return found, 8 + len(links) * HIGH


def _link(link: Link, y: int, width: int, *, is_last: bool) -> Iterator[drawsvg.DrawingElement]:
    tone = {True: "good", False: "bad", None: "quiet"}[link.ok]
    if not is_last:
        yield drawsvg.Line(14, y + 28, 14, y + HIGH, class_=f"joint {tone}")
    yield drawsvg.Circle(14, y + 14, 12, class_=f"bar {tone}")
    marks: dict[bool | None, list[tuple[float, float]]] = {
        True: [(8.5, 14.5), (12.5, 18.5), (19.5, 10)],
        False: [(9.5, 9.5), (18.5, 18.5), (14, 14), (18.5, 9.5), (9.5, 18.5)],
        None: [(8.5, 14), (19.5, 14)],
    }
    points = [value for x, dy in marks[link.ok] for value in (x, y + dy)]
    yield drawsvg.Lines(*points, class_="mark")
    yield _text(link.name, 38, y + 12, "heading", width - 38)
    yield _text(link.seen, 38, y + 29, "note", width - 38)


def _text(
    text: str, x: float, y: float, name: str, room: float, size: int = SIZE, anchor: str = "start"
) -> drawsvg.Text:
    """Return a text that is cut where it is longer than there is room."""
    line = text.replace("\n", " ")
    bold = 1.2 if name in ("heading", "inside") else 1
    fits = [end for end, wide in enumerate(_widths(line), 1) if wide * size * bold <= room]
    if len(fits) < len(line):
        line = f"{line[: max(len(fits) - 2, 1)].rstrip()}…"
    return drawsvg.Text(line, size, round(x, 1), round(y, 1), class_=name, text_anchor=anchor)


def _widths(text: str) -> Iterator[float]:
    """Return how wide a text is after each of its characters, in heights of a letter."""
    return itertools.accumulate(map(width, text))


def width(character: str) -> float:
    """Return how wide a character is, in heights of a letter.

    Only a browser knows it: this is what a wide font (DejaVu Sans) needs.
    """
    if character == " ":
        return 0.42
    if character in _SLIM:
        return 0.36
    return 0.62 if character.islower() or character.isdigit() else 0.76


def pair(picture: Picture) -> Sequence[str]:
    """Return a picture for a wide and for a narrow screen; the page shows one of them."""
    return [svg(picture, is_narrow=is_narrow) for is_narrow in (False, True)]
