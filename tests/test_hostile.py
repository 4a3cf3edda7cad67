"""Text of hostile documents never becomes code and never leads out of the output folder.

The proof is the syntax tree. Everything is generated twice, from one schema: once with the hostile
text, once with harmless text in its place. Except for string literals, both trees must be equal.
"""

from __future__ import annotations

import ast
import importlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from conftest import Ran
from documents import document, obj
from fal_codegen.document.read import read
from fal_codegen.errors import CodegenError
from fal_codegen.installation import packaged_templates
from fal_codegen.pipeline import build
from fal_codegen.project.declaration import Overrides, parse
from fal_codegen.project.inputs import Inputs
from folders import tree
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

PIECES = [
    '"', "'", '"""', "'''", "\\", "\\\\", "\n", "\r\n", "\0", "\t", "*/", "-->", "#", "{{ x }}",
    "{% raw %}", "{% endraw %}", "${x}", "`", "{", "}", "\u202e", "\u2028", "\ud800", "\udfff",
    "../", "/etc/passwd", "import os; os.abort()", "\\N{DASH}", "\\u0041", "é", "😀", "class",
    "def", "__init__", "__class__", "model_config", "copy", "schema", "json", "model_fields",
    "self", "None", "a", "A", "-", "_", ".", " ", ")", "]", "],", "):\n    pass\n", "%s", "{0}",
]  # fmt: skip
HOSTILE = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=8).map("".join),
    st.text(max_size=12),
    st.sampled_from(PIECES).map(lambda piece: piece * (10_000 // len(piece))),
)
DECLARATION = parse('[targets.python]\npackage = "pkg"\noutput = "out"')


def generate(content: dict[str, Any]) -> dict[str, str]:
    """Generate a package from one document.

    Raises:
        CodegenError: The document cannot be used.
    """
    data = json.dumps(content).encode()
    declaration = replace(DECLARATION, endpoints={read(data).endpoint_id: Overrides()})
    templates = {"python": [packaged_templates() / "python"]}
    documents = dict.fromkeys(declaration.endpoints, data)
    made = build(Inputs(declaration, documents, {}, templates))
    for error in made.errors:
        raise error
    (tree,) = made.trees.values()
    return dict(tree)


def skeleton(source: str) -> str:
    """Return the syntax tree of a module with every text literal blanked."""
    module = ast.parse(source)
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.dump(module)


def skeletons(files: dict[str, str]) -> dict[str, str]:
    """Return the skeleton of every Python file that a document's text can reach."""
    return {
        path: skeleton(text)
        for path, text in files.items()
        if path.endswith(".py") and "/_runtime/" not in path
    }


def with_text(text: str) -> dict[str, Any]:
    """Return a document with a text in every position that allows text and is not a name."""
    return document(
        about=text,
        input=obj(
            {
                "prompt": {"type": "string", "description": text, "title": text, "default": text},
                "listed": {"type": "array", "items": {"type": "string"}, "default": [text]},
                "choice": {"type": "string", "enum": ["plain", f"x{text}"], "default": "plain"},
                "fixed": {"type": "string", "const": f"x{text}"},
                "sized": {"type": "integer", "description": text, "examples": [text], "x-y": text},
                "shown": {"type": "string", "examples": [text]},
                "wrong": {"type": "integer", "default": f"x{text}"},
            },
            required=["sized"],
            description=text,
        ),
        output=obj({"result": {"$ref": "#/components/schemas/Thing", "description": text}}),
        components={"Thing": obj({"name": {"enum": [f"x{text}"]}}, description=text)},
    )


def with_name(name: str) -> dict[str, Any]:
    """Return a document with a text as the name of properties and components."""
    ref = {"$ref": "#/components/schemas/" + name.replace("~", "~0").replace("/", "~1")}
    return document(
        input=obj({name: {"type": "string"}, "inner": ref, "inline": obj({name: ref})}),
        output=obj({name: ref, "list": {"type": "array", "items": {"type": "string"}}}),
        components={name: obj({name: {"type": "array", "items": {"type": "string"}}})},
    )


many = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@pytest.mark.exhaustive
@many
@given(text=HOSTILE)
@example(text="".join(PIECES))
@example(text='"""\nimport os; os.abort()\n"""')
@example(text="\\")
def test_text_of_a_document_only_ever_appears_as_a_literal(text: str) -> None:
    # A neutral text with as much in it, so that both have the same optional parts.
    assert skeletons(generate(with_text(text))) == expected("n" if text.strip() else text)


@cache
def expected(neutral: str) -> dict[str, str]:
    return skeletons(generate(with_text(neutral)))


@pytest.mark.exhaustive
@many
@given(name=HOSTILE)
@example(name="".join(PIECES))
@example(name="class")
@example(name="__init__")
@example(name="model_config")
@example(name="../../etc/passwd")
@example(name="")
def test_names_of_a_document_become_plain_identifiers(name: str) -> None:
    files = generate(with_name(name))
    module = ast.parse(files["pkg/acme/blender.py"])
    assert sorted(files) == expected_files()
    for identifier in identifiers(module):
        assert identifier.isascii() and identifier.isidentifier()
        assert not identifier.startswith("__") or identifier in ("__future__", "__call__")
    models = [node for node in module.body if isinstance(node, ast.ClassDef) and not is_dict(node)]
    fields = [node for model in models for node in model.body if is_field(node)]
    assert len(fields) == 8


@cache
def expected_files() -> list[str]:
    return sorted(generate(with_name("plain")))


def is_dict(node: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id == "TypedDict" for base in node.bases)


def is_field(node: ast.AST) -> bool:
    return isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)


