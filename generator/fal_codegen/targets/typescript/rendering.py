"""Rendering of the npm package: its files, and the values that their templates print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from fal_codegen.ir import Endpoint
from fal_codegen.render import GeneratedFile, Templates
from fal_codegen.targets.typescript.names import module_paths, prefixes
from fal_codegen.targets.typescript.quoting import FILTERS
from fal_codegen.targets.typescript.views import example, module

_OF_PACKAGE = ("package.json", "README.md", "index.js", "index.d.ts")
_OF_ENDPOINT = {
    "index.js": "endpoint.js.jinja",
    "index.d.ts": "endpoint.d.ts.jinja",
    "zod.js": "zod.js.jinja",
    "zod.d.ts": "zod.d.ts.jinja",
}


def render(
    values: Mapping[str, object], endpoints: Sequence[Endpoint], templates: Templates
) -> dict[str, str]:
    """Return the text of every file of the package, by path.

    Args:
        values: The values that the templates of the package's own files print.
        endpoints: The planned endpoints, sorted by id.
        templates: The templates.
    """
    runtime = {**templates.files("runtime", ".js"), **templates.files("runtime", ".d.ts")}
    return templates.render(_files(values, endpoints, runtime), filters=FILTERS)


def _files(
    values: Mapping[str, object], endpoints: Sequence[Endpoint], runtime: Mapping[str, str]
) -> Iterator[GeneratedFile]:
    paths = module_paths(endpoint.id for endpoint in endpoints)
    first = [example(endpoint, paths[endpoint.id]) for endpoint in endpoints[:1]]
    package = {**values, "paths": paths, "examples": first}
    for name in _OF_PACKAGE:
        yield GeneratedFile(name, f"{name}.jinja", package)
    for path, text in runtime.items():
        yield GeneratedFile(f"runtime/{path}", "runtime.jinja", {"path": path, "text": text})
    names = prefixes(endpoint.id for endpoint in endpoints)
    for endpoint in endpoints:
        folder = paths[endpoint.id]
        view = {"module": module(endpoint, folder, names[endpoint.id])}
        for name, template in _OF_ENDPOINT.items():
            yield GeneratedFile(f"endpoints/{folder}/{name}", template, view, endpoint.id)
