"""The commands as a user sees them: files, output and exit codes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Ran
from documents import document, obj, write
from fal_codegen.commands import SUMMARIES
from fal_codegen.exit_codes import ExitCode
from folders import tree
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


class TestInit:
    def test_a_new_project_can_be_generated_and_checked(self, tmp_path: Path, cli: Cli) -> None:
        folder = tmp_path / "some" / "where"
        ran = cli("init", folder)
        assert ran.code == 0
        workflows = {f".github/workflows/fal-{name}.yml" for name in ("codegen", "drift")}
        schemas = {"specs/endpoints.schema.json", "specs/drift-ignore.schema.json"}
        assert set(tree(folder)) == {
            DECLARATION, ".gitattributes", ".gitignore", *schemas, *workflows
        }  # fmt: skip
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
        problem(cli("init", tmp_path), taken, "already exists")
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

    def test_from_several_files_and_folders(self, project: Path, tmp_path: Path, cli: Cli) -> None:
        ids = [BLENDER, FAST, "acme/mixer", "acme/toaster"]
        one, two, three = (tmp_path / name for name in ("one", "two", "three"))
        write(one, document(ids[0]), document(ids[1]))
        write(two, document(ids[2]))
        write(three, document(ids[3]))
        sources = [one / "0.json", one / "1.json", two]
        ran = cli("add", "--project", project, "--from", *sources, "--from", three)
        assert (ran.code, ran.err) == (0, "")
        assert [
            line.split()[0] for line in cli("list", "--project", project).out.splitlines()
        ] == ids

    def test_ids_may_follow_the_files(self, project: Path, tmp_path: Path, cli: Cli) -> None:
        one = write(tmp_path / "one", document(BLENDER), document(FAST))
        two = write(tmp_path / "two", document("acme/mixer"))
        assert cli("add", "--project", project, "--from", one, two, FAST, "acme/mixer").code == 0
        assert not (project / "specs/acme/blender.json").exists()
        assert (project / "specs/acme/mixer.json").is_file()

    def test_of_several_sources_one_is_missing_or_two_disagree(
        self, project: Path, tmp_path: Path, cli: Cli
    ) -> None:
        one = write(tmp_path / "one", document(BLENDER)) / "0.json"
        two = write(tmp_path / "two", document(BLENDER, about="Other.")) / "0.json"
        add = ("add", "--project", project, "--from", one)
        problem(cli(*add, tmp_path / "three"), "three does not exist")
        problem(cli(*add, two), f"{one}, {two} have more than one document of this endpoint")
        problem(cli(*add, "acme/other"), f"acme/other: {one} has no document of this endpoint")

    def test_from_a_folder(self, filled: Path) -> None:
        specs = {path for path in tree(filled / "specs") if path.endswith(".json")}
        assert {"acme/blender.json", "acme/blender/fast.json"} == {
            path for path in specs if not path.endswith(".schema.json")
        }
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
        ("arguments", "message"),
        [
            ([], "nothing to add"),
            (["--from", "nowhere"], "nowhere does not exist"),
            (["--from", "empty"], "empty has no documents"),
            (
                ["--from", "documents", "acme/other"],
                "acme/other: documents has no document of",
            ),
            (["--from", "twice"], f"{BLENDER}: twice has more than one document of this endpoint"),
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
        message: str,
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "empty").mkdir()
        write(tmp_path / "documents", document(BLENDER))
        write(tmp_path / "twice", document(BLENDER), document(BLENDER, about="Another."))
        before = published(filled)
        problem(cli("add", "--project", filled, *arguments), message)
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
        assert cli("check", "--project", project).code == ExitCode.DIFFERENCE


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
    """Edits keep the user's own text in the declaration, byte for byte."""

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
        assert "kept specs/acme/blender/fast.json: it was edited by hand" in ran.out
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
        assert cli("check", "--project", filled).code == ExitCode.DIFFERENCE

    def test_an_endpoint_that_cannot_be_generated_stops_no_other(
        self, filled: Path, cli: Cli
    ) -> None:
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


class TestHelp:
    @pytest.mark.parametrize("command", SUMMARIES)
    def test_every_command_has_an_example(self, cli: Cli, command: str) -> None:
        ran = cli(command, "--help")
        assert ran.code == 0
        assert f"example:\n  fal-codegen {command}" in ran.out

    def test_the_overview_names_every_command_and_exit_code(self, cli: Cli) -> None:
        ran = cli("--help")
        assert ran.code == 0
        for command in SUMMARIES:
            assert f"\n    {command} " in ran.out
        for code in ExitCode:
            assert f"\n  {code:d}  " in ran.out

    @pytest.mark.parametrize("arguments", [[], ["publish"], ["check", "--fast"], ["remove"]])
    def test_wrong_usage(self, cli: Cli, arguments: list[str]) -> None:
        problem(cli(*arguments), "usage: fal-codegen")


class TestProcess:
    """The commands as a process: `python -m fal_codegen`, with real streams and exit codes."""

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
        assert (differs.returncode, differs.stderr) == (ExitCode.DIFFERENCE, "")
        assert "-# \\xe9" in differs.stdout
        (filled / LOCK).write_text("[")
        failed = check()
        assert failed.returncode == ExitCode.FAILURE
        assert failed.stderr.startswith("error: ")

    @pytest.mark.parametrize(
        ("argument", "before", "also_heavy"),
        [
            ("--version", "", {"hashlib", "pathlib"}),
            (
                "generate",
                "from fal_codegen import digests; digests._SETTLED = 0\n",
                {"argparse", "shutil", "tempfile"},
            ),
        ],
    )
    def test_what_is_quick_imports_little(
        self, filled: Path, argument: str, before: str, also_heavy: set[str]
    ) -> None:
        assert subprocess.run(self.command("generate"), cwd=filled, check=False).returncode == 0
        program = (
            f"{before}import os, sys\n"
            "os._exit = lambda code: print(code, *sys.modules, sep='\\n')\n"
            "from fal_codegen.__main__ import main; main()"
        )
        command = [sys.executable, "-c", program, argument]
        for _ in range(2):  # the first run after a `generate` reads every file, and records that
            done = subprocess.run(command, cwd=filled, capture_output=True, text=True, check=False)
        assert done.stdout.splitlines()[1] == "0", done.stderr
        heavy = {"asyncio", "httpx", "jinja2", "pydantic", "rich", "tomllib", "subprocess"}
        heavy |= {"dataclasses", "filelock", "importlib.metadata", "platformdirs"}
        assert not (heavy | also_heavy) & {*done.stdout.splitlines()}

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
        assert (done.returncode, done.stderr) == (0, b"")


def test_an_option_has_to_be_written_out(filled: Path, cli: Cli) -> None:
    assert cli("generate", "--forc", "--project", filled).code == ExitCode.FAILURE


def test_generating_many_says_how_far_it_came(project: Path, tmp_path: Path, cli: Cli) -> None:
    source = write(tmp_path / "many", *(document(f"acme/tool-{number}") for number in range(20)))
    ran = cli("add", "--from", source, "--project", project)
    assert ran.code == 0
    assert ran.err == "generating: 20 of 20\n"
