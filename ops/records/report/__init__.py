"""The report of a run: `report.html` for people, Markdown for tickets; both out of its record.

`content` and `changes` take from a record what is to be told, `charts` says what is drawn,
`drawing` draws it, and `pages` has the templates filled. A record has no secret, so no report has
one.
"""

from ops.records.report.pages import html, markdown

__all__ = ["html", "markdown"]
