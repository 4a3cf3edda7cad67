"""The commands as their user meets them: what they write, what they say, how they exit."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Ran, tree
from documents import document, obj, write
from fal_codegen.cli import run

Cli = Callable[..., Ran]

BLENDER, FAST = "acme/blender", "acme/blender/fast"
DECLARATION, LOCK = "specs/endpoints.toml", "specs/endpoints.lock"
OUTPUT = "generated/python"
MODULE = f"{OUTPUT}/fal_endpoints/acme/blender/fast.py"
MANIFEST = f"{OUTPUT}/.fal-codegen.json"


@pytest.fixture(scope="session")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with two endpoints, generated once; tests work on copies of it."""
    folder = tmp_path_factory.mktemp("pattern") / "project"
    documents = write(folder.with_name("documents"), document(BLENDER), document(FAST))
    with contextlib.redirect_stdout(io.StringIO()):
        assert run(["init", str(folder)]) == 0
        assert run(["add", "--project", str(folder), "--from", str(documents)]) == 0
    return folder


@pytest.fixture
def filled(pattern: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(pattern, tmp_path / "filled"))


def published(project: Path) -> dict[str, bytes]:
    """Return every file of a project that its user sees."""
    return {
        path: data for path, data in tree(project).items() if not path.startswith(".fal-codegen/")
    }


