"""`--json`: one object on standard output, in the shape that its class documents."""

from __future__ import annotations

import json
import shutil
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from conftest import Ran
from documents import document, obj, write
from fal_codegen.commands import json_results
from projects import (
    BLENDER,
    DECLARATION,
    DOCUMENTATION,
    FAST,
    LOCK,
    MODULE,
    OUTPUT,
    Cli,
    edit,
    problem,
)

PARENT = "fal_endpoints/acme/blender/__init__.py"
BELOW = MODULE.removeprefix(f"{OUTPUT}/")


def parsed(ran: Ran, shape: type[Any]) -> Any:
    """Return the printed object, which has the keys of a class."""
    result = json.loads(ran.out)
    assert_shape(result, shape)
    return result


def assert_shape(value: dict[str, Any], shape: type[Any]) -> None:
    assert [*value] == [field.name for field in fields(shape)]
    for field in fields(shape):
        if str(field.type).startswith("tuple[") and (inner := classes.get(str(field.type)[6:-6])):
            for item in value[field.name]:
                assert_shape(item, inner)


classes = {name: it for name, it in vars(json_results).items() if isinstance(it, type)}


class TestList:
    def test_declared_endpoints(self, filled: Path, cli: Cli) -> None:
        edit(filled / DECLARATION, new='\n[endpoints."acme/else"]\n')
        (filled / "specs/acme/mixer.json").write_text(json.dumps(document("acme/mixer")))
        edit(filled / DECLARATION, new='\n[endpoints."acme/mixer"]\n')
        ran = cli("list", "--json", "--project", filled)
        result = parsed(ran, json_results.ListResult)
        assert (ran.code, ran.err) == (0, "")
        assert [(it["id"], it["source"], it["call"]) for it in result["endpoints"]] == [
            (BLENDER, "file", "client.acme.blender"),
            (FAST, "file", "client.acme.blender.fast"),
            ("acme/else", None, "client.acme.else_"),
            ("acme/mixer", "by hand", "client.acme.mixer"),
        ]

    def test_nothing_is_declared(self, project: Path, cli: Cli) -> None:
        assert parsed(cli("list", "--json", "--project", project), json_results.ListResult) == {
            "endpoints": []
        }

    def test_repairs(self, project: Path, tmp_path: Path, cli: Cli) -> None:
        broken = document(input=obj({"prompt": {"type": "text"}}))
        source = write(tmp_path / "documents", broken)
        assert cli("add", "--from", source, "--project", project).code == 0
        ran = cli("list", "--repairs", "--json", "--project", project)
        [repair] = parsed(ran, json_results.RepairsResult)["repairs"]
        assert (repair["endpoint"], repair["rule"]) == (BLENDER, "unknown-type")
        assert repair["pointer"].endswith("/prompt/type")


class TestGenerate:
    def test_what_was_written(self, filled: Path, cli: Cli) -> None:
        edit(filled / "specs/acme/blender/fast.json", "Blends", "Cuts")
        ran = cli("generate", "--json", "--project", filled)
        result = parsed(ran, json_results.GenerateResult)
        [target] = result["targets"]
        assert (ran.code, result["up_to_date"]) == (0, False)
        assert target["written"] == [DOCUMENTATION.removeprefix(f"{OUTPUT}/"), PARENT, BELOW]
        assert (target["name"], target["output"], target["removed"]) == ("python", OUTPUT, [])
        assert target["unchanged"] > 10
        assert f"wrote {MODULE}" in ran.err

    def test_nothing_to_do(self, filled: Path, cli: Cli) -> None:
        assert cli("generate", "--project", filled).code == 0
        ran = cli("generate", "--json", "--project", filled)
        result = parsed(ran, json_results.GenerateResult)
        assert result == {"up_to_date": True, "targets": [], "errors": []}

    def test_an_endpoint_that_cannot_be_generated(self, filled: Path, cli: Cli) -> None:
        edit(filled / DECLARATION, new='\n[endpoints."acme/else"]\n')
        ran = cli("generate", "--json", "--project", filled)
        result = parsed(ran, json_results.GenerateResult)
        [error] = result["errors"]
        assert (ran.code, result["up_to_date"], error["endpoint"]) == (2, False, "acme/else")
        assert error["hint"] == "fal-codegen fetch acme/else"
        assert "error: acme/else: " in ran.err

    def test_a_failure_prints_no_json(self, filled: Path, cli: Cli) -> None:
        edit(filled / MODULE)
        edit(filled / "specs/acme/blender/fast.json", "Blends", "Cuts")
        ran = cli("generate", "--json", "--project", filled)
        assert ran.out == ""
        problem(ran, MODULE, "--force")


class TestCheck:
    def test_up_to_date(self, filled: Path, cli: Cli) -> None:
        ran = cli("check", "--json", "--project", filled)
        result = parsed(ran, json_results.CheckResult)
        assert (ran.code, result["up_to_date"], ran.err) == (0, True, "")
        assert [target["up_to_date"] for target in result["targets"]] == [True]

    def test_how_it_differs(self, filled: Path, cli: Cli) -> None:
        edit(filled / MODULE)
        (filled / OUTPUT / "README.md").unlink()
        (filled / OUTPUT / "mine.txt").write_text("mine")
        (filled / LOCK).unlink()
        ran = cli("check", "--json", "--project", filled)
        result = parsed(ran, json_results.CheckResult)
        [target] = result["targets"]
        assert (ran.code, result["up_to_date"], target["up_to_date"]) == (1, False, False)
        assert (target["changed"], target["edited"]) == ([BELOW], [BELOW])
        assert (target["missing"], target["foreign"]) == (["README.md"], ["mine.txt"])
        assert result["specs"] == [LOCK]

    def test_an_abandoned_folder(self, filled: Path, cli: Cli) -> None:
        edit(filled / DECLARATION, OUTPUT, "generated/other")
        result = parsed(cli("check", "--json", "--project", filled), json_results.CheckResult)
        assert result["abandoned"] == [OUTPUT]

    def test_installed_packages_are_not_abandoned(self, filled: Path, cli: Cli) -> None:
        (filled / "node_modules").mkdir()
        shutil.copytree(filled / OUTPUT, filled / "node_modules/fal-endpoints")
        (filled / "packages").mkdir()
        (filled / "packages/linked").symlink_to(filled / OUTPUT)
        result = parsed(cli("check", "--json", "--project", filled), json_results.CheckResult)
        assert result["abandoned"] == []

    def test_an_endpoint_that_cannot_be_generated(self, filled: Path, cli: Cli) -> None:
        edit(filled / DECLARATION, new='\n[endpoints."acme/else"]\n')
        ran = cli("check", "--json", "--project", filled)
        result = parsed(ran, json_results.CheckResult)
        assert (ran.code, result["up_to_date"]) == (2, False)
        assert [error["endpoint"] for error in result["errors"]] == ["acme/else"]


@pytest.mark.parametrize("command", ["list", "check", "generate"])
def test_an_invalid_declaration_prints_no_json(filled: Path, cli: Cli, command: str) -> None:
    (filled / DECLARATION).write_text("colour = 1")
    ran = cli(command, "--json", "--project", filled)
    assert ran.out == ""
    problem(ran, "colour is not known")
