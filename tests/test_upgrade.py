"""A project whose files another version of the tool generated: what changes for callers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from fal_codegen import __version__
from fal_codegen.digests import digest_of
from folders import tree
from projects import DECLARATION, MANIFEST, MODULE, OUTPUT, Cli, edit
from test_check import GENERATE

RUNTIME = f"{OUTPUT}/fal_endpoints/_runtime"
NAMES = "fal_endpoints.acme.blender.fast"
ANNOUNCED = f"{OUTPUT}: fal-codegen 0.0.9 generated it, and this is {__version__}\n"


def as_generated_by(
    project: Path, version: str | None, changes: Mapping[str, tuple[str, str]] | None = None
) -> None:
    """Make files look as if another version of the tool had generated them.

    Args:
        project: The project.
        version: The version; None for one that did not record it.
        changes: By path, a text of the file, and the text that the other version had instead.
    """
    manifest = json.loads((project / MANIFEST).read_bytes())
    for path, (new, old) in (changes or {}).items():
        edit(project / path, new, old)
        key = path.removeprefix(f"{OUTPUT}/")
        manifest["files"][key] = digest_of((project / path).read_bytes())
    manifest["version"] = version
    if version is None:
        del manifest["version"]
    (project / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", "utf-8")


def add_modules(project: Path, modules: Mapping[str, str]) -> None:
    """Make modules look as if another version of the tool had generated them in addition.

    Args:
        project: The project.
        modules: Their texts, by path below the output folder.
    """
    manifest = json.loads((project / MANIFEST).read_bytes())
    for path, text in modules.items():
        (project / OUTPUT / path).write_text(text, "utf-8", newline="\n")
        manifest["files"][path] = digest_of(text.encode())
    (project / MANIFEST).write_text(json.dumps(manifest), "utf-8")
    as_generated_by(project, "0.0.9")


def recorded(project: Path) -> object:
    return json.loads((project / MANIFEST).read_bytes()).get("version")


def test_the_manifest_records_the_version(filled: Path) -> None:
    assert recorded(filled) == __version__


def test_what_changes_for_callers_is_reported(filled: Path, cli: Cli) -> None:
    up_to_date = tree(filled)
    add_modules(filled, {"fal_endpoints/acme/old.py": "class Input:\n    prompt: str\n"})
    as_generated_by(
        filled,
        "0.0.9",
        {
            MODULE: ("    prompt: str\n", "    prompt: str | None\n    size: int = 5\n"),
            f"{RUNTIME}/request.py": (
                "    def curl(self) -> str:",
                "    def as_curl(self) -> str:",
            ),
            f"{RUNTIME}/file.py": (
                "    def download(\n        self, path: ",
                "    def download(\n        self, where: ",
            ),
        },
    )
    expected = [
        ANNOUNCED,
        "  changes for its callers:\n",
        "    removed fal_endpoints.acme.old\n",
        f"    removed {NAMES}.Input.size\n",
        "    removed fal_endpoints.Request.as_curl\n",
        "    removed fal_endpoints.File.download(where)\n",
        f"    changed {NAMES}.Input.prompt: str | None, now str\n",
        "    added   fal_endpoints.Request.curl: -> str\n",
        "    added   fal_endpoints.File.download(path): str | os.PathLike[str] "
        "(argument 1, positional or keyword)\n",
    ]

    checked = cli("check", "--project", filled)
    assert checked.code == 1
    for line in expected:
        assert line in checked.out
    assert "3 changed" in checked.out
    assert GENERATE in checked.out

    generated = cli("generate", "--project", filled)
    assert generated.code == 0
    assert generated.out.startswith("".join(expected[:2]))
    for line in expected:
        assert line in generated.out
    assert generated.out.count("    removed ") == 4
    assert "old.Input" not in generated.out  # a removed module is one change
    assert generated.out.count("    changed ") == 1
    assert generated.out.count("    added ") == 2
    assert tree(filled) == up_to_date
    assert "generated it" not in cli("check", "--project", filled).out


def test_programs_read_what_changes_for_callers(filled: Path, cli: Cli) -> None:
    changes = {MODULE: ("    prompt: str\n", "    prompt: str | None\n    size: int = 5\n")}
    as_generated_by(filled, "0.0.9", changes)

    def upgrade(command: str) -> object:
        [target] = json.loads(cli(command, "--json", "--project", filled).out)["targets"]
        return target["upgrade"]

    expected = {
        "generated_by": "0.0.9",
        "version": __version__,
        "changes": [
            {"name": f"{NAMES}.Input.size", "old": "int = 5", "new": None},
            {"name": f"{NAMES}.Input.prompt", "old": "str | None", "new": "str"},
        ],
    }
    assert upgrade("check") == expected
    assert upgrade("generate") == expected
    assert upgrade("check") is None
    assert cli("generate", "--project", filled).code == 0


def test_what_callers_cannot_use_is_not_reported(filled: Path, cli: Cli) -> None:
    as_generated_by(
        filled,
        "0.0.9",
        {
            f"{RUNTIME}/curl.py": ("", "\n\ndef another() -> None: ...\n"),
            MODULE: ('"""The endpoint\'s input."""', '"""An input."""'),
        },
    )
    ran = cli("generate", "--project", filled)
    assert ran.out.startswith(f"{ANNOUNCED}  changes for its callers: none\n")


