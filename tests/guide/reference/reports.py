"""The JSON report of drift, from its JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Any

from .markdown import code, markdown_page, table

INTRODUCTION = """\
`--format json` of `drift`, `diff` and `update` prints one object. Its JSON Schema is a file of the
package, `generator/fal_codegen/drift/formats/survey.schema.json` in the repository. This program
finds it where the package is installed:

```python
from importlib.resources import files

print(files("fal_codegen.drift.formats") / "survey.schema.json")
```

The other formats show the same report: `text` to read, `markdown` for a pull request, `github` for
annotations, `junit` and `sarif` for other tools, `html` for a browser.
"""


def page() -> str:
    text = (files("fal_codegen.drift.formats") / "survey.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    properties = schema["properties"]
    change = schema["$defs"]["change"]
    ignored = properties["ignored"]["items"]
    failure = properties["failures"]["items"]
    return markdown_page(
        "Drift report",
        INTRODUCTION,
        "## The report",
        _table(schema),
        "## A change",
        _table(change),
        "An ignored change has these, too:",
        _table(ignored),
        "## A failure",
        _table(failure),
    )


def _table(schema: Mapping[str, Any]) -> str:
    return table(["key", "type", "always there", "meaning"], _rows(schema))


def _rows(schema: Mapping[str, Any]) -> Iterator[Sequence[str]]:
    for key, value in schema["properties"].items():
        is_required = "yes" if key in schema.get("required", ()) else ""
        yield [code(key), _type(value), is_required, value.get("description", "")]


def _type(schema: Mapping[str, Any]) -> str:
    match schema:
        case {"$ref": str(reference)}:
            name = reference.rpartition("/")[2]
            return f"[{name}](#a-{name})"
        case {"enum": [*values]}:
            return ", ".join(code(json.dumps(value)) for value in values)
        case {"type": "array", "items": dict(items)}:
            return f"array of {'object' if 'properties' in items else _type(items)}"
        case {"format": str(name)}:
            return str(name)
        case {"type": str(name)}:
            return str(name)
        case _:
            return "any"