def edit(path: Path, old: str = "", new: str = "\n# by hand\n") -> None:
    """Replace text in a file; by default, add a line at its end."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new) if old else text + new, "utf-8")


def problem(ran: Ran, *parts: str) -> None:
    """Hold that a command failed, and said so in the way users are owed."""
    assert ran.code == 2
    assert ran.err.startswith(("error: ", "usage: "))
    assert "Traceback" not in ran.err
    for part in parts:
        assert part in ran.err


class TestInit:
    def test_a_new_project_can_be_generated_and_checked(self, tmp_path: Path, cli: Cli) -> None:
        folder = tmp_path / "some" / "where"
        ran = cli("init", folder)
        assert ran.code == 0
        assert set(tree(folder)) == {DECLARATION, ".github/workflows/fal-codegen.yml"}
        for path in tree(folder):
            assert f"wrote {folder / path}" in ran.out
        assert cli("generate", "--project", folder).code == 0
        assert cli("check", "--project", folder).code == 0

    def test_it_starts_where_the_user_is(
        self, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        assert cli("init").code == 0
        assert (tmp_path / DECLARATION).is_file()

    @pytest.mark.parametrize("taken", [DECLARATION, ".github/workflows/fal-codegen.yml"])
    def test_nothing_is_overwritten(self, tmp_path: Path, cli: Cli, taken: str) -> None:
        (tmp_path / taken).parent.mkdir(parents=True)
        (tmp_path / taken).write_text("mine")
        problem(cli("init", tmp_path), taken, "is there already")
        assert tree(tmp_path) == {taken: b"mine"}


class TestAdd:
    def test_from_one_file(self, project: Path, tmp_path: Path, cli: Cli) -> None:
        documents = write(tmp_path / "documents", document(BLENDER))
        ran = cli("add", "--project", project, "--from", documents / "0.json")
        assert ran.code == 0
        assert f"{BLENDER}: vendored" in ran.out
        assert json.loads((project / "specs/acme/blender.json").read_bytes()) == document(BLENDER)
        assert (project / OUTPUT / "fal_endpoints/acme/blender.py").is_file()
        assert cli("check", "--project", project).code == 0

    def test_from_a_folder(self, filled: Path) -> None:
        specs = {path for path in tree(filled / "specs") if path.endswith(".json")}
        assert specs == {"acme/blender.json", "acme/blender/fast.json"}
        assert (filled / MODULE).is_file()

    def test_from_a_folder_only_what_is_named(
        self, project: Path, tmp_path: Path, cli: Cli
    ) -> None:
        documents = write(tmp_path / "documents", document(BLENDER), document(FAST))
        (documents / "package.json").write_text("{}")
        (documents / "a folder.json").mkdir()
        assert cli("add", FAST, FAST, "--project", project, "--from", documents).code == 0
        assert FAST in cli("list", "--project", project).out
        assert not (project / "specs/acme/blender.json").exists()

    def test_a_broken_document_keeps_no_other_out(
        self, project: Path, tmp_path: Path, cli: Cli
    ) -> None:
        documents = write(tmp_path / "documents", document(BLENDER), {"openapi": "3.0.4"})
        ran = cli("add", "--project", project, "--from", documents)
        problem(ran, str(documents / "1.json"), "is not an OpenAPI document")
        assert cli("list", "--project", project).out.startswith(BLENDER)
        assert cli("check", "--project", project).code == 0

    @pytest.mark.parametrize("again", [False, True], ids=["the first", "all"])
    def test_a_second_time_changes_nothing(
        self, filled: Path, tmp_path: Path, cli: Cli, again: bool
    ) -> None:
        before = published(filled)
        shuffled = [dict(reversed(document(id_).items())) for id_ in (BLENDER, FAST)]
        documents = write(tmp_path / "documents", *shuffled[: 1 + again])
        ran = cli("add", "--project", filled, "--from", documents)
        assert ran.code == 0
        assert f"{BLENDER}: unchanged" in ran.out
        assert "0 written, 0 removed" in ran.out
        assert published(filled) == before

    def test_a_changed_document_replaces_the_vendored_one(
        self, filled: Path, tmp_path: Path, cli: Cli
    ) -> None:
        changed = document(FAST, input=obj({"speed": {"type": "integer"}}))
        documents = write(tmp_path / "documents", changed)
        ran = cli("add", "--project", filled, "--from", documents)
        assert ran.code == 0
        assert f"wrote {MODULE}" in ran.out
        assert "speed: int" in (filled / MODULE).read_text("utf-8")

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            ([], "nothing to add"),
            (["--from", "nowhere"], "there is no nowhere"),
            (["--from", "empty"], "empty has no documents"),
            (["--from", "documents", "acme/other"], "acme/other: documents has no document of it"),
            (["--from", "twice"], f"{BLENDER}: twice has more than one document of it"),
            (["--from", "documents/0.json", "--url", "ftp://fal.ai"], "does not start with"),
            (["flux"], "'flux' is not an endpoint id"),
            (["../../etc/passwd"], "is not an endpoint id"),
        ],
        ids=["nothing", "nowhere", "empty", "absent", "twice", "url", "no owner", "traversal"],
    )
    def test_what_cannot_be_added(
        self,
        filled: Path,
        tmp_path: Path,
        cli: Cli,
        monkeypatch: pytest.MonkeyPatch,
        arguments: list[str],
        said: str,
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "empty").mkdir()
        write(tmp_path / "documents", document(BLENDER))
        write(tmp_path / "twice", document(BLENDER), document(BLENDER, about="Another."))
        before = published(filled)
        problem(cli("add", "--project", filled, *arguments), said)
        assert published(filled) == before

    def test_an_id_that_differs_only_in_case_is_refused_before_anything_is_written(
        self, filled: Path, tmp_path: Path, cli: Cli
    ) -> None:
        documents = write(tmp_path / "documents", document("acme/Blender"))
        before = published(filled)
        ran = cli("add", "--project", filled, "--from", documents)
        problem(ran, "acme/Blender", BLENDER, "differ only in case")
        assert published(filled) == before

    @pytest.mark.parametrize("ids", [["acme/build", "acme/build/fast"], ["build/dist", "dist/x"]])
    def test_ids_may_be_named_as_what_build_tools_leave(
        self, project: Path, tmp_path: Path, cli: Cli, ids: list[str]
    ) -> None:
        documents = write(tmp_path / "documents", *map(document, ids))
        assert cli("add", "--project", project, "--from", documents).code == 0
        assert cli("check", "--project", project).code == 0
        edit(project / "specs" / f"{ids[-1]}.json", "Blends", "Cuts")
        assert cli("check", "--project", project).code == 1


HEAD = """\
# What we use.
[targets.python]   # the only one
package = "fal_endpoints"
output = 'generated/python'

