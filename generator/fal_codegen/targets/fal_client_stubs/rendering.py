"""Rendering of the stubs: which files there are, and what each says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fal_codegen.ir import Endpoint, Outline
from fal_codegen.render import Templates
from fal_codegen.targets import Part
from fal_codegen.targets.fal_client_stubs import Settings
from fal_codegen.targets.fal_client_stubs.views import calls, module, nodes_below
from fal_codegen.targets.formatting import format_python
from fal_codegen.targets.python.names import Node, tree
from fal_codegen.targets.python.quoting import FILTERS

if TYPE_CHECKING:
    from fal_codegen.drift.history import Entry

_PACKAGE = "fal_client-stubs"


class StubsRenderer:
    """Renders the stubs.

    Args:
        settings: What the declaration says of them.
        template_folders: Where templates are looked for, first one first.
    """

    def __init__(self, settings: Settings, template_folders: Sequence[Path]) -> None:
        self._settings = settings
        self._templates = Templates(template_folders, FILTERS)

    def _parts(self, outlines: Sequence[Outline], history: Sequence[Entry]) -> list[Part]:
        """Return every file of the stubs."""
        nodes = tree(outlines)
        called = calls(nodes)
        return [
            Part("pyproject.toml", "pyproject.toml.jinja", {"settings": self._settings}),
            Part("README.md", "README.md.jinja", {"calls": called}),
            Part(f"{_PACKAGE}/py.typed", "py.typed.jinja"),
            Part(f"{_PACKAGE}/client.pyi", "client.pyi.jinja", {"calls": called}),
            *(
                Part(f"{_PACKAGE}/{path}", "surface.pyi.jinja", {"path": path, "text": text})
                for path, text in self._templates.files("surface", ".pyi").items()
            ),
            Part(f"{_PACKAGE}/_endpoints/__init__.pyi", "namespace.pyi.jinja"),
            *map(_part, nodes_below(nodes)),
        ]

    def render(
        self,
        endpoints: Sequence[Endpoint],
        history: Sequence[Entry],
        on_done: Callable[[str], None],
    ) -> dict[str, str]:
        """Return the text of every file of the stubs, by path."""
        parts = self._parts([endpoint.outline for endpoint in endpoints], history)
        by_id = {endpoint.id: endpoint for endpoint in endpoints}
        texts: dict[str, str] = {}
        for part in parts:
            context = part.context
            if part.endpoint is not None:
                context = {"module": module(by_id[part.endpoint])}
            texts[part.path] = self._templates.render(part.template, **context)
            if part.endpoint is not None:
                on_done(part.endpoint)
        stubs = {path: text for path, text in texts.items() if path.endswith(".pyi")}
        return {**texts, **format_python(stubs)}


def _part(node: Node) -> Part:
    path = f"{_PACKAGE}/_endpoints/{node.file}i"
    if node.endpoint is None:
        return Part(path, "namespace.pyi.jinja")
    return Part(path, "endpoint.pyi.jinja", endpoint=node.endpoint.id)
