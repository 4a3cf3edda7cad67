"""Runs that are killed, interrupted, out of disk space or concurrent: the next run repairs all."""

from __future__ import annotations

import io
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Ran
from documents import document, obj, write
from fal_codegen.cli import run
from fal_codegen.exit_codes import INTERRUPTED
from folders import tree

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and POSIX signals")

Cli = Callable[..., Ran]

BLENDER, FAST, CUTTER = "acme/blender", "acme/blender/fast", "acme/cutter"
OUTPUT = "generated/python"
UP_TO_DATE = Ran(0, "up to date\n", "")
CHANGES = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir"}


@pytest.fixture
def filled(filled: Path) -> Path:
    """Return a project with two endpoints, and a folder beside it with documents to add."""
    changed = document(FAST, input=obj({"speed": {"type": "integer"}}))
    write(filled.with_name("second"), changed, document(CUTTER))
    return filled


def published(project: Path) -> dict[str, bytes]:
    """Return every file of a project, without the tool's private and temporary ones."""
    return {
        path: data
        for path, data in tree(project).items()
        if not path.startswith(".fal-codegen/") and not is_temporary(path)
    }


def is_temporary(path: str) -> bool:
    return path.rpartition("/")[2].startswith(".fal-codegen-")


def watch(project: Path, at: int, signal_number: int) -> None:
    """Send this process a signal just before it changes a project's files for the n-th time."""
    changes = itertools.count()

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event not in CHANGES or not str(arguments[0]).startswith(f"{project}/"):
            return
        if event == "open" and not int(str(arguments[2])) & (os.O_WRONLY | os.O_RDWR):
            return
        if next(changes) == at:
            os.kill(os.getpid(), signal_number)

    sys.addaudithook(hook)


def run_until(
    project: Path, arguments: list[str], at: int, signal_number: int, stderr: Path | None = None
) -> int:
    """Run a command in a child process that gets a signal before its n-th change.

    Returns:
        The exit code, or the negative number of the signal that killed the child.
    """
    child = os.fork()
    if child == 0:
        code = 70
        try:
            sys.stdout = io.StringIO()
            sys.stderr = stderr.open("w") if stderr else sys.stderr
            watch(project, at, signal_number)
            code = run([*arguments, "--project", str(project)])
            sys.stderr.flush()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed(project: Path, arguments: list[str], at: int) -> bool:
    """Run a command that is killed before its n-th change; return whether it got that far."""
    status = run_until(project, arguments, at, signal.SIGKILL)
    assert status in (0, -signal.SIGKILL)
    return status != 0


def whole(project: Path, old: dict[str, bytes], new: dict[str, bytes]) -> None:
    """Assert that each file is as before or as after the run, and that none is lost."""
    there = published(project)
    assert old.keys() & new.keys() <= there.keys()
    for path, data in there.items():
        if path.endswith(".fal-codegen.json"):
            json.loads(data)  # under way, it has the hashes of both
        else:
            assert data in (old.get(path), new.get(path)), path


def mended(project: Path, cli: Cli) -> None:
    """Assert that `generate` repairs everything."""
    assert cli("generate", "--project", project).code == 0
    assert cli("check", "--project", project) == UP_TO_DATE


def clean(project: Path) -> bool:
    """Return whether no temporary file is left."""
    return not any(map(is_temporary, tree(project)))


def from_nothing(project: Path) -> list[str]:
    shutil.rmtree(project / OUTPUT)
    return ["generate"]


def after_changes(project: Path) -> list[str]:
    """Change one endpoint, remove another, and set an option."""
    declaration = project / "specs/endpoints.toml"
    text = declaration.read_text().replace("0.1.0", "0.2.0")
    declaration.write_text(text.replace(f'[endpoints."{FAST}"]', ""))
    blender = project / "specs/acme/blender.json"
    blender.write_text(blender.read_text().replace("Blends", "Mixes"))
    return ["generate"]


def add(project: Path) -> list[str]:
    return ["add", "--from", str(project.parent / "second")]


def remove(project: Path) -> list[str]:
    return ["remove", FAST]


@pytest.mark.parametrize(
    ("prepare", "step", "least"),
    [
        pytest.param(from_nothing, 97, 205, id="generate all"),
        pytest.param(from_nothing, 41, 205, id="more instants", marks=pytest.mark.exhaustive),
        pytest.param(after_changes, 5, 25, id="generate changes", marks=pytest.mark.exhaustive),
        pytest.param(add, 6, 30, id="add", marks=pytest.mark.exhaustive),
        pytest.param(remove, 5, 25, id="remove", marks=pytest.mark.exhaustive),
    ],
)
def test_killed_at_any_change_no_file_is_half_written_and_generate_mends_it(
    filled: Path,
    tmp_path: Path,
    cli: Cli,
    prepare: Callable[[Path], list[str]],
    step: int,
    least: int,
) -> None:
    arguments = prepare(filled)
    old = published(filled)
    done = Path(shutil.copytree(filled, tmp_path / "done"))
    assert cli(*arguments, "--project", done).code == 0
    new = published(done)

    for at in itertools.count(0, step):
        project = Path(shutil.copytree(filled, tmp_path / str(at)))
        if not killed(project, arguments, at):
            assert published(project) == new
            break
        whole(project, old, new)
        mended(project, cli)
        again = cli(*arguments, "--project", project)
        after = published(project)
        if prepare is remove and "the endpoint is not declared" in again.err:
            after.pop(f"specs/{FAST}.json", None)  # the document may have outlived the declaration
        else:
            assert again.code == 0
        assert after == new
        assert clean(project)
    assert at > least


