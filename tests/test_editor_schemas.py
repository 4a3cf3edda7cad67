"""The JSON Schemas of `endpoints.toml` and `drift-ignore.toml` agree with the code that reads them.

A schema may accept what the tool rejects, where JSON Schema cannot express a rule. It never rejects
what the tool accepts: an editor would mark a correct file.
"""

from __future__ import annotations

import json
import keyword
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from fal_codegen import toml
from fal_codegen.drift import ignore
from fal_codegen.errors import CodegenError, ProjectError
from fal_codegen.fetch.settings import FetchSettings
from fal_codegen.paths import DECLARATION, DRIFT_IGNORE, SCHEMAS
from fal_codegen.project import declaration
from fal_codegen.project.editor_schemas import schema_text
from projects import Cli, edit, problem

ENDPOINTS: dict[str, Any] = json.loads(schema_text(DECLARATION))
IGNORED: dict[str, Any] = json.loads(schema_text(DRIFT_IGNORE))
TARGETS: dict[str, Any] = ENDPOINTS["properties"]["targets"]["properties"]

PYTHON = "[targets.python]\noutput = 'o'\npackage = 'p'\n"
NPM = "[targets.typescript]\noutput = 'o'\npackage = 'p'\n"
DOCS = "[targets.docs]\noutput = 'o'\n"
STUBS = "[targets.fal-client-stubs]\noutput = 'o'\n"

VALID = [
    "",
    "[targets]\n[endpoints]\n[fetch]",
    PYTHON,
    NPM,
    DOCS,
    STUBS,
    PYTHON + NPM.replace("'o'", "'n'") + DOCS.replace("'o'", "'d'") + STUBS.replace("'o'", "'s'"),
    *(PYTHON.replace("'o'", f"'{path}'") for path in ("a/b", "./a", "a//b/.", "specs2/x", "a b/é")),
    *(PYTHON.replace("'p'", f"'{name}'") for name in ("_p", "P1", "builds", "classes")),
    *(f"{PYTHON}version = '{it}'" for it in ("1", "1.2.3", "1.0rc1", "1.0a2.post1.dev3")),
    *(f"{STUBS}license = '{it}'" for it in ("MIT", "MIT OR Apache-2.0", "(A AND B-1.0+)")),
    f"{NPM}repository = 'https://example.com/a/b.git'",
    *(NPM.replace("'p'", f"'{name}'") for name in ("@acme/fal", "fal.x-y", "a" * 214)),
    *(f"{NPM}version = '{it}'" for it in ("1.0.0", "1.0.0-rc.1")),
    f"{DOCS}title = 'Ours'\npackage = 'class'",
    f"{DOCS}npm_package = '@acme/fal'\nthumbnails = true",
    f"{DOCS}[targets.docs.facts.'acme/blender']\nKind = 'a'\n'With spaces' = 'b'",
    "[endpoints.'acme/blender']",
    "[endpoints.'a_/_b.c/D-1.2']\nclass_name = 'A'\nnot_files = []",
    "[endpoints.'a/b']\nclass_name = 'Épée2_x'\nnot_files = ['a_url', '']",
    "[endpoints.'a/b']\nextension = 'video:ImageToVideo'",
    "[endpoints.'a/b']\nextension = '_v1:Épée'",
    f"[endpoints.'a/{'b' * 198}']",
    "[fetch]\nurl = 'http://localhost'\ncatalogue = 'https://a/b?c'",
    "[fetch]\nconcurrency = 1\nattempts = 1\nmax_bytes = 1\ntimeout = 0.5\nallow_http = true",
    "[fetch]\ntimeout = 60",
]

