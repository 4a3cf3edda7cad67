"""The JSON output of commands, from the classes that print it."""

from __future__ import annotations

import re

import griffe

from .docstrings import docs, fields, tool
from .markdown import fenced, markdown_page, table

INTRODUCTION = """\
`list`, `search`, `generate` and `check` print one JSON object with `--json`. Standard output has
that object and nothing else; errors and progress go to standard error, and exit codes are the same
as without `--json`. A command that fails before it has a result prints no JSON.

Later versions add keys, but neither rename nor remove them. `drift`, `diff` and `update` print the
[drift report](drift-report.md) with `--format json`.
"""

EXAMPLE = """\
$ fal-codegen list --json
{
  "endpoints": [
    {
      "id": "fal-ai/pika/v2.2/image-to-video",
      "source": "transcribed",
      "call": "client.fal_ai.pika.v2_2.image_to_video",
      "title": "",
      "category": "",
      "status": ""
    }
  ]
}
"""

RESULT = "Result"
"""How the names of the classes of whole results end."""


def page() -> str:
    shapes = [
        member
        for member in tool("commands.json_results").members.values()
        if isinstance(member, griffe.Class) and member.name != RESULT
    ]
    results = [shape for shape in shapes if shape.name.endswith(RESULT)]
    parts = [shape for shape in shapes if shape not in results]
    blocks = [INTRODUCTION, fenced("console", EXAMPLE)]
    for shape in results:
        blocks += [f"## {_command(shape)}", _table(shape, parts)]
    for shape in parts:
        blocks += [f"## {shape.name}", docs(shape).text, _table(shape, parts)]
    return markdown_page("JSON output", *blocks)


def _command(result: griffe.Class) -> str:
    """Return the command that prints a result: its docstring is "The result of `COMMAND`."."""
    return docs(result).text.split("`")[1]


def _table(shape: griffe.Class, parts: list[griffe.Class]) -> str:
    rows = [[name, _linked(kind, parts), about] for name, kind, about in fields(shape)]
    return table(["key", "value", "meaning"], rows)


def _linked(annotation: str, parts: list[griffe.Class]) -> str:
    """Return the type of a value in the terms of JSON, with a link to the shape of an object."""
    kind = annotation.strip("`").replace("\\|", "|")
    if found := re.fullmatch(r"tuple\[(\w+), \.\.\.\]", kind):
        item = found[1]
        is_object = any(part.name == item for part in parts)
        return f"array of [{item}](#{item.lower()})" if is_object else f"array of {_NAMES[item]}s"
    return " or ".join(_NAMES[name] for name in kind.split(" | "))


_NAMES = {"str": "string", "int": "integer", "bool": "boolean", "None": "null"}
