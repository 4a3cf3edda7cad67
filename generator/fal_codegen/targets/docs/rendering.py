"""Rendering of the site: its files, and the values that their templates print."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from fal_codegen.client_names import call_paths
from fal_codegen.ir import Endpoint
from fal_codegen.render import GeneratedFile, Templates
from fal_codegen.targets.docs.views import Packages, categories, page, page_paths
from fal_codegen.text.markdown import FILTERS

if TYPE_CHECKING:
    from fal_codegen.targets.docs import DocsTarget

PAGES = "pages"
"""The folder that a site generator reads; its configuration is beside it."""


def render(site: DocsTarget, endpoints: Sequence[Endpoint], templates: Templates) -> dict[str, str]:
    """Return the text of every file of the site, by path.

    Args:
        site: The settings of the site.
        endpoints: The planned endpoints, sorted by id.
        templates: The templates.
    """
    return templates.render(_files(site, endpoints), filters=FILTERS)


def _files(site: DocsTarget, endpoints: Sequence[Endpoint]) -> Iterator[GeneratedFile]:
    paths = page_paths([endpoint.id for endpoint in endpoints])
    calls = call_paths(paths)
    packages = Packages(site.package, site.npm_package)
    index = {
        "title": site.title,
        "categories": categories(endpoints, paths),
        "thumbnails": site.thumbnails,
    }
    yield GeneratedFile("mkdocs.yml", "mkdocs.yml.jinja", {**index, "pages": PAGES})
    yield GeneratedFile(f"{PAGES}/index.md", "index.md.jinja", index)
    yield GeneratedFile(f"{PAGES}/site.css", "site.css.jinja")
    for endpoint in endpoints:
        path = paths[endpoint.id]
        view = page(
            endpoint,
            packages,
            site.facts.get(endpoint.id, {}),
            paths=paths,
            call=".".join(calls[endpoint.id]),
        )
        values = {"page": view, "link": path, "thumbnails": site.thumbnails}
        if endpoint is endpoints[0]:  # the example of what all endpoints share
            yield GeneratedFile(f"{PAGES}/calling.md", "calling.md.jinja", values)
        yield GeneratedFile(f"{PAGES}/{path}", "endpoint.md.jinja", values, endpoint.id)
