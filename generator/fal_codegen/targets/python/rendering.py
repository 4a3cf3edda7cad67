"""Rendering of the Python package: its files, and the values that their templates print."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from fal_codegen.client_names import Node, tree, walk
from fal_codegen.ir import Endpoint
from fal_codegen.render import GeneratedFile, Templates
from fal_codegen.targets.changelog import changelog
from fal_codegen.targets.formatting import format_python
from fal_codegen.targets.python.documentation import documentation_lines
from fal_codegen.targets.python.extensions import EXTENSIONS, extension_modules
from fal_codegen.targets.python.types import Types, python_types
from fal_codegen.targets.python.views import children, class_of, endpoint_by_id, module
from fal_codegen.targets.python_quoting import FILTERS

if TYPE_CHECKING:
    from fal_codegen.history import Entry


def render(
    package: str,
    http: str,
    values: Mapping[str, object],
    endpoints: Sequence[Endpoint],
    history: Sequence[Entry],
    templates: Templates,
) -> dict[str, str]:
    """Return the text of every file of the package, by path.

    Args:
        package: Its import name.
        http: The HTTP library that its client imports.
        values: The values that every template may print.
        endpoints: The planned endpoints, sorted by id.
        history: The changes of their documents, oldest first.
        templates: The templates.
    """
    nodes = tree(endpoints)
    types = {endpoint.id: python_types(endpoint, class_of) for endpoint in endpoints}
    own = extension_modules(endpoints, templates)
    modules = _modules(package, values, nodes, types)
    as_written: dict[str, str] = {}

    def batches() -> Iterator[dict[str, str]]:
        yield from templates.batches(modules, filters=FILTERS)
        # While ruff formats the others:
        runtime = {
            path: _importing(http, text) for path, text in templates.files("runtime", ".py").items()
        }
        files = _package(package, values, nodes, runtime, own, history)
        as_written.update(templates.render(files, filters=FILTERS))
        as_written[f"{package}/_documentation.jsonl"] = documentation_lines(endpoints, types)

    formatted = format_python(batches(), package=package)
    return {**as_written, **formatted}


def _importing(http: str, text: str) -> str:
    """Return a module of the runtime that imports the package's HTTP library as httpx."""
    if http == "httpx":
        return text
    return re.sub(r"^( *)import httpx$", rf"\1import {http} as httpx", text, flags=re.MULTILINE)


def _package(
    package: str,
    values: Mapping[str, object],
    nodes: Sequence[Node],
    runtime: Mapping[str, str],
    own: Mapping[str, str],
    history: Sequence[Entry],
) -> Iterator[GeneratedFile]:
    """Yield the files that are formatted as their templates are."""
    yield GeneratedFile("pyproject.toml", "pyproject.toml.jinja", values)
    yield GeneratedFile("README.md", "README.md.jinja", {**values, "calls": _calls(nodes)})
    yield GeneratedFile(f"{package}/py.typed", "py.typed.jinja")
    yield GeneratedFile(f"{package}/proxy.py", "proxy.py.jinja")
    for path, text in runtime.items():
        file = f"{package}/_runtime/{path}"
        yield GeneratedFile(file, "runtime.py.jinja", {"path": path, "text": text})
    for path, text in own.items():
        file = f"{package}/{EXTENSIONS}/{path}"
        yield GeneratedFile(file, "extension.py.jinja", {"path": path, "text": text})
    if days := changelog(history):
        yield GeneratedFile("CHANGELOG.md", "CHANGELOG.md.jinja", {"days": days})


def _modules(
    package: str,
    values: Mapping[str, object],
    nodes: Sequence[Node],
    types: Mapping[str, Types],
) -> Iterator[GeneratedFile]:
    """Yield the modules that are formatted after they are rendered."""
    yield GeneratedFile(f"{package}/__init__.py", "init.py.jinja", values)
    yield GeneratedFile(f"{package}/__main__.py", "main.py.jinja", values)
    by_id = [endpoint_by_id(n.endpoint, n, package) for n in walk(nodes) if n.endpoint]
    yield GeneratedFile(f"{package}/_by_id.py", "by_id.py.jinja", {**values, "endpoints": by_id})
    client = {**values, "children": children(nodes, package, types)}
    yield GeneratedFile(f"{package}/_client.py", "client.py.jinja", client)
    for node in walk(nodes):
        view = module(node, package, types)
        endpoint_id = node.endpoint.id if node.endpoint else None
        path = f"{package}/{node.file}"
        yield GeneratedFile(path, "node.py.jinja", {"module": view}, endpoint_id)


def _calls(nodes: Iterable[Node]) -> list[tuple[str, str]]:
    """Return the id of each endpoint, with its path from the client."""
    return [(node.prefix, ".".join(node.path)) for node in walk(nodes) if node.endpoint]