"""
BOTH = f"""\
{HEAD}[endpoints."acme/blender"]  # the slow one
not_files = [
    "x_url",  # a page
]

# The fast one, for previews.
[endpoints.'acme/blender/fast']

# How they are fetched.
[fetch]
attempts = 2
"""


class TestDeclarationText:
    """What a user wrote into the declaration stays, to the byte."""

    @pytest.mark.parametrize(
        "before",
        [HEAD, BOTH, BOTH.replace("\n", "\r\n"), f"{HEAD}[endpoints]\n'acme/blender' = {{}}\n"],
        ids=["no endpoints", "comments", "windows", "inline endpoints"],
    )
    def test_adding_only_adds(self, project: Path, tmp_path: Path, cli: Cli, before: str) -> None:
        (project / DECLARATION).write_bytes(before.encode())
        documents = write(
            tmp_path / "documents", document("acme/a"), document(BLENDER), document(FAST)
        )
        assert cli("add", "--project", project, "--from", documents).code == 0
        after = (project / DECLARATION).read_bytes().decode()
        assert after.startswith(before)
        assert '[endpoints."acme/a"]' in after.removeprefix(before)

        assert cli("remove", "acme/a", "--project", project).code == 0
        if before == BOTH:
            assert (project / DECLARATION).read_bytes().decode() == before

    @pytest.mark.parametrize(
        ("removed", "after"),
        [
            (
                [BLENDER],
                f"{HEAD}# The fast one, for previews.\n[endpoints.'acme/blender/fast']\n\n"
                "# How they are fetched.\n[fetch]\nattempts = 2\n",
            ),
            (
                [FAST, FAST],
                BOTH.replace("[endpoints.'acme/blender/fast']\n\n", ""),
            ),
            (
                [BLENDER, FAST],
                f"{HEAD}# The fast one, for previews.\n"
                "# How they are fetched.\n[fetch]\nattempts = 2\n",
            ),
        ],
        ids=["first", "last, named twice", "both"],
    )
    def test_removing_takes_one_table_and_no_comment_about_another(
        self, filled: Path, cli: Cli, removed: list[str], after: str
    ) -> None:
        (filled / DECLARATION).write_text(BOTH)
        assert cli("remove", *removed, "--project", filled).code == 0
        assert (filled / DECLARATION).read_text() == after

    @pytest.mark.parametrize("command", ["add", "remove"])
    def test_a_form_that_cannot_be_edited_is_left_alone(
        self, filled: Path, tmp_path: Path, cli: Cli, command: str
    ) -> None:
        inline = f'endpoints = {{ "{BLENDER}" = {{}}, "{FAST}" = {{}} }}\n{HEAD}'
        (filled / DECLARATION).write_text(inline)
        documents = write(tmp_path / "documents", document("acme/a"))
        arguments = [BLENDER] if command == "remove" else ["--from", documents]
        before = published(filled)
        ran = cli(command, "--project", filled, *arguments)
        problem(ran, "a form that only you can edit", "[endpoints.")
        assert published(filled) == before


class TestRemove:
    def test_all_that_belongs_to_an_endpoint_goes(self, filled: Path, cli: Cli) -> None:
        ran = cli("remove", FAST, "--project", filled)
        assert ran.code == 0
        assert f"removed {MODULE}" in ran.out
        left = published(filled)
        assert not [path for path in left if "fast" in path]
        for path in (DECLARATION, LOCK, MANIFEST):
            assert b"fast" not in left[path]
        assert not (filled / "specs/acme/blender").exists()
        assert not (filled / OUTPUT / "fal_endpoints/acme/blender").exists()
        assert cli("check", "--project", filled).code == 0

    def test_a_document_changed_by_hand_is_kept(self, filled: Path, cli: Cli) -> None:
        edit(filled / "specs/acme/blender/fast.json", "Blends", "Cuts")
        ran = cli("remove", FAST, "--project", filled)
        assert ran.code == 0
        assert "kept specs/acme/blender/fast.json: it was changed by hand" in ran.out
        assert (filled / "specs/acme/blender/fast.json").is_file()
        assert not (filled / MODULE).exists()

    def test_one_that_is_not_declared_keeps_all_in_place(self, filled: Path, cli: Cli) -> None:
        before = published(filled)
        problem(cli("remove", FAST, "acme/other", "--project", filled), "acme/other: ")
        assert published(filled) == before


class TestList:
    def test_what_is_declared_and_how_it_is_called(self, filled: Path, cli: Cli) -> None:
        edit(filled / DECLARATION, new='\n[endpoints."acme/v1.5/mix"]\n')
        ran = cli("list", "--project", filled)
        assert ran.code == 0
        assert [line.split(maxsplit=1) for line in ran.out.splitlines()] == [
            [BLENDER, "file             client.acme.blender"],
            [FAST, "file             client.acme.blender.fast"],
            ["acme/v1.5/mix", "not fetched yet  client.acme.v1_5.mix"],
        ]

    def test_an_empty_project_says_how_to_go_on(self, project: Path, cli: Cli) -> None:
        assert "fal-codegen add" in cli("list", "--project", project).out


class TestGenerate:
    def test_it_says_what_it_wrote(self, filled: Path, cli: Cli) -> None:
        shutil.rmtree(filled / OUTPUT)
        ran = cli("generate", "--project", filled)
        assert ran.code == 0
        wrote = {line.removeprefix("wrote ") for line in ran.out.splitlines() if "wrote" in line}
        assert wrote | {MANIFEST} == {f"{OUTPUT}/{path}" for path in tree(filled / OUTPUT)}

    def test_it_writes_only_what_changed(self, filled: Path, cli: Cli) -> None:
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
        said = {line.removeprefix("wrote ") for line in ran.out.splitlines() if "wrote" in line}
        assert MODULE in said
        assert len(said) < 3
        assert written == said | {MANIFEST}

    def test_a_second_run_writes_nothing(self, filled: Path, cli: Cli) -> None:
        edit(filled / "specs/acme/blender/fast.json", "Blends two things.", "Cuts things.")
        assert cli("generate", "--project", filled).code == 0
        for path in published(filled):
            os.utime(filled / path, (1, 1))
        assert cli("generate", "--project", filled) == Ran(0, "up to date\n", "")
        assert {(filled / path).stat().st_mtime for path in published(filled)} == {1}

    def test_without_its_cache_it_writes_nothing_either(self, filled: Path, cli: Cli) -> None:
        shutil.rmtree(filled / ".fal-codegen")
        for path in published(filled):
            os.utime(filled / path, (1, 1))
        ran = cli("generate", "--project", filled)
        assert (ran.code, "0 written, 0 removed" in ran.out) == (0, True)
        assert {(filled / path).stat().st_mtime for path in published(filled)} == {1}

    def test_an_edited_file_is_overwritten_only_by_force(self, filled: Path, cli: Cli) -> None:
        good = published(filled)
        edit(filled / MODULE)
        edited = published(filled)
        problem(cli("generate", "--project", filled), "blender/fast.py", "--force")
        assert published(filled) == edited
        assert cli("generate", "--force", "--project", filled).code == 0
        assert published(filled) == good

    def test_while_a_file_is_edited_nothing_is_removed(self, filled: Path, cli: Cli) -> None:
        edit(filled / MODULE)
        before = published(filled)
        problem(cli("remove", FAST, "--project", filled), "blender/fast.py", "--force")
        assert published(filled) == before
        assert cli("generate", "--force", "--project", filled).code == 0
        assert cli("remove", FAST, "--project", filled).code == 0
        assert not (filled / MODULE).exists()
        assert cli("check", "--project", filled).code == 0

    def test_while_a_file_is_edited_nothing_is_added(
        self, filled: Path, tmp_path: Path, cli: Cli
    ) -> None:
        edit(filled / MODULE)
        before = published(filled)
        source = write(tmp_path / "other", document("acme/other"))
        problem(cli("add", "--from", source, "--project", filled), "blender/fast.py", "--force")
        assert published(filled) == before

    def test_a_file_that_is_not_ours_is_overwritten_only_by_force(
        self, project: Path, cli: Cli
    ) -> None:
        readme = project / OUTPUT / "README.md"
        readme.parent.mkdir(parents=True)
        readme.write_text("mine")
        problem(cli("generate", "--project", project), "README.md", "--force")
        assert tree(project / OUTPUT) == {"README.md": b"mine"}
        assert cli("generate", "--force", "--project", project).code == 0
        assert cli("check", "--project", project).code == 0

    def test_a_file_that_is_not_generated_is_left_and_named(self, filled: Path, cli: Cli) -> None:
        (filled / OUTPUT / "notes.txt").write_text("mine")
        ran = cli("generate", "--project", filled)
        assert ran.code == 0
        assert f"left {OUTPUT}/notes.txt: not generated" in ran.out
        assert (filled / OUTPUT / "notes.txt").read_text() == "mine"
        assert cli("check", "--project", filled).code == 1

    def test_an_endpoint_without_its_document_stops_everything(
        self, filled: Path, cli: Cli
    ) -> None:
        edit(filled / DECLARATION, new='\n[endpoints."acme/other"]\n')
        edit(filled / "specs/acme/blender/fast.json", "Blends", "Cuts")
        before = published(filled)
        for command in ("generate", "check"):
            ran = cli(command, "--project", filled)
            problem(ran, "acme/other", "specs/acme/other.json", "fal-codegen fetch acme/other")
        assert published(filled) == before
        assert cli("remove", "acme/other", "--project", filled).code == 0
        assert "Cuts two things." in (filled / MODULE).read_text("utf-8")

    def test_what_cannot_be_generated_now_is_not_taken_away(self, filled: Path, cli: Cli) -> None:
        before = published(filled)
        path = filled / "specs/acme/blender/fast.json"
        text = path.read_text("utf-8")
        for broken in ("{", None):
            path.unlink() if broken is None else path.write_text(broken)
            problem(cli("generate", "--project", filled), FAST, "nothing was written")
        path.write_text(text, "utf-8")
        assert published(filled) == before
        assert cli("generate", "--project", filled).code == 0
        assert published(filled) == before


def hand_edit(project: Path) -> None:
    edit(project / MODULE)


def windows_line_endings(project: Path) -> None:
    path = project / MODULE
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def missing_file(project: Path) -> None:
    (project / MODULE).unlink()


def missing_empty_file(project: Path) -> None:
    (project / OUTPUT / "fal_endpoints/py.typed").unlink()


def missing_folder(project: Path) -> None:
    shutil.rmtree(project / OUTPUT)


def missing_manifest(project: Path) -> None:
    (project / MANIFEST).unlink()


def extra_file(project: Path) -> None:
    (project / OUTPUT / "fal_endpoints/acme/extra.py").write_text("")


def stale_file(project: Path) -> None:
    path = project / DECLARATION
    path.write_text(path.read_text().replace(f'[endpoints."{FAST}"]', ""))


def changed_document(project: Path) -> None:
    edit(project / "specs/acme/blender/fast.json", "Blends", "Cuts")


def changed_option(project: Path) -> None:
    edit(project / DECLARATION, '"0.1.0"', '"0.2.0"')


def own_template(project: Path) -> None:
    path = project / "templates/python/README.md.jinja"
    path.parent.mkdir(parents=True)
    path.write_text("Ours.\n")


def wrong_lock(project: Path) -> None:
    edit(project / LOCK, 'source = "file"', 'source = "file"\nurl = "x"')
    path = project / LOCK
    path.write_text(path.read_text().replace('sha256 = "', 'sha256 = "0'))


def missing_lock(project: Path) -> None:
    (project / LOCK).unlink()


def forged_manifest(project: Path) -> None:
    path, manifest = project / MODULE, project / MANIFEST
    old = hashlib.sha256(path.read_bytes()).hexdigest()
    hand_edit(project)
    edit(manifest, old, hashlib.sha256(path.read_bytes()).hexdigest())


DIFF = ["--- generated/python/fal_endpoints/acme/blender/fast.py", "+++ generated/python/", "@@"]
GENERATE = "to mend it: fal-codegen generate\n"
FORCE = "to mend it: fal-codegen generate --force\n"


class TestCheck:
    @pytest.mark.parametrize("after", ["a good check", "a fresh clone"])
    @pytest.mark.parametrize(
        ("damage", "said"),
        [
            (hand_edit, [*DIFF, "-# by hand", "1 changed", "changed by hand: ", FORCE]),
            (windows_line_endings, ["fast.py: only its line endings differ", FORCE]),
            (missing_file, ["--- /dev/null", *DIFF[1:], "+class Fast", "1 missing", GENERATE]),
            (missing_empty_file, ["py.typed: an empty file", "1 missing", GENERATE]),
            (missing_folder, ["generated/python is not generated yet", GENERATE]),
            (missing_manifest, ["its manifest is not up to date", GENERATE]),
            (
                extra_file,
                ["acme/extra.py: not generated; remove it", "1 not generated by fal-codegen"],
            ),
            (stale_file, [DIFF[0], "+++ /dev/null", "2 no longer generated", GENERATE]),
            (changed_document, [*DIFF, "+", "Cuts two things.", GENERATE]),
            (changed_option, ['-version = "0.1.0"', '+version = "0.2.0"', GENERATE]),
            (own_template, ["--- generated/python/README.md", "+Ours.", GENERATE]),
            (wrong_lock, [f"{LOCK} does not match", GENERATE]),
            (missing_lock, [f"{LOCK} does not match", GENERATE]),
            (forged_manifest, [*DIFF, "-# by hand", "1 changed", GENERATE]),
        ],
        ids=lambda value: value.__name__ if callable(value) else "",
    )
    def test_a_difference_is_shown_with_what_mends_it(
        self,
        filled: Path,
        cli: Cli,
        damage: Callable[[Path], None],
        said: list[str],
        after: str,
    ) -> None:
        assert cli("check", "--project", filled) == Ran(0, "up to date\n", "")
        if after == "a fresh clone":
            shutil.rmtree(filled / ".fal-codegen")
        damage(filled)
        damaged = published(filled)
        ran = cli("check", "--project", filled)
        assert (ran.code, ran.err) == (1, "")
        for part in said:
            assert part in ran.out
        assert published(filled) == damaged

        command = next((line for line in ran.out.splitlines() if "to mend it" in line), None)
        if command is None:
            (filled / OUTPUT / "fal_endpoints/acme/extra.py").unlink()
        else:
            arguments = command.removeprefix("to mend it: fal-codegen ").split()
            assert cli(*arguments, "--project", filled).code == 0
        assert cli("check", "--project", filled) == Ran(0, "up to date\n", "")

    def test_what_python_and_build_tools_leave_is_no_difference(
        self, filled: Path, cli: Cli
    ) -> None:
        for left in ("build/x.py", "dist/x.whl", "fal.egg-info/x", "fal_endpoints/__pycache__/x"):
            path = filled / OUTPUT / left
            path.parent.mkdir(parents=True)
            path.write_text("")
        shutil.rmtree(filled / ".fal-codegen")
        assert cli("check", "--project", filled).code == 0

    def test_a_long_diff_is_cut_short(self, filled: Path, cli: Cli) -> None:
        for path in (filled / OUTPUT).rglob("*.py"):
            path.unlink()
        ran = cli("check", "--project", filled)
        assert "… and more" in ran.out
        assert len(ran.out.splitlines()) < 450

    def test_an_escape_sequence_does_not_reach_the_terminal(self, filled: Path, cli: Cli) -> None:
        edit(filled / MODULE, new="\x1b[2J\n")
        ran = cli("check", "--project", filled)
        assert "\\x1b[2J" in ran.out
        assert "\x1b" not in ran.out


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

    def test_no_project_anywhere(
        self, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        problem(cli("generate"), f"no {DECLARATION} here", "fal-codegen init")

    @pytest.mark.parametrize("command", ["generate", "check", "list", "fetch"])
    def test_a_folder_that_is_no_project_stays_as_it_is(
        self, tmp_path: Path, cli: Cli, command: str
    ) -> None:
        problem(cli(command, "--project", tmp_path), DECLARATION, "fal-codegen init")
        assert not list(tmp_path.iterdir())


TARGET = "[targets.python]\npackage = 'p'\noutput = 'o'\n"


@pytest.mark.parametrize("command", ["generate", "check", "list"])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[endpoints", "is not TOML"),
        (b"\xff", "is not UTF-8"),
        ("[targets.python]\npackage='p'\n", "targets.python.output must be text"),
        (f"{TARGET}color = 1", "targets.python.color is not known"),
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
        (TARGET.replace("'o'", "'specs/o'"), "cannot be inside specs/"),
        (TARGET.replace("'p'", "'a-b'"), "cannot be imported"),
        (TARGET.replace("'p'", "'class'"), "cannot be imported"),
        (TARGET.replace("'p'", "'build'"), "is a folder of build tools"),
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
    filled: Path, cli: Cli, command: str, text: str | bytes, said: str
) -> None:
    (filled / DECLARATION).write_bytes(text if isinstance(text, bytes) else text.encode())
    before = published(filled)
    problem(cli(command, "--project", filled), DECLARATION, said)
    assert published(filled) == before


@pytest.mark.parametrize("command", ["generate", "check"])
@pytest.mark.parametrize(
    ("path", "data", "said"),
    [
        (LOCK, b"[endpoints", "endpoints.lock is damaged"),
        (LOCK, b"\xff", "endpoints.lock is damaged"),
        (LOCK, b'[endpoints."a/b"]\nsource = "file"\n', "endpoints.lock is damaged"),
        (LOCK, b"endpoints = []", "endpoints.lock is damaged"),
        (MANIFEST, b'{"files": {', ".fal-codegen.json is damaged"),
        (MANIFEST, b"[]", ".fal-codegen.json is damaged"),
        (MANIFEST, b'{"files": {"a": 1}}', ".fal-codegen.json is damaged"),
        ("specs/acme/blender.json", b"\xff", f"{BLENDER}: the document is not UTF-8"),
        ("specs/acme/blender.json", b"", f"{BLENDER}: the document is empty"),
        ("templates/python/README.md.jinja", b"{% if %}", "README.md.jinja, line 1"),
        ("templates/python/README.md.jinja", b"{{ nothing }}", "'nothing' is undefined"),
        ("templates/python/README.md.jinja", b"\xff", "template README.md.jinja is not UTF-8"),
        ("templates/python/runtime/client.py", b"\xff", "client.py is not UTF-8"),
    ],
    ids=lambda value: repr(value) if isinstance(value, bytes) else "",
)
def test_a_file_that_cannot_be_used(
    filled: Path, cli: Cli, command: str, path: str, data: bytes, said: str
) -> None:
    (filled / path).parent.mkdir(parents=True, exist_ok=True)
    (filled / path).write_bytes(data)
    problem(cli(command, "--project", filled), said)
    assert (filled / path).read_bytes() == data


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


COMMANDS = ["init", "add", "remove", "list", "fetch", "generate", "check", "emulate"]


class TestHelp:
    @pytest.mark.parametrize("command", COMMANDS)
    def test_every_command_has_an_example(self, cli: Cli, command: str) -> None:
        ran = cli(command, "--help")
        assert ran.code == 0
        assert f"example:\n  fal-codegen {command}" in ran.out

    def test_the_overview_names_every_command_and_exit_code(self, cli: Cli) -> None:
        ran = cli("--help")
        assert ran.code == 0
        for command in COMMANDS:
            assert f"\n    {command} " in ran.out
        for code in ("0  fine", "1  something differs", "2  wrong usage"):
            assert code in ran.out

    @pytest.mark.parametrize("arguments", [[], ["publish"], ["check", "--fast"], ["remove"]])
    def test_wrong_usage(self, cli: Cli, arguments: list[str]) -> None:
        problem(cli(*arguments), "usage: fal-codegen")


class TestProcess:
    """The same from outside: `python -m fal_codegen`, with real streams and a real exit code."""

    def command(self, *arguments: str | Path) -> list[str]:
        return [sys.executable, "-m", "fal_codegen", *map(str, arguments)]

    def test_exit_codes(self, filled: Path) -> None:
        def check() -> subprocess.CompletedProcess[str]:
            environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
            command = self.command("check")
            return subprocess.run(
                command, cwd=filled, env=environment, capture_output=True, text=True, check=False
            )

        assert (check().returncode, check().stdout) == (0, "up to date\n")
        edit(filled / MODULE, new="# é\n")
        differs = check()
        assert (differs.returncode, differs.stderr) == (1, "")
        assert "-# \\xe9" in differs.stdout
        (filled / LOCK).write_text("[")
        failed = check()
        assert failed.returncode == 2
        assert failed.stderr.startswith("error: ")

    def test_a_reader_that_goes_away_is_no_error(self, filled: Path) -> None:
        read_end, write_end = os.pipe()
        os.close(read_end)
        done = subprocess.run(
            self.command("list", "--project", filled),
            stdout=write_end,
            stderr=subprocess.PIPE,
            check=False,
        )
        os.close(write_end)
        assert (done.returncode, done.stderr) == (2, b"")


class TestOddFiles:
    """What lies in the folders and is no ordinary file."""

    @pytest.mark.parametrize("place", [f"{OUTPUT}/fal_endpoints", "specs"])
    def test_a_pipe_or_a_link_to_nothing_holds_nothing_up(
        self, filled: Path, cli: Cli, place: str
    ) -> None:
        os.mkfifo(filled / place / "pipe.json")
        (filled / place / "nothing.json").symlink_to("nowhere")
        (filled / place / "circle").symlink_to(".")
        code = cli("check", "--project", filled).code
        assert code == (1 if place.startswith(OUTPUT) else 0)

    def test_no_link_leads_out_of_the_output_folder(
        self, filled: Path, tmp_path: Path, cli: Cli
    ) -> None:
        package = filled / OUTPUT / "fal_endpoints"
        shutil.rmtree(package)
        (tmp_path / "elsewhere").mkdir()
        package.symlink_to(tmp_path / "elsewhere")
        problem(cli("generate", "--project", filled), "outside the output folder")
        assert list((tmp_path / "elsewhere").iterdir()) == []

    def test_a_template_that_stands_in_for_none_is_refused(self, filled: Path, cli: Cli) -> None:
        template = filled / "templates/python/nodde.py.jinja"
        template.parent.mkdir(parents=True)
        template.write_text("")
        problem(cli("check", "--project", filled), "nodde.py.jinja", "node.py.jinja")

    def test_a_byte_order_mark_and_windows_line_endings_stay(self, filled: Path, cli: Cli) -> None:
        path = filled / DECLARATION
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
        assert cli("remove", FAST, "--project", filled).code == 0
        text = path.read_bytes()
        assert text.count(b"\n") == text.count(b"\r\n")
        path.write_bytes(b"\xef\xbb\xbf" + text)
        assert cli("check", "--project", filled).code == 0

    def test_closed_streams_are_no_difference(self, filled: Path) -> None:
        command = f"{sys.executable} -m fal_codegen check --project {filled} >&- 2>&-"
        assert subprocess.run(["sh", "-c", command], check=False).returncode == 0

    @pytest.mark.parametrize("port", ["99999", "-1", "x"])
    def test_a_port_that_cannot_be_is_wrong_usage(self, filled: Path, cli: Cli, port: str) -> None:
        problem(cli("emulate", f"--port={port}", "--project", filled), "is not a port")

    def test_the_address_of_a_page_is_as_good_as_the_id(
        self, filled: Path, tmp_path: Path, cli: Cli
    ) -> None:
        source = write(tmp_path / "documents", document(BLENDER))
        page = f"https://fal.ai/models/{BLENDER}/api"
        assert cli("add", page, "--from", source, "--project", filled).code == 0


def test_generating_many_says_how_far_it_came(project: Path, tmp_path: Path, cli: Cli) -> None:
    source = write(tmp_path / "many", *(document(f"acme/tool-{number}") for number in range(20)))
    ran = cli("add", "--from", source, "--project", project)
    assert ran.code == 0
    assert ran.err == "generating: 20 of 20\n"
