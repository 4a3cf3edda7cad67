"""Rendering of the site: which files it has, and what each says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fal_codegen.ir import Endpoint, Outline
from fal_codegen.render import Templates
from fal_codegen.targets import OnDone, Part
from fal_codegen.targets.docs import Settings
from fal_codegen.targets.docs.views import Place, categories, page, places
from fal_codegen.text.markdown import FILTERS

if TYPE_CHECKING:
    from fal_codegen.drift.history import Entry

PAGES = "pages"
"""The folder of what a site generator reads; its configuration is beside it."""

_ENDPOINT = "endpoint.md.jinja"


class DocsRenderer:
    """Renders the site.

    Args:
        settings: What the declaration says of it.
        template_folders: Where templates are looked for, first one first.
    """

    def __init__(self, settings: Settings, template_folders: Sequence[Path]) -> None:
        self._settings = settings
        self._templates = Templates(template_folders, FILTERS)

    def _parts(self, outlines: Sequence[Outline], history: Sequence[Entry]) -> list[Part]:
        """Return every file of the site."""
        at = places(outlines, self._settings)
        index = {"title": self._settings.title, "categories": categories(outlines, at)}
        return [
            Part("mkdocs.yml", "mkdocs.yml.jinja", {**index, "pages": PAGES}),
            Part(f"{PAGES}/index.md", "index.md.jinja", index),
            Part(f"{PAGES}/tables.css", "tables.css.jinja"),
            *(self._calling(outline.id, at) for outline in outlines[:1]),
            *(
                Part(f"{PAGES}/{place.path}", _ENDPOINT, {"place": place}, endpoint=endpoint_id)
                for endpoint_id, place in at.items()
            ),
        ]

    def render(
        self,
        endpoints: Sequence[Endpoint],
        history: Sequence[Entry],
        on_done: OnDone,
    ) -> dict[str, str]:
        """Return the text of every file of the site, by path."""
        parts = self._parts([endpoint.outline for endpoint in endpoints], history)
        by_id = {endpoint.id: endpoint for endpoint in endpoints}
        texts: dict[str, str] = {}
        for part in parts:
            context = part.context
            if part.endpoint is not None:
                place = context["place"]
                assert isinstance(place, Place)
                shown = page(by_id[part.endpoint], place, self._settings.package)
                context = {"page": shown, "link": place.path}
            texts[part.path] = self._templates.render(part.template, **context)
            if part.template == _ENDPOINT and part.endpoint is not None:
                on_done(part.endpoint)
        return texts

    def _calling(self, endpoint_id: str, at: Mapping[str, Place]) -> Part:
        """Return the page about what is the same for every endpoint; it shows one as an example."""
        context = {"place": at[endpoint_id]}
        return Part(f"{PAGES}/calling.md", "calling.md.jinja", context, endpoint=endpoint_id)
