"""`drift`, `diff` and `update`, through the command line and over HTTP."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from documents import document, obj, write
from fal_codegen.drift.formats import FORMATS
from folders import tree
from projects import BLENDER, FAST, MODULE, Cli, problem, published
from servers import Answer, DocumentServer, serving

DAYS = {"type": "integer", "default": 5}
TEXTS = {"enum": ["5", "10"], "type": "string", "default": "5"}

NO_DRIFT, DRIFT, NOT_CHECKED, BREAKING = 0, 1, 2, 3


def blender(
    endpoint_id: str = BLENDER, about: str = "Blends two things.", **properties: Any
) -> dict[str, Any]:
    shown = {"prompt": {"type": "string"}, **properties}
    return document(endpoint_id, input=obj(shown, required=["prompt"]), about=about)


@pytest.fixture
def server() -> Iterator[DocumentServer]:
    """A server with the documents of the project."""
    with serving(DocumentServer) as served:
        served.answers = {BLENDER: [Answer.of(blender())], FAST: [Answer.of(blender(FAST))]}
        yield served


@pytest.fixture
def run(filled: Path, server: DocumentServer, cli: Cli) -> Cli:
    """Run a command in a project that fetches from the server."""

    def call(command: str, *arguments: str) -> Any:
        return cli(command, *arguments, "--url", server.url, "--project", filled)

    return call


def changes(ran: Any) -> list[tuple[str, str]]:
    return [(one["level"], one["id"]) for one in json.loads(ran.out)["changes"]]


class TestDrift:
    def test_nothing_changed(self, run: Cli, filled: Path) -> None:
        before = tree(filled)
        ran = run("drift")
        assert (ran.code, tree(filled)) == (NO_DRIFT, before)

    def test_a_breaking_change_is_told_and_nothing_is_written(
        self, run: Cli, filled: Path, server: DocumentServer
    ) -> None:
        server.answers[BLENDER] = [Answer.of(blender(seed={"type": "integer"}))]
        assert run("update").code == 0
        server.answers[BLENDER] = [Answer.of(blender(seed={"type": "integer", "maximum": 9}))]
        before = tree(filled)
        ran = run("drift", "--format", "json")
        assert (ran.code, tree(filled)) == (BREAKING, before)
        [change] = json.loads(ran.out)["changes"]
        assert (change["level"], change["endpoint"]) == ("breaking", BLENDER)
        assert change["witness"] == {"prompt": "a", "seed": 10}
        assert change["survives"] is False

    @pytest.mark.parametrize(
        ("threshold", "code"),
        [("breaking", NO_DRIFT), ("behavioural", NO_DRIFT), ("additive", DRIFT), ("any", DRIFT)],
    )
    def test_the_threshold(
        self, run: Cli, server: DocumentServer, threshold: str, code: int
    ) -> None:
        server.answers[FAST] = [Answer.of(blender(FAST, days=DAYS))]
        assert run("drift", "--fail-on", threshold).code == code

    def test_only_the_named_are_compared(self, run: Cli, server: DocumentServer) -> None:
        server.answers[FAST] = [Answer.of(blender(FAST, days=DAYS))]
        assert run("drift", BLENDER).code == NO_DRIFT
        assert server.requests == {BLENDER: 1}
        problem(run("drift", "acme/else"), "acme/else: the endpoint is not declared")

    def test_an_endpoint_that_is_gone_breaks(self, run: Cli, server: DocumentServer) -> None:
        server.answers[FAST] = [Answer(status=404)]
        ran = run("drift", "--format", "json")
        assert (ran.code, changes(ran)) == (BREAKING, [("breaking", "endpoint-gone")])

    def test_what_could_not_be_fetched_is_never_no_drift(
        self, run: Cli, server: DocumentServer
    ) -> None:
        server.answers[FAST] = [Answer(status=403)]
        ran = run("drift", "--format", "json")
        assert ran.code == NOT_CHECKED
        [failure] = json.loads(ran.out)["failures"]
        assert failure["endpoint"] == FAST
        # A breaking change beside it does not change the exit code.
        server.answers[BLENDER] = [Answer(status=404)]
        assert run("drift").code == NOT_CHECKED

    @pytest.mark.parametrize("form", FORMATS)
    def test_every_format_tells_of_the_change(
        self, run: Cli, server: DocumentServer, form: str
    ) -> None:
        server.answers[FAST] = [Answer.of(blender(FAST, days=DAYS))]
        ran = run("drift", "--format", form)
        assert (ran.code, "days" in ran.out) == (DRIFT, True)


class TestFromDisk:
    """`--from`: documents on disk instead of fetched ones."""

    @pytest.fixture
    def call(self, filled: Path, cli: Cli) -> Cli:
        return lambda command, *arguments: cli(command, *arguments, "--project", filled)

    def test_drift_compares_and_writes_nothing(
        self, call: Cli, filled: Path, tmp_path: Path
    ) -> None:
        folder = write(tmp_path / "new", blender(), blender(FAST, days=DAYS))
        before = tree(filled)
        ran = call("drift", "--from", folder, "--format", "json")
        assert (ran.code, tree(filled)) == (DRIFT, before)
        assert changes(ran) == [("additive", "new-optional-request-property")]
        assert call("drift", "--from", folder, BLENDER).code == NO_DRIFT
        assert call("drift", "--from", folder, "--fail-on", "breaking").code == NO_DRIFT

    def test_update_vendors_generates_and_notes(
        self, call: Cli, cli: Cli, filled: Path, tmp_path: Path
    ) -> None:
        folder = write(tmp_path / "new", blender(), blender(FAST, days=DAYS))
        assert call("update", "--from", folder).code == 0
        assert "days: int" in (filled / MODULE).read_text("utf-8")
        [line] = (filled / "specs/history.jsonl").read_text("utf-8").splitlines()
        assert json.loads(line)["endpoint"] == FAST
        assert cli("check", "--project", filled).code == 0
        assert call("drift", "--from", folder).code == NO_DRIFT

    @pytest.mark.parametrize("command", ["drift", "update"])
    def test_a_file_is_of_its_own_endpoint(self, call: Cli, tmp_path: Path, command: str) -> None:
        file = write(tmp_path / "new", blender(FAST)) / "0.json"
        assert call(command, "--from", file).code == 0
        other = write(tmp_path / "other", blender("acme/else")) / "0.json"
        problem(call(command, "--from", other), "acme/else: the endpoint is not declared")

    @pytest.mark.parametrize("command", ["drift", "update"])
    def test_what_a_folder_lacks_is_named(
        self, call: Cli, filled: Path, tmp_path: Path, command: str
    ) -> None:
        folder = write(tmp_path / "new", blender(days=DAYS))
        ran = call(command, "--from", folder, "--format", "json")
        assert ran.code == NOT_CHECKED
        [failure] = json.loads(ran.out)["failures"]
        assert failure["endpoint"] == FAST
        assert "has no document of this endpoint" in failure["message"]
        assert changes(ran) == [("additive", "new-optional-request-property")]

    def test_add_names_what_a_folder_lacks(self, call: Cli, tmp_path: Path) -> None:
        folder = write(tmp_path / "new", blender("acme/a"))
        problem(call("add", "acme/b", "acme/c", "--from", folder), "acme/b", "acme/c")

    @pytest.mark.parametrize("command", ["drift", "update", "add"])
    def test_wrong_usage(self, call: Cli, tmp_path: Path, command: str) -> None:
        folder = write(tmp_path / "new", blender())
        ran = call(command, "--from", folder, "--url", "https://example.com")
        problem(ran, "--from reads from disk")
        problem(call(command, "--from", tmp_path / "nowhere"), "does not exist")

    def test_add_of_a_declared_endpoint_reports_and_notes_what_changed(
        self, call: Cli, cli: Cli, filled: Path, tmp_path: Path
    ) -> None:
        folder = write(tmp_path / "new", blender("acme/else"), blender(FAST, days=DAYS))
        ran = call("add", "--from", folder)
        assert ran.code == 0
        assert "additive     input `days`: a new optional property: integer" in ran.out
        assert "endpoint is new" not in ran.out
        [line] = (filled / "specs/history.jsonl").read_text("utf-8").splitlines()
        assert json.loads(line)["endpoint"] == FAST
        assert "days" in (filled / "generated/python/CHANGELOG.md").read_text("utf-8")
        assert cli("check", "--project", filled).code == 0

    def test_add_of_an_unchanged_endpoint_says_nothing_of_it(
        self, call: Cli, filled: Path, tmp_path: Path
    ) -> None:
        folder = write(tmp_path / "new", document(FAST))
        ran = call("add", "--from", folder)
        assert (ran.code, "changed in" in ran.out) == (0, False)
        assert not (filled / "specs/history.jsonl").exists()


class TestPlaces:
    """Annotations are resolved from the root of the repository, wherever in it the project is."""

    def places(self, ran: Any) -> list[tuple[str, int]]:
        [found] = json.loads(ran.out)["runs"]
        places = [one["locations"][0]["physicalLocation"] for one in found["results"]]
        return [(one["artifactLocation"]["uri"], one["region"]["startLine"]) for one in places]

    @pytest.mark.parametrize("mark", ["folder", "file", "none"])
    def test_the_line_of_a_document_in_a_monorepo(
        self, filled: Path, cli: Cli, tmp_path: Path, mark: str
    ) -> None:
        project = tmp_path / "repository/packages/fal"
        shutil.copytree(filled, project)
        if mark == "folder":
            (tmp_path / "repository/.git").mkdir()
        elif mark == "file":  # as in a worktree or a submodule
            (tmp_path / "repository/.git").write_text("gitdir: elsewhere\n")
        prefix = "" if mark == "none" else "packages/fal/"
        new = blender()
        new["components"]["schemas"]["BlenderInput"]["properties"]["prompt"]["maxLength"] = 9
        folder = write(tmp_path / "new", new)
        given = ("drift", BLENDER, "--from", folder, "--project", project, "--format")
        path = f"{prefix}specs/{BLENDER}.json"
        vendored = (project / "specs" / f"{BLENDER}.json").read_text("utf-8").splitlines()
        [(uri, line)] = self.places(cli(*given, "sarif"))
        assert (uri, vendored[line - 1].strip()) == (path, '"prompt": {')
        first = cli(*given, "github").out.splitlines()[0]
        assert f"file={path}," in first
        assert f",line={line}::" in first

    @pytest.mark.parametrize("is_folder", [True, False])
    def test_of_files_the_newer_one_has_the_lines(
        self, filled: Path, cli: Cli, tmp_path: Path, is_folder: bool
    ) -> None:
        old = write(tmp_path / "old", blender())
        new = write(tmp_path / "new", blender(days=DAYS))
        file = new / "0.json"
        file.write_text(json.dumps(blender(days=DAYS), indent=2), "utf-8")
        given = (old, new) if is_folder else (old / "0.json", file)
        for project in (("--project", filled), ()):
            [(uri, line)] = self.places(cli("diff", *given, *project, "--format", "sarif"))
            assert uri == file.as_posix()
            assert file.read_text("utf-8").splitlines()[line - 1].strip().startswith('"days"')
            ran = cli("diff", *given, *project, "--format", "github")
            assert f"file={file}," in ran.out
        gone = write(tmp_path / "gone", blender("acme/other")) / "0.json"
        ran = cli("diff", gone, file, "--project", filled, "--format", "github")
        assert f"file={gone}," in ran.out
        (tmp_path / ".git").mkdir()
        assert "file=new/0.json," in cli("diff", *given, "--format", "github").out

    def test_of_revisions_the_newer_one_has_the_lines(
        self, filled: Path, cli: Cli, tmp_path: Path
    ) -> None:
        git = ["git", "-C", str(filled), "-c", "user.name=a", "-c", "user.email=a@b.c"]
        for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "before"]):
            subprocess.run([*git, *command], check=True)
        folder = write(tmp_path / "new", blender(days=DAYS))
        assert cli("update", BLENDER, "--from", folder, "--project", filled).code == 0
        subprocess.run([*git, "commit", "-qam", "after"], check=True)
        ran = cli("diff", "--rev", "HEAD~1..", "--project", filled, "--format", "sarif")
        [(uri, line)] = self.places(ran)
        vendored = (filled / "specs" / f"{BLENDER}.json").read_text("utf-8").splitlines()
        assert (uri, vendored[line - 1].strip()) == (f"specs/{BLENDER}.json", '"days": {')


def test_that_witnesses_cannot_be_made_is_told(filled: Path, tmp_path: Path) -> None:
    new = blender()
    new["components"]["schemas"]["BlenderInput"]["properties"]["prompt"]["maxLength"] = 9
    folder = write(tmp_path / "new", new)
    program = """
