"""What commands print with `--json`, from the classes of the results."""

from __future__ import annotations

import re
from collections.abc import Iterable

import griffe

from .docstrings import docs, fields, tool
from .markdown import fenced, markdown_page, table

INTRODUCTION = """\
Standard output holds one object and nothing else. Errors and progress go to standard error, and
exit codes are the same as without `--json`. A command that fails before it has a result prints no
JSON. Later versions add keys, but neither rename nor remove them.

`drift`, `diff` and `update` print [their own report](drift-report.md) with `--format json`.
"""

EXAMPLE = """\
$ fal-codegen list --json
{
  "endpoints": [
    {
      "id": "fal-ai/pika/v2.2/image-to-video",
      "source": "transcribed",
      "call": "client.fal_ai.pika.v2_2.image_to_video",
      "title": "Pika Image to Video (v2.2)",
      "category": "image-to-video",
      "status": "active"
    }
  ]
}
"""

RESULT = "The result of `"
"""How the docstring of the class of a command's result begins: with the command after it."""

NAMES = {"str": "string", "int": "integer", "bool": "boolean", "None": "null"}


def page() -> str:
    members = tool("commands.json_results").members
    classes = [name for name, member in members.items() if isinstance(member, griffe.Class)]
    results = [name for name in classes if _text(name).startswith(RESULT)]
    blocks = [INTRODUCTION, fenced("console", EXAMPLE)]
    for name in results:
        command = _text(name).removeprefix(RESULT).partition("`")[0]
        blocks += [f"## {command}", _keys(name)]
    for name in _objects_in(results):
        blocks += [f"## {name}", _text(name), _keys(name)]
    return markdown_page("JSON output", *blocks)


def _text(name: str) -> str:
    return docs(tool(f"commands.json_results.{name}")).text


def _keys(name: str) -> str:
    rows = [[key, _type(kind), meaning] for key, kind, meaning in _fields(name)]
    return table(["key", "value", "meaning"], rows)


def _fields(name: str) -> list[list[str]]:
    return fields(tool(f"commands.json_results.{name}"))


def _objects_in(names: Iterable[str]) -> list[str]:
    """Return the classes of the objects in results, and of the objects in those."""
    found = dict[str, None]()
    left = list(names)
    while left:
        for _, kind, _ in _fields(left.pop(0)):
            inner = set(re.findall(r"[A-Z]\w+", kind)) - {"None", "Status"}
            left += sorted(inner - found.keys())
            found |= dict.fromkeys(sorted(inner))
    return list(found)


def _type(annotation: str) -> str:
    """Return the type of a value in the terms of JSON, with a link to the shape of an object."""
    return " or ".join(_alternative(kind) for kind in annotation.strip("`").split(" | "))


def _alternative(kind: str) -> str:
    if item := re.fullmatch(r"tuple\[(\w+), \.\.\.\]", kind):
        return f"array of {'strings' if item[1] == 'str' else _alternative(item[1])}"
    if kind == "Status":
        return "string"
    return NAMES.get(kind) or f"[{kind}](#{kind.lower()})"
