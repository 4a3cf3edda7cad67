"""The lock: reading and writing it, after any version of the tool or merge."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from documents import document, write
from fal_codegen.document.metadata import Metadata
from fal_codegen.project import lock
from fal_codegen.project.lock import Provenance
from projects import BLENDER, FAST, LOCK, Cli, edit

ENTRIES = {
    "acme/a": Provenance(
        "fetched", "0" * 64, "https://fal.ai/a", "1" * 64, Metadata("A", tags=("x",))
    ),
    "acme/b": Provenance("edited", "2" * 64),
}

AS_TOML = """\
# Where each vendored document came from. Written by fal-codegen; commit it, and do not edit it.

version = 1

[endpoints."acme/a"]
source = "fetched"
url = "https://fal.ai/a"
sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
overlay = "1111111111111111111111111111111111111111111111111111111111111111"
title = "A"
tags = ["x"]

[endpoints."acme/b"]
source = "edited"
sha256 = "2222222222222222222222222222222222222222222222222222222222222222"
"""


def test_what_is_written_is_read(project: Path) -> None:
    lock.write(project, ENTRIES)
    assert lock.load(project) == ENTRIES
    header, *lines = map(json.loads, (project / LOCK).read_text("utf-8").splitlines())
    assert header["version"] == 2
    assert [line["endpoint"] for line in lines] == list(ENTRIES)


def test_a_lock_of_an_earlier_version_is_read(project: Path) -> None:
    (project / LOCK).write_text(AS_TOML, "utf-8")
    assert lock.load(project) == ENTRIES


def test_a_byte_order_mark_is_no_damage(project: Path) -> None:
    lock.write(project, ENTRIES)
    text = (project / LOCK).read_bytes()
    (project / LOCK).write_bytes(b"\xef\xbb\xbf" + text)
    assert lock.load(project) == ENTRIES


def test_a_lock_of_an_earlier_version_is_converted(filled: Path, cli: Cli) -> None:
    before = (filled / LOCK).read_bytes()
    tables = (
        f'\n[endpoints."{id_}"]\nsource = "{it.source}"\nsha256 = "{it.sha256}"\n'
        for id_, it in lock.load(filled).items()
    )
    (filled / LOCK).write_text("version = 1\n" + "".join(tables), "utf-8")
    assert cli("check", "--project", filled).code == 0
    assert cli("generate", "--project", filled).code == 0
    assert (filled / LOCK).read_bytes() == before


def test_of_several_lines_the_one_of_the_document_counts(
    filled: Path, tmp_path: Path, cli: Cli
) -> None:
    """Two branches change the documents of neighbours; git keeps the lines of both."""

    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        subprocess.run(["git", "-C", filled, *identity, *arguments], check=True)

    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-qm", "start")
    for branch, endpoint_id in (("theirs", BLENDER), ("ours", FAST)):
        git("switch", "-q", "-c", branch, "main")
        documents = write(tmp_path / branch, document(endpoint_id, about="Cuts."))
        assert cli("add", "--from", documents, "--project", filled).code == 0
        git("add", "specs/*.json", LOCK)
        git("commit", "-qm", branch)
        git("checkout", "-q", ".")
    git("merge", "-q", "--no-edit", "theirs")
    assert (filled / LOCK).read_text("utf-8").count(FAST) == 2
    assert cli("generate", "--project", filled).code == 0
    assert {entry.source for entry in lock.load(filled).values()} == {"file"}
    assert (filled / LOCK).read_text("utf-8").count(FAST) == 1


def test_characters_that_cannot_be_seen_are_escaped(project: Path) -> None:
    entry = Provenance("file", "0", metadata=Metadata(description="a\u202eb\u2028c\n\U000e0041d"))
    lock.write(project, {"acme/a": entry})
    text = (project / LOCK).read_text("utf-8")
    assert text.isascii()
    assert lock.load(project) == {"acme/a": entry}
    edit(project / LOCK, "\n", "\r\n")
    assert lock.load(project) == {"acme/a": entry}
