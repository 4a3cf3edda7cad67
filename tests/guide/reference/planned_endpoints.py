"""What a target gets, from the docstrings of the intermediate representation."""

from __future__ import annotations

from .docstrings import docs, fields, tool
from .markdown import code, markdown_page, table

INTRODUCTION = """\
Before a target generates, the tool plans each endpoint: it decides the names, the order and the
documentation. A target gets the planned endpoints as immutable values, independent of programming
languages. See [Plugins](plugins.md) for how to write a target.
"""

CLASSES = ("ir.Endpoint", "document.models.Model", "document.models.Property")
MORE = ("document.models.Default", "document.repairs.Repair", "history.Entry")
SCHEMAS = """\
## Schema

Each property and each result has a schema: one of the classes below. A `match` that ends in
`assert_never` handles all of them. `fal_codegen.document.schema` also has functions for schemas,
such as `as_json_schema`.
"""
KINDS = (
    *("Anything", "Null", "Boolean", "Integer", "Number", "String", "FileUrl", "Enum"),
    *("Array", "Map", "Ref", "Union"),
)


def page() -> str:
    blocks = [INTRODUCTION]
    for path in CLASSES:
        blocks += _class(path)
    blocks.append(SCHEMAS)
    rows = []
    for kind in KINDS:
        class_ = tool(f"document.schema.{kind}")
        attributes = ", ".join(name for name, _, _ in _with_inherited(kind))
        rows.append([code(kind), docs(class_).text, attributes])
    blocks.append(table(["class", "values", "attributes"], rows))
    for path in MORE:
        blocks += _class(path)
    return markdown_page("Planned endpoints", *blocks)


def _class(path: str) -> list[str]:
    class_ = tool(path)
    name = path.rpartition(".")[2]
    return [
        f"## {name}",
        f"`fal_codegen.{path}`",
        docs(class_).text,
        table(["attribute", "type", "meaning"], fields(class_)),
    ]


def _with_inherited(kind: str) -> list[list[str]]:
    inherited = fields(tool("document.schema._Numeric")) if kind in ("Integer", "Number") else []
    return inherited + fields(tool(f"document.schema.{kind}"))
