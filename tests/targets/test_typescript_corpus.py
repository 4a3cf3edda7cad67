"""The target `typescript` on genuine documents, and beside the types that fal's client has itself.

`pytest --corpus=DIR`, or the variable FAL_CORPUS.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest
from fal_codegen.cli import run

from .npm import HERE, STRICTEST, App, node

pytestmark = [pytest.mark.corpus, pytest.mark.node]

DECLARATION = '[targets.typescript]\npackage = "fal-endpoints"\noutput = "package"\n'

IMPORT_ALL = """
import { readdirSync } from "node:fs";
const root = "node_modules/fal-endpoints";
for (const path of readdirSync(root, { recursive: true })) {
  if (path.endsWith(".js")) await import(`./${root}/${path}`);
}
"""

INPUTS = {
    "null taken by the document only": "the client's types leave null out everywhere",
    "the client's File is not the global one": (
        "beside its endpoints' types the client declares a `File` of its own, fal's record of a "
        "file, so `string | Blob | File` there takes that record and not what a browser has"
    ),
    "file on one side only": "the client's types have files in a property, and not in a list",
    "enum values in the document only": "the document is newer",
    "enum values in the client only": "the document is newer",
    "enum on one side only": "the client's types have an enum of one value as any string",
    "not described on one side": (
        "the client's types have `{}` or `never` for what has no properties in the document: a "
        "list of any values, a tuple; ours have `unknown` where a $ref leads nowhere"
    ),
    "required property in the document only": "the document is newer",
    "required property in the client only": "the document is newer",
    "required by the document only": "the document is newer",
    "required by the client only": "the document is newer",
    "another type": "the client's types describe less of a number or a union",
}
"""Why the input of an endpoint is of one type here and of another in the client, by kind."""

OUTPUTS = {
    "null taken by the document only": "the client's types leave null out everywhere",
    "enum values in the document only": "the document is newer",
    "enum values in the client only": "the document is newer",
    "enum on one side only": "an enum of a result is open here: fal adds values to them",
    "file on one side only": (
        "the client takes a property of a result for a file to upload if its name ends with _url"
    ),
    "not described on one side": (
        "the client's types have `{}` for a map, such as `timings`, and `never` for list items "
        "that the document does not describe"
    ),
    "required property in the document only": "the document is newer",
    "required property in the client only": "the document is newer",
    "required by the document only": "the document is newer: an image has its width and height",
    "required by the client only": "the document is newer",
    "another type": "the document is newer, or the variants of a union are in another order",
}
"""The same for outputs."""

SYSTEMATIC = {"null taken by the document only", "the client's File is not the global one"}
"""What the client's types do alike for every endpoint."""


@pytest.fixture(scope="module")
def app(genuine: tuple[Path, ...], tmp_path_factory: pytest.TempPathFactory) -> App:
    """A folder with a package of every document that can be used."""
    app = App.start(tmp_path_factory.mktemp("corpus"))
    project = app.folder / "project"
    (project / "specs").mkdir(parents=True)
    (project / "specs" / "endpoints.toml").write_text(DECLARATION, "utf-8")
    run(["add", "--project", str(project), "--from", str(genuine[0].parent)])
    app.install(project / "package")
    return app


def test_all_is_clean_under_tsc_strict(app: App) -> None:
    errors, said = app.compile("node_modules/fal-endpoints/**/*.d.ts", noEmit=True)
    assert not errors, said[-4000:]


def test_a_parsed_input_can_be_sent_under_the_strictest_settings(app: App) -> None:
    lines: list[str] = []
    for path in sorted((app.folder / "node_modules/fal-endpoints/endpoints").rglob("zod.d.ts")):
        name = path.parent.relative_to(
            app.folder / "node_modules/fal-endpoints/endpoints"
        ).as_posix()
        number = len(lines)
        lines.append(
            f'import * as endpoint_{number} from "fal-endpoints/{name}";\n'
            f'import {{ Input as Input_{number} }} from "fal-endpoints/zod/{name}";\n'
            f"endpoint_{number}.subscribe(Input_{number}.parse({{}}));"
        )
    (app.folder / "parsed.mts").write_text("\n".join(lines), "utf-8")
    errors, said = app.compile("parsed.mts", noEmit=True, **STRICTEST)
    assert lines
    assert not errors, said[-4000:]


def test_every_generated_module_loads_in_node(app: App) -> None:
    (app.folder / "import.mjs").write_text(IMPORT_ALL, "utf-8")
    node("import.mjs", folder=app.folder)


@pytest.mark.parametrize(
    ("direction", "explained"), [("input", INPUTS), ("output", OUTPUTS)], ids=["input", "output"]
)
def test_types_differ_from_the_clients_only_as_explained(
    app: App, direction: str, explained: dict[str, str]
) -> None:
    shutil.copy(HERE / "compare.cjs", app.folder)
    seen = json.loads(
        node("compare.cjs", "node_modules/fal-endpoints", direction, folder=app.folder)
    )
    differing = {difference["endpoint"] for difference in seen["differences"]}
    assert seen["shared"] == seen["same"] + len(differing) > 0
    counts = Counter(difference["kind"] for difference in seen["differences"])
    kinds: dict[str, set[str]] = {name: set() for name in differing}
    for difference in seen["differences"]:
        kinds[difference["endpoint"]].add(difference["kind"])
    systematic = sum(found <= SYSTEMATIC for found in kinds.values())
    print(f"{seen['shared']} endpoints in both, {seen['same']} with {direction}s of the same type")
    print(f"{systematic} more but for null and File; {len(kinds) - systematic} differ otherwise")
    print(f"optional properties on one side only: {seen['optional']}")
    for kind, count in counts.most_common():
        print(f"{count:>5} properties: {kind}")
    assert counts.keys() <= explained.keys(), seen["differences"]