import sys
sys.modules["jsonschema_rs"] = None
from fal_codegen.cli import run
sys.exit(run(sys.argv[1:]))
"""
    command = ["drift", BLENDER, "--from", str(folder), "--project", str(filled)]
    ran = subprocess.run(
        [sys.executable, "-c", program, *command], capture_output=True, text=True, check=False
    )
    assert ran.returncode == BREAKING
    assert "no examples of inputs that are no longer valid" in ran.stdout
    assert "extra `drift`" in ran.stdout


ENTRY = dict.fromkeys(
    ("endpoint", "id", "direction", "pointer", "old", "new", "text", "fingerprint"), ""
) | {"date": "2026-06-05", "level": "additive"}


class TestIgnoring:
    def ignore(self, filled: Path, fingerprint: str, expires: date, reason: str = "fine") -> None:
        text = f'[[ignore]]\nfingerprint = "{fingerprint}"\nreason = "{reason}"\n'
        (filled / "specs/drift-ignore.toml").write_text(f"{text}expires = {expires}\n", "utf-8")

    def test_an_ignored_change_is_no_drift_until_it_expires(
        self, run: Cli, filled: Path, server: DocumentServer
    ) -> None:
        server.answers[FAST] = [Answer.of(blender(FAST, days=DAYS))]
        [change] = json.loads(run("drift", "--format", "json").out)["changes"]
        day = date.today()
        self.ignore(filled, change["fingerprint"], day + timedelta(days=2))
        ran = run("drift", "--format", "json")
        told = json.loads(ran.out)
        assert (ran.code, told["changes"], len(told["ignored"])) == (NO_DRIFT, [], 1)
        self.ignore(filled, change["fingerprint"], day - timedelta(days=2))
        problem(run("drift"), "expired", change["fingerprint"])

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("[[ignore]", "is not TOML"),
            ("[ignore]\na = 1", "tables named [[ignore]]"),
            *(
                (
                    f"[[ignore]]\nfingerprint = {value!r}\nreason = 'b'\nexpires = 2999-01-01",
                    "entry 1: fingerprint must have 16 hexadecimal digits\n  copy it from",
                )
                for value in ("*", "", "0123456789ABCDEF", "0123456789abcdef0", 5)
            ),
            ("[[ignore]]\nfingerprint = 'a'", "entry 1 must have exactly"),
            (
                "[[ignore]]\nfingerprint = '0123456789abcdef'\nreason = ''\nexpires = 2999-01-01",
                "reason must not be empty",
            ),
            (
                "[[ignore]]\nfingerprint = '0123456789abcdef'\nreason = 'b'\nexpires = 'soon'",
                "must be a date",
            ),
        ],
    )
    def test_what_is_no_exemption_is_refused(
        self, run: Cli, filled: Path, text: str, said: str
    ) -> None:
        (filled / "specs/drift-ignore.toml").write_text(text, "utf-8")
        problem(run("drift"), said)


class TestUpdate:
    def test_it_vendors_generates_and_notes(
        self, run: Cli, cli: Cli, filled: Path, server: DocumentServer
    ) -> None:
        server.answers[FAST] = [Answer.of(blender(FAST, days=DAYS))]
        ran = run("update")
        assert ran.code == 0
        assert "days: int" in (filled / MODULE).read_text("utf-8")
        [line] = (filled / "specs/history.jsonl").read_text("utf-8").splitlines()
        noted = json.loads(line)
        assert (noted["endpoint"], noted["level"]) == (FAST, "additive")
        changelog = (filled / "generated/python/CHANGELOG.md").read_text("utf-8")
        assert "days" in changelog
        assert "minor" in changelog
        assert cli("check", "--project", filled).code == 0
        assert run("drift").code == NO_DRIFT

    def test_unchanged_documents_leave_no_trace(self, run: Cli, filled: Path) -> None:
        run("update")
        before = published(filled)
        assert run("update").code == 0
        assert published(filled) == before

    def test_what_fails_stays_and_the_rest_goes_on(
        self, run: Cli, filled: Path, server: DocumentServer
    ) -> None:
        vendored = (filled / f"specs/{BLENDER}.json").read_bytes()
        server.answers[BLENDER] = [Answer(b"{}")]
        server.answers[FAST] = [Answer.of(blender(FAST, days=DAYS))]
        ran = run("update")
        assert (ran.code, BLENDER in ran.out) == (NOT_CHECKED, True)
        assert (filled / f"specs/{BLENDER}.json").read_bytes() == vendored
        assert "days: int" in (filled / MODULE).read_text("utf-8")

    def test_what_is_gone_is_kept_and_told_how_to_remove(
        self, run: Cli, filled: Path, server: DocumentServer
    ) -> None:
        server.answers[FAST] = [Answer(status=404)]
        for _ in range(2):
            ran = run("update")
            assert (ran.code, f"fal-codegen remove {FAST}" in ran.out) == (0, True)
        assert (filled / f"specs/{FAST}.json").is_file()
        history = (filled / "specs/history.jsonl").read_text("utf-8")
        assert history.count("endpoint-gone") == 1

    def test_a_change_that_is_taken_back_is_recognised(
        self, run: Cli, server: DocumentServer
    ) -> None:
        server.answers[FAST] = [Answer.of(blender(FAST, days=DAYS))]
        run("update")
        server.answers[FAST] = [Answer.of(blender(FAST))]
        [change] = json.loads(run("drift", "--format", "json").out)["changes"]
        assert change["repeats"] == date.today().isoformat()

    def test_the_report_alone_is_on_standard_output(self, run: Cli, server: DocumentServer) -> None:
        server.answers[FAST] = [Answer.of(blender(FAST, days=DAYS))]
        ran = run("update", "--format", "json")
        assert changes(ran) == [("additive", "new-optional-request-property")]
        assert "1 changed" in ran.err or f"{FAST}: updated" in ran.err

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("null", "it is not a JSON object"),
            ("[]", "it is not a JSON object"),
            ("5", "it is not a JSON object"),
            ("{}", "date is missing"),
            ('{"date": 1}', "date must be a string"),
            (json.dumps(ENTRY | {"pointer": None}), "pointer must be a string"),
            (json.dumps(ENTRY | {"more": ""}), "more is not known"),
            (json.dumps(ENTRY | {"level": "bad"}), "'bad' is not a level"),
            (json.dumps(ENTRY | {"date": "soon"}), "'soon' is not a date"),
        ],
    )
    def test_a_damaged_history_is_named(self, run: Cli, filled: Path, line: str, said: str) -> None:
        text = f"{json.dumps(ENTRY)}\n{line}\n"
        (filled / "specs/history.jsonl").write_text(text, "utf-8")
        ran = run("update")
        problem(ran, f"specs/history.jsonl, line 2 is damaged: {said}", "or remove the line")
        assert "Entry" not in ran.err


class TestDiff:
    def test_two_documents(self, cli: Cli, tmp_path: Path) -> None:
        old = write(tmp_path / "old", blender(duration=DAYS)) / "0.json"
        new = write(tmp_path / "new", blender(duration=TEXTS)) / "0.json"
        ran = cli("diff", old, new, "--format", "json")
        assert ran.code == BREAKING
        assert ("breaking", "request-property-type-changed") in changes(ran)
        assert cli("diff", old, old).code == NO_DRIFT

    def test_two_folders(self, cli: Cli, tmp_path: Path) -> None:
        old = write(tmp_path / "old", blender(), blender("acme/old"))
        new = write(tmp_path / "new", blender("acme/new"), blender(days=DAYS))
        ran = cli("diff", old, new, "--format", "json")
        assert {(one["endpoint"], one["id"]) for one in json.loads(ran.out)["changes"]} == {
            ("acme/new", "endpoint-new"),
            ("acme/old", "endpoint-gone"),
            (BLENDER, "new-optional-request-property"),
        }

    def test_two_revisions(self, run: Cli, cli: Cli, filled: Path, server: DocumentServer) -> None:
        git = ["git", "-C", str(filled), "-c", "user.name=a", "-c", "user.email=a@b.c"]
        for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "before"]):
            subprocess.run([*git, *command], check=True)
        server.answers[FAST] = [Answer.of(blender(FAST, days=DAYS))]
        run("update")
        subprocess.run([*git, "commit", "-qam", "after"], check=True)
        ran = cli("diff", "--rev", "HEAD~1..HEAD", "--format", "json", "--project", filled)
        assert (ran.code, changes(ran)) == (DRIFT, [("additive", "new-optional-request-property")])
        problem(cli("diff", "--rev", "HEAD~9..", "--project", filled), "HEAD~9", "git log")
        problem(cli("diff", "--rev", "HEAD", "--project", filled), "not a range")
        # Files that git leaves out of archives are compared; links are skipped.
        (filled / ".gitattributes").write_text("specs export-ignore\n")
        (filled / "specs/link.json").symlink_to("nowhere")
        for command in (["add", "-A"], ["commit", "-qm", "attributes"]):
            subprocess.run([*git, *command], check=True)
        assert cli("diff", "--rev", "HEAD~2..HEAD", "--project", filled).code == DRIFT
        for command in (["rm", "-rq", "--cached", "specs"], ["commit", "-qm", "nothing"]):
            subprocess.run([*git, *command], check=True)
        problem(cli("diff", "--rev", "HEAD~1..", "--project", filled), "'HEAD' has no specs/")

    @pytest.mark.parametrize(
        ("damage", "said"),
        [
            (b"{", "truncated"),
            (b'{"a": 1}', "not an OpenAPI document"),
            (b"[]", "not an OpenAPI document"),
            (b"<html>", "HTML"),
        ],
    )
    def test_what_cannot_be_read_could_not_be_compared(
        self, cli: Cli, tmp_path: Path, damage: bytes, said: str
    ) -> None:
        old = write(tmp_path / "old", blender()) / "0.json"
        new = tmp_path / "new.json"
        new.write_bytes(damage)
        ran = cli("diff", old, new, "--format", "json")
        assert (ran.code, said in ran.out, changes(ran)) == (NOT_CHECKED, True, [])

    def test_two_documents_of_one_endpoint_could_not_be_compared(
        self, cli: Cli, tmp_path: Path
    ) -> None:
        old = write(tmp_path / "old", blender())
        new = write(tmp_path / "new", blender(days=DAYS), blender())
        ran = cli("diff", old, new, "--format", "json")
        assert (ran.code, "two documents" in ran.out, changes(ran)) == (NOT_CHECKED, True, [])

    def test_a_file_without_an_end_is_not_read_for_ever(
        self, filled: Path, cli: Cli, tmp_path: Path
    ) -> None:
        old = write(tmp_path / "old", blender()) / "0.json"
        problem(cli("diff", old, "/dev/zero"), "/dev/zero is larger than 100000000 bytes")
        for command in ("add", "update", "drift"):
            ran = cli(command, "--from", "/dev/zero", "--project", filled)
            problem(ran, "/dev/zero is not a regular file", "name a document")

    def test_the_endpoints_of_another_document_are_named(
        self, filled: Path, cli: Cli, tmp_path: Path
    ) -> None:
        file = write(tmp_path / "old", blender()) / "0.json"
        ran = cli("add", "x/y", "--from", file, "--project", filled)
        problem(ran, "x/y", "has no document of this endpoint", f"it has documents of {BLENDER}")

    def test_what_is_no_file_is_read_all_the_same(self, cli: Cli, tmp_path: Path) -> None:
        old = write(tmp_path / "old", blender()) / "0.json"
        os.mkfifo(tmp_path / "new")
        writer = threading.Thread(
            target=(tmp_path / "new").write_text, args=(json.dumps(blender(days=DAYS)),)
        )
        writer.start()
        assert cli("diff", old, tmp_path / "new").code == DRIFT
        writer.join()

    def test_wrong_usage(self, cli: Cli, tmp_path: Path) -> None:
        problem(cli("diff"), "nothing to compare")
        problem(cli("diff", tmp_path / "a", tmp_path / "b"), "does not exist")
        problem(cli("diff", tmp_path, tmp_path), "has no documents")
        problem(cli("diff", "a", "b", "--rev", "a..b"), "--rev")