INVALID = [
    "endpoint = {}",
    "[target.python]",
    "targets = 1",
    "endpoints = []",
    "fetch = 'x'",
    "[targets]\npython = 1",
    "[targets.python]\npackage = 'p'",
    "[targets.python]\noutput = 'o'",
    "[targets.typescript]\noutput = 'o'",
    "[targets.docs]",
    "[targets.fal-client-stubs]",
    *(f"{target}colour = 1" for target in (PYTHON, NPM, DOCS, STUBS)),
    *(
        PYTHON.replace("'o'", f"'{path}'")
        for path in (
            "", ".", "./", "..", "../o", "a/../b", "/o", "C:/o", r"a\b", ".git", "a/.b", "specs",
            "Specs/o", "./templates/x", "TEMPLATES",
        )
    ),
    PYTHON.replace("'o'", "1"),
    *(
        PYTHON.replace("'p'", f"'{name}'")
        for name in ("", "a-b", "1a", "é", "a b", "class", "None", "build", "node_modules")
    ),
    *(f"{PYTHON}version = '{it}'" for it in ("", "1..0", "one", "1.0 ", "1.0-1")),
    f"{PYTHON}version = 1.0",
    *(f"{PYTHON}license = '{it}'" for it in ("", "MIT  x", "a/b")),
    *(f"{PYTHON}repository = '{it}'" for it in ("", "http://a", "https://", "https://a b")),
    *(NPM.replace("'p'", f"'{name}'") for name in ("", "Fal", "a/b", "@a", "a" * 215)),
    *(f"{NPM}version = '{it}'" for it in ("1", "1.0", "v1.0.0", "1.0.0rc1")),
    f"{DOCS}title = ''",
    f"{DOCS}package = 'a-b'",
    f"{DOCS}npm_package = 'Fal'",
    f"{DOCS}thumbnails = 'yes'",
    f"{DOCS}facts = 1",
    f"{DOCS}[targets.docs.facts]\n'a/b' = 'x'",
    f"{DOCS}[targets.docs.facts.'a/b']\nKind = 1",
    f"{DOCS}[targets.docs.facts.'a/b']\nKind = ''",
    *(f"[endpoints.'{id_}']" for id_ in ("a", "", "a/", "/b", "a//b", "a/../b", "a/b c", "-a/b")),
    f"[endpoints.'a/{'b' * 199}']",
    "[endpoints]\n'a/b' = 1",
    "[endpoints.'a/b']\nretries = 1",
    *(f"[endpoints.'a/b']\nclass_name = '{name}'" for name in ("", "x", "_X", "1X", "A-B", "A b")),
    "[endpoints.'a/b']\nclass_name = 1",
    *(
        f"[endpoints.'a/b']\nextension = '{it}'"
        for it in ("", "a", "a:", ":A", "a.py:A", "a/b:A", "é:A", "1a:A", "a:b:C", "a:1")
    ),
    "[endpoints.'a/b']\nnot_files = 'a'",
    "[endpoints.'a/b']\nnot_files = [1]",
    *(f"[fetch]\n{key} = 'ftp://a'" for key in ("url", "catalogue")),
    *(f"[fetch]\n{key} = 0" for key in ("concurrency", "attempts", "max_bytes", "timeout")),
    *(f"[fetch]\n{key} = 1.5" for key in ("concurrency", "attempts", "max_bytes")),
    *(f"[fetch]\n{key} = true" for key in ("concurrency", "attempts", "max_bytes", "timeout")),
    "[fetch]\nallow_http = 1",
    "[fetch]\nmany = 1",
]  # fmt: skip

BEYOND_A_SCHEMA = [
    "[endpoints.'a/B']\n[endpoints.'a/b']",
    f"{PYTHON}{DOCS}",
    PYTHON + DOCS.replace("'o'", "'o/d'"),
    "[targets.cobol]\noutput = 'o'",
    "[endpoints.'overlays/a']",
    "[endpoints.'a/con']",
    "[endpoints.'a/b.json']",
    "[endpoints.'a/__pycache__']",
    "[endpoints.'a/endpoints.schema']",
    "[endpoints.'a/b']\nclass_name = 'épée'",
    "[endpoints.'a/b']\nextension = 'class:A'",
    "[fetch]\nattempts = 2.0",
    PYTHON.replace("'o'", r'"o\u0000"'),
]
"""What the tool rejects and the schema accepts."""

ENTRY = "[[ignore]]\nfingerprint = '0123456789abcdef'\nreason = 'why'\nexpires = 2027-01-31\n"

