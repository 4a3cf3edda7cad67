"""Projects that cannot be used as they are: missing, invalid, damaged, or with odd files."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from documents import document, write
from projects import (
    BLENDER,
    DECLARATION,
    FAST,
    LOCK,
    MANIFEST,
    MODULE,
    OUTPUT,
    Cli,
    edit,
    problem,
    published,
)


class TestProject:
    def test_the_nearest_project_upwards_is_meant(
        self, filled: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(filled / OUTPUT)
        assert cli("list").out.startswith(BLENDER)
        inner = filled / "inner"
        assert cli("init", inner).code == 0
        monkeypatch.chdir(inner / "specs")
        assert "nothing is declared" in cli("list").out

    def test_without_a_project_init_is_proposed(
        self, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        problem(cli("generate"), f"no {DECLARATION} in {tmp_path}", "fal-codegen init")

    def test_the_syntax_of_faults_needs_no_project(
        self, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        ran = cli("emulate", "--faults", "help")
        assert (ran.code, "running" in ran.out, ran.err) == (0, True, "")

    @pytest.mark.parametrize("command", ["generate", "check", "list", "fetch"])
    def test_a_folder_that_is_no_project_stays_as_it_is(
        self, tmp_path: Path, cli: Cli, command: str
    ) -> None:
        problem(cli(command, "--project", tmp_path), DECLARATION, "fal-codegen init")
        assert not list(tmp_path.iterdir())


TOO_DEEP = b"[" * 200 + b"]" * 200
CORRECT_IT = (
    "correct specs/acme/blender.json; if it is fal's own document, replace it: "
    f"fal-codegen fetch {BLENDER}\n"
)
TARGET = "[targets.python]\npackage = 'p'\noutput = 'o'\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[endpoints", "is not TOML"),
        (f"x = {'9' * 5000}", "is not TOML: an integer has too many digits"),
        (f"x = {'[' * 5000}", "is not TOML: it is nested too deeply"),
        (b"\xff", "is not UTF-8"),
        ("[targets.python]\npackage='p'\n", "targets.python.output is missing"),
        ("[targets.python]\noutput=1\n", "targets.python.output must be a non-empty string"),
        (f"{TARGET}color = 1", "targets.python.color is not known"),
        (f"{TARGET}[targets.docs]\noutput = 'o/docs'", "docs is inside that of python"),
        (f"{TARGET}[targets.docs]\noutput = 'O'", "is inside that of"),
        (f"{TARGET}version = '1..0'", "targets.python.version '1..0' is not a version"),
        ("[target.python]", "target is not known"),
        ("[targets.cobol]", "there is no target 'cobol'"),
        ("endpoints = 1", "endpoints must be a table"),
        (f"[endpoints.'{BLENDER}']\nretries = 1", f"endpoints.{BLENDER}.retries is not known"),
        (f"[endpoints.'{BLENDER}']\nclass_name = 'x'", "class_name must look like ImageToVideo"),
        (f"[endpoints.'{BLENDER}']\nnot_files = 1", "not_files must be a list"),
        ("[endpoints.'acme/../x']", "is not an endpoint id"),
        ("[endpoints.'acme/__pycache__/x']", "is not an endpoint id"),
        ("[endpoints.'a/B']\n[endpoints.'a/b']", "a/B and a/b differ only in case"),
        (TARGET.replace("'o'", "'../o'"), "must be a folder inside the project"),
        (TARGET.replace("'o'", "'/o'"), "must be a folder inside the project"),
        (TARGET.replace("'o'", "'.'"), "must be a folder inside the project"),
        (TARGET.replace("'o'", r"'C:\o'"), "must be a folder inside the project"),
        (TARGET.replace("'o'", r'"o\u0000"'), "must be a folder inside the project"),
        (TARGET.replace("'o'", "'generated/aux'"), "'aux' is a device on Windows"),
        (TARGET.replace("'o'", "'generated/o.'"), "'o.' is empty, or ends with a dot"),
        (TARGET.replace("'o'", "'generated/a?'"), "'a?' has a character that file names cannot"),
        (TARGET.replace("'o'", "'specs/o'"), "cannot be inside specs/"),
        (TARGET.replace("'o'", "'Templates'"), "cannot be inside templates/"),
        (TARGET.replace("'p'", "'a-b'"), "cannot be imported"),
        (TARGET.replace("'p'", "'class'"), "cannot be imported"),
        (TARGET.replace("'p'", "'build'"), "is a folder of build tools"),
        (TARGET.replace("'p'", "'con'"), "is a device on Windows"),
        (f"{TARGET}version = 'one two'", "is not a version"),
        ("[fetch]\nurl = 'file:///etc'", "must start with https://"),
        ("[fetch]\nattempts = 0.5", "must be a whole number above 0"),
        ("[fetch]\nconcurrency = 0", "must be a whole number above 0"),
        ("[fetch]\nmax_bytes = true", "must be a whole number above 0"),
        ("[fetch]\ntimeout = nan", "must be a number above 0"),
        ("[fetch]\ntimeout = inf", "must be a number above 0"),
    ],
)  # fmt: skip
def test_a_declaration_that_cannot_be_used(
    filled: Path, cli: Cli, text: str | bytes, message: str
) -> None:
    (filled / DECLARATION).write_bytes(text if isinstance(text, bytes) else text.encode())
    before = published(filled)
    for command in ("generate", "check", "list"):
        problem(cli(command, "--project", filled), DECLARATION, message)
    assert published(filled) == before


@pytest.mark.parametrize(
    ("path", "data", "message"),
    [
        (LOCK, b"[endpoints", "endpoints.lock is damaged"),
        (LOCK, b"\xff", "endpoints.lock is damaged"),
        (LOCK, b'[endpoints."a/b"]\nsource = "file"\n', "endpoints.lock is damaged"),
        (LOCK, b"endpoints = []", "endpoints.lock is damaged"),
        (LOCK, b"{", "endpoints.lock is damaged"),
        (LOCK, b"{}", "endpoints.lock is damaged"),
        (
            LOCK,
            b'{"version": 99}',
            "has version 99, which only a newer fal-codegen can read\n  upgrade fal-codegen",
        ),
        (
            LOCK,
            b"version = 99",
            "has version 99, which only a newer fal-codegen can read\n  upgrade fal-codegen",
        ),
        (LOCK, b'{"version": "2"}', "damaged: line 1: version must be a number, not '2'"),
        (LOCK, b'{"version": true}', "line 1: version must be a number, not True"),
        (LOCK, b'{"version": 1}', "line 1: version must be 2, not 1"),
        (LOCK, b"", "endpoints.lock is damaged: it is empty"),
        (LOCK, b" \n\n", "endpoints.lock is damaged: it is empty"),
        (LOCK, b'{"version": 2}\n\n{"a": 1 5}', "line 3: Expecting ',' delimiter in column 9"),
        (LOCK, b'{"version": 2}\n{"a": 1, "a": 2}', "line 2: 'a' is repeated"),
        (LOCK, b'{"version": 2}\n' + b"[" * 200_000, "line 2: it is nested too deep"),
        (
            LOCK,
            b'{"version": 2}\n{"endpoint": "a/b", "source": "%s", "sha256": ""}' % (b"x" * 9999),
            f"must be one of fetched, file, transcribed, edited, not '{'x' * 59}...\n",
        ),
        (LOCK, b'{"version": 2}\n[]', "endpoints.lock is damaged"),
        (
            LOCK,
            b'{"version": 2}\n{"endpoint": "a/b", "source": "file"}',
            "line 2: sha256 is missing",
        ),
        (
            LOCK,
            b'{"version": 2}\n{"endpoint": 1, "source": "file", "sha256": ""}',
            "line 2: endpoint must be a string",
        ),
        (MANIFEST, b'{"files": {', ".fal-codegen.json is damaged"),
        (MANIFEST, b"[]", ".fal-codegen.json is damaged"),
        (MANIFEST, b'{"files": {"a": 1}}', ".fal-codegen.json is damaged"),
        ("specs/acme/blender.json", b"\xff", f"{BLENDER}: the document is not UTF-8"),
        ("specs/acme/blender.json", b"", f"{BLENDER}: the document is empty\n  {CORRECT_IT}"),
        ("specs/acme/blender.json", b"{", f"before it is complete\n  {CORRECT_IT}"),
        ("specs/acme/blender.json", b"[]", f"it is not an object (at /)\n  {CORRECT_IT}"),
        ("specs/acme/blender.json", TOO_DEEP, f"100 levels deep\n  {CORRECT_IT}"),
        ("templates/python/README.md.jinja", b"{% if %}", "README.md.jinja, line 1"),
        ("templates/python/README.md.jinja", b"{{ nothing }}", "'nothing' is undefined"),
        ("templates/python/README.md.jinja", b"\xff", "README.md.jinja is not UTF-8"),
        ("templates/python/runtime/client.py", b"\xff", "client.py is not UTF-8"),
    ],
    ids=lambda value: repr(value) if isinstance(value, bytes) else "",
)
def test_a_file_that_cannot_be_used(
    filled: Path, cli: Cli, path: str, data: bytes, message: str
) -> None:
    (filled / path).parent.mkdir(parents=True, exist_ok=True)
    (filled / path).write_bytes(data)
    for command in ("generate", "check"):
        problem(cli(command, "--project", filled), message)
    assert (filled / path).read_bytes() == data


def test_a_document_on_disk_that_cannot_be_used(project: Path, cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "own.json"
    for data in (b"", b"{", b"[]", TOO_DEEP):
        path.write_bytes(data)
        ran = cli("add", "--from", path, "--project", project)
        problem(ran, f"error: {path}: ", f"\n  correct {path}, or choose another file\n")


def test_a_manifest_can_claim_no_file_outside_the_folder(filled: Path, cli: Cli) -> None:
    outside = filled / "generated/mine.txt"
    outside.write_text("mine")
    manifest = json.loads((filled / MANIFEST).read_bytes())
    manifest["files"]["../mine.txt"] = hashlib.sha256(b"mine").hexdigest()
    manifest["files"][str(outside)] = manifest["files"]["../mine.txt"]
    manifest["files"]["README.md"] = [1, "2"]
    (filled / MANIFEST).write_text(json.dumps(manifest))
    assert cli("generate", "--project", filled).code == 0
    assert outside.read_text() == "mine"
    assert cli("check", "--project", filled).code == 0


class TestOddFiles:
    """Entries in the folders that are not regular files."""

    @pytest.mark.posix
    @pytest.mark.parametrize("place", [f"{OUTPUT}/fal_endpoints", "specs"])
    def test_a_pipe_or_a_link_to_nothing_holds_nothing_up(
        self, filled: Path, cli: Cli, place: str
    ) -> None:
        os.mkfifo(filled / place / "pipe.json")
        (filled / place / "nothing.json").symlink_to("nowhere")
        (filled / place / "circle").symlink_to(".")
        code = cli("check", "--project", filled).code
        assert code == (1 if place.startswith(OUTPUT) else 0)

    @pytest.mark.parametrize(
        ("name", "commands"),
        [
            (DECLARATION, "generate check list update drift"),
            (LOCK, "generate check list update"),
            (f"specs/{FAST}.json", "generate check"),
            (f"specs/overlays/{FAST}.json", "generate check update"),
            ("specs/history.jsonl", "generate check update drift"),
            ("specs/drift-ignore.toml", "update drift"),
        ],
    )
    def test_no_link_leads_a_file_of_specs_out_of_the_project(
        self, filled: Path, tmp_path: Path, cli: Cli, name: str, commands: str
    ) -> None:
        documents = shutil.copytree(filled / "specs", tmp_path / "documents")
        path, outside = filled / name, tmp_path / "outside"
        path.parent.mkdir(exist_ok=True, parents=True)
        outside.write_bytes(path.read_bytes() if path.exists() else b"")
        path.unlink(missing_ok=True)
        path.symlink_to(outside)
        for command in commands.split():
            source = ("--from", documents) if command in ("update", "drift") else ()
            problem(
                cli(command, *source, "--project", filled),
                f"{name} is outside the project: a link leads to {outside}",
                "put a copy there",
            )

    @pytest.mark.parametrize("command", ["generate", "check"])
    @pytest.mark.parametrize("name", [LOCK, f"specs/{FAST}.json", "specs/history.jsonl"])
    def test_a_folder_is_no_file(self, filled: Path, cli: Cli, command: str, name: str) -> None:
        (filled / name).unlink(missing_ok=True)
        (filled / name).mkdir()
        problem(cli(command, "--project", filled), f"{name} is not a regular file")

    @pytest.mark.parametrize("name", [OUTPUT, MANIFEST, "templates/python"])
    def test_a_link_to_itself_is_an_error_that_names_it(
        self, filled: Path, cli: Cli, name: str
    ) -> None:
        path = filled / name
        path.parent.mkdir(exist_ok=True)
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
        path.symlink_to(path.name)
        problem(cli("generate", "--project", filled), "could not continue: ", str(path))
        for command in ("check", "doctor"):  # whether they can continue depends on Python
            assert "unexpected" not in cli(command, "--project", filled).err

    def test_no_link_leads_out_of_the_output_folder(
        self, filled: Path, tmp_path: Path, cli: Cli
    ) -> None:
        package = filled / OUTPUT / "fal_endpoints"
        shutil.rmtree(package)
        (tmp_path / "elsewhere").mkdir()
        package.symlink_to(tmp_path / "elsewhere")
        problem(cli("generate", "--project", filled), "outside the output folder")
        assert list((tmp_path / "elsewhere").iterdir()) == []

    def test_nor_is_anything_removed_behind_one(
        self, filled: Path, tmp_path: Path, cli: Cli
    ) -> None:
        mine = tmp_path / "elsewhere/mine.py"
        mine.parent.mkdir()
        mine.write_text("mine")
        (filled / OUTPUT / "linked").symlink_to(mine.parent)
        manifest = json.loads((filled / MANIFEST).read_bytes())
        manifest["files"]["linked/mine.py"] = hashlib.sha256(b"other").hexdigest()
        (filled / MANIFEST).write_text(json.dumps(manifest))
        problem(cli("generate", "--force", "--project", filled), "outside the output folder")
        assert mine.read_text() == "mine"

    def test_a_template_that_stands_in_for_none_is_refused(self, filled: Path, cli: Cli) -> None:
        template = filled / "templates/python/nodde.py.jinja"
        template.parent.mkdir(parents=True)
        template.write_text("")
        problem(cli("check", "--project", filled), "nodde.py.jinja", "node.py.jinja")
        template.rename(template.with_name(".DS_Store"))  # what systems leave there is none
        runtime = filled / "templates/python/runtime"
        runtime.mkdir()
        (runtime / "._client.py").write_bytes(b"\xff")
        assert cli("check", "--project", filled).code == 0

    def test_a_byte_order_mark_and_windows_line_endings_stay(self, filled: Path, cli: Cli) -> None:
        path = filled / DECLARATION
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
        assert cli("remove", FAST, "--project", filled).code == 0
        text = path.read_bytes()
        assert text.count(b"\n") == text.count(b"\r\n")
        path.write_bytes(b"\xef\xbb\xbf" + text)
        assert cli("check", "--project", filled).code == 0

    @pytest.mark.posix
    def test_closed_streams_are_no_difference(self, filled: Path) -> None:
        command = f"{sys.executable} -m fal_codegen check --project {filled} >&- 2>&-"
        assert subprocess.run(["sh", "-c", command], check=False).returncode == 0

    @pytest.mark.posix
    def test_whoever_reads_no_more_stops_nothing(self, filled: Path) -> None:
        """One endpoint cannot be generated; the other is, even if nobody reads the error."""
        with (filled / DECLARATION).open("a") as file:
            file.write("[endpoints.'acme/absent']\n")
        (filled / MODULE).unlink()
        reader, writer = os.pipe()
        os.close(reader)
        command = [sys.executable, "-m", "fal_codegen", "generate", "--project", str(filled)]
        done = subprocess.run(command, check=False, stdout=writer, stderr=writer)
        os.close(writer)
        assert done.returncode == 2
        assert (filled / MODULE).is_file()

    def test_the_documents_of_another_project_can_be_added(
        self, filled: Path, project: Path, cli: Cli
    ) -> None:
        overlay = filled / "specs/overlays/acme/blender.json"
        overlay.parent.mkdir(parents=True)
        overlay.write_text("{}")
        assert cli("add", "--from", filled / "specs", "--project", project).code == 0
        assert FAST in cli("list", "--project", project).out

    def test_a_folder_that_nothing_is_generated_into_any_more_is_told(
        self, filled: Path, cli: Cli
    ) -> None:
        edit(filled / DECLARATION, OUTPUT, "clients")
        said = f"{OUTPUT}: no target writes there any more"
        assert said in cli("generate", "--project", filled).out
        assert (filled / MODULE).is_file()
        edit(filled / DECLARATION)
        assert said in cli("check", "--project", filled).out
        shutil.rmtree(filled / OUTPUT)
        edit(filled / DECLARATION)
        assert said not in cli("check", "--project", filled).out

    @pytest.mark.parametrize("port", ["99999", "-1", "x"])
    def test_a_port_that_cannot_be_is_wrong_usage(self, filled: Path, cli: Cli, port: str) -> None:
        problem(cli("emulate", f"--port={port}", "--project", filled), "is not a port")

    def test_the_address_of_a_page_is_as_good_as_the_id(
        self, filled: Path, tmp_path: Path, cli: Cli
    ) -> None:
        source = write(tmp_path / "documents", document(BLENDER))
        page = f"https://fal.ai/models/{BLENDER}/api"
        assert cli("add", page, "--from", source, "--project", filled).code == 0


@pytest.mark.parametrize("error", [SystemExit(0), SystemExit(1), BaseException("x")])
def test_an_exit_is_not_the_result_of_a_command(
    project: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def exits(*_: object) -> None:
        raise error

    monkeypatch.setattr("fal_codegen.commands.check.run", exits)
    problem(cli("check", "--project", project), f"unexpected error: {type(error).__name__}")


@pytest.mark.posix
class TestLinksInTheOutputFolder:
    """Links come with the repository: they decide neither what is read, nor what is shown."""

    FILES = (
        f"{OUTPUT}/README.md",
        f"{OUTPUT}/fal_endpoints/py.typed",
        f"{OUTPUT}/fal_endpoints/old.py",
        f"{OUTPUT}/fal_endpoints/older.py",
    )

    @pytest.fixture
    def linking(self, filled: Path) -> Path:
        """Return a project that seems generated by another version, which had two more modules."""
        manifest = json.loads((filled / MANIFEST).read_bytes())
        manifest["files"]["fal_endpoints/old.py"] = "0" * 64
        manifest["files"]["fal_endpoints/older.py"] = "0" * 64
        manifest["version"] = "0.0.9"
        (filled / MANIFEST).write_text(json.dumps(manifest))
        return filled

    def test_a_file_outside_is_not_shown(self, linking: Path, tmp_path: Path, cli: Cli) -> None:
        (tmp_path / "secret.py").write_text("hunter2 = 1")
        for name in self.FILES:
            (linking / name).unlink(missing_ok=True)
        for name, target in zip(self.FILES, ["secret.py", "/dev/zero"] * 2, strict=True):
            (linking / name).symlink_to(tmp_path / target)
        ran = cli("check", "--project", linking)
        assert ran.code == 1
        assert "hunter2" not in ran.out
        for name in self.FILES:
            assert f"{name}: a link, or no regular file\n" in ran.out
        assert cli("generate", "--force", "--project", linking).code == 0
        assert not any((linking / name).is_symlink() for name in self.FILES)
        assert (tmp_path / "secret.py").read_text() == "hunter2 = 1"

    def test_a_link_to_the_right_content_is_a_difference(
        self, filled: Path, tmp_path: Path, cli: Cli
    ) -> None:
        name = f"{OUTPUT}/fal_endpoints/_client.py"
        (filled / name).rename(tmp_path / "client.py")
        (filled / name).symlink_to(tmp_path / "client.py")
        ran = cli("check", "--project", filled)
        assert ran.code == 1
        assert f"{name}: a link, or no regular file\n" in ran.out
        problem(cli("generate", "--project", filled), "_client.py")
        assert cli("generate", "--force", "--project", filled).code == 0
        assert not (filled / name).is_symlink()

    @pytest.mark.parametrize("target", ["secret.py", "/dev/zero"])
    def test_a_manifest_outside_is_not_read(
        self, linking: Path, tmp_path: Path, cli: Cli, target: str
    ) -> None:
        (tmp_path / "secret.py").write_text("hunter2 = 1")
        (linking / MANIFEST).unlink()
        (linking / MANIFEST).symlink_to(tmp_path / target)
        ran = cli("check", "--project", linking)
        problem(ran, f"{linking / MANIFEST} is outside the output folder", "remove the link")
        assert "hunter2" not in ran.out

    @pytest.mark.parametrize("command", ["check", "generate"])
    def test_a_folder_outside_is_not_listed(
        self, filled: Path, tmp_path: Path, cli: Cli, command: str
    ) -> None:
        (tmp_path / "mine").mkdir()
        (tmp_path / "mine/hunter2").write_text("mine")
        (filled / OUTPUT / "linked").symlink_to(tmp_path / "mine")
        ran = cli(command, "--project", filled)
        problem(ran, "linked is outside the output folder")
        assert "hunter2" not in ran.out + ran.err

    @pytest.mark.parametrize(("names", "code"), [(FILES, 1), ((MANIFEST,), 2)])
    def test_a_pipe_holds_nothing_up(
        self, linking: Path, cli: Cli, names: tuple[str, ...], code: int
    ) -> None:
        for name in names:
            (linking / name).unlink(missing_ok=True)
            os.mkfifo(linking / name)
        assert cli("check", "--project", linking).code == code
