"""Rendering of the stubs: their files, and the values that their templates print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from fal_codegen.client_names import Node, tree, walk
from fal_codegen.ir import Endpoint
from fal_codegen.render import GeneratedFile, Templates
from fal_codegen.targets.fal_client_stubs.views import Call, calls, module
from fal_codegen.targets.formatting import format_python
from fal_codegen.targets.python_quoting import FILTERS

_PACKAGE = "fal_client-stubs"


def render(
    values: Mapping[str, object], endpoints: Sequence[Endpoint], templates: Templates
) -> dict[str, str]:
    """Return the text of every file of the stubs, by path.

    Args:
        values: The values that the template of `pyproject.toml` prints.
        endpoints: The planned endpoints, sorted by id.
        templates: The templates.
    """
    nodes = tree(endpoints)
    called = calls(nodes)
    written = templates.render(_distribution(values, called), filters=FILTERS)
    stubs = templates.batches(_stubs(nodes, called), filters=FILTERS)
    return {**written, **format_python(stubs, package="fal_client")}


def _distribution(values: Mapping[str, object], called: Sequence[Call]) -> Iterator[GeneratedFile]:
    yield GeneratedFile("pyproject.toml", "pyproject.toml.jinja", values)
    yield GeneratedFile("README.md", "README.md.jinja", {"calls": called})
    yield GeneratedFile(f"{_PACKAGE}/py.typed", "py.typed.jinja")


def _stubs(nodes: Sequence[Node], called: Sequence[Call]) -> Iterator[GeneratedFile]:
    if called:  # without endpoints, the client's own types are complete
        yield GeneratedFile(f"{_PACKAGE}/__init__.pyi", "__init__.pyi.jinja", {"calls": called})
    yield GeneratedFile(f"{_PACKAGE}/_endpoints/__init__.pyi", "namespace.pyi.jinja")
    for node in walk(nodes):
        path = f"{_PACKAGE}/_endpoints/{node.file}i"
        if node.endpoint is None:
            yield GeneratedFile(path, "namespace.pyi.jinja")
        else:
            view = {"module": module(node.endpoint)}
            yield GeneratedFile(path, "endpoint.pyi.jinja", view, node.endpoint.id)
