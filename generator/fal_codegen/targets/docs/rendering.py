"""Rendering of the site: its files, and the values that their templates print."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fal_codegen.client_names import call_paths
from fal_codegen.ir import Endpoint
from fal_codegen.render import GeneratedFile, Templates
from fal_codegen.targets.docs import DocsTarget
from fal_codegen.targets.docs.views import categories, page, page_paths
from fal_codegen.text.markdown import FILTERS

PAGES = "pages"
"""The folder that a site generator reads; its configuration is beside it."""


def render(
    target: DocsTarget, endpoints: Sequence[Endpoint], templates: Templates
) -> dict[str, str]:
    """Return the text of every file of the site, by path."""
    return templates.render(_files(target, endpoints), filters=FILTERS)


def _files(target: DocsTarget, endpoints: Sequence[Endpoint]) -> Iterator[GeneratedFile]:
    paths = page_paths([endpoint.id for endpoint in endpoints])
    calls = call_paths(paths)
    index = {"title": target.title, "categories": categories(endpoints, paths)}
    yield GeneratedFile("mkdocs.yml", "mkdocs.yml.jinja", {**index, "pages": PAGES})
    yield GeneratedFile(f"{PAGES}/index.md", "index.md.jinja", index)
    yield GeneratedFile(f"{PAGES}/tables.css", "tables.css.jinja")
    for endpoint in endpoints:
        path = paths[endpoint.id]
        view = page(endpoint, target, path=path, call=".".join(calls[endpoint.id]))
        values = {"page": view, "link": path}
        if endpoint is endpoints[0]:  # the example of what all endpoints share
            yield GeneratedFile(f"{PAGES}/calling.md", "calling.md.jinja", values)
        yield GeneratedFile(f"{PAGES}/{path}", "endpoint.md.jinja", values, endpoint.id)
