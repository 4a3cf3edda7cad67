"""Projects in git: line endings, merges and merge conflicts, made by git itself."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import Ran
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

UP_TO_DATE = Ran(0, "up to date\n", "")


def git(project: Path, *arguments: str | Path, code: int | None = 0) -> str:
    who = ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", "-C", project, *who, *arguments], capture_output=True, text=True, check=False
    )
    assert code is None or done.returncode == code, done.stderr
    return done.stdout


def commit(project: Path) -> None:
    git(project, "add", "--all")
    git(project, "commit", "-qm", "a change", "--allow-empty")


@pytest.fixture
def repository(filled: Path) -> Path:
    git(filled, "init", "-q", "-b", "main")
    commit(filled)
    return filled


def plain(project: Path) -> Path:
    """Remove the settings of git: a project from before `init` wrote them."""
    (project / ".gitattributes").unlink()
    return project


class TestLineEndings:
    @pytest.mark.parametrize("has_attributes", [True, False])
    def test_a_checkout_with_autocrlf_is_up_to_date(
        self, repository: Path, tmp_path: Path, cli: Cli, has_attributes: bool
    ) -> None:
        template = repository / "templates/python/README.md.jinja"
        template.parent.mkdir(parents=True)
        template.write_text("Ours,\nin two lines.\n")
        overlay = repository / f"specs/overlays/{FAST}.json"
        overlay.parent.mkdir(parents=True)
        overlay.write_text(
            '{"reason": "r",\n "evidence": "e",\n "patch": [\n'
            '  {"op": "test", "path": "/info/title", "value": "x"}]\n}\n'
        )
        edit(repository / f"specs/{FAST}.json", '"title": "', '"title": "x", "was": "')
        if not has_attributes:
            plain(repository)
        cli("generate", "--project", repository)
        commit(repository)
        clone = tmp_path / "clone"
        git(tmp_path, "clone", "-q", "-c", "core.autocrlf=true", repository, clone)
        assert (b"\r\n" in (clone / MODULE).read_bytes()) != has_attributes
        assert git(clone, "status", "--short") == ""
        before = published(clone)
        assert cli("check", "--project", clone) == cli("check", "--project", repository)
        assert cli("generate", "--project", clone).code == 0
        assert published(clone) == before

    def test_a_change_in_it_is_a_change(self, filled: Path, tmp_path: Path, cli: Cli) -> None:
        for path in filled.rglob("*"):
            if path.is_file():
                path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
        assert cli("check", "--project", filled) == UP_TO_DATE
        edit(filled / MODULE)
        ran = cli("check", "--project", filled)
        assert ran.code == 1
        assert "1 changed" in ran.out
        documents = write(tmp_path / "documents", document("acme/cutter"))
        assert cli("add", "--project", filled, "--from", documents).code == 2  # edited by hand
        assert cli("generate", "--project", filled, "--force").code == 0
        assert cli("add", "--project", filled, "--from", documents).code == 0
        assert cli("check", "--project", filled) == UP_TO_DATE


class TestMerges:
    @pytest.mark.parametrize(
        ("ours", "theirs", "has_attributes"),
        [
            ("acme/mill", "acme/oven", True),
            ("aaa/first", "zeta/last", True),
            ("acme/mill/one", "acme/mill/two", True),
            ("acme/mill", "acme/mill/two", True),
            ("acme/mill", "acme/mill", True),
            ("acme/mill", "acme/mill/two", False),
            pytest.param("acme/mill", "acme/oven", False, marks=pytest.mark.exhaustive),
            pytest.param("aaa/first", "zeta/last", False, marks=pytest.mark.exhaustive),
            pytest.param("acme/mill/one", "acme/mill/two", False, marks=pytest.mark.exhaustive),
            pytest.param("acme/mill", "acme/mill", False, marks=pytest.mark.exhaustive),
        ],
    )
    def test_of_two_branches_that_each_add_an_endpoint(
        self,
        repository: Path,
        tmp_path: Path,
        cli: Cli,
        ours: str,
        theirs: str,
        has_attributes: bool,
    ) -> None:
        if not has_attributes:
            commit(plain(repository))
        for branch, endpoint_id in (("theirs", theirs), ("ours", ours)):
            git(repository, "switch", "-q", "-c", branch, "main")
            documents = write(tmp_path / branch, document(endpoint_id))
            assert cli("add", "--project", repository, "--from", documents).code == 0
            commit(repository)
        git(repository, "merge", "-q", "--no-edit", "theirs", code=None)
        conflicts = git(repository, "diff", "--name-only", "--diff-filter=U").splitlines()
        if has_attributes:
            # What both branches generated anew may not merge. What people read and write does.
            assert not [path for path in conflicts if not path.startswith(f"{OUTPUT}/")]
            assert MANIFEST not in conflicts
        else:
            for path in [one for one in conflicts if one.endswith(("toml", "lock", "json"))]:
                self.keep_both(repository / path)
        assert cli("generate", "--project", repository).code == 0
        assert cli("check", "--project", repository) == UP_TO_DATE
        listed = cli("list", "--project", repository).out
        assert {line.split()[0] for line in listed.splitlines()} == {BLENDER, FAST, ours, theirs}
        commit(repository)
        assert git(repository, "status", "--short") == ""

        fresh = tmp_path / "fresh"
        assert cli("init", fresh).code == 0
        added = [document(one) for one in sorted({BLENDER, FAST, ours, theirs})]
        documents = write(tmp_path / "all", *added)
        assert cli("add", "--project", fresh, "--from", documents).code == 0
        merged = {path: data for path, data in published(repository).items() if OUTPUT in path}
        expected = {path: data for path, data in published(fresh).items() if OUTPUT in path}
        assert merged == expected

    def keep_both(self, path: Path) -> None:
        """Follow the hint."""
        lines = path.read_text("utf-8").splitlines(keepends=True)
        marks = ("<<<<<<<", "=======", ">>>>>>>")
        path.write_text("".join(line for line in lines if not line.startswith(marks)), "utf-8")


def conflicting(path: Path) -> int:
    """Put a conflict into a file, as git does, and return the line in which it starts."""
    lines = path.read_text("utf-8").splitlines(keepends=True) or ["\n"]
    middle = len(lines) // 2
    there = lines[middle]
    marked = ["<<<<<<< HEAD\n", there, "=======\n", there, ">>>>>>> theirs\n"]
    path.write_text("".join([*lines[:middle], *marked, *lines[middle + 1 :]]), "utf-8")
    return middle + 1


class TestConflicts:
    @pytest.mark.parametrize("command", ["generate", "check"])
    @pytest.mark.parametrize(
        "file", [DECLARATION, LOCK, MANIFEST, f"specs/{FAST}.json", "specs/history.jsonl"]
    )
    def test_one_is_called_by_its_name(
        self, filled: Path, cli: Cli, file: str, command: str
    ) -> None:
        if file.endswith("history.jsonl"):
            (filled / file).write_text("")
        line = conflicting(filled / file)
        before = published(filled)
        problem(cli(command, "--project", filled), f"{file}, line {line}: ", "merge conflict")
        assert published(filled) == before

    def test_a_merge_conflict_in_exemptions_is_named(
        self, filled: Path, tmp_path: Path, cli: Cli
    ) -> None:
        exemptions = filled / "specs/drift-ignore.toml"
        exemptions.write_text('[[ignore]]\nfingerprint = "a"\nreason = "b"\nexpires = 2099-01-01\n')
        line = conflicting(exemptions)
        old = write(tmp_path / "documents", document()) / "0.json"
        ran = cli("diff", "--project", filled, old, old)
        problem(ran, f"drift-ignore.toml, line {line}: ", "merge conflict")

    def test_a_merge_conflict_in_a_document_elsewhere_is_named(
        self, tmp_path: Path, cli: Cli
    ) -> None:
        document_file = write(tmp_path / "documents", document()) / "0.json"
        document_file.write_text(document_file.read_text().replace(",", ",\n"))
        line = conflicting(document_file)
        ran = cli("diff", document_file, document_file)
        assert ran.code == 2
        assert f"merge conflict in the document, in line {line}" in ran.out

    @pytest.mark.parametrize("file", [MODULE, f"{OUTPUT}/README.md"])
    def test_in_a_generated_file_is_mended(self, filled: Path, cli: Cli, file: str) -> None:
        before = published(filled)
        conflicting(filled / file)
        assert cli("check", "--project", filled).code == 1
        assert cli("generate", "--project", filled).code == 0
        assert published(filled) == before

    def test_lines_that_only_look_like_a_conflict_are_an_edit(self, filled: Path, cli: Cli) -> None:
        edit(filled / MODULE, new="\n<<<<<<< not a conflict\n")
        problem(cli("generate", "--project", filled), "edited by hand")


class TestInit:
    def test_git_is_told_what_it_has_to_know(self, project: Path) -> None:
        git(project, "init", "-q")
        attributes = git(project, "check-attr", "merge", "eol", "--", DECLARATION, LOCK, MANIFEST)
        assert attributes.count("merge: union") == 3
        assert attributes.count("eol: lf") == 3
        ignored = [".fal-codegen/lock", f"{OUTPUT}/p/__pycache__/x.pyc", "specs/.fal-codegen-1.tmp"]
        assert git(project, "check-ignore", *ignored).splitlines() == ignored

    @pytest.mark.parametrize(
        ("there", "end"), [(b"*.bin\n", b"\n"), (b"a\xff", b"\n"), (b"x\r\n", b"\r\n")]
    )
    def test_lines_that_are_there_stay(
        self, tmp_path: Path, cli: Cli, there: bytes, end: bytes
    ) -> None:
        for name in (".gitattributes", ".gitignore"):
            (tmp_path / name).write_bytes(there)
        (tmp_path / ".gitignore").write_bytes(there.rstrip() + end + b".fal-codegen/" + end)
        ran = cli("init", tmp_path)
        assert f"added to {tmp_path / '.gitignore'}" in ran.out
        text = (tmp_path / ".gitignore").read_bytes()
        assert text.startswith(there.rstrip() + end)
        assert text.count(b".fal-codegen/") == 1
        assert text.endswith(b"__pycache__/" + end)
        assert (tmp_path / ".gitattributes").read_bytes().startswith(there)
        assert (b"\r" in text) == (b"\r" in end)

    def test_it_names_workflows_that_github_would_ignore(self, tmp_path: Path, cli: Cli) -> None:
        git(tmp_path, "init", "-q")
        ran = cli("init", tmp_path / "clients")
        assert f"GitHub ignores {tmp_path / 'clients/.github'}, because" in ran.out
        assert f"starts at {tmp_path}: move it there" in ran.out
        assert "GitHub ignores" not in cli("init", tmp_path).out

    def test_nothing_is_added_twice(self, tmp_path: Path, cli: Cli) -> None:
        first, second = tmp_path / "first", tmp_path / "second"
        cli("init", first)
        for name in (".gitattributes", ".gitignore"):
            second.mkdir(exist_ok=True)
            shutil.copy(first / name, second / name)
        assert "git" not in cli("init", second).out.replace(".github", "")
        for name in (".gitattributes", ".gitignore"):
            assert (second / name).read_bytes() == (first / name).read_bytes()
