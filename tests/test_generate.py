"""`generate`: what it writes, what it leaves, and what it overwrites by force only."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from conftest import Ran
from documents import document, write
from fal_codegen.exit_codes import ExitCode
from folders import tree
from projects import (
    DECLARATION,
    DOCUMENTATION,
    FAST,
    MANIFEST,
    MODULE,
    OUTPUT,
    Cli,
    edit,
    problem,
    published,
)


def test_it_says_what_it_wrote(filled: Path, cli: Cli) -> None:
    files = {f"{OUTPUT}/{path}" for path in tree(filled / OUTPUT)} - {MANIFEST}
    missing = {MODULE, *sorted(files)[:10]}
    for path in missing:
        (filled / path).unlink()
    ran = cli("generate", "--project", filled)
    assert ran.code == 0
    assert {line.removeprefix("wrote ") for line in ran.out.splitlines() if "wrote" in line} == (
        missing
    )


def test_it_only_counts_many_files(filled: Path, cli: Cli) -> None:
    files = {f"{OUTPUT}/{path}" for path in tree(filled / OUTPUT)} - {MANIFEST}
    shutil.rmtree(filled / OUTPUT)
    written = f"{OUTPUT}: {len(files)} written, 0 removed, 0 unchanged\n"
    assert cli("generate", "--project", filled) == Ran(0, written, "")
    assert published(filled).keys() >= files


def test_it_writes_only_what_changed(filled: Path, cli: Cli) -> None:
    edit(filled / "specs/acme/blender/fast.json", "Blends two things.", "Cuts things.")
    for path in tree(filled / OUTPUT):
        os.utime(filled / OUTPUT / path, (1, 1))
    ran = cli("generate", "--project", filled)
    assert ran.code == 0
    written = {
        f"{OUTPUT}/{path}"
        for path in tree(filled / OUTPUT)
        if (filled / OUTPUT / path).stat().st_mtime != 1
    }
    reported = {line.removeprefix("wrote ") for line in ran.out.splitlines() if "wrote" in line}
    assert {MODULE, DOCUMENTATION} <= reported
    assert len(reported) < 4
    assert written == reported | {MANIFEST}


def test_a_second_run_writes_nothing(filled: Path, cli: Cli) -> None:
    edit(filled / "specs/acme/blender/fast.json", "Blends two things.", "Cuts things.")
    assert cli("generate", "--project", filled).code == 0
    for path in published(filled):
        os.utime(filled / path, (1, 1))
    assert cli("generate", "--project", filled) == Ran(0, "up to date\n", "")
    assert {(filled / path).stat().st_mtime for path in published(filled)} == {1}


def test_without_its_cache_it_writes_nothing_either(filled: Path, cli: Cli) -> None:
    shutil.rmtree(filled / ".fal-codegen")
    for path in published(filled):
        os.utime(filled / path, (1, 1))
    ran = cli("generate", "--project", filled)
    assert (ran.code, "0 written, 0 removed" in ran.out) == (0, True)
    assert {(filled / path).stat().st_mtime for path in published(filled)} == {1}


def test_an_edited_file_is_overwritten_only_by_force(filled: Path, cli: Cli) -> None:
    good = published(filled)
    edit(filled / MODULE)
    edited = published(filled)
    problem(cli("generate", "--project", filled), "blender/fast.py", "--force")
    assert published(filled) == edited
    assert cli("generate", "--force", "--project", filled).code == 0
    assert published(filled) == good


def test_while_a_file_is_edited_nothing_is_removed(filled: Path, cli: Cli) -> None:
    edit(filled / MODULE)
    before = published(filled)
    problem(cli("remove", FAST, "--project", filled), "blender/fast.py", "--force")
    assert published(filled) == before
    assert cli("generate", "--force", "--project", filled).code == 0
    assert cli("remove", FAST, "--project", filled).code == 0
    assert not (filled / MODULE).exists()
    assert cli("check", "--project", filled).code == 0


def test_while_a_file_is_edited_nothing_is_added(filled: Path, tmp_path: Path, cli: Cli) -> None:
    edit(filled / MODULE)
    before = published(filled)
    source = write(tmp_path / "other", document("acme/other"))
    problem(cli("add", "--from", source, "--project", filled), "blender/fast.py", "--force")
    assert published(filled) == before


def test_a_file_that_is_not_ours_is_overwritten_only_by_force(project: Path, cli: Cli) -> None:
    readme = project / OUTPUT / "README.md"
    readme.parent.mkdir(parents=True)
    readme.write_text("mine")
    problem(cli("generate", "--project", project), "README.md", "--force")
    assert tree(project / OUTPUT) == {"README.md": b"mine"}
    assert cli("generate", "--force", "--project", project).code == 0
    assert cli("check", "--project", project).code == 0


def test_a_file_that_is_not_generated_is_left_and_named(filled: Path, cli: Cli) -> None:
    (filled / OUTPUT / "notes.txt").write_text("mine")
    ran = cli("generate", "--project", filled)
    assert ran.code == 0
    assert f"left {OUTPUT}/notes.txt: not generated" in ran.out
    assert (filled / OUTPUT / "notes.txt").read_text() == "mine"
    assert cli("check", "--project", filled).code == ExitCode.DIFFERENCE


def test_an_endpoint_that_cannot_be_generated_stops_no_other(filled: Path, cli: Cli) -> None:
    edit(filled / DECLARATION, new='\n[endpoints."acme/other"]\n')
    edit(filled / "specs/acme/blender/fast.json", "Blends", "Cuts")
    ran = cli("check", "--project", filled)
    problem(ran, "acme/other", "specs/acme/other.json", "fal-codegen fetch acme/other")
    assert "Blends" in (filled / MODULE).read_text("utf-8")
    for _ in range(2):  # the failed run must not count as up to date
        problem(cli("generate", "--project", filled), "acme/other", "fal-codegen fetch")
        assert "Cuts two things." in (filled / MODULE).read_text("utf-8")
    problem(cli("check", "--project", filled), "acme/other")
    assert cli("remove", "acme/other", "--project", filled).code == 0
    assert cli("check", "--project", filled).code == 0


def test_what_cannot_be_generated_now_is_not_taken_away(filled: Path, cli: Cli) -> None:
    before = published(filled)
    path = filled / "specs/acme/blender/fast.json"
    text = path.read_text("utf-8")
    for broken in ("{", None):
        path.unlink() if broken is None else path.write_text(broken)
        ran = cli("generate", "--project", filled)
        problem(ran, FAST, "nothing was written", "fal-codegen remove ID")
        assert "fix the document" not in ran.err  # the error of the endpoint has the next step
    path.write_text(text, "utf-8")
    assert published(filled) == before
    assert cli("generate", "--project", filled).code == 0
    assert published(filled) == before


def test_a_mistyped_id_of_a_vendored_document(filled: Path, cli: Cli) -> None:
    edit(filled / DECLARATION, f'"{FAST}"', '"acme/blender/fsat"')
    ran = cli("generate", "--project", filled)
    problem(ran, "acme/blender/fsat.json is missing", f"did you mean {FAST}?")


def test_generating_many_says_how_far_it_came(project: Path, tmp_path: Path, cli: Cli) -> None:
    source = write(tmp_path / "many", *(document(f"acme/tool-{number}") for number in range(20)))
    ran = cli("add", "--from", source, "--project", project)
    assert ran.code == 0
    assert ran.err == "generating: 20 of 20\n"
