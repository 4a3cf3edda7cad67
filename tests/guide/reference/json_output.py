"""What commands print with `--json`, from the classes of the results."""

from __future__ import annotations

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
      "title": "",
      "category": "",
      "status": ""
    }
  ]
}
"""

RESULTS = {
    "list --json": ("ListResult", "DeclaredEndpoint"),
    "list --repairs --json": ("RepairsResult", "RepairedPlace"),
    "search --json": ("SearchResult", "FoundEndpoint"),
    "generate --json": ("GenerateResult", "GeneratedTarget"),
    "check --json": ("CheckResult", "CheckedTarget"),
    "doctor --json": ("DoctorResult", "Finding"),
}
"""For each call, the class of the object that it prints, and of the objects in that."""

TYPES = {"str": "string", "bool": "boolean", "int": "number", "None": "null", "Status": "string"}


def page() -> str:
    blocks = [INTRODUCTION, fenced("console", EXAMPLE)]
    for call, (result, *inner) in RESULTS.items():
        blocks += [f"## {call}", _keys(result)]
        for name in inner:
            blocks += [f"`{name}`: {docs(_class(name)).text}", _keys(name)]
    blocks += [
        "## Errors of endpoints",
        "`EndpointError`: an object in `errors`.",
        _keys("EndpointError"),
        "## Upgrades",
        f"`UpgradeResult`: {docs(_class('UpgradeResult')).text}",
        _keys("UpgradeResult"),
        f"`ChangedName`: {docs(_class('ChangedName')).text}",
        _keys("ChangedName"),
    ]
    return markdown_page("JSON output", *blocks)


def _class(name: str) -> griffe.Object:
    module = "diagnosis" if name == "Finding" else "commands.json_results"
    return tool(f"{module}.{name}")


def _keys(name: str) -> str:
    rows = ([key, _type(annotation), meaning] for key, annotation, meaning in fields(_class(name)))
    return table(["key", "type", "meaning"], rows)


def _type(annotation: str) -> str:
    """Return the type of a key in the words of JSON."""
    python = annotation.strip("`").replace("\\|", "|")
    return " or ".join(_alternative(part.strip()) for part in python.split("|"))


def _alternative(python: str) -> str:
    if python.startswith("tuple["):
        inner = python.removeprefix("tuple[").removesuffix(", ...]")
        return f"array of {'strings' if inner == 'str' else f'`{inner}`'}"
    return TYPES.get(python, f"`{python}`")
