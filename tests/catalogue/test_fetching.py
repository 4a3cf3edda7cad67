"""Documents and metadata of many endpoints, requested from the catalogue in batches."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from documents import document
from fal_codegen.document.metadata import Metadata
from fal_codegen.emulator import Emulator
from fal_codegen.exit_codes import ExitCode
from fal_codegen.project import lock
from folders import tree
from projects import DECLARATION, LOCK, edit, problem
from servers import Answer, CatalogueServer

from .answers import (
    ALL,
    MANY,
    OLD,
    PAINT,
    Cli,
    declare,
    failed,
    model,
    page,
)


class TestFetch:
    def test_many_take_few_requests_and_a_second_time_nothing_is_written(
        self, project: Path, fal_of_many: Emulator, cli: Cli
    ) -> None:
        declare(project, fal_of_many, *MANY)
        ran = cli("fetch", "--project", project)
        assert (ran.code, ran.out.count(": vendored\n")) == (0, 120)
        # Three batches of ids, each on as many pages as the catalogue makes of it.
        assert fal_of_many.journal.count("models") == len(fal_of_many.journal) == 7
        before = tree(project / "specs")
        stamps = {path: (project / "specs" / path).stat().st_mtime_ns for path in before}
        assert json.loads(before[f"{MANY[7]}.json"]) == document(MANY[7])

        ran = cli("fetch", "--project", project)
        assert (ran.code, ran.out) == (0, "120 unchanged\n")
        assert tree(project / "specs") == before
        assert stamps == {path: (project / "specs" / path).stat().st_mtime_ns for path in before}

    def test_where_a_document_came_from_stays_while_it_is_the_same(
        self, project: Path, fal: Emulator, cli: Cli
    ) -> None:
        declare(project, fal, *ALL)
        cli("fetch", "--project", project)
        before = (project / LOCK).read_bytes()
        ran = cli("fetch", PAINT, OLD, "--project", project)
        assert f"{PAINT}: unchanged\n" in ran.out
        assert f"{OLD}: fal has deprecated it, and may remove it" in ran.out
        assert (project / LOCK).read_bytes() == before
        assert fal.journal.count("document") == 2

    def test_a_few_are_fetched_one_by_one(self, project: Path, fal: Emulator, cli: Cli) -> None:
        assert cli("fetch", "--project", declare(project, fal, *ALL[:4])).code == 0
        assert [entry.operation for entry in fal.journal] == ["document"] * 4

    def test_documents_of_ones_own_do_not_come_from_the_catalogue(
        self, project: Path, fal: Emulator, cli: Cli
    ) -> None:
        url = f"{fal.base_url}/api/openapi/queue/openapi.json"
        declarations = "".join(f'\n[endpoints."{id_}"]\n' for id_ in ALL)
        edit(project / DECLARATION, new=declarations)
        ran = cli("fetch", "--url", url, "--project", project)
        assert (ran.code, ran.out.count(": vendored")) == (0, 6)
        assert "catalogue" not in ran.out  # fal's own, which no test can ask
        assert [entry.operation for entry in fal.journal] == ["document"] * 6

    def test_what_the_catalogue_does_not_have_is_fetched_by_itself(
        self, project: Path, fal: Emulator, fal_of_many: Emulator, cli: Cli
    ) -> None:
        url = f"{fal_of_many.base_url}/api/openapi/queue/openapi.json"
        declare(project, fal, *ALL, MANY[0], "acme/gone", url=url)
        ran = cli("fetch", "--project", project)
        failed(ran, "error: acme/gone: fal has no such endpoint")
        assert ran.err.count("error: ") == 1
        assert ran.out.count(": vendored") == 7
        assert fal_of_many.journal.count("document") == len(fal_of_many.journal) == 2

    def test_what_it_passes_over_is_fetched_by_itself_too(
        self, project: Path, fal: Emulator, scripted: CatalogueServer, cli: Cli
    ) -> None:
        listed = [model(id_, openapi=document(id_)) for id_ in ALL[1:]]
        scripted.answers = [page(*listed[:2], cursor="Mg"), page(*listed[2:])]
        declare(project, fal, *ALL, catalogue=scripted.url)
        ran = cli("fetch", "--project", project)
        assert (ran.code, ran.out.count(": vendored")) == (0, 6)
        assert [entry.query for entry in fal.journal] == ["endpoint_id=acme%2Fpaint"]

    def test_a_catalogue_that_refuses_everything_is_not_asked_for_long(
        self, project: Path, fal_of_many: Emulator, scripted: CatalogueServer, cli: Cli
    ) -> None:
        scripted.answers = [Answer(status=400)]
        declare(project, fal_of_many, *MANY[:50], catalogue=scripted.url)
        ran = cli("fetch", "--project", project)
        assert (ran.code, ran.out.count(": vendored")) == (0, 50)
        assert "the catalogue failed" in ran.out
        assert len(scripted.asked) < 20

    @pytest.mark.parametrize("fault", ["drop=before", "proxy-error", "rate-limit=0", "truncate"])
    def test_without_the_catalogue_all_are_fetched_one_by_one(
        self, project: Path, fal: Emulator, cli: Cli, fault: str
    ) -> None:
        declare(project, fal, *ALL, attempts=1)
        fal.emulate(f"{fault}; on=models")
        ran = cli("fetch", "--project", project)
        assert (ran.code, ran.out.count(": vendored")) == (0, 6)
        assert ran.out.count("the catalogue failed, so documents were fetched one by one: ") == 1
        assert (fal.journal.count("models"), fal.journal.count("document")) == (1, 6)

    def test_the_same_trouble_with_several_batches_is_told_once(
        self, project: Path, fal_of_many: Emulator, cli: Cli
    ) -> None:
        declare(project, fal_of_many, *MANY[:60], attempts=1)
        fal_of_many.emulate("rate-limit=0; on=models")
        ran = cli("fetch", "--project", project)
        assert (
            ran.code,
            ran.out.count("the catalogue failed, so documents were fetched one by one: "),
        ) == (0, 1)
        assert fal_of_many.journal.count("models") == 2

    def test_an_answer_that_is_too_large_is_asked_for_in_parts(
        self, project: Path, fal: Emulator, cli: Cli
    ) -> None:
        declare(project, fal, *ALL, max_bytes=8_000)
        assert cli("fetch", "--project", project).code == 0
        assert fal.journal.count("document") == 0


class TestMetadata:
    def test_it_is_kept_in_the_lock_and_stands_in_for_what_a_document_does_not_say(
        self, project: Path, fal: Emulator, cli: Cli
    ) -> None:
        declare(project, fal, *ALL)
        assert cli("fetch", "--project", project).code == 0
        assert cli("generate", "--project", project).code == 0
        entry = lock.load(project)[PAINT]
        assert entry.metadata == Metadata(
            title="Paint [dev]",
            category="text-to-image",
            status="active",
            tags=("fast", "new"),
            description="Paints a picture.",
        )
        package = project / "generated/python/fal_endpoints/acme"
        assert package.joinpath("paint/__init__.py").read_text().count("Paints a picture.") == 3
        assert "Does it." in package.joinpath("paint/fast.py").read_text()
        lines = cli("list", "--project", project).out.splitlines()
        assert [line.split(None, 2)[2] for line in lines][:2] == [
            "client.acme.old                image-to-video  deprecated",
            "client.acme.paint              text-to-image",
        ]

    def test_a_change_of_it_is_seen(self, project: Path, fal: Emulator, cli: Cli) -> None:
        declare(project, fal, *ALL)
        cli("fetch", "--project", project)
        assert cli("generate", "--project", project).code == 0
        assert cli("check", "--project", project).out == "up to date\n"
        edit(project / LOCK, "Paints a picture.", "Paints by numbers.")
        ran = cli("check", "--project", project)
        assert ran.code == ExitCode.DIFFERENCE
        assert "Paints by numbers." in ran.out
        assert cli("generate", "--project", project).code == 0
        assert cli("check", "--project", project).code == 0

        ran = cli("fetch", "--project", project)
        assert f"{PAINT}: metadata updated" in ran.out
        assert "fal-codegen generate" in ran.out
        assert b"Paints a picture." in (project / LOCK).read_bytes()

    def test_it_outlives_an_edit_and_a_document_fetched_by_itself(
        self, project: Path, fal: Emulator, cli: Cli
    ) -> None:
        declare(project, fal, *ALL)
        cli("fetch", "--project", project)
        before = lock.load(project)[PAINT]
        edit(project / f"specs/{PAINT}.json", "schemas/BlenderInput", "schemas/BlenderOutput")
        assert cli("generate", "--project", project).code == 0
        edited = lock.load(project)[PAINT]
        assert (edited.source, edited.metadata) == ("edited", before.metadata)
        assert cli("fetch", PAINT, "--project", project).code == 0
        again = lock.load(project)[PAINT]
        assert (again.source, again.metadata) == ("fetched", before.metadata)

    def test_hostile_text_in_it_stays_text(
        self, project: Path, scripted: CatalogueServer, cli: Cli
    ) -> None:
        text = 'x"""\n\\"\'\x00\x7f\u0085\u2028\u202e\U0001f3a8\U000e0041\ud800]\n[endpoints."a/b"]'
        metadata = {"display_name": text, "description": text, "tags": [text, 1], "status": None}
        openapi = document("acme/one", about="")
        scripted.answers = [page(model("acme/one", metadata=metadata, openapi=openapi))]
        ran = cli("add", "--all", "--catalogue", scripted.url, "--project", project)
        assert ran.code == 0
        raw = (project / LOCK).read_text("utf-8")
        assert not {"\x7f", "\x85", "\u2028", "\u202e", "\U000e0041"} & set(raw)
        [(endpoint_id, entry)] = lock.load(project).items()
        assert (endpoint_id, entry.metadata.status) == ("acme/one", "")
        assert entry.metadata.description == text.replace("\ud800", "?")
        assert entry.metadata.tags == (entry.metadata.title,)
        assert cli("check", "--project", project).code == 0
        path = project / "generated/python/fal_endpoints/acme/one.py"
        compile(path.read_bytes(), path, "exec")

    @pytest.mark.parametrize("line", ["title = 1", 'tags = "new"', "tags = [1]"])
    def test_a_lock_with_another_type_is_damaged(self, filled: Path, cli: Cli, line: str) -> None:
        edit(filled / LOCK, new=line + "\n")
        problem(cli("check", "--project", filled), "endpoints.lock is damaged")