@pytest.mark.parametrize("step", [9, pytest.param(5, marks=pytest.mark.exhaustive)])
def test_what_a_killed_run_wrote_is_no_edit_by_hand(
    filled: Path, tmp_path: Path, cli: Cli, step: int
) -> None:
    arguments = after_changes(filled)
    for at in itertools.count(0, step):
        project = Path(shutil.copytree(filled, tmp_path / str(at)))
        if not killed(project, arguments, at):
            break
        blender = project / "specs/acme/blender.json"
        blender.write_text(blender.read_text().replace("Mixes", "Stirs"))
        mended(project, cli)
    assert at > 15


def test_a_file_that_a_killed_run_left_is_removed_even_if_nothing_else_changed(
    filled: Path, cli: Cli
) -> None:
    assert cli("generate", "--project", filled).code == 0
    (filled / OUTPUT / "fal_endpoints/.fal-codegen-1-1.tmp").write_text("half")
    mended(filled, cli)
    assert clean(filled)


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "fal_codegen", *map(str, arguments)]


@pytest.mark.exhaustive
def test_killed_from_outside_after_any_file_the_next_run_mends_it(filled: Path, cli: Cli) -> None:
    new = published(filled)
    files = len(tree(filled / OUTPUT))
    codes: list[int] = []
    for written in (0, *random.Random(2).sample(range(files), 5)):
        shutil.rmtree(filled / OUTPUT)
        process = subprocess.Popen(
            command("generate", "--project", filled), stdout=subprocess.DEVNULL
        )
        while process.poll() is None and count(filled / OUTPUT) < written:
            time.sleep(0.002)  # it may still write some files before it is killed
        process.kill()
        codes.append(process.wait())
        whole(filled, {}, new)
        mended(filled, cli)
        assert published(filled) == new
    assert -signal.SIGKILL in codes


def count(folder: Path) -> int:
    return sum(len(files) for _, _, files in os.walk(folder))


@pytest.mark.parametrize("at", [0, 3, 8, 20])
def test_interrupted_it_says_so_and_the_next_run_mends_it(filled: Path, cli: Cli, at: int) -> None:
    new = published(filled)
    old = {path: data for path, data in new.items() if not path.startswith(OUTPUT)}
    shutil.rmtree(filled / OUTPUT)
    stderr = filled.with_name("stderr")
    assert run_until(filled, ["generate"], at, signal.SIGINT, stderr) == INTERRUPTED
    assert stderr.read_text() == "interrupted; run the command again to finish\n"
    assert clean(filled)
    whole(filled, old, new)
    mended(filled, cli)
    assert published(filled) == new


def test_runs_at_once_wait_for_each_other(filled: Path, tmp_path: Path, cli: Cli) -> None:
    shutil.rmtree(filled / OUTPUT)
    new = [write(tmp_path / name, document(f"acme/{name}")) for name in ("mill", "oven")]
    runs: list[list[str | Path]] = [["generate"], ["generate"]]
    runs += [["add", "--from", path] for path in new]
    at_once = [
        subprocess.Popen(
            command(*arguments, "--project", filled),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for arguments in runs
    ]
    for process in at_once:
        assert (process.communicate(timeout=60)[1], process.returncode) == (b"", 0)
    assert cli("check", "--project", filled) == UP_TO_DATE
    listed = [line.split()[0] for line in cli("list", "--project", filled).out.splitlines()]
    assert listed == [BLENDER, FAST, "acme/mill", "acme/oven"]


def test_a_full_disk_is_an_error_that_names_the_file(filled: Path, cli: Cli) -> None:
    """A limit on file sizes makes writing fail partway, as a full disk does."""
    import resource

    template = filled / "templates/python/README.md.jinja"
    template.parent.mkdir(parents=True)
    template.write_text("Long. " * 10_000)
    before = published(filled)
    done = subprocess.run(
        command("generate", "--project", filled),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    readme = f"{OUTPUT}/README.md"
    assert done.stderr == f"error: could not continue: {filled / readme} File too large\n"
    whole(filled, before, {})
    assert clean(filled)
    mended(filled, cli)
    assert published(filled)[readme] == b"Long. " * 10_000


@pytest.mark.parametrize("taken", ["generated", OUTPUT, f"{OUTPUT}/fal_endpoints/acme"])
def test_a_file_where_a_folder_should_be_stays(filled: Path, cli: Cli, taken: str) -> None:
    shutil.rmtree(filled / taken)
    (filled / taken).write_text("mine")
    ran = cli("generate", "--project", filled)
    assert ran.code == 2
    assert ran.err.startswith("error: could not continue: ")
    assert str(filled / taken) in ran.err
    assert (filled / taken).read_text() == "mine"
    (filled / taken).unlink()
    mended(filled, cli)


def test_a_folder_where_a_file_should_be_stays(filled: Path, cli: Cli) -> None:
    readme = filled / OUTPUT / "README.md"
    readme.unlink()
    (readme / "inner").mkdir(parents=True)
    ran = cli("generate", "--project", filled)
    assert (ran.code, ran.err) == (2, f"error: could not continue: {readme} Is a directory\n")
    assert clean(filled)
    shutil.rmtree(readme)
    mended(filled, cli)
