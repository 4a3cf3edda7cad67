"""`doctor`: what it finds, and that it neither sends nor shows what it must not."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from fal_codegen import cache
from folders import tree
from projects import DECLARATION, FAST, LOCK, OUTPUT, Cli, edit
from servers import Answer, CatalogueServer, DocumentServer, serving

Find = Callable[..., tuple[str, str]]

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start without the settings of the machine."""
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("FAL_KEY", "FAL_KEY_ID", "FAL_KEY_SECRET", "FAL_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)


@pytest.fixture
def find(filled: Path, cli: Cli) -> Find:
    """Return the status of a subject, and all that is said about it."""

    def call(subject: str, *options: str) -> tuple[str, str]:
        ran = cli("doctor", "--json", "--project", filled, *options)
        result = json.loads(ran.out)
        assert ran.code == (0 if result["ok"] else 2)
        assert result["ok"] == all(it["status"] != "problem" for it in result["findings"])
        [found] = [it for it in result["findings"] if it["subject"] == subject]
        assert (found["next_step"] is None) == (found["status"] == "ok")
        return found["status"], f"{found['detail']}; {found['next_step']}"

    return call


def test_a_healthy_project(filled: Path, cli: Cli) -> None:
    before = tree(filled)
    ran = cli("doctor", "--project", filled)
    assert (ran.code, ran.err) == (0, "")
    for line in (
        f"ok       project: {filled}",
        "ok       endpoints: 2 declared",
        "ok       fetch: 2 documents, one by one from fal.ai",
        "ok       fetch.url: fal.ai, directly",
        "ok       fetch.catalogue: api.fal.ai, directly",
        f"ok       cache: {cache.trusted_folder()}: ",
        "ok       datamodel-code-generator: 0.",
    ):
        assert f"{line}" in ran.out
    assert f"ok       target python: {OUTPUT}: " in ran.out
    assert tree(filled) == before


def test_outside_of_any_project(tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = cli("doctor")
    assert ran.code == 0
    assert "warning  project: there is none in this folder\n" in ran.out
    assert "\n           fal-codegen init\n" in ran.out
    assert "nothing is declared, so nothing would be fetched" in ran.out


class TestInstallation:
    def test_a_pinned_package_of_another_version(
        self, find: Find, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("fal_codegen.diagnosis.environment.version", lambda _: "0.0.1")
        status, said = find("ruff")
        assert (status, "0.0.1 is installed" in said) == ("problem", True)
        assert "pip install 'ruff==" in said
        assert find("httpx") == ("ok", "0.0.1; None")

    def test_an_extra_and_a_tool_that_are_missing(
        self, find: Find, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("fal_codegen.diagnosis.environment.find_spec", lambda _: None)
        monkeypatch.setattr("fal_codegen.install_command._record", lambda: None)
        monkeypatch.setenv("PATH", "")
        status, said = find("extra emulator")
        assert (status, "pip install 'fal-codegen[emulator]'" in said) == ("ok", True)
        assert find("node") == ("ok", "not found; the target typescript needs it to run; None")

    @pytest.mark.parametrize(
        ("record", "command"),
        [
            (
                {"url": "file:///my%20clone", "dir_info": {"editable": True}},
                "pip install -e '/my clone[emulator]'",
            ),
            ({"url": "file:///clone", "dir_info": {}}, "pip install '/clone[emulator]'"),
            (
                {
                    "url": "https://git.example/x.git",
                    "vcs_info": {"vcs": "git", "commit_id": "0" * 40},
                },
                f"pip install 'fal-codegen[emulator] @ git+https://git.example/x.git@{'0' * 40}'",
            ),
            ({"url": "file:///x.whl", "archive_info": {}}, "install fal-codegen again with"),
        ],
    )
    @pytest.mark.posix
    def test_an_extra_is_installed_from_where_the_tool_came(
        self,
        find: Find,
        monkeypatch: pytest.MonkeyPatch,
        record: dict[str, object],
        command: str,
    ) -> None:
        monkeypatch.setattr("fal_codegen.diagnosis.environment.find_spec", lambda _: None)
        monkeypatch.setattr("fal_codegen.install_command._record", lambda: record)
        assert command in find("extra emulator")[1]


class TestProject:
    def test_a_declaration_that_cannot_be_used(self, filled: Path, find: Find) -> None:
        (filled / DECLARATION).write_text("colour = 1")
        status, said = find("declaration")
        assert (status, "colour is not known" in said) == ("problem", True)

    def test_a_document_that_is_missing(self, filled: Path, find: Find) -> None:
        (filled / f"specs/{FAST}.json").unlink()
        status, said = find("endpoints")
        assert (status, said) == (
            "warning", f"2 declared; without a document: {FAST}; fal-codegen fetch",
        )  # fmt: skip

    def test_a_lock_that_is_damaged(self, filled: Path, find: Find) -> None:
        (filled / LOCK).write_text("{")
        status, said = find("inputs")
        assert (status, f"{LOCK} is damaged" in said) == ("problem", True)

    def test_files_of_another_version(self, filled: Path, find: Find) -> None:
        path = filled / OUTPUT / ".fal-codegen.json"
        manifest = json.loads(path.read_text("utf-8"))
        path.write_text(json.dumps({**manifest, "version": "0.0.1"}))
        status, said = find("target python")
        assert (status, "generated by fal-codegen 0.0.1" in said) == ("warning", True)

    def test_a_target_that_is_not_generated(self, filled: Path, find: Find) -> None:
        edit(filled / DECLARATION, OUTPUT, "generated/other")
        assert find("target python") == (
            "warning", "generated/other is not generated yet; fal-codegen generate",
        )  # fmt: skip

    def test_the_package_of_another_folder(self, find: Find) -> None:
        status, said = find("package fal_endpoints")
        assert status == "warning"
        assert f"pip install -e {OUTPUT}" in said

    def test_a_package_that_is_not_installed(self, filled: Path, find: Find) -> None:
        edit(filled / DECLARATION, 'package = "fal_endpoints"', 'package = "not_installed"')
        status, said = find("package not_installed")
        assert (status, "not installed in this environment" in said) == ("ok", True)
        edit(filled / DECLARATION, 'package = "not_installed"', 'package = "__main__"')
        assert find("package __main__")[0] == "ok"

    @pytest.mark.parametrize(
        ("name", "subject"),
        [
            (DECLARATION, "declaration"),
            (LOCK, "inputs"),
            (f"specs/{FAST}.json", "inputs"),
            (f"{OUTPUT}/.fal-codegen.json", "target python"),
        ],
    )
    def test_a_file_that_cannot_be_read(
        self, filled: Path, find: Find, monkeypatch: pytest.MonkeyPatch, name: str, subject: str
    ) -> None:
        read_bytes = Path.read_bytes

        def read(path: Path) -> bytes:
            if path == filled / name:
                raise PermissionError(13, "Permission denied", str(path))
            return read_bytes(path)

        monkeypatch.setattr(Path, "read_bytes", read)
        status, said = find(subject)
        assert (status, f"{filled / name} Permission denied" in said) == ("problem", True)
        assert find("cache")[0] == "ok", "the other findings are reported, too"


class TestKey:
    KEY = "k3yi-d5ab:s3cr-e7cd"

    def test_it_is_never_shown(
        self, filled: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("FAL_KEY", self.KEY)
        ran = cli("doctor", "--project", filled)
        assert "ok       key: FAL_KEY is set\n" in ran.out
        assert not any(part in ran.out for part in self.KEY.replace(":", "-").split("-"))

    def test_of_two_parts(self, find: Find, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FAL_KEY_ID", "one")
        monkeypatch.setenv("FAL_KEY_SECRET", "two")
        assert find("key") == ("ok", "FAL_KEY_ID and FAL_KEY_SECRET are set; None")

    def test_one_that_is_malformed(self, find: Find, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FAL_KEY", "a secret")
        status, said = find("key")
        assert (status, "secret" in said) == ("problem", False)


class TestRoutes:
    def test_a_proxy_without_its_password(
        self, find: Find, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", "http://me:hidden@proxy.example:3128")
        assert find("fetch.url") == (
            "ok", "fal.ai, through the proxy http://proxy.example:3128; None",
        )  # fmt: skip

    def test_of_a_proxy_nothing_but_its_host(
        self, find: Find, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", "http://me:pass/word@proxy.example:3128/?token=hidden")
        _, said = find("fetch.url")
        assert "http://proxy.example:3128" in said
        assert not any(part in said for part in ("me", "pass", "word", "hidden"))

    @pytest.mark.parametrize("command", ["doctor", "fetch", "generate --force"])
    @pytest.mark.parametrize(
        "url", ["https://me:hid/den@h", "https://me:hidden@h:99x/", "https://me:hidden@[::1"]
    )
    def test_an_address_that_is_none(self, filled: Path, cli: Cli, command: str, url: str) -> None:
        edit(filled / DECLARATION, new=f"\n[fetch]\nurl = '{url}'\n")
        ran = cli(*command.split(), "--project", filled)
        assert ran.code == 2
        assert f"{DECLARATION}: fetch.url is not a URL" in ran.out + ran.err
        assert not any(part in ran.out + ran.err for part in ("hid", "den", "unexpected"))

    def test_a_proxy_that_cannot_be_used(self, find: Find, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HTTPS_PROXY", "http://me:hidden@proxy.example:99999")
        status, said = find("fetch.url")
        assert (status, "HTTPS_PROXY" in said, "hidden" in said) == ("problem", True, False)

    def test_an_address_without_encryption(self, filled: Path, find: Find) -> None:
        edit(filled / DECLARATION, new="\n[fetch]\nurl = 'http://me:hidden@fal.example'\n")
        status, said = find("fetch.url")
        assert (status, "is not encrypted" in said) == ("problem", True)

    def test_certificates_that_cannot_be_read(
        self, find: Find, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
        status, said = find("fetch.url")
        assert (status, "certificates cannot be read" in said) == ("problem", True)

    def test_certificates_in_a_variable_of_other_tools(
        self, find: Find, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("SSL_CERT_FILE", raising=False)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/ca.pem")
        status, said = find("certificates")
        assert (status, 'export SSL_CERT_FILE="$REQUESTS_CA_BUNDLE"' in said) == ("warning", True)

    def test_many_documents(self, filled: Path, find: Find) -> None:
        tables = [f'[endpoints."acme/number{number}"]\n' for number in range(5)]
        edit(filled / DECLARATION, new="\n" + "".join(tables))
        assert find("fetch")[1] == "7 documents, in batches from the catalogue (api.fal.ai); None"

    def test_where_the_client_sends(self, find: Find, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FAL_BASE_URL", "http://me:hidden@localhost:8321")
        assert find("client") == ("ok", "FAL_BASE_URL sends calls to localhost:8321; None")
        monkeypatch.setenv("FAL_BASE_URL", "me:hidden@localhost")
        assert find("client") == ("ok", "FAL_BASE_URL sends calls to (not a URL); None")


class TestOnline:
    def test_addresses_that_answer(self, filled: Path, find: Find) -> None:
        with serving(DocumentServer) as documents, serving(CatalogueServer) as catalogue:
            catalogue.answers = [Answer.of({"models": []})]
            lines = f"url = '{documents.url}?endpoint_id=a'\ncatalogue = '{catalogue.url}'"
            edit(filled / DECLARATION, new=f"\n[fetch]\n{lines}\n")
            find("fetch")
            assert (documents.requests, catalogue.asked) == ({}, []), "only --online sends"
            status, said = find("fetch.url online", "--online")
            assert (status, said.endswith(" answers; None")) == ("ok", True)
            assert find("fetch.catalogue online", "--online")[0] == "ok"
            assert (documents.requests, len(catalogue.asked)) == ({"a": 2}, 2)

    def test_an_address_that_does_not_answer(self, filled: Path, find: Find) -> None:
        with serving(CatalogueServer) as catalogue:
            catalogue.answers = [Answer(status=503)]
            address = catalogue.url
            lines = f"url = '{address}'\ncatalogue = '{address}'"
            edit(filled / DECLARATION, new=f"\n[fetch]\n{lines}\n")
            status, said = find("fetch.url online", "--online")
        assert (status, "503" in said) == ("problem", True)


@pytest.mark.skipif(os.name != "posix", reason="needs file modes")
def test_a_cache_that_others_can_write_to(
    find: Find, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "cache/fal-codegen"
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder.parent))
    status, said = find("cache")
    assert (status, "no cache is kept" in said) == ("warning", True)
