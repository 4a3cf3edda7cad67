"""A command that fails while it writes leaves the project as it was."""

from __future__ import annotations

import itertools
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from documents import document, obj, write
from projects import BLENDER, DECLARATION, FAST, LOCK, OUTPUT, Cli, edit, problem, published

CUTTER = "acme/cutter"


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """A folder with a new document and a changed one."""
    changed = document(FAST, input=obj({"speed": {"type": "integer"}}))
    return write(tmp_path / "documents", document(CUTTER), changed)


def add(project: Path, documents: Path) -> list[str | Path]:
    return ["add", "--project", project, "--from", documents]


def remove(project: Path, documents: Path) -> list[str | Path]:
    return ["remove", FAST, "--project", project]


@pytest.mark.parametrize("command", [add, remove])
@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device"),
        pytest.param(KeyboardInterrupt(), marks=pytest.mark.exhaustive),
    ],
)
def test_a_failure_at_any_file_undoes_all(
    filled: Path,
    documents: Path,
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
    command: Callable[[Path, Path], list[str | Path]],
    error: BaseException,
) -> None:
    before = published(filled)
    for at in itertools.count():
        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", failing(filled, at, error))
            ran = cli(*command(filled, documents))
        if ran.code == 0:
            break
        assert ran.code == (130 if isinstance(error, KeyboardInterrupt) else 2)
        assert published(filled) == before
    assert at > 4
    assert published(filled) != before


def failing(project: Path, at: int, error: BaseException) -> Callable[[Path, Path], Path]:
    """Return a `Path.replace` that fails for the n-th file of a project."""
    original, files = Path.replace, itertools.count()

    def replace(path: Path, target: Path) -> Path:
        inside = str(target).startswith((f"{project}/specs/", f"{project}/generated/"))
        if inside and next(files) == at:
            raise error
        return original(path, target)

    return replace


@pytest.mark.parametrize("lacking", ["file system", "system"])
def test_a_failure_undoes_all_where_there_are_no_links(
    filled: Path, documents: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, lacking: str
) -> None:
    def link(*_: object, **__: object) -> None:
        raise OSError(1, "Operation not permitted")

    if lacking == "system":
        monkeypatch.delattr(os, "link")
    else:
        monkeypatch.setattr(os, "link", link)
    before = published(filled)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", failing(filled, 4, OSError(28, "No space left on device")))
        assert cli(*add(filled, documents)).code == 2
    assert published(filled) == before
    assert cli(*add(filled, documents)).code == 0
    assert published(filled) != before


@pytest.mark.parametrize("size", [0, 200, 1_000, 3_000])
def test_on_a_full_disk_nothing_changes(filled: Path, documents: Path, cli: Cli, size: int) -> None:
    """A limit on file sizes makes writing fail partway, as a full disk does."""
    resource = pytest.importorskip("resource")
    before = published(filled)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        ran = cli(*add(filled, documents))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert ran.code == 2
    assert ran.err.startswith("error: could not continue: ")
    assert "Traceback" not in ran.err
    assert published(filled) == before


@pytest.mark.parametrize("taken", ["generated", OUTPUT, f"{OUTPUT}/fal_endpoints"])
def test_an_output_that_cannot_be_written(
    filled: Path, documents: Path, cli: Cli, taken: str
) -> None:
    shutil.rmtree(filled / taken)
    (filled / taken).write_text("mine")
    before = published(filled)
    ran = cli(*add(filled, documents))
    assert ran.code == 2
    assert str(filled / taken) in ran.err
    assert published(filled) == before


def test_a_document_that_cannot_be_written(filled: Path, documents: Path, cli: Cli) -> None:
    (filled / f"specs/{CUTTER}.json/inner").mkdir(parents=True)
    before = published(filled)
    ran = cli(*add(filled, documents))
    assert ran.code == 2
    assert f"{CUTTER}.json" in ran.err
    assert published(filled) == before


def test_what_was_made_on_the_way_is_gone(project: Path, tmp_path: Path, cli: Cli) -> None:
    (project / "generated").write_text("mine")
    folders = {path for path in project.rglob("*") if path.is_dir()}
    documents = write(tmp_path / "new", document("owner/with/many/parts"))
    assert cli(*add(project, documents)).code == 2
    found = {path for path in project.rglob("*") if path.is_dir()}
    assert found - {project / ".fal-codegen"} == folders


@pytest.mark.skipif(os.name == "nt", reason="modes are those of POSIX")
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755])
def test_files_keep_their_modes(filled: Path, documents: Path, cli: Cli, mode: int) -> None:
    kept = [DECLARATION, LOCK, f"specs/{FAST}.json", f"{OUTPUT}/README.md"]
    for path in kept:
        (filled / path).chmod(mode)
    assert cli(*add(filled, documents)).code == 0
    assert {stat.S_IMODE((filled / path).stat().st_mode) for path in kept} == {mode}


def test_a_linked_declaration_stays_a_link(filled: Path, documents: Path, cli: Cli) -> None:
    elsewhere = filled / "shared.toml"
    (filled / DECLARATION).rename(elsewhere)
    (filled / DECLARATION).symlink_to(Path("..") / elsewhere.name)
    assert cli(*add(filled, documents)).code == 0
    assert cli("remove", BLENDER, "--project", filled).code == 0
    assert (filled / DECLARATION).is_symlink()
    text = elsewhere.read_text("utf-8")
    assert CUTTER in text
    assert f'"{BLENDER}"' not in text


def test_a_link_among_the_outputs_is_replaced_not_followed(filled: Path, cli: Cli) -> None:
    mine = filled / "mine.txt"
    mine.write_text("mine")
    readme = filled / OUTPUT / "README.md"
    readme.unlink()
    readme.symlink_to(mine)
    edit(filled / DECLARATION, '"0.1.0"', '"0.2.0"')
    assert cli("generate", "--force", "--project", filled).code == 0
    assert mine.read_text() == "mine"
    assert not readme.is_symlink()


@pytest.mark.parametrize("command", ["generate", "check"])
@pytest.mark.parametrize("linked", [OUTPUT, str(Path(OUTPUT).parent)])
def test_a_link_leads_no_output_out_of_the_project(
    filled: Path, cli: Cli, tmp_path: Path, command: str, linked: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.rmtree(filled / linked)
    (filled / linked).symlink_to(elsewhere, target_is_directory=True)
    problem(cli(command, "--project", filled), f"{filled / OUTPUT} is outside the project")
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("command", [add, remove])
def test_a_link_leads_no_document_out_of_the_project(
    filled: Path,
    documents: Path,
    cli: Cli,
    tmp_path: Path,
    command: Callable[[Path, Path], list[str | Path]],
) -> None:
    owner = (filled / f"specs/{FAST}.json").parent
    elsewhere = tmp_path / "elsewhere"
    owner.rename(elsewhere)
    owner.symlink_to(elsewhere, target_is_directory=True)
    there = {path: path.read_bytes() for path in elsewhere.rglob("*.json")}
    problem(cli(*command(filled, documents)), "is outside the project: a link leads to")
    assert {path: path.read_bytes() for path in elsewhere.rglob("*.json")} == there
