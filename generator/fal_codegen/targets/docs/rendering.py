"""Rendering of the site: its files, and the values that their templates print."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fal_codegen.client_names import call_paths
from fal_codegen.ir import Endpoint
from fal_codegen.render import GeneratedFile, Templates
from fal_codegen.targets.docs.settings import Settings
from fal_codegen.targets.docs.tool_schema import tool_schema
from fal_codegen.targets.docs.views import (
    categories,
    page,
    page_paths,
    plain_path,
    tool_schema_path,
)
from fal_codegen.text import cut
from fal_codegen.text.escaping import json_text
from fal_codegen.text.markdown import FILTERS

PAGES = "pages"
"""The folder that a site generator reads; its configuration is beside it."""

_LONGEST_QUOTE = 2000
"""Characters of a quoted text, so that no document can fill the memory of an agent."""


def render(
    settings: Settings, endpoints: Sequence[Endpoint], templates: Templates
) -> dict[str, str]:
    """Return the text of every file of the site, by path.

    Args:
        settings: The settings of the site.
        endpoints: The planned endpoints, sorted by id.
        templates: The templates.
    """
    pages = templates.render(_files(settings, endpoints), filters=_FILTERS)
    tools = {
        f"{PAGES}/{tool_schema_path(endpoint.id)}": tool_schema(endpoint) for endpoint in endpoints
    }
    return {**pages, **tools}


def _quoted(text: str) -> str:
    """Return text as a string of JSON: data for a program that reads instructions."""
    return json_text(cut(text.strip(), _LONGEST_QUOTE))


def _plain(value: str) -> str:
    """Return a value that is JSON already; its start as a string if it is long."""
    return value if len(value) <= _LONGEST_QUOTE else _quoted(value)


_FILTERS = {**FILTERS, "plain": _plain, "quoted": _quoted}


def _files(settings: Settings, endpoints: Sequence[Endpoint]) -> Iterator[GeneratedFile]:
    paths = page_paths([endpoint.id for endpoint in endpoints])
    calls = call_paths(paths)
    index = {
        "title": settings.title,
        "categories": categories(endpoints, paths),
        "thumbnails": settings.thumbnails,
    }
    yield GeneratedFile("mkdocs.yml", "mkdocs.yml.jinja", {**index, "pages": PAGES})
    yield GeneratedFile(f"{PAGES}/index.md", "index.md.jinja", index)
    yield GeneratedFile(f"{PAGES}/site.css", "site.css.jinja")
    yield GeneratedFile(f"{PAGES}/llms.txt", "llms.txt.jinja", index)
    for endpoint in endpoints:
        path = paths[endpoint.id]
        view = page(endpoint, settings, paths=paths, call=".".join(calls[endpoint.id]))
        values = {"page": view, "link": path, "thumbnails": settings.thumbnails}
        if endpoint is endpoints[0]:  # the example of what all endpoints share
            yield GeneratedFile(f"{PAGES}/calling.md", "calling.md.jinja", values)
        yield GeneratedFile(f"{PAGES}/{path}", "endpoint.md.jinja", values, endpoint.id)
        yield GeneratedFile(f"{PAGES}/{plain_path(path)}", "endpoint.txt.jinja", values)
