"""One HTML page that loads no resources and filters changes by level without scripts."""

from __future__ import annotations

from importlib.resources import files

import jinja2

from fal_codegen.drift.formats.wording import (
    LEVELS,
    name_of,
    notices,
    reversal,
    survival,
    verdict,
    words,
)
from fal_codegen.drift.report import DriftReport
from fal_codegen.text.escaping import html, json_text


def render(drift: DriftReport) -> str:
    """Render a report as a page."""
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=lambda value: html(str(value)),
    )
    template = environment.from_string(
        files(__package__).joinpath("page.html.jinja").read_text("utf-8")
    )
    return template.render(
        drift=drift,
        verdict=verdict(drift),
        levels=[(name_of(level), drift.counts[level]) for level in LEVELS if level in drift.counts],
        name_of=name_of,
        notices=notices(drift),
        survival=survival,
        words=words,
        reversal=lambda change: reversal(drift, change),
        json=json_text,
    )
