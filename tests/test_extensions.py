"""The project's own methods of endpoints survive regeneration, and errors name what is missing.

The golden case `extension` shows what is generated for them, and uses it.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from documents import document, obj, write
from fal_codegen.cli import run
from folders import plant, tree
from projects import BLENDER, DECLARATION, FAST, MODULE, OUTPUT, Cli, edit, problem

SOURCE = "templates/python/extensions/recipes.py"
COPY = f"{OUTPUT}/fal_endpoints/_extensions/recipes.py"
PARENT = f"{OUTPUT}/fal_endpoints/acme/blender/__init__.py"

RECIPES = """\
from pathlib import Path

from fal_endpoints import Request
from fal_endpoints.acme.blender import fast

Path("pwned").touch()


class Quick(fast.Fast):
    def twice(self, prompt: str) -> Request[fast.Output]:
        return self(prompt=f"{prompt} {prompt}")
"""


@pytest.fixture(scope="module")
def files_of_extended(
    files_of_pattern: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, bytes]:
    project = plant(tmp_path_factory.mktemp("extended") / "project", files_of_pattern)
    (project / SOURCE).parent.mkdir(parents=True)
    (project / SOURCE).write_text(RECIPES, "utf-8")
    declare(project, "recipes:Quick")
    assert run(["generate", "--project", str(project)]) == 0
    return tree(project)


@pytest.fixture
def extended(files_of_extended: dict[str, bytes], tmp_path: Path) -> Path:
    """A project whose endpoint `FAST` has a method of its own."""
    return plant(tmp_path / "extended", files_of_extended)


def declare(project: Path, extension: str) -> None:
    table = f'[endpoints."{FAST}"]\n'
    edit(project / DECLARATION, table, f'{table}extension = "{extension}"\n')


def test_it_survives_regeneration(
    extended: Path, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert (extended / COPY).read_text("utf-8").endswith(f"Do not edit.\n{RECIPES}")
    changed = document(FAST, input=obj({"prompt": {"type": "string"}, "n": {"type": "integer"}}))
    source = write(tmp_path / "new", changed)
    assert cli("update", FAST, "--from", source, "--project", extended).code == 0
    assert "n: int" in (extended / MODULE).read_text("utf-8")
    assert (extended / SOURCE).read_text("utf-8") == RECIPES
    assert (extended / COPY).read_text("utf-8").endswith(RECIPES)
    imported = "from fal_endpoints._extensions.recipes import Quick as Fast\n"
    assert (extended / PARENT).read_text("utf-8").count(imported) == 2
    assert cli("check", "--project", extended).code == 0
    assert cli("generate", "--force", "--project", extended).code == 0
    assert not Path("pwned").exists(), "extensions are read, and never run"


def test_a_change_of_the_source_is_generated(extended: Path, cli: Cli) -> None:
    edit(extended / SOURCE, "twice", "double")
    ran = cli("check", "--project", extended)
    assert (ran.code, "+    def double" in ran.out) == (1, True)
    assert f"wrote {COPY}\n" in cli("generate", "--project", extended).out
    assert cli("check", "--project", extended).code == 0


def test_a_change_of_the_copy_is_not_lost(extended: Path, cli: Cli) -> None:
    edit(extended / COPY)
    problem(cli("generate", "--project", extended), COPY, "move the changes into templates/")


def test_removing_the_endpoint_keeps_the_source(extended: Path, cli: Cli) -> None:
    assert cli("remove", FAST, "--project", extended).code == 0
    assert not (extended / COPY).exists()
    assert (extended / SOURCE).read_text("utf-8") == RECIPES
    assert cli("check", "--project", extended).code == 0


@pytest.mark.parametrize(
    ("extension", "parts"),
    [
        ("recipe:Quick", ("there is no file templates/python/extensions/recipe.py", "recipes?")),
        ("zzz:Quick", ("there is no file templates/python/extensions/zzz.py", "write it")),
        ("recipes:Quik", ("recipes.py has no class Quik", "did you mean Quick?")),
        ("recipes:Path", ("recipes.py has no class Path", "write it")),
        ("recipes", ("extension must look like module:ClassName",)),
        ("recipes:", ("extension must look like module:ClassName",)),
        ("../recipes:Quick", ("extension must look like module:ClassName",)),
        ("class:Quick", ("extension must look like module:ClassName",)),
    ],
)
def test_an_extension_that_does_not_exist(
    extended: Path, cli: Cli, extension: str, parts: tuple[str, ...]
) -> None:
    edit(extended / DECLARATION, "recipes:Quick", extension)
    for command in ("generate", "check"):
        problem(cli(command, "--project", extended), DECLARATION, FAST, *parts)


def test_an_extension_that_is_not_python(extended: Path, cli: Cli) -> None:
    edit(extended / SOURCE, "class Quick", "klass Quick")
    problem(cli("generate", "--project", extended), f"{SOURCE}, line 9: not Python: invalid syntax")


@pytest.mark.parametrize(
    ("text", "problem_with_it"),
    [
        ("\0", "null bytes"),
        (f"x = {'-' * 100_000}1", "not Python: "),
        ("x = a" + ".b" * 100_000, "not Python: "),
    ],
)
def test_an_extension_that_python_cannot_read(
    extended: Path, cli: Cli, text: str, problem_with_it: str
) -> None:
    edit(extended / SOURCE, new=f"\n{text}\n")
    ran = cli("check", "--project", extended)
    problem(ran, f"{SOURCE}: ", problem_with_it)
    assert "report it" not in ran.err


@pytest.mark.posix
@pytest.mark.parametrize(
    ("name", "text", "problem_with_it"),
    [
        ("con.py", "", "not a name that Python can import on every system"),
        ("my recipes.py", "", "not a name that Python can import on every system"),
        ("x\nimport os\n.py", "", "not a name that Python can import on every system"),
        ("lib/a-b.py", "", "not a name that Python can import on every system"),
        ("Recipes.py", "", "is the same module"),
        ("recipes/__init__.py", "", "is the same module"),
        ("more.py", "# coding: utf-7\n# +AAo-import os\n", "its encoding is utf-7"),
        ("more.py", "#!/usr/bin/python\n# -*- coding: rot13 -*-\n", "its encoding is rot13"),
        ("more.py", "# coding: nonsense\n", "its encoding is unknown"),
    ],
)
def test_a_module_beside_it_that_cannot_be_used(
    extended: Path, cli: Cli, name: str, text: str, problem_with_it: str
) -> None:
    path = extended / Path(SOURCE).parent / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    ran = cli("check", "--project", extended)
    problem(ran, "templates/python/extensions/", problem_with_it)
    assert "report it" not in ran.err


def test_an_extension_that_a_windows_editor_saved(extended: Path, cli: Cli) -> None:
    text = (extended / SOURCE).read_bytes()
    (extended / SOURCE).write_bytes(b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"))
    assert cli("check", "--project", extended).code == 0


def test_an_extension_that_extends_nothing(extended: Path, cli: Cli) -> None:
    edit(extended / SOURCE, "class Quick(fast.Fast)", "class Quick")
    problem(cli("check", "--project", extended), f"{SOURCE}, line 9: Quick does not extend", FAST)


def test_only_the_python_target_has_extensions(extended: Path, cli: Cli) -> None:
    edit(extended / DECLARATION, new="\n[targets.docs]\noutput = 'docs'\n")
    folder = extended / "templates/docs/extensions"
    folder.mkdir(parents=True)
    (folder / "recipes.py").write_text(RECIPES, "utf-8")
    problem(cli("generate", "--project", extended), "overrides no template")


def test_an_endpoint_without_an_extension_stays_as_it_was(extended: Path) -> None:
    client = (extended / OUTPUT / "fal_endpoints/acme/__init__.py").read_text("utf-8")
    assert BLENDER.replace("/", ".") in client
    assert "_extensions" not in client
