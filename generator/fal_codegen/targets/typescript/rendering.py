"""Rendering of the package: which files it has, and what each says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fal_codegen.ir import Endpoint, Outline
from fal_codegen.render import Templates
from fal_codegen.targets import Part
from fal_codegen.targets.typescript import Settings
from fal_codegen.targets.typescript.names import module_paths
from fal_codegen.targets.typescript.quoting import FILTERS
from fal_codegen.targets.typescript.views import Module, Place, endpoint_module, place

if TYPE_CHECKING:
    from fal_codegen.drift.history import Entry

_OF_PACKAGE = ("package.json", "README.md", "index.js", "index.d.ts")
_OF_ENDPOINT = {
    "index.js": "endpoint.js.jinja",
    "index.d.ts": "endpoint.d.ts.jinja",
    "zod.js": "zod.js.jinja",
    "zod.d.ts": "zod.d.ts.jinja",
}


class TypeScriptRenderer:
    """Renders the package.

    Args:
        settings: What the declaration says of it.
        template_folders: Where templates are looked for, first one first.
    """

    def __init__(self, settings: Settings, template_folders: Sequence[Path]) -> None:
        self._settings = settings
        self._templates = Templates(template_folders, FILTERS)

    def _parts(self, outlines: Sequence[Outline], history: Sequence[Entry]) -> list[Part]:
        """Return every file of the package."""
        paths = module_paths(outline.id for outline in outlines)
        places = tuple(place(outline, paths[outline.id]) for outline in outlines)
        whole = {"settings": self._settings, "places": places}
        return [
            *(Part(name, f"{name}.jinja", whole) for name in _OF_PACKAGE),
            *(
                Part(f"runtime/{path}", "runtime.jinja", {"path": path, "text": text})
                for path, text in self._runtime().items()
            ),
            *(
                Part(f"endpoints/{at.path}/{name}", template, {"place": at}, endpoint=at.id)
                for at in places
                for name, template in _OF_ENDPOINT.items()
            ),
        ]

    def render(
        self,
        endpoints: Sequence[Endpoint],
        history: Sequence[Entry],
        on_done: Callable[[str], None],
    ) -> dict[str, str]:
        """Return the text of every file of the package, by path."""
        parts = self._parts([endpoint.outline for endpoint in endpoints], history)
        by_id = {endpoint.id: endpoint for endpoint in endpoints}
        modules: dict[str, Module] = {}
        texts: dict[str, str] = {}
        for part in parts:
            context = part.context
            if part.endpoint is not None:
                at = context["place"]
                assert isinstance(at, Place)
                if at.id not in modules:
                    modules[at.id] = endpoint_module(at, by_id[at.id])
                    on_done(at.id)
                context = {"module": modules[at.id]}
            texts[part.path] = self._templates.render(part.template, **context)
        return texts

    def _runtime(self) -> Mapping[str, str]:
        return {
            path: text
            for suffix in (".js", ".d.ts")
            for path, text in self._templates.files("runtime", suffix).items()
        }