VALID_IGNORED = ["", "ignore = []", ENTRY, ENTRY * 2]

INVALID_IGNORED = [
    "ignored = []",
    "ignore = 1",
    "ignore = [1]",
    *(ENTRY.replace(old, "") for old in ("reason = 'why'", "expires = 2027-01-31")),
    f"{ENTRY}more = 1",
    ENTRY.replace("0123", "012"),
    ENTRY.replace("abcdef", "ABCDEF"),
    ENTRY.replace("'0123456789abcdef'", "1"),
    ENTRY.replace("'why'", "' '"),
    ENTRY.replace("'why'", "1"),
    ENTRY.replace("2027-01-31", "2027-01-31T00:00:00"),
    ENTRY.replace("2027-01-31", "2027"),
]


def schema_accepts(schema: dict[str, Any], text: str) -> bool:
    """Return whether a schema accepts a file, whose dates are strings of JSON."""
    value = json.loads(json.dumps(toml.loads(text), default=lambda it: it.isoformat()))
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True).is_valid(value)


def tool_accepts(text: str) -> bool:
    try:
        declaration.parse(text)
    except ProjectError:
        return False
    return True


def tool_ignores(text: str) -> bool:
    try:
        ignore.parse(text.encode(), date(2026, 1, 1))
    except ProjectError:
        return False
    return True


@pytest.mark.parametrize("file", SCHEMAS)
def test_a_schema_is_of_2020_12(file: Any) -> None:
    schema = json.loads(schema_text(file))
    assert schema["$schema"].endswith("/2020-12/schema")
    jsonschema_rs.meta.validate(schema)


@pytest.mark.parametrize("text", VALID)
def test_both_accept_a_declaration(text: str) -> None:
    assert (tool_accepts(text), schema_accepts(ENDPOINTS, text)) == (True, True)


@pytest.mark.parametrize("text", INVALID)
def test_both_reject_a_declaration(text: str) -> None:
    assert (tool_accepts(text), schema_accepts(ENDPOINTS, text)) == (False, False)


@pytest.mark.parametrize("text", BEYOND_A_SCHEMA)
def test_only_the_tool_rejects_a_declaration(text: str) -> None:
    assert (tool_accepts(text), schema_accepts(ENDPOINTS, text)) == (False, True)


@pytest.mark.parametrize("text", VALID_IGNORED)
def test_both_accept_an_ignore_file(text: str) -> None:
    assert (tool_ignores(text), schema_accepts(IGNORED, text)) == (True, True)


@pytest.mark.parametrize("text", INVALID_IGNORED)
def test_both_reject_an_ignore_file(text: str) -> None:
    assert (tool_ignores(text), schema_accepts(IGNORED, text)) == (False, False)


@pytest.mark.parametrize(
    ("text", "properties"),
    [
        ("{key} = 1", ENDPOINTS["properties"]),
        (PYTHON + "{key} = 1", TARGETS["python"]["properties"]),
        (NPM + "{key} = 1", TARGETS["typescript"]["properties"]),
        (DOCS + "{key} = 1", TARGETS["docs"]["properties"]),
        (STUBS + "{key} = 1", TARGETS["fal-client-stubs"]["properties"]),
        (
            "[endpoints.'a/b']\n{key} = 1",
            ENDPOINTS["properties"]["endpoints"]["additionalProperties"]["properties"],
        ),
        ("[fetch]\n{key} = 1", ENDPOINTS["properties"]["fetch"]["properties"]),
    ],
)
def test_both_know_the_same_keys(text: str, properties: dict[str, Any]) -> None:
    with pytest.raises(CodegenError) as caught:
        declaration.parse(text.format(key="zzz"))
    known = str(caught.value.hint).removeprefix("known keys: ").split(", ")
    assert {*known, "output"} == {*properties, "output"}
    assert all(_described(one) for one in properties.values())


def _described(schema: dict[str, Any]) -> bool:
    name = schema.get("$ref", "").rpartition("/")[2]
    return bool((ENDPOINTS["$defs"][name] if name else schema).get("description"))