def test_a_version_that_generates_the_same_bytes_is_no_difference(filled: Path, cli: Cli) -> None:
    as_generated_by(filled, "0.0.9")
    before = tree(filled)
    ran = cli("check", "--project", filled)
    assert (ran.code, ran.out) == (0, "up to date\n")
    assert "generated it" not in cli("generate", "--project", filled).out
    assert tree(filled) == before


def test_files_that_an_unknown_version_generated(filled: Path, cli: Cli) -> None:
    as_generated_by(filled, None, {MODULE: ("    prompt: str\n", "    prompt: int\n")})
    ran = cli("generate", "--project", filled)
    assert ran.code == 0
    assert "generated it" not in ran.out
    assert recorded(filled) == __version__


def test_files_of_this_version_are_compared_with_their_specs_alone(filled: Path, cli: Cli) -> None:
    edit(filled / MODULE)
    ran = cli("check", "--project", filled)
    assert ran.code == 1
    assert "generated it" not in ran.out


def test_a_merge_of_two_versions_is_repaired(filled: Path, cli: Cli) -> None:
    as_generated_by(filled, "0.0.9")
    edit(filled / MANIFEST, ' "version": "0.0.9"\n', ' "version": "0.0.9"\n "version": "0.0.8"\n')
    assert cli("check", "--project", filled).code == 1
    assert cli("generate", "--project", filled).code == 0
    assert recorded(filled) == __version__
    assert cli("check", "--project", filled).code == 0


def test_a_target_of_another_language_names_the_versions(filled: Path, cli: Cli) -> None:
    table = '[targets.typescript]\npackage = "p"\noutput = "generated/typescript"\n'
    edit(filled / DECLARATION, new=f"\n{table}")
    assert cli("generate", "--project", filled).code == 0
    folder = filled / "generated/typescript"
    manifest = json.loads((folder / ".fal-codegen.json").read_bytes())
    edit(folder / "README.md")
    manifest["files"]["README.md"] = digest_of((folder / "README.md").read_bytes())
    manifest["version"] = "0.0.9"
    (folder / ".fal-codegen.json").write_text(json.dumps(manifest), "utf-8")
    ran = cli("generate", "--project", filled)
    assert ran.out.startswith("generated/typescript: fal-codegen 0.0.9 generated it, and this is")
    assert "callers" not in ran.out


@pytest.mark.parametrize("text", ["class Input(:\n", "\0", "x = " + "(" * 1000])
def test_modules_that_are_not_python_are_not_compared(filled: Path, cli: Cli, text: str) -> None:
    (filled / MODULE).write_text(text, "utf-8")
    as_generated_by(filled, "0.0.9", {MODULE: (text, text)})
    ran = cli("generate", "--project", filled)
    assert (ran.code, ran.err) == (0, "")
    module = MODULE.removeprefix(f"{OUTPUT}/")
    assert f"callers are unknown: {module} is not valid Python\n" in ran.out


@pytest.mark.parametrize(
    ("texts", "reported"),
    [
        (
            ["from fal_endpoints import m0\n\n__all__ = ['m0']\n"],
            "unknown: fal_endpoints has names that refer to each other in a circle\n",
        ),
        (
            [
                "from fal_endpoints.m0 import x\n\n__all__ = ['x']\n",
                "class A(B):\n    pass\n\n\nclass B(A):\n    pass\n",
            ],
            "  changes for its callers: none\n",
        ),
    ],
)
def test_circles_stop_no_run(filled: Path, cli: Cli, texts: list[str], reported: str) -> None:
    add_modules(filled, {f"fal_endpoints/m{n}.py": text for n, text in enumerate(texts)})
    ran = cli("generate", "--project", filled)
    assert (ran.code, ran.err) == (0, "")
    assert "for its callers" in ran.out
    assert reported in ran.out
    assert cli("check", "--project", filled).code == 0


def test_a_package_that_takes_forever_stops_no_run(
    filled: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each module names the next one twice, so the last one has 2 ** 60 public names."""
    monkeypatch.setattr("fal_codegen.commands.upgrading._SECONDS", 2)
    imports = "from fal_endpoints import m{0} as a, m{0} as b\n\n__all__ = ['a', 'b']\n"
    modules = {f"fal_endpoints/m{n}.py": imports.format(n + 1) for n in range(60)}
    add_modules(filled, modules)
    ran = cli("generate", "--project", filled)
    assert (ran.code, ran.err) == (0, "")
    assert "unknown: fal_endpoints could not be compared within 2 seconds\n" in ran.out
    assert cli("check", "--project", filled).code == 0


def test_a_package_with_another_name_is_not_compared(filled: Path, cli: Cli) -> None:
    as_generated_by(filled, "0.0.9")
    edit(filled / DECLARATION, 'package = "fal_endpoints"', 'package = "renamed"')
    ran = cli("generate", "--project", filled)
    assert ran.code == 0
    assert "  the changes for its callers are unknown: there is no package renamed\n" in ran.out
