"""The page and the Markdown of a report: templates, and what they are filled with."""

import base64
import functools
import hashlib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ops.api.visible import cut
from ops.records.report import content
from ops.records.report.charts import pictures, took
from ops.records.report.code_span import code

IN_A_TICKET = 200  # characters of a value
Record = Mapping[str, Any]


def html(record: Record) -> str:
    """Return the page of a record: one text that needs nothing else, and asks nobody."""
    # It is not needed before: a run that begins does not wait for it.
    from ops.records.report.drawing import pair

    found = content.of(record)
    drawn = [(one, [Markup(each) for each in pair(one)]) for one in pictures(found)]
    style = _style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    template = _environment(autoescape=True).get_template("report.html.j2")
    return template.render(report=found, pictures=drawn, style=Markup(style), digest=digest)


def markdown(record: Record) -> str:
    """Return the same for a ticket: GitLab's Markdown, in which texts of others are code."""
    found = content.of(record)
    template = _environment(autoescape=False).get_template("report.md.j2")
    return template.render(report=found, pictures=list(pictures(found)))


@functools.cache
def _environment(*, autoescape: bool) -> Environment:
    environment = Environment(
        loader=PackageLoader("ops.records.report", "templates"),
        autoescape=autoescape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["took"] = took
    environment.filters["code"] = code
    environment.filters["short"] = functools.partial(cut, longest=IN_A_TICKET)
    return environment


@functools.cache
def _style() -> str:
    return files("ops.records.report").joinpath("templates/report.css").read_text()
