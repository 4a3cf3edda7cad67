"""Rendering of the site: its files, and the values that their templates print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from fal_codegen.client_names import call_paths
from fal_codegen.ir import Endpoint
from fal_codegen.render import GeneratedFile, Templates
from fal_codegen.targets.docs.views import categories, page, page_paths
from fal_codegen.text.markdown import FILTERS

PAGES = "pages"
"""The folder that a site generator reads; its configuration is beside it."""


def render(
    title: str,
    package: str,
    facts: Mapping[str, Mapping[str, str]],
    endpoints: Sequence[Endpoint],
    templates: Templates,
) -> dict[str, str]:
    """Return the text of every file of the site, by path.

    Args:
        title: The name of the site.
        package: The import name of the Python client that its examples use.
        facts: What the pages list besides the documents, by endpoint id and label.
        endpoints: The planned endpoints, sorted by id.
        templates: The templates.
    """
    return templates.render(_files(title, package, facts, endpoints), filters=FILTERS)


def _files(
    title: str,
    package: str,
    facts: Mapping[str, Mapping[str, str]],
    endpoints: Sequence[Endpoint],
) -> Iterator[GeneratedFile]:
    paths = page_paths([endpoint.id for endpoint in endpoints])
    calls = call_paths(paths)
    index = {"title": title, "categories": categories(endpoints, paths)}
    yield GeneratedFile("mkdocs.yml", "mkdocs.yml.jinja", {**index, "pages": PAGES})
    yield GeneratedFile(f"{PAGES}/index.md", "index.md.jinja", index)
    yield GeneratedFile(f"{PAGES}/tables.css", "tables.css.jinja")
    for endpoint in endpoints:
        path = paths[endpoint.id]
        view = page(
            endpoint,
            package,
            facts.get(endpoint.id, {}),
            path=path,
            call=".".join(calls[endpoint.id]),
        )
        values = {"page": view, "link": path}
        if endpoint is endpoints[0]:  # the example of what all endpoints share
            yield GeneratedFile(f"{PAGES}/calling.md", "calling.md.jinja", values)
        yield GeneratedFile(f"{PAGES}/{path}", "endpoint.md.jinja", values, endpoint.id)
