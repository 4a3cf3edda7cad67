"""The files that a user writes, from the JSON Schemas that editors read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from fal_codegen.paths import DECLARATION, DRIFT_IGNORE
from fal_codegen.project.editor_schemas import directive, schema_text

from .markdown import code, escaped, fenced, markdown_page, table

COLUMNS = ["key", "value", "default", "meaning"]

EXAMPLE = """\
#:schema ./endpoints.schema.json

[targets.python]
package = "fal_endpoints"
output = "generated/python"
version = "0.1.0"
license = "MIT"
repository = "https://github.com/acme/clients"

[targets.typescript]
package = "fal-endpoints"
output = "generated/typescript"

[targets.docs]
output = "generated/docs"
title = "Endpoints of fal"

[targets.docs.facts."fal-ai/flux/dev"]
Kind = "inference"

[endpoints."fal-ai/flux/dev"]
class_name = "FluxDev"
not_files = ["webhook_url"]

[endpoints."fal-ai/flux/schnell"]

[fetch]
timeout = 30
"""

DECLARED = """\
`specs/endpoints.toml` declares the endpoints of a project, and what is generated for them.
`fal-codegen add` and `fal-codegen remove` edit it, and keep everything else in it. An unknown key
is an error that names the known ones.
"""

FETCHED = """\
Each document is fetched from `url` by its own request. Five or more are fetched from the catalogue
in batches instead, except those that the catalogue lacks. If you set `url` and not `catalogue`, all
of them are fetched from `url`. You need no key. If `FAL_KEY` is set, it is sent to `api.fal.ai`
only, for a higher rate limit. `FAL_ALLOW_HTTP=1` is the same as `allow_http = true`.

The catalogue's title, category, tags, status and description of each endpoint are kept in
`specs/endpoints.lock`. The description documents an endpoint whose own document has none. With
`prices = true`, the lock has the price of each endpoint too; looking it up needs `FAL_KEY`.

## Other files in specs/

| file | what it is |
|---|---|
| `specs/<endpoint id>.json` | the vendored document, as fal serves it, with sorted keys |
| `specs/endpoints.lock` | the origin, hash, price and catalogue metadata of each document |
| `specs/history.jsonl` | every change that `update` or `add` found, for changelogs |
| `specs/overlays/<endpoint id>.json` | [corrects a wrong document](../how-to/overlays.md) |
| `specs/drift-ignore.toml` | [the changes that you ignore](drift-ignore-toml.md) |
| `specs/*.schema.json` | the schemas for editors, which the tool keeps up to date |
"""

IGNORED = """\
`specs/drift-ignore.toml` lists the changes that your project accepts for a while. `drift`, `diff`
and `update` report them as ignored; the exit code does not depend on them.

```toml title="specs/drift-ignore.toml"
#:schema ./drift-ignore.schema.json

[[ignore]]
fingerprint = "86074e3fada94b7c"
reason = "we always set the duration"
expires = 2027-03-31
```
"""


def endpoints_toml() -> str:
    schema = _schema(DECLARATION)
    tables = schema["properties"]
    targets = tables["targets"]
    return markdown_page(
        "endpoints.toml",
        DECLARED,
        fenced('toml title="specs/endpoints.toml"', EXAMPLE),
        _editors(DECLARATION),
        "## Targets",
        f"{_marked(targets['description'])} [Generated packages](generated-packages.md) describes "
        "what each target generates. [Plugins](plugins.md) add further targets.",
        *(
            block
            for name, target in targets["properties"].items()
            for block in (
                f"### targets.{name}",
                target["description"],
                table(COLUMNS, _rows(schema, target)),
            )
        ),
        "## Endpoints",
        _marked(tables["endpoints"]["description"]),
        table(COLUMNS, _rows(schema, tables["endpoints"]["additionalProperties"])),
        "## Where documents come from",
        f"`[fetch]`: {tables['fetch']['description']}",
        table(COLUMNS, _rows(schema, tables["fetch"])),
        FETCHED,
    )


def drift_ignore_toml() -> str:
    schema = _schema(DRIFT_IGNORE)
    return markdown_page(
        "drift-ignore.toml",
        IGNORED,
        _editors(DRIFT_IGNORE),
        "## ignore",
        _marked(schema["properties"]["ignore"]["description"]),
        table(COLUMNS, _rows(schema, schema["properties"]["ignore"]["items"])),
    )


def _schema(file: PurePosixPath) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(schema_text(file))
    return schema


def _editors(file: PurePosixPath) -> str:
    return (
        f"The comment `{directive(file)}` tells editors where the file's JSON Schema is: they then "
        "complete keys and report mistakes. `fal-codegen init` writes the schema."
    )


def _rows(schema: Mapping[str, Any], owner: Mapping[str, Any]) -> Iterator[Sequence[str]]:
    for key, given in owner["properties"].items():
        name = given.get("$ref", "").rpartition("/")[2]
        value = schema["$defs"][name] if name else given
        default = code(json.dumps(value["default"])) if "default" in value else ""
        is_required = key in owner.get("required", ())
        yield [
            code(key),
            _kind(value),
            "required" if is_required else default,
            escaped(value["description"]),
        ]


def _kind(schema: Mapping[str, Any]) -> str:
    match schema:
        case {"type": "array", "items": {"type": str(kind)}}:
            return f"array of {kind}s"
        case {"type": "object"}:
            return "table"
        case {"format": str(kind)} | {"type": str(kind)}:
            return kind
        case _:
            raise AssertionError(schema)


def _marked(text: str) -> str:
    """Return a description with the names of tables, such as `[fetch]`, as code."""
    return re.sub(r"\[+[^]]+\]+", lambda found: code(found[0]), text)
