"""fal's catalogue: searched, chosen from, and asked for many documents at once, over real HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Ran, tree
from documents import document, write
from fal_codegen import lock
from fal_codegen.emulator import Emulator
from fal_codegen.metadata import Metadata
from projects import DECLARATION, LOCK, edit, problem
from servers import Answer, CatalogueServer, serving

Cli = Callable[..., Ran]

PAINT, FAST, OLD = "acme/paint", "acme/paint/fast", "acme/old"
V1, V2, LONG = "acme/pika/v1/turn", "acme/pika/v2/turn", "acme/pika/v2/turn/long"
ALL = [PAINT, FAST, V1, V2, LONG, OLD]
VIDEO = {"category": "image-to-video"}
LISTING = {
    PAINT: {
        "display_name": "Paint [dev]",
        "category": "text-to-image",
        "description": "Paints what it is told.\n",
        "tags": ["new", "fast"],
    },
    FAST: {"display_name": "\x1b[2J\nFast \x7f\u202e", "category": "text-to-image"},
    **{id_: {"display_name": "Turn", **VIDEO} for id_ in (V1, V2, LONG)},
    OLD: {"display_name": "Old", **VIDEO, "status": "deprecated"},
}
MANY = [f"acme/tool-{number:03}" for number in range(120)]


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    documents = [document(id_, about="" if id_ == PAINT else "Does it.") for id_ in ALL]
    with Emulator(documents, listing=LISTING) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def server_of_many() -> Iterator[Emulator]:
    with Emulator(map(document, MANY)) as emulator:
        yield emulator


@pytest.fixture
def fal(server: Emulator) -> Emulator:
    server.reset()
    return server


@pytest.fixture
def fal_of_many(server_of_many: Emulator) -> Emulator:
    server_of_many.reset()
    return server_of_many


@pytest.fixture
def scripted() -> Iterator[CatalogueServer]:
    with serving(CatalogueServer) as server:
        yield server


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FAL_KEY", raising=False)


def declare(project: Path, fal: Emulator, *ids: str, **settings: object) -> Path:
    """Let a project fetch from an emulator, and declare endpoints, not fetched yet."""
    addresses = {
        "catalogue": f"{fal.base_url}/api/v1/models",
        "url": f"{fal.base_url}/api/openapi/queue/openapi.json",
        **settings,
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in addresses.items()]
    lines = ["", "[fetch]", *lines, *(f'[endpoints."{id_}"]' for id_ in ids), ""]
    edit(project / DECLARATION, new="\n".join(lines))
    return project


@pytest.fixture
def at_fal(project: Path, fal: Emulator) -> Path:
    """A new project that fetches from the emulator."""
    return declare(project, fal)


def declared(cli: Cli, project: Path) -> list[str]:
    return [line.split()[0] for line in cli("list", "--project", project).out.splitlines()]


def failed(ran: Ran, *parts: str) -> None:
    """Hold that a command failed after it showed how far it came."""
    progress, _, said = ran.err.partition("\n")
    assert progress.startswith("fetching: ")
    problem(Ran(ran.code, ran.out, said), *parts)


def page(*models: object, cursor: str | None = None) -> Answer:
    return Answer.of({"models": models, "next_cursor": cursor, "has_more": cursor is not None})


def model(endpoint_id: str, **keys: Any) -> dict[str, Any]:
    return {"endpoint_id": endpoint_id, **keys}


class TestSearch:
    def test_it_shows_what_it_found_and_what_is_declared(self, at_fal: Path, cli: Cli) -> None:
        assert cli("add", V1, "--project", at_fal).code == 0
        ran = cli("search", "turn", "--project", at_fal)
        assert (ran.code, ran.err) == (0, "")
        assert ran.out.splitlines() == [
            "id                      title  category        status",
            "acme/pika/v1/turn       Turn   image-to-video  active  declared",
            "acme/pika/v2/turn       Turn   image-to-video  active",
            "acme/pika/v2/turn/long  Turn   image-to-video  active",
            "3 found, 1 of them declared",
        ]

    def test_outside_of_any_project(
        self, fal: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cli: Cli
    ) -> None:
        monkeypatch.chdir(tmp_path)
        ran = cli("search", "no", "such", "--catalogue", f"{fal.base_url}/api/v1/models")
        assert (ran.code, ran.out) == (0, "0 found\n")
        assert fal.journal[0].query == "q=no+such&limit=50"

    def test_what_is_asked_of_the_catalogue(self, at_fal: Path, fal: Emulator, cli: Cli) -> None:
        arguments = ["--category", "image-to-video", "--status", "deprecated"]
        ran = cli("search", *arguments, "--project", at_fal)
        assert ran.out.splitlines()[1:] == [
            "acme/old  Old    image-to-video  deprecated",
            "1 found",
        ]
        assert fal.journal[0].query == "category=image-to-video&status=deprecated&limit=50"

    def test_as_json(self, at_fal: Path, cli: Cli) -> None:
        assert cli("add", PAINT, "--project", at_fal).code == 0
        ran = cli("search", "paint", "--json", "--project", at_fal)
        first, second = json.loads(ran.out)["endpoints"]
        assert first == {
            "id": PAINT,
            "title": "Paint [dev]",
            "category": "text-to-image",
            "status": "active",
            "tags": ["fast", "new"],
            "description": "Paints what it is told.",
            "declared": True,
        }
        assert (second["title"], second["declared"]) == ("\x1b[2J Fast \x7f\u202e", False)
        assert ran.out.isascii()
        assert not {"\x1b", "\x7f"} & set(ran.out)

    def test_every_page(self, project: Path, fal_of_many: Emulator, cli: Cli) -> None:
        ran = cli("search", "--json", "--project", declare(project, fal_of_many))
        assert [found["id"] for found in json.loads(ran.out)["endpoints"]] == MANY
        assert fal_of_many.journal.count("models") == len(fal_of_many.journal) == 3

    def test_text_of_the_catalogue_does_not_reach_the_terminal_raw(
        self, scripted: CatalogueServer, cli: Cli
    ) -> None:
        metadata = {"display_name": "A\x1b[2J\n\u202eB " + "long " * 50, "status": ["?"]}
        scripted.answers = [page(model("a/\x1b]0;\n", metadata=metadata), model("b/c"), {"id": 1})]
        ran = cli("search", "--catalogue", scripted.url)
        _, first, second, count = ran.out.splitlines()
        assert first.split() == ["a/\\x1b]0;", "A\\x1b[2J", "\\u202eB", *["long"] * 8, "…"]
        assert (second, count) == ("b/c", "2 found")
        assert "\x1b" not in ran.out

    def test_an_endpoint_on_two_pages_is_found_once(
        self, scripted: CatalogueServer, cli: Cli
    ) -> None:
        scripted.answers = [page(model("a/b"), cursor="Mg"), page(model("a/b"), model("a/c"))]
        ran = cli("search", "--json", "--catalogue", scripted.url)
        assert [found["id"] for found in json.loads(ran.out)["endpoints"]] == ["a/b", "a/c"]
        assert [asked.get("cursor") for asked in scripted.asked] == [None, ["Mg"]]

    def test_a_limit_that_passes_is_waited_for(self, at_fal: Path, fal: Emulator, cli: Cli) -> None:
        fal.emulate("rate-limit=0; on=models; times=1")
        assert cli("search", "--project", at_fal).code == 0
        assert [entry.status for entry in fal.journal] == [429, 200]

    @pytest.mark.parametrize(
        ("answer", "said"),
        [
            (Answer(status=401), "answered 401 Unauthorized"),
            (Answer(status=429, headers={"Retry-After": "0"}), "answered 429 Too Many Requests"),
            (Answer(b"<html>"), "this is HTML, not JSON"),
            (Answer(b'{"models": [{"endpoint'), "the JSON is truncated"),
            (Answer(b'{"models": []}', length=50), "no complete answer from"),
            (Answer.of([]), "has no list of models"),
            (page(model("a/b"), cursor="Mg"), "its pages lead in a circle"),
        ],
        ids=["401", "429", "HTML", "truncated", "cut off", "a list", "a circle"],
    )
    def test_a_failure_says_what_happened(
        self, project: Path, scripted: CatalogueServer, cli: Cli, answer: Answer, said: str
    ) -> None:
        edit(project / DECLARATION, new="\n[fetch]\nattempts = 1\n")
        scripted.answers = [answer]
        ran = cli("search", "--project", project, "--catalogue", scripted.url)
        problem(ran, said, scripted.url)
        assert ran.out == ""


class TestKey:
    def test_it_goes_to_the_catalogue_and_nowhere_else(
        self, at_fal: Path, fal: Emulator, monkeypatch: pytest.MonkeyPatch, cli: Cli
    ) -> None:
        monkeypatch.setenv("FAL_KEY", "a:secret")
        said = cli("search", "--project", at_fal)
        assert cli("add", PAINT, "--project", at_fal).code == 0
        sent = {entry.operation: entry.headers.get("authorization") for entry in fal.journal}
        assert sent == {"models": "Key a:secret", "document": None}
        assert "secret" not in said.out + said.err

    def test_it_does_not_follow_a_redirect_elsewhere(
        self,
        fal: Emulator,
        scripted: CatalogueServer,
        monkeypatch: pytest.MonkeyPatch,
        cli: Cli,
    ) -> None:
        monkeypatch.setenv("FAL_KEY", "a:secret")
        elsewhere = f"{fal.base_url}/api/v1/models"
        scripted.answers = [Answer(status=302, headers={"Location": elsewhere})]
        assert cli("search", "--catalogue", scripted.url).code == 0
        assert scripted.keys == ["Key a:secret"]
        assert "authorization" not in fal.journal[0].headers

    def test_a_catalogue_of_somebody_else_does_not_get_it(
        self, scripted: CatalogueServer, monkeypatch: pytest.MonkeyPatch, cli: Cli
    ) -> None:
        monkeypatch.setenv("FAL_KEY", "a:secret")
        scripted.answers = [page()]
        # Reaches this machine too, and is not known to.
        url = scripted.url.replace("127.0.0.1", "0.0.0.0")
        assert cli("search", "--catalogue", url).code == 0
        assert scripted.keys == [None]

    def test_one_that_cannot_be_one_is_not_shown(
        self, scripted: CatalogueServer, monkeypatch: pytest.MonkeyPatch, cli: Cli
    ) -> None:
        monkeypatch.setenv("FAL_KEY", "sec\nret")
        ran = cli("search", "--catalogue", scripted.url)
        problem(ran, "FAL_KEY has characters that no key has")
        assert "ret" not in ran.out + ran.err.replace("retired", "")
        assert scripted.asked == []


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
        assert f"{OLD}: not added, as fal calls it deprecated" in ran.out
        assert "6 found, 0 declared already, 5 to add" in ran.out

        fal.journal.clear()
        ran = cli("add", "--all", "--project", at_fal)
        assert "6 found, 5 declared already, 0 to add" in ran.out
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
            "acme/odd: no Input to be found",
            "acme/other: the document is of another endpoint: acme/one",
            "acme/empty: the catalogue failed to give its document (no document",
        )
        assert declared(cli, project) == ["acme/one", "acme/two"]
        assert cli("check", "--project", project).code == 0

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["--all", "--match", "acme/**"], "--all leaves nothing to choose"),
            ([PAINT, "--category", "x"], "instead of naming endpoints"),
            (["--from", ".", "--all"], "instead of naming endpoints"),
            (["--from", ".", "--catalogue", "http://localhost"], "--from is instead of fetching"),
            (["--all", "--catalogue", "ftp://fal.ai"], "does not start with https://"),
            (["--match", "acme/none/*"], "no endpoint of the catalogue is selected"),
        ],
    )
    def test_what_cannot_be_chosen(
        self, at_fal: Path, cli: Cli, arguments: list[str], said: str
    ) -> None:
        before = tree(at_fal / "specs")
        problem(cli("add", *arguments, "--project", at_fal), said)
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
        assert f"{OLD}: deprecated by fal, which may retire it" in ran.out
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
        assert "as the catalogue failed" in ran.out
        assert len(scripted.asked) < 20

    @pytest.mark.parametrize("fault", ["drop=before", "proxy-error", "rate-limit=0", "truncate"])
    def test_without_the_catalogue_all_are_fetched_one_by_one(
        self, project: Path, fal: Emulator, cli: Cli, fault: str
    ) -> None:
        declare(project, fal, *ALL, attempts=1)
        fal.emulate(f"{fault}; on=models")
        ran = cli("fetch", "--project", project)
        assert (ran.code, ran.out.count(": vendored")) == (0, 6)
        assert ran.out.count("fetched one by one, as the catalogue failed: ") == 1
        assert (fal.journal.count("models"), fal.journal.count("document")) == (1, 6)

    def test_the_same_trouble_with_several_batches_is_told_once(
        self, project: Path, fal_of_many: Emulator, cli: Cli
    ) -> None:
        declare(project, fal_of_many, *MANY[:60], attempts=1)
        fal_of_many.emulate("rate-limit=0; on=models")
        ran = cli("fetch", "--project", project)
        assert (ran.code, ran.out.count("as the catalogue failed: ")) == (0, 1)
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
        entry = lock.parse((project / LOCK).read_bytes())[PAINT]
        assert entry.metadata == Metadata(
            title="Paint [dev]",
            category="text-to-image",
            status="active",
            tags=("fast", "new"),
            description="Paints what it is told.",
        )
        package = project / "generated/python/fal_endpoints/acme"
        assert package.joinpath("paint/__init__.py").read_text().count("Paints what it") == 3
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
        edit(project / LOCK, "Paints what it is told.", "Paints by numbers.")
        ran = cli("check", "--project", project)
        assert ran.code == 1
        assert "Paints by numbers." in ran.out
        assert cli("generate", "--project", project).code == 0
        assert cli("check", "--project", project).code == 0

        ran = cli("fetch", "--project", project)
        assert f"{PAINT}: metadata updated" in ran.out
        assert "fal-codegen generate" in ran.out
        assert b"Paints what it is told." in (project / LOCK).read_bytes()

    def test_it_outlives_an_edit_and_a_document_fetched_by_itself(
        self, project: Path, fal: Emulator, cli: Cli
    ) -> None:
        declare(project, fal, *ALL)
        cli("fetch", "--project", project)
        before = lock.parse((project / LOCK).read_bytes())[PAINT]
        edit(project / f"specs/{PAINT}.json", "schemas/BlenderInput", "schemas/BlenderOutput")
        assert cli("generate", "--project", project).code == 0
        edited = lock.parse((project / LOCK).read_bytes())[PAINT]
        assert (edited.source, edited.metadata) == ("edited", before.metadata)
        assert cli("fetch", PAINT, "--project", project).code == 0
        again = lock.parse((project / LOCK).read_bytes())[PAINT]
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
        [(endpoint_id, entry)] = lock.parse(raw.encode()).items()
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
