"""The templates of the pages and examples; HTML templates escape every value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2

from fal_codegen.emulator.playground.markup import spans
from fal_codegen.text.escaping import html

__all__ = ["render"]

_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent),
    autoescape=lambda name: name is not None and name.endswith(".html.jinja"),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters |= {"spans": spans, "visible": html}


def render(template: str, **context: Any) -> str:
    """Render one template."""
    return _ENVIRONMENT.get_template(template).render(**context)
