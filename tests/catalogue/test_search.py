"""fal's catalogue: search, selection, and where the key is sent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fal_codegen.emulator import Emulator
from projects import DECLARATION, edit, problem
from servers import Answer, CatalogueServer

from .answers import (
    MANY,
    PAINT,
    V1,
    Cli,
    declare,
    model,
    page,
)


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

    def test_a_search_needs_no_project(
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

    def test_json_has_every_field_of_an_endpoint(self, at_fal: Path, cli: Cli) -> None:
        assert cli("add", PAINT, "--project", at_fal).code == 0
        ran = cli("search", "paint", "--json", "--project", at_fal)
        first, second = json.loads(ran.out)["endpoints"]
        assert first == {
            "id": PAINT,
            "title": "Paint [dev]",
            "category": "text-to-image",
            "status": "active",
            "tags": ["fast", "new"],
            "description": "Paints a picture.",
            "declared": True,
        }
        assert (second["title"], second["declared"]) == ("\x1b[2J Fast \x7f\u202e", False)
        assert ran.out.isascii()
        assert not {"\x1b", "\x7f"} & set(ran.out)

    def test_every_page_of_the_catalogue_is_read(
        self, project: Path, fal_of_many: Emulator, cli: Cli
    ) -> None:
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
            (Answer(b'{"models": []}', length=50), "no complete response from"),
            (Answer.of([]), "has no list of models"),
            (page(model("a/b"), cursor="Mg"), "its pages are circular"),
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
        monkeypatch.setenv("FAL_ALLOW_HTTP", "1")
        scripted.answers = [page()]
        # This address reaches this machine too, but is not treated as loopback.
        url = scripted.url.replace("127.0.0.1", "0.0.0.0")
        assert cli("search", "--catalogue", url).code == 0
        assert scripted.keys == [None]

    def test_one_that_cannot_be_one_is_not_shown(
        self, scripted: CatalogueServer, monkeypatch: pytest.MonkeyPatch, cli: Cli
    ) -> None:
        monkeypatch.setenv("FAL_KEY", "sec\nret")
        ran = cli("search", "--catalogue", scripted.url)
        problem(ran, "FAL_KEY has invalid characters")
        assert "ret" not in ran.out + ran.err.replace("retired", "")
        assert scripted.asked == []