def test_defaults_are_those_of_the_tool() -> None:
    fetch = ENDPOINTS["properties"]["fetch"]["properties"]
    defaults = FetchSettings()
    assert {key: it["default"] for key, it in fetch.items()} == {
        key: getattr(defaults, key) for key in fetch
    }
    for text in (PYTHON, NPM, DOCS, STUBS):
        [declared] = declaration.parse(text).targets
        for key, schema in TARGETS[declared.name]["properties"].items():
            named = ENDPOINTS["$defs"].get(schema.get("$ref", "").rpartition("/")[2], schema)
            if "default" in named:
                assert getattr(declared.target, key) == named["default"]


def test_reserved_words_are_those_of_python() -> None:
    reserved = TARGETS["python"]["properties"]["package"]["not"]["enum"]
    assert {*keyword.kwlist} < {*reserved}


class TestInAProject:
    def test_init_writes_the_schemas_and_the_line_that_names_one(self, project: Path) -> None:
        first, *_ = (project / DECLARATION).read_text("utf-8").splitlines()
        assert first == "#:schema ./endpoints.schema.json"
        for file, path in SCHEMAS.items():
            assert (project / path).read_text("utf-8") == schema_text(file)

    def test_generate_keeps_a_schema_up_to_date(self, filled: Path, cli: Cli) -> None:
        path = filled / SCHEMAS[DECLARATION]
        path.write_text("{}")
        ran = cli("check", "--project", filled)
        assert (ran.code, "endpoints.schema.json" in ran.out) == (1, True)
        assert f"wrote {SCHEMAS[DECLARATION]}\n" in cli("generate", "--project", filled).out
        assert path.read_text("utf-8") == schema_text(DECLARATION)
        assert cli("check", "--project", filled).code == 0
        assert cli("generate", "--project", filled).out == "up to date\n"

    def test_a_file_gets_a_schema_only_if_it_names_it(self, filled: Path, cli: Cli) -> None:
        for path in SCHEMAS.values():
            (filled / path).unlink()
        edit(filled / DECLARATION, "#:schema ./endpoints.schema.json\n", "")
        assert cli("check", "--project", filled).code == 0
        (filled / DRIFT_IGNORE).write_text("#:schema ./drift-ignore.schema.json\n", "utf-8")
        assert f"wrote {SCHEMAS[DRIFT_IGNORE]}\n" in cli("generate", "--project", filled).out
        assert not (filled / SCHEMAS[DECLARATION]).exists()

    def test_schemas_are_no_documents(
        self, filled: Path, project: Path, tmp_path: Path, cli: Cli
    ) -> None:
        shutil.copytree(filled / "specs", tmp_path / "outer/project/specs")
        for folder in (filled / "specs", tmp_path / "outer"):
            ran = cli("add", "--project", project, "--from", folder)
            assert (ran.code, ran.err) == (0, "")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (f"{PYTHON}versio = '1'", "did you mean version? known keys: package, version"),
        ("[endpoint.'a/b']", "did you mean endpoints? known keys: targets"),
        ("[fetch]\ntime_out = 1", "did you mean timeout?"),
        ("[targets.Python]\noutput = 'o'", "did you mean python? targets: docs"),
        (f"{PYTHON}zzz = '1'", "\n  known keys: package, version"),
    ],
)
def test_an_unknown_key_is_answered_with_the_most_similar_one(
    filled: Path, cli: Cli, text: str, hint: str
) -> None:
    (filled / DECLARATION).write_text(text, "utf-8")
    problem(cli("check", "--project", filled), hint)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (ENTRY.replace("reason", "raeson"), "did you mean reason instead of raeson?"),
        (ENTRY.replace("[[ignore]]", "[[ignored]]"), "did you mean ignore instead of ignored?"),
    ],
)
def test_an_unknown_key_of_an_ignore_file(filled: Path, cli: Cli, text: str, hint: str) -> None:
    (filled / DRIFT_IGNORE).write_text(text, "utf-8")
    problem(cli("drift", "--project", filled, "--from", filled / "specs"), hint)
