"""Rendering of the package: which files it has, and what each says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fal_codegen.ir import Endpoint, Outline
from fal_codegen.render import Templates
from fal_codegen.targets import Part
from fal_codegen.targets.formatting import format_python
from fal_codegen.targets.python import Settings
from fal_codegen.targets.python.names import Node, tree
from fal_codegen.targets.python.quoting import FILTERS
from fal_codegen.targets.python.types import python_types
from fal_codegen.targets.python.views import (
    Place,
    children,
    class_of,
    endpoint_module,
    namespace_module,
    place,
)

if TYPE_CHECKING:
    from fal_codegen.drift.history import Entry

_NODE = "node.py.jinja"


class PythonRenderer:
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
        package, settings = self._settings.package, {"settings": self._settings}
        nodes = tree(outlines)
        return [
            Part("pyproject.toml", "pyproject.toml.jinja", settings),
            Part("README.md", "README.md.jinja", {**settings, "calls": _calls(nodes)}),
            Part(f"{package}/__init__.py", "init.py.jinja", settings),
            Part(f"{package}/__main__.py", "main.py.jinja", settings),
            Part(
                f"{package}/_client.py",
                "client.py.jinja",
                {**settings, "children": children(nodes, package)},
            ),
            Part(f"{package}/py.typed", "py.typed.jinja"),
            *(
                Part(f"{package}/_runtime/{path}", "runtime.py.jinja", {"path": path, "text": text})
                for path, text in self._templates.files("runtime", ".py").items()
            ),
            *_changelog(history),
            *(self._node(node) for node in _walk(nodes)),
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
        types = python_types(endpoints, class_of) if endpoints else {}
        texts: dict[str, str] = {}
        for part in parts:
            context = part.context
            if part.endpoint is not None:
                at, endpoint = context["place"], by_id[part.endpoint]
                assert isinstance(at, Place)
                context = {"module": endpoint_module(at, endpoint, types[endpoint.id])}
            texts[part.path] = self._templates.render(part.template, **context)
            if part.endpoint is not None:
                on_done(part.endpoint)
        unformatted = {
            part.path: texts[part.path] for part in parts if part.template in _UNFORMATTED
        }
        return {**texts, **format_python(unformatted)}

    def _node(self, node: Node) -> Part:
        package = self._settings.package
        path, at = f"{package}/{node.file}", place(node, package)
        if node.endpoint is None:
            return Part(path, _NODE, {"module": namespace_module(at)})
        return Part(path, _NODE, {"place": at}, endpoint=node.endpoint.id)


_UNFORMATTED = frozenset({"init.py.jinja", "main.py.jinja", "client.py.jinja", _NODE})
"""Templates of Python that is formatted after rendering; the runtime is written formatted."""


def _changelog(history: Sequence[Entry]) -> Iterator[Part]:
    if history:  # most projects have none yet
        from fal_codegen.targets.changelog import changelog

        days = changelog(history)
        if days:
            yield Part("CHANGELOG.md", "CHANGELOG.md.jinja", {"days": days})


def _walk(nodes: Iterable[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _walk(node.children)


def _calls(nodes: Iterable[Node]) -> list[tuple[str, str]]:
    """Return each endpoint's id with the way to it from the client."""
    return [(node.prefix, ".".join(node.path)) for node in _walk(nodes) if node.endpoint]
