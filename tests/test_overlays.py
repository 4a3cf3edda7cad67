"""Overlays correct a document on the record, and only while the correction is needed."""

from __future__ import annotations

import functools
import json
import math
from pathlib import Path
from typing import Any

import pytest
from documents import document, write
from projects import BLENDER, FAST, LOCK, MODULE, Cli, edit, problem

PROMPT = "/components/schemas/BlenderInput/properties/prompt"
FILE = f"specs/overlays/{FAST}.json"
"""The overlay of the endpoint."""


def overlay(project: Path, content: object) -> Path:
    path = project / FILE
    path.parent.mkdir(parents=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


def correction(*patch: dict[str, Any]) -> dict[str, Any]:
    return {"reason": "the prompt is a number", "evidence": "https://acme.test/1", "patch": patch}


DEEP: Any = functools.reduce(lambda inner, _: {"a": inner}, range(300), dict[str, Any]())
IS_WRONG = {"op": "test", "path": f"{PROMPT}/type", "value": "string"}
DOUBLED = [{"op": "copy", "from": "", "path": f"/x{number}"} for number in range(40)]
NESTED = [
    {"op": "add", "path": "/x", "value": DEEP},
    {"op": "copy", "from": "/x", "path": f"/x{'/a' * 300}/b"},
    {"op": "copy", "from": "/x", "path": "/y"},
]
MEND = {"op": "replace", "path": f"{PROMPT}/type", "value": "integer"}


def test_a_correction_is_generated_and_told_and_on_record(filled: Path, cli: Cli) -> None:
    vendored = (filled / f"specs/{FAST}.json").read_bytes()
    overlay(filled, correction(IS_WRONG, MEND))
    assert cli("check", "--project", filled).code == 1
    ran = cli("generate", "--project", filled)
    assert f"{FAST}: corrected by an overlay: the prompt is a number" in ran.out
    assert "prompt: int" in (filled / MODULE).read_text("utf-8")
    assert (filled / f"specs/{FAST}.json").read_bytes() == vendored
    assert (filled / LOCK).read_text("utf-8").count('"overlay": ') == 1
    assert cli("check", "--project", filled).out == "up to date\n"

    (filled / FILE).unlink()
    assert cli("generate", "--project", filled).code == 0
    assert "prompt: str" in (filled / MODULE).read_text("utf-8")
    assert "overlay" not in (filled / LOCK).read_text("utf-8")


def test_a_correction_that_is_no_longer_needed_fails(filled: Path, cli: Cli) -> None:
    overlay(filled, correction(IS_WRONG, MEND))
    assert cli("generate", "--project", filled).code == 0
    edit(filled / f"specs/{FAST}.json", '"type": "string"', '"type": "integer"')
    for command in ("generate", "check"):
        problem(cli(command, "--project", filled), FAST, FILE, f"test {PROMPT}/type", "delete")


def test_a_document_that_a_correction_does_not_fit_is_not_added(
    filled: Path, cli: Cli, tmp_path: Path
) -> None:
    overlay(filled, correction(IS_WRONG, MEND))
    new = tmp_path / "new.json"
    new.write_bytes((filled / f"specs/{FAST}.json").read_bytes())
    edit(new, '"type": "string"', '"type": "integer"')
    before = (filled / f"specs/{FAST}.json").read_bytes()
    problem(cli("add", "--project", filled, "--from", new), "no longer fits the document")
    assert (filled / f"specs/{FAST}.json").read_bytes() == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "not JSON"),
        ([], "an object with exactly evidence, patch, reason"),
        ({**correction(IS_WRONG), "why": "?"}, "an object with exactly"),
        ({**correction(IS_WRONG), "reason": " "}, "reason must be a non-empty string"),
        ({**correction(IS_WRONG), "patch": ["x"]}, "patch must be a list"),
        (correction(MEND), "patch has no test operation"),
        (correction(IS_WRONG, {"op": "mend", "path": PROMPT}), "operation 2, mend"),
        (correction({**IS_WRONG, "op": "tst"}, MEND), "operation 1, tst: the operations are add, "),
        (correction(IS_WRONG, {"op": "remove", "path": "/nowhere/at/all"}), "operation 2, remove"),
        (correction(IS_WRONG, {"op": "replace", "path": "", "value": 1}), "not an object"),
        (correction(IS_WRONG, {"op": "remove", "path": "/paths"}), "not an OpenAPI document"),
        (correction(IS_WRONG, {"op": "add", "path": "/x", "value": DEEP}), "levels deep"),
        (correction(IS_WRONG, *DOUBLED), "copy /x12: the result is larger than a document may be"),
        (correction(IS_WRONG, *NESTED), "copy /y: nested too deep"),
        (
            json.dumps(correction(IS_WRONG, {"op": "add", "path": "/x", "value": math.nan})),
            "NaN is not JSON",
        ),
    ],
)
def test_what_is_no_correction_is_refused(
    filled: Path, cli: Cli, content: object, said: str
) -> None:
    overlay(filled, content)
    problem(cli("generate", "--project", filled), FAST, said)


def test_an_overlay_can_be_written_before_the_endpoint_is_added(
    project: Path, cli: Cli, tmp_path: Path
) -> None:
    content = document(FAST)
    schemas = content["components"]["schemas"]
    schemas["Input"] = schemas.pop("BlenderInput")
    source = write(tmp_path / "documents", content)
    ran = cli("add", "--from", source, "--project", project)
    problem(
        ran, "which is not in the document", f"with an overlay, {FILE} (write it before you add"
    )
    post = f"/paths/~1{FAST.replace('/', '~1')}/post"
    path = f"{post}/requestBody/content/application~1json/schema/$ref"
    patch = [
        {"op": "test", "path": path, "value": "#/components/schemas/BlenderInput"},
        {"op": "replace", "path": path, "value": "#/components/schemas/Input"},
    ]
    overlay(project, correction(*patch))
    assert cli("add", "--from", source, "--project", project).code == 0


@pytest.mark.posix
def test_what_cannot_be_read_is_no_endpoint_without_an_overlay(filled: Path, cli: Cli) -> None:
    overlay(filled, correction(IS_WRONG, MEND))
    (filled / FILE).rename(filled / "elsewhere.json")
    for target in ("nowhere.json", "/dev/zero"):  # the latter has no end
        (filled / FILE).symlink_to(filled / target)
        problem(cli("check", "--project", filled), FAST, f"{FILE} is not a regular file")
        (filled / FILE).unlink()


def test_an_overlay_of_nothing_is_told(filled: Path, cli: Cli) -> None:
    overlay(filled, correction(IS_WRONG, MEND))
    ran = cli("remove", "--project", filled, FAST)
    assert (ran.code, f"{FILE} corrects no declared endpoint" in ran.out) == (0, True)
    assert (filled / FILE).is_file()


def test_the_emulator_serves_the_corrected_document(
    filled: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[dict[str, Any]] = []

    def serve(self: Any, **_: Any) -> None:
        served.extend(endpoint.document for endpoint in self.emulation.catalogue.endpoints.values())

    monkeypatch.setattr("fal_codegen.emulator.Emulator.serve", serve)
    overlay(filled, correction(IS_WRONG, MEND))
    assert cli("emulate", "--project", filled).code == 0
    types = {
        it["info"]["x-fal-metadata"]["endpointId"]: it["components"]["schemas"]["BlenderInput"][
            "properties"
        ]["prompt"]["type"]
        for it in served
    }
    assert types == {BLENDER: "string", FAST: "integer"}
