"""The cache: no file of a project is trusted as a cache, and the cache never changes a result."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import platformdirs
import pytest
from conftest import Ran
from documents import document, obj, write
from fal_codegen import digests
from fal_codegen.cache import _user_cache
from fal_codegen.cli import run
from fal_codegen.digests import Stamp
from fal_codegen.exit_codes import ExitCode
from fal_codegen.project import inputs
from fal_codegen.project.inputs import Inputs, gather
from projects import (
    BLENDER,
    DECLARATION,
    FAST,
    MANIFEST,
    MODULE,
    OUTPUT,
    Cli,
    edit,
    problem,
    published,
)

UP_TO_DATE = Ran(0, "up to date\n", "")
ALL_GENERATED = "0 written, 0 removed"
BACKDOOR = "\nprint('backdoor')\n"
NARROW = {"type": "string", "enum": ["only-here", "and-there"]}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty user cache folder for this test alone."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home/.cache"))
    return tmp_path / "home/.cache/fal-codegen"


def replace(path: Path, value: Any) -> None:
    """Write an entry as the tool does."""
    text = json.dumps(value)
    path.write_text(f"{hashlib.sha256(text.encode()).hexdigest()}\n{text}", "utf-8")


class TestProject:
    """A pull request can change every file of a project, hidden ones too."""

    def test_what_a_project_says_of_earlier_runs_counts_for_nothing(
        self, filled: Path, cli: Cli
    ) -> None:
        """A cache of earlier versions: a file that a later version takes for a generated one."""
        before = published(filled)
        edit(filled / MODULE, new=BACKDOOR)
        text = (filled / MODULE).read_bytes()
        digest = hashlib.sha256(text).hexdigest()
        manifest = json.loads((filled / MANIFEST).read_bytes())
        manifest["files"][MODULE.removeprefix(f"{OUTPUT}/")] = digest
        (filled / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
        private = filled / ".fal-codegen"
        private.mkdir(exist_ok=True)
        (private / "memory.json").write_text(
            json.dumps({"outlines": {}, "files": {MODULE: ["any", digest]}, "outputs": [OUTPUT]})
        )
        (private / "state.json").write_text(json.dumps({"inputs": {}, "lock": "", "outputs": {}}))
        ran = cli("check", "--project", filled)
        assert ran.code == ExitCode.DIFFERENCE
        assert "-print('backdoor')" in ran.out
        assert cli("generate", "--project", filled).code == 0
        assert published(filled) == before

    def test_its_folder_for_the_lock_leads_nowhere_else(
        self, filled: Path, cli: Cli, tmp_path: Path
    ) -> None:
        shutil.rmtree(filled / ".fal-codegen")
        (tmp_path / "elsewhere").mkdir()
        (filled / ".fal-codegen").symlink_to(tmp_path / "elsewhere")
        edit(filled / MODULE)
        problem(cli("generate", "--project", filled), ".fal-codegen is a link")
        assert list((tmp_path / "elsewhere").iterdir()) == []

    @pytest.mark.parametrize("marker", [".git", DECLARATION], ids=["working tree", "project"])
    def test_a_cache_folder_inside_a_repository_is_not_used(
        self,
        filled: Path,
        cli: Cli,
        tmp_path: Path,
        cache: Path,
        monkeypatch: pytest.MonkeyPatch,
        marker: str,
    ) -> None:
        assert cli("generate", "--project", filled).code == 0
        assert cli("generate", "--project", filled) == UP_TO_DATE
        inside = (filled if marker == DECLARATION else tmp_path) / ".cache"
        if marker == ".git":
            (tmp_path / marker).mkdir()
        shutil.copytree(cache.parent, inside)
        monkeypatch.setenv("XDG_CACHE_HOME", str(inside))
        assert ALL_GENERATED in cli("generate", "--project", filled).out

    def test_check_renders_even_if_the_last_run_was_the_same(
        self, filled: Path, cli: Cli, cache: Path
    ) -> None:
        assert cli("generate", "--project", filled).code == 0
        assert cli("generate", "--project", filled) == UP_TO_DATE
        edit(filled / MODULE, new=BACKDOOR)
        [record] = cache.glob("project-*.json")
        trusting = (
            "from fal_codegen.project import last_run; last_run.is_unchanged = lambda *_: True"
        )
        start = f"{trusting}; from fal_codegen.cli import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", start, "check", "--project", filled],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == ExitCode.DIFFERENCE
        assert record.is_file()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no stamps")
class TestStamps:
    """An unchanged file is not read again; a changed one always is."""

    @pytest.fixture(autouse=True)
    def later(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Put the clock forward, so that no file has just changed."""
        now = time.time_ns
        monkeypatch.setattr(time, "time_ns", lambda: now() + 3_000_000_000)

    @pytest.fixture
    def read(self, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
        """The files that are read, in order."""
        paths: list[Path] = []
        genuine = Path.read_bytes

        def recorded(path: Path) -> bytes:
            paths.append(path)
            return genuine(path)

        monkeypatch.setattr(Path, "read_bytes", recorded)
        return paths

    @pytest.fixture
    def stamped(self, filled: Path, cache: Path) -> Path:
        """Return a project whose last run found it unchanged."""
        assert run(["generate", "--project", str(filled)]) == 0
        assert run(["generate", "--project", str(filled)]) == 0
        return filled

    def test_nothing_is_read_of_what_is_unchanged(
        self, stamped: Path, cli: Cli, read: list[Path]
    ) -> None:
        assert cli("generate", "--project", stamped) == UP_TO_DATE
        assert not [path for path in read if path.is_relative_to(stamped)]
        (stamped / MODULE).touch()
        assert cli("generate", "--project", stamped) == UP_TO_DATE
        assert stamped / MODULE in read

    def test_the_run_that_generates_records_what_it_read(
        self, filled: Path, cli: Cli, read: list[Path]
    ) -> None:
        assert cli("generate", "--project", filled).code == 0
        digests._digests.clear()  # as in another process
        read.clear()
        assert cli("generate", "--project", filled) == UP_TO_DATE
        assert not [path for path in read if path.is_relative_to(filled)]

    def test_a_file_that_changes_during_a_run_is_seen_by_the_next_one(
        self, filled: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        document = filled / "specs" / f"{FAST}.json"

        def gather_then_change(*arguments: Any) -> Inputs:
            gathered = gather(*arguments)
            document.write_bytes(document.read_bytes() + b" ")
            return gathered

        with monkeypatch.context() as patched:
            patched.setattr(inputs, "gather", gather_then_change)
            assert cli("generate", "--project", filled).code == 0
        assert cli("generate", "--project", filled) != UP_TO_DATE
        assert cli("generate", "--project", filled) == UP_TO_DATE

    def test_files_that_have_just_changed_are_read_and_not_recorded(
        self,
        stamped: Path,
        cli: Cli,
        cache: Path,
        read: list[Path],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        [record] = cache.glob("project-*.json")
        before = record.stat().st_ino  # a record that is written is a new file
        (stamped / MODULE).touch()
        just_now = (stamped / MODULE).stat().st_ctime_ns
        monkeypatch.setattr(time, "time_ns", itertools.count(just_now).__next__)
        assert cli("generate", "--project", stamped) == UP_TO_DATE
        assert stamped / MODULE in read
        assert record.stat().st_ino == before

    def test_a_file_that_is_only_touched_is_unchanged(self, stamped: Path, cli: Cli) -> None:
        (stamped / MODULE).touch()
        assert cli("generate", "--project", stamped) == UP_TO_DATE

    @pytest.mark.parametrize("path", [MODULE, MANIFEST, DECLARATION, f"specs/{FAST}.json"])
    def test_an_edit_of_the_same_size_and_time_is_seen(
        self, stamped: Path, cli: Cli, path: str
    ) -> None:
        before = (stamped / path).stat()
        data = (stamped / path).read_bytes()
        (stamped / path).write_bytes(data[:-1] + b" ")
        os.utime(stamped / path, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert (stamped / path).stat().st_size == before.st_size
        assert cli("generate", "--project", stamped) != UP_TO_DATE

    def test_a_file_that_has_just_changed_is_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "x"
        path.write_text("1")
        stamp = Stamp.of(path)
        assert stamp is not None
        assert stamp.is_lasting()
        monkeypatch.undo()
        assert not stamp.is_lasting()


@pytest.mark.parametrize("given", [None, "", "relative", "/absolute"])
def test_the_folder_is_the_one_of_platformdirs(
    monkeypatch: pytest.MonkeyPatch, given: str | None
) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    if given is not None:
        monkeypatch.setenv("XDG_CACHE_HOME", given)
    assert _user_cache() == platformdirs.user_cache_path("fal-codegen", appauthor=False)


class TestLeftovers:
    """Files that other tools leave in an output folder are no difference, but are reported."""

    LEFT = (
        "fal_endpoints/__pycache__/evil.cpython-312.pyc",
        "node_modules/evil/index.js",
        ".npmrc",
    )

    @pytest.fixture
    def littered(self, filled: Path) -> Path:
        for left in self.LEFT:
            path = filled / OUTPUT / left
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("")
        return filled

    def test_leftovers_are_named(self, littered: Path, cli: Cli) -> None:
        ran = cli("check", "--project", littered)
        assert (ran.code, ran.err) == (0, "")
        for name in (".npmrc", "node_modules/", "fal_endpoints/__pycache__/"):
            assert name in ran.out
        assert "up to date" in ran.out

    @pytest.mark.parametrize("left", LEFT)
    def test_one_that_is_committed_is_a_difference(
        self, littered: Path, cli: Cli, left: str
    ) -> None:
        subprocess.run(["git", "init", "-q", littered], check=True)
        subprocess.run(["git", "-C", littered, "add", "-f", f"{OUTPUT}/{left}"], check=True)
        ran = cli("check", "--project", littered)
        assert ran.code == ExitCode.DIFFERENCE
        assert f"committed but not generated; remove: {OUTPUT}/{left}\n" in ran.out

    def test_a_link_that_is_committed_is_a_difference(
        self, filled: Path, cli: Cli, tmp_path: Path
    ) -> None:
        folder = filled / "compiled"
        folder.mkdir()
        link = filled / OUTPUT / "fal_endpoints/__pycache__"
        link.symlink_to(folder, target_is_directory=True)
        subprocess.run(["git", "init", "-q", filled], check=True)
        subprocess.run(["git", "-C", filled, "add", "-f", link], check=True)
        ran = cli("check", "--project", filled)
        assert ran.code == ExitCode.DIFFERENCE
        assert f"remove: {OUTPUT}/fal_endpoints/__pycache__\n" in ran.out

    def test_where_git_cannot_tell_nothing_is_up_to_date(self, littered: Path, cli: Cli) -> None:
        (littered / ".git").write_text("gitdir: /nowhere\n")
        ran = cli("check", "--project", littered)
        assert (ran.code, ran.out) == (ExitCode.FAILURE, "")
        assert "cannot find out whether" in ran.err
        assert "is committed: fatal: not a git repository: /nowhere" in ran.err


class TestCache:
    def test_a_changed_document_comes_to_what_a_first_run_makes_of_it(
        self, filled: Path, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        edit(filled / f"specs/{FAST}.json", "Blends two things.", "Cuts things.")
        ran = cli("generate", "--project", filled)
        assert f"wrote {MODULE}" in ran.out
        assert "Cuts things." in (filled / MODULE).read_text("utf-8")
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "empty"))
        fresh = tmp_path / "fresh"
        shutil.copytree(filled, fresh, ignore=shutil.ignore_patterns(".fal-codegen*", "generated"))
        assert cli("generate", "--project", fresh).code == 0
        assert published(fresh) == published(filled)

    @pytest.mark.parametrize(
        "damage",
        [
            lambda _: b"",
            lambda _: b"\xff{",
            lambda data: data[: len(data) // 2],
            lambda data: data.replace(b"Model0", b"Model1").replace(b"only-here", b"only-hers"),
        ],
        ids=["empty", "junk", "cut off", "flipped"],
    )
    def test_a_damaged_entry_is_a_miss(
        self, filled: Path, cli: Cli, cache: Path, damage: Callable[[bytes], bytes]
    ) -> None:
        changed = write(filled / "in", document(FAST, input=obj({"x": NARROW})))
        assert cli("add", "--project", filled, "--from", changed).code == 0
        assert cli("generate", "--project", filled).code == 0
        before = published(filled)
        for path in cache.iterdir():
            path.write_bytes(damage(path.read_bytes()))
        shutil.rmtree(filled / OUTPUT)
        assert cli("generate", "--project", filled).code == 0
        assert published(filled) == before

    @pytest.mark.parametrize("value", [[], "x", {"fingerprint": 1, "outputs": [2]}, {"outputs": 1}])
    def test_entries_of_another_kind_are_misses(
        self, filled: Path, cli: Cli, cache: Path, value: object
    ) -> None:
        assert cli("generate", "--project", filled).code == 0
        for path in cache.iterdir():
            replace(path, value)
        ran = cli("generate", "--project", filled)
        assert (ran.code, ran.err) == (0, "")

    @pytest.mark.skipif(os.name == "nt", reason="modes are those of POSIX")
    def test_it_is_the_users_alone(self, filled: Path, cli: Cli, cache: Path) -> None:
        assert cli("generate", "--project", filled).code == 0
        assert stat.S_IMODE(cache.stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in cache.iterdir()} == {0o600}
        assert cli("generate", "--project", filled) == UP_TO_DATE
        cache.chmod(0o777)  # so that others could have written this
        assert ALL_GENERATED in cli("generate", "--project", filled).out

    @pytest.mark.posix
    @pytest.mark.parametrize("home", ["a file", "relative", "/dev/null/x", "/proc/nowhere"])
    def test_one_that_cannot_be_written_is_no_error(
        self, filled: Path, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str
    ) -> None:
        (tmp_path / "a file").write_text("")
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / home) if home == "a file" else home)
        monkeypatch.chdir(filled)
        before = set(filled.iterdir())
        edit(filled / f"specs/{BLENDER}.json", "Blends two things.", "Cuts things.")
        ran = cli("generate", "--project", filled)
        assert (ran.code, ran.err) == (0, "")
        assert cli("check", "--project", filled) == UP_TO_DATE
        assert set(filled.iterdir()) <= before

    def test_a_full_disk_is_no_error(self, filled: Path, cache: Path) -> None:
        edit(filled / f"specs/{BLENDER}.json", "Blends two things.", "Cuts things.")
        code = (
            "import tempfile\n"
            "def full(**_): raise OSError(28, 'No space left on device')\n"
            "tempfile.mkstemp = full\n"
            "from fal_codegen.cli import main; main()"
        )
        command = [sys.executable, "-c", code, "generate", "--project", str(filled)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert list(cache.iterdir()) == []


def test_a_file_edited_by_hand_is_not_taken_for_what_was_generated(filled: Path, cli: Cli) -> None:
    edit(filled / MODULE)
    edit(filled / f"specs/{BLENDER}.json", "Blends two things.", "Cuts things.")
    problem(cli("generate", "--project", filled), MODULE)
    assert cli("generate", "--project", filled, "--force").code == 0
    assert "# by hand" not in (filled / MODULE).read_text("utf-8")


def test_a_changed_template_is_seen_everywhere(filled: Path, cli: Cli) -> None:
    own = filled / "templates/python/header.jinja"
    own.parent.mkdir(parents=True)
    own.write_text("# Ours, from {{ source }}.\n", "utf-8")
    assert cli("generate", "--project", filled).code == 0
    for path in (filled / OUTPUT).rglob("*.py"):
        assert path.read_text("utf-8").startswith("# Ours, from ")