def identifiers(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        for attribute in ("id", "name", "arg", "attr"):
            value = getattr(node, attribute, None)
            if isinstance(value, str):
                yield value


def test_hostile_text_can_be_imported_and_read_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = " ".join(PIECES)
    for path, source in generate(with_text(text)).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(source, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    blender = importlib.import_module("pkg.acme.blender")
    wire = text.replace("\ud800", "?").replace("\udfff", "?")  # no UTF-8 can carry these
    assert blender.Input.model_fields["prompt"].default == wire
    assert blender.Input(sized=1, choice=f"x{wire}").choice == f"x{wire}"


HOSTILE_IDS = [
    "../../etc/passwd", "/etc/passwd", "acme/../../x", "acme", "acme//x", "acme/x/", "acme/x y",
    "acme/x'y", 'acme/x"y', "acme/x\\y", "acme/x\ny", "acme/\0", "acme/{{ x }}", "acme/é", "", ".",
    "acme/.", "acme/..", "acme/con", "acme/nul.txt", "overlays/x", "acme/a.json",
    "acme/" + "x" * 300,
]  # fmt: skip


@pytest.mark.parametrize("endpoint_id", HOSTILE_IDS, ids=ascii)
def test_an_id_that_could_lead_elsewhere_is_refused(
    endpoint_id: str, project: Path, cli: Callable[..., Ran], tmp_path: Path
) -> None:
    content = document()
    text = json.dumps(content).replace("acme/blender", json.dumps(endpoint_id)[1:-1])
    path = tmp_path / "document.json"
    path.write_text(text, "utf-8")
    before = set(tree(tmp_path))

    ran = cli("add", "--project", project, "--from", path)

    assert ran.code == 2
    assert "is not an endpoint id" in ran.err
    assert "Traceback" not in ran.err
    ours = {path for path in tree(tmp_path) if "/.fal-codegen/" not in path}
    assert ours == before


def nested(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(levels):
        schema = {"type": "array", "items": schema}
    return schema


def alias_chain(length: int) -> dict[str, Any]:
    chain = {
        f"A{i}": {"anyOf": [{"$ref": f"#/components/schemas/A{i + 1}"}, {"type": "null"}]}
        for i in range(length)
    }
    return document(
        input=obj({"x": {"$ref": "#/components/schemas/A0"}}),
        components={**chain, f"A{length}": {"type": "string"}},
    )


def _component(number: int) -> str:
    return f"#/components/schemas/A{number}"


def alias_bomb(levels: int) -> dict[str, Any]:
    """A document whose aliases double at every level, like a billion laughs."""
    bomb = {
        f"A{i}": {
            "anyOf": [
                {"type": "array", "items": {"$ref": _component(i + 1)}},
                {
                    "type": "object",
                    "additionalProperties": {"$ref": f"#/components/schemas/A{i + 1}"},
                },
            ]
        }
        for i in range(levels)
    }
    return document(
        input=obj({"x": {"$ref": "#/components/schemas/A0"}}),
        components={**bomb, f"A{levels}": {"type": "string"}},
    )


BROKEN: dict[str, tuple[bytes, str]] = {
    "nested in JSON": (b'{"a":' * 5000 + b"1" + b"}" * 5000, "nested more than 100 levels"),
    "nested lists": (b"[" * 100_000 + b"]" * 100_000, "nested more than 100 levels"),
    "nested schema": (
        json.dumps(document(input=obj({"x": nested(150)}))).encode(),
        "nested more than 100 levels",
    ),
    "long chain of aliases": (
        json.dumps(alias_chain(3000)).encode(),
        "exceed the nesting or branching",
    ),
    "aliases that double": (json.dumps(alias_bomb(40)).encode(), "exceed the nesting or branching"),
    "NaN": (json.dumps(document()).replace('"1.0.0"', "NaN").encode(), "number"),
    "huge float": (json.dumps(document()).replace('"1.0.0"', "1e999").encode(), "number"),
    "huge integer": (json.dumps(document()).replace('"1.0.0"', "9" * 5000).encode(), "number"),
    "not UTF-8": (b'{"openapi": "\xff"}', "not UTF-8"),
    "UTF-16": (json.dumps(document()).encode("utf-16"), "not UTF-8"),
    "a list": (b"[]", "not an object"),
    "empty": (b"", "empty"),
    "paths is a list": (b'{"openapi": "3.0.4", "paths": []}', "not an OpenAPI document"),
    "input is a list": (
        json.dumps(document(input=[])).encode(),  # type: ignore[arg-type]
        "not an object with properties",
    ),
    "input is a string": (
        json.dumps(document(input={"type": "string"})).encode(),
        "not an object with properties",
    ),
}


@pytest.mark.parametrize("case", BROKEN, ids=str)
def test_a_broken_document_gets_a_clear_error(
    case: str, project: Path, cli: Callable[..., Ran], tmp_path: Path
) -> None:
    data, said = BROKEN[case]
    path = tmp_path / "document.json"
    path.write_bytes(data)
    ran = cli("add", "--project", project, "--from", path)
    assert ran.code == 2
    assert said in ran.err
    assert "Traceback" not in ran.err


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(PIECES),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "type properties required items anyOf allOf oneOf enum const default nullable $ref"
                " minimum maximum exclusiveMinimum multipleOf minLength pattern minItems"
                " description additionalProperties prefixItems x-fal-order-properties examples"
                " title".split()
            ),
            children,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@pytest.mark.exhaustive
@settings(many, max_examples=50)
@given(junk=JUNK, more=JUNK)
def test_whatever_stands_where_a_schema_belongs_it_is_generated_or_refused(
    junk: object, more: object
) -> None:
    content = document(
        input=obj({"x": junk, "y": {"type": "array", "items": more}}, required=[]),
        output=obj({"x": more, "y": {"anyOf": [junk, more]}}, required=[]),
        components={"Junk": junk},
    )
    try:
        files = generate(content)
    except CodegenError as error:
        assert "acme/blender" in str(error)
        return
    compile(files["pkg/acme/blender.py"], "blender.py", "exec")
