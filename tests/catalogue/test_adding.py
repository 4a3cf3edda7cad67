"""Endpoints added from the catalogue: by id, category, pattern, or all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from documents import document, write
from fal_codegen.emulator import Emulator
from folders import tree
from projects import problem
from servers import CatalogueServer

from .answers import (
    FAST,
    LONG,
    OLD,
    PAINT,
    V1,
    V2,
    Cli,
    declared,
    failed,
    model,
    page,
)


class TestAdd:
    @pytest.mark.parametrize(
        ("arguments", "ids"),
        [
            (["--match", "acme/pika/**"], [V1, V2, LONG]),
            (["--match", "acme/pika/*/turn"], [V1, V2]),
            (["--match", "**/turn*"], [V1, V2]),
            (["--category", "text-to-image"], [PAINT, FAST]),
            (["--category", "image-to-video", "--match", "acme/*/v2/**"], [V2, LONG]),
            (["--all"], [PAINT, FAST, V1, V2, LONG]),
        ],
    )
    def test_what_is_chosen_is_added(
        self, at_fal: Path, cli: Cli, arguments: list[str], ids: list[str]
    ) -> None:
        ran = cli("add", *arguments, "--project", at_fal)
        assert ran.code == 0
        assert declared(cli, at_fal) == sorted(ids)
        assert cli("check", "--project", at_fal).code == 0

    def test_it_takes_few_requests_and_names_what_is_deprecated(
        self, at_fal: Path, fal: Emulator, cli: Cli
    ) -> None:
        ran = cli("add", "--all", "--project", at_fal)
        assert [entry.operation for entry in fal.journal] == ["models", "models"]
        assert f"{OLD}: not added, because fal has deprecated it" in ran.out
        assert "6 found, 0 already declared, 5 to add" in ran.out

        fal.journal.clear()
        ran = cli("add", "--all", "--project", at_fal)
        assert "6 found, 5 already declared, 0 to add" in ran.out
        assert (ran.code, len(fal.journal)) == (0, 1)

    def test_one_document_that_is_not_given_keeps_no_other_out(
        self, at_fal: Path, fal: Emulator, cli: Cli
    ) -> None:
        fal.emulate(f"expansion-failed={V1}; times=2")
        ran = cli("add", "--all", "--project", at_fal)
        failed(ran, f"error: {V1}: ", "expansion_failed", f"fal-codegen add {V1}")
        assert ran.err.count("error: ") == 1
        assert declared(cli, at_fal) == [PAINT, FAST, V2, LONG]
        assert not (at_fal / f"specs/{V1}.json").exists()
        assert cli("check", "--project", at_fal).code == 0

        ran = cli("add", "--all", "--project", at_fal)
        assert f"{V1}: vendored" in ran.out
        assert (ran.code, len(declared(cli, at_fal))) == (0, 5)

    def test_endpoints_that_cannot_be_used_keep_no_other_out(
        self, project: Path, scripted: CatalogueServer, cli: Cli
    ) -> None:
        ids = ["acme/one", "acme/two", "acme/One", "acme/odd", "acme/other"]
        documents = {id_: document(id_) for id_ in ids}
        documents["acme/odd"]["paths"] = {}
        documents["acme/other"] = documents["acme/one"]
        documents["acme/empty"] = {}
        found = [model(id_, openapi=content) for id_, content in documents.items()]
        found.insert(1, model("../../etc", openapi=document("acme/etc")))
        scripted.answers = [page(*found)]
        ran = cli("add", "--all", "--catalogue", scripted.url, "--project", project)
        problem(
            ran,
            "'../../etc' is not an endpoint id",
            "acme/one and acme/One differ only in case",
            "acme/odd: no Input found",
            "acme/other: the document is of another endpoint: acme/one",
            "acme/empty: the catalogue failed to deliver its document (no document",
        )
        assert declared(cli, project) == ["acme/one", "acme/two"]
        assert cli("check", "--project", project).code == 0

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["--all", "--match", "acme/**"], "--all excludes"),
            ([PAINT, "--category", "x"], "exclude endpoint ids"),
            (["--from", ".", "--all"], "exclude endpoint ids"),
            (["--from", ".", "--catalogue", "http://localhost"], "--from reads from disk"),
            (["--all", "--catalogue", "ftp://fal.ai"], "does not start with https://"),
            (["--match", "acme/none/*"], "no endpoint of the catalogue is selected"),
            (["--match", "acme/none/*"], "is selected by --match acme/none/*"),
            (
                ["--category", "none", "--match", "**"],
                "is selected by --category none and --match **",
            ),
        ],
    )
    def test_a_choice_of_no_endpoint_changes_nothing(
        self, at_fal: Path, cli: Cli, arguments: list[str], message: str
    ) -> None:
        before = tree(at_fal / "specs")
        problem(cli("add", *arguments, "--project", at_fal), message)
        assert tree(at_fal / "specs") == before

    def test_ids_that_differ_only_in_case_on_disk(
        self, project: Path, tmp_path: Path, cli: Cli
    ) -> None:
        source = write(tmp_path / "source", document("acme/x"), document("acme/X"))
        problem(cli("add", "--from", source, "--project", project), "differ only in case")
        assert declared(cli, project) == ["acme/x"]

    def test_an_empty_folder_one_id_and_there_is_a_typed_client(
        self, fal: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cli: Cli
    ) -> None:
        monkeypatch.chdir(tmp_path)
        url = f"{fal.base_url}/api/openapi/queue/openapi.json"
        assert cli("init").code == 0
        assert cli("add", V2, "--url", url).code == 0
        program = (
            "from fal_endpoints import Fal\n"
            "request = Fal().acme.pika.v2.turn(prompt='round')\n"
            "print(request.subscribe().model_dump_json())\n"
        )
        environment = {"FAL_BASE_URL": fal.base_url, "FAL_KEY": "any"}
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=tmp_path / "generated/python",
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=True,
        )
        assert list(json.loads(done.stdout)) == ["text"]
