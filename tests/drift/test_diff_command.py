"""`diff` compares two documents, folders or revisions."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from pathlib import Path

import pytest
from documents import write
from projects import BLENDER, FAST, Cli, problem
from servers import Answer, DocumentServer

from .projects_compared import BREAKING, DAYS, DRIFT, NO_DRIFT, NOT_CHECKED, TEXTS, blender, changes


def test_two_documents_are_compared(cli: Cli, tmp_path: Path) -> None:
    old = write(tmp_path / "old", blender(duration=DAYS)) / "0.json"
    new = write(tmp_path / "new", blender(duration=TEXTS)) / "0.json"
    ran = cli("diff", old, new, "--format", "json")
    assert ran.code == BREAKING
    assert ("breaking", "request-property-type-changed") in changes(ran)
    assert cli("diff", old, old).code == NO_DRIFT


def test_two_folders_are_compared_by_endpoint(cli: Cli, tmp_path: Path) -> None:
    old = write(tmp_path / "old", blender(), blender("acme/old"))
    new = write(tmp_path / "new", blender("acme/new"), blender(days=DAYS))
    ran = cli("diff", old, new, "--format", "json")
    assert {(one["endpoint"], one["id"]) for one in json.loads(ran.out)["changes"]} == {
        ("acme/new", "endpoint-new"),
        ("acme/old", "endpoint-gone"),
        (BLENDER, "new-optional-request-property"),
    }


def test_two_revisions_are_compared(
    run: Cli, cli: Cli, filled: Path, server: DocumentServer
) -> None:
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
    cli: Cli, tmp_path: Path, damage: bytes, said: str
) -> None:
    old = write(tmp_path / "old", blender()) / "0.json"
    new = tmp_path / "new.json"
    new.write_bytes(damage)
    ran = cli("diff", old, new, "--format", "json")
    assert (ran.code, said in ran.out, changes(ran)) == (NOT_CHECKED, True, [])


def test_two_documents_of_one_endpoint_could_not_be_compared(cli: Cli, tmp_path: Path) -> None:
    old = write(tmp_path / "old", blender())
    new = write(tmp_path / "new", blender(days=DAYS), blender())
    ran = cli("diff", old, new, "--format", "json")
    assert (ran.code, "two documents" in ran.out, changes(ran)) == (NOT_CHECKED, True, [])


@pytest.mark.posix
def test_a_file_without_an_end_is_not_read_for_ever(filled: Path, cli: Cli, tmp_path: Path) -> None:
    old = write(tmp_path / "old", blender()) / "0.json"
    problem(cli("diff", old, "/dev/zero"), "/dev/zero is larger than 100000000 bytes")
    for command in ("add", "update", "drift"):
        ran = cli(command, "--from", "/dev/zero", "--project", filled)
        problem(ran, "/dev/zero is not a regular file", "name a document")


def test_the_endpoints_of_another_document_are_named(
    filled: Path, cli: Cli, tmp_path: Path
) -> None:
    file = write(tmp_path / "old", blender()) / "0.json"
    ran = cli("add", "x/y", "--from", file, "--project", filled)
    problem(ran, "x/y", "has no document of this endpoint", f"it has documents of {BLENDER}")


@pytest.mark.posix
def test_what_is_no_file_is_read_all_the_same(cli: Cli, tmp_path: Path) -> None:
    old = write(tmp_path / "old", blender()) / "0.json"
    os.mkfifo(tmp_path / "new")
    writer = threading.Thread(
        target=(tmp_path / "new").write_text, args=(json.dumps(blender(days=DAYS)),)
    )
    writer.start()
    assert cli("diff", old, tmp_path / "new").code == DRIFT
    writer.join()


def test_nothing_to_compare_is_wrong_usage(cli: Cli, tmp_path: Path) -> None:
    problem(cli("diff"), "nothing to compare")
    ran = cli("diff", "served.json")
    problem(ran, "nothing to compare served.json with", "fal-codegen drift --from served.json")
    problem(cli("diff", tmp_path / "a", tmp_path / "b"), "does not exist")
    problem(cli("diff", tmp_path, tmp_path), "has no documents")
    problem(cli("diff", "a", "b", "--rev", "a..b"), "--rev")
