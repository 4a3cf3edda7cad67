"""For reading in a browser: one page that loads nothing, filtered by level without a script."""

from __future__ import annotations

from importlib.resources import files

import jinja2

from fal_codegen.drift.formats.wording import (
    LEVELS,
    echo,
    name_of,
    notices,
    survival,
    verdict,
    words,
)
from fal_codegen.drift.survey import Survey
from fal_codegen.text.positions import html, json_text


def tell(survey: Survey) -> str:
    """Return the survey as a page."""
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
        survey=survey,
        verdict=verdict(survey),
        levels=[
            (name_of(level), survey.counts[level]) for level in LEVELS if level in survey.counts
        ],
        name_of=name_of,
        notices=notices(survey),
        survival=survival,
        words=words,
        echo=lambda change: echo(survey, change),
        json=json_text,
    )
