"""A target of another distribution: found by its entry point, and used through the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import Ran
from documents import document
from fal_codegen.targets.registry import BUILTIN
from guide.examples import ROOT, Page

PAGE = Page(ROOT / "docs/reference/plugins.md")
"""The page of the guide that shows how to write a target."""

MODULE = PAGE.file("fal_ids.py").source
TEMPLATE = PAGE.file("fal_ids_templates/ids.txt.jinja").source

Run = Callable[..., Ran]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with the distribution `fal-ids`, as an installer leaves it."""
    site = tmp_path / "site"
    (site / "fal_ids_templates").mkdir(parents=True)
    (site / "fal_ids.py").write_text(MODULE, "utf-8")
    (site / "fal_ids_templates/ids.txt.jinja").write_text(TEMPLATE, "utf-8")
    info = site / "fal_ids-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: fal-ids\nVersion: 1.0\n", "utf-8")
    register(site, "ids = fal_ids:IdsTarget")
    return site


@pytest.fixture
def project(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    (project / "specs/acme").mkdir(parents=True)
    text = json.dumps(document(about="Blends\ntwo things."))
    (project / "specs/acme/blender.json").write_text(text, "utf-8")
    declare(project, '[targets.ids]\noutput = "generated/ids"\ntitle = "All of them"\n')
    return project


@pytest.fixture
def run(
    site: Path, project: Path, cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Run]:
    """Run a command for the project, where the distribution is installed."""
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # a test changes the module

    def run(*arguments: str) -> Ran:
        sys.modules.pop("fal_ids", None)
        return cli(*arguments, "--project", project)

    yield run
    sys.modules.pop("fal_ids", None)


def register(site: Path, *entries: str) -> None:
    text = "\n".join(["[fal_codegen.targets]", *entries, ""])
    (site / "fal_ids-1.0.dist-info/entry_points.txt").write_text(text, "utf-8")


def declare(project: Path, text: str) -> None:
    (project / "specs/endpoints.toml").write_text(f'{text}\n[endpoints."acme/blender"]\n', "utf-8")


def test_a_target_of_another_distribution_generates(run: Run, project: Path) -> None:
    ran = run("generate")
    assert ran.code == 0, ran.err
    text = (project / "generated/ids/ids.txt").read_text("utf-8")
    assert text == "All of them\nacme/blender: Blends\\ntwo things.\n"
    assert run("check").code == 0


def test_it_is_found_by_a_process_of_its_own(site: Path, project: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "fal_codegen", "generate", "--project", str(project)],
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert (project / "generated/ids/ids.txt").is_file()


def test_a_project_overrides_its_templates(run: Run, project: Path) -> None:
    folder = project / "templates/ids"
    folder.mkdir(parents=True)
    (folder / "ids.txt.jinja").write_text("{{ lines | length }}\n", "utf-8")
    assert run("generate").code == 0
    assert (project / "generated/ids/ids.txt").read_text("utf-8") == "1\n"


def test_a_new_version_of_it_is_used(run: Run, project: Path, site: Path) -> None:
    assert run("generate").code == 0
    (site / "fal_ids_templates/ids.txt.jinja").write_text("new\n", "utf-8")
    assert run("check").code == 1
    assert run("generate").code == 0
    assert (project / "generated/ids/ids.txt").read_text("utf-8") == "new\n"


def test_its_settings_are_checked_as_those_of_others(run: Run, project: Path) -> None:
    declare(project, '[targets.ids]\noutput = "generated/ids"\ntitel = "x"\n')
    ran = run("generate")
    assert (ran.code, "targets.ids.titel is not known" in ran.err) == (2, True)


def test_an_unknown_target_is_an_error_that_lists_all(run: Run, project: Path) -> None:
    declare(project, '[targets.rust]\noutput = "generated/rust"\n')
    ran = run("generate")
    assert ran.code == 2
    assert "there is no target 'rust'" in ran.err
    assert f"targets: {', '.join(sorted([*BUILTIN, 'ids']))}" in ran.err


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("ids = fal_ids:Path", "'ids' is not a target: fal_ids:Path is not a class with"),
        ("ids = fal_ids:TEMPLATE", "'ids' cannot be imported from fal_ids:TEMPLATE"),
        ("ids = no_such_module:Target", "'ids' cannot be imported from no_such_module:Target"),
    ],
)
def test_an_entry_point_that_is_no_target_is_an_error(
    run: Run, site: Path, entry: str, problem: str
) -> None:
    register(site, entry)
    ran = run("generate")
    assert (ran.code, problem in ran.err, ran.err.count("\n")) == (2, True, 2)


FAILURES = ["SystemExit(0)", "SystemExit(1)", "BaseException('x')", "KeyError('x')"]


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize(
    ("before", "place"),
    [
        ("        lines = [", "failed in render"),
        ('        table.only("title")', "failed in from_table"),
        ("        return Path(", "failed in template_folder"),
        ("@dataclass", "cannot be imported from fal_ids:IdsTarget"),
    ],
)
def test_a_target_that_raises_is_an_error_that_names_it(
    run: Run, site: Path, before: str, place: str, failure: str
) -> None:
    indent = before[: len(before) - len(before.lstrip())]
    text = MODULE.replace(before, f"{indent}raise {failure}\n{before}", 1)
    (site / "fal_ids.py").write_text(text, "utf-8")
    kind = failure.partition("(")[0]
    for command in ("check", "generate"):
        ran = run(command)
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 2)
        assert f"error: target 'ids' {place}: {kind}" in ran.err
        assert "repair or uninstall the distribution fal-ids\n" in ran.err


def test_ctrl_c_in_a_target_interrupts(run: Run, site: Path) -> None:
    text = MODULE.replace("        lines = [", "        raise KeyboardInterrupt\n        lines = [")
    (site / "fal_ids.py").write_text(text, "utf-8")
    assert run("check").code == 130


def render(site: Path, returned: str) -> None:
    """Make the target's `render` return something else."""
    old = 'return templates.render(files, filters={"line": line})'
    (site / "fal_ids.py").write_text(MODULE.replace(old, f"return {returned}"), "utf-8")


PLAIN = "is empty, or ends with a dot or a space"
CHARACTER = "has a character that file names cannot have everywhere"
HIDDEN = "is hidden or belongs to another tool"


@pytest.mark.parametrize(
    ("returned", "problem"),
    [
        ("None", "render returned NoneType, not a mapping"),
        ("['a']", "render returned list, not a mapping"),
        ("{5: 'x'}", "the path 5 is int, not str"),
        ("{Path('a'): 'x'}", "Path, not str"),
        ("{'a': 5}", "the content of a is int, not str"),
        ("{'a': b'x'}", "the content of a is bytes, not str"),
        ("{'': 'x'}", f"'' {PLAIN}"),
        ("{'.': 'x'}", PLAIN),
        ("{'/tmp/a': 'x'}", f"'/tmp/a' has the part '', which {PLAIN}"),
        ("{'../a': 'x'}", f"'../a' has the part '..', which {PLAIN}"),
        ("{'a/../b': 'x'}", PLAIN),
        ("{'./a': 'x'}", PLAIN),
        ("{'a/': 'x'}", PLAIN),
        ("{'a//b': 'x'}", PLAIN),
        (r"{'..\\x': 'x'}", CHARACTER),
        ("{'C:x': 'x'}", CHARACTER),
        (r"{'a\0b': 'x'}", CHARACTER),
        (r"{'a\n\x1b': 'x'}", CHARACTER),
        (r"{'a\udcff': 'x'}", CHARACTER),
        ("{'con': 'x'}", "the path 'con' is a device on Windows"),
        ("{'docs/NUL.tar.gz': 'x'}", "has the part 'NUL.tar.gz', which is a device on Windows"),
        ("{'Com¹ .md': 'x'}", "is a device on Windows"),
        ("{'a./b': 'x'}", f"the path 'a./b' has the part 'a.', which {PLAIN}"),
        ("{'a /b': 'x'}", PLAIN),
        ("{'ü' * 128: 'x'}", "is longer than 255 bytes"),
        ("{'.fal-codegen.json': '{}'}", HIDDEN),
        ("{'a/.Git/hooks/pre-commit': 'x'}", HIDDEN),
        ("{'node_modules/a.js': 'x'}", HIDDEN),
        ("{'A': 'x', 'a': 'y'}", "the paths A and a differ only in case"),
        (r"{'\u00fc': 'x', 'u\u0308': 'y'}", "differ only in case"),
        ("{'a': 'x', 'A/b': 'y'}", "the path a is a file, and a folder of A/b"),
        (r"{'a': 'x\r\n'}", r"the text of a has the line ending \r\n; use \n"),
        (r"{'a': '\ud800'}", "the text of a has a character that UTF-8 cannot encode"),
    ],
)
def test_files_that_cannot_be_written_are_an_error(
    run: Run, site: Path, project: Path, returned: str, problem: str
) -> None:
    render(site, returned)
    for command in ("check", "generate"):
        ran = run(command)
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 2)
        assert "error: target 'ids': " in ran.err
        assert problem in ran.err
        assert "repair or uninstall the distribution fal-ids" in ran.err
    assert not (project / "generated").exists()


def test_files_in_folders_are_written_and_checked(run: Run, site: Path) -> None:
    render(site, r"{'docs/build/a b.md': 'x\ry', 'Docs.md': '', 'docs/build.md': 'ü'}")
    assert run("generate").code == 0
    assert run("check").code == 0


def test_a_class_without_callable_methods_is_an_error(run: Run, site: Path) -> None:
    text = "class IdsTarget:\n    from_table = template_folder = render = 1\n"
    (site / "fal_ids.py").write_text(text, "utf-8")
    ran = run("check")
    assert (ran.code, "'ids' is not a target" in ran.err) == (2, True)


@pytest.mark.parametrize("text", [b"\xff\xfe[fal", b"[fal_codegen.targets]\nids\n"])
def test_a_damaged_distribution_is_named_if_its_target_is_missing(
    run: Run, site: Path, text: bytes
) -> None:
    (site / "fal_ids-1.0.dist-info/entry_points.txt").write_bytes(text)
    ran = run("list")
    assert ran.code == 2
    assert "target 'ids' was not found" in ran.err
    assert "the entry points of the distribution fal-ids cannot be read" in ran.err


@pytest.mark.parametrize("text", [b"\xff\xfe[fal", b"[fal_codegen.targets]\nids\n"])
def test_a_damaged_distribution_hides_no_other(run: Run, site: Path, text: bytes) -> None:
    other = site / "damaged-1.0.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: damaged\nVersion: 1.0\n")
    (other / "entry_points.txt").write_bytes(text)
    ran = run("generate")
    assert ran.code == 0, ran.err


def test_two_distributions_cannot_add_one_name(run: Run, site: Path) -> None:
    other = site / "fal_ids_too-1.0.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: fal-ids-too\nVersion: 1.0\n")
    (other / "entry_points.txt").write_text("[fal_codegen.targets]\nids = fal_ids:Path\n")
    ran = run("generate")
    assert (ran.code, "is installed twice" in ran.err) == (2, True)


def test_a_builtin_target_comes_before_one_of_its_name(run: Run, site: Path, project: Path) -> None:
    register(site, "docs = fal_ids:IdsTarget")
    declare(project, '[targets.docs]\noutput = "generated/docs"\n')
    assert run("generate").code == 0
    assert (project / "generated/docs/mkdocs.yml").is_file()


@pytest.mark.types
def test_it_is_a_target_to_a_type_checker(site: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "fal_ids.py"],
        cwd=site,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
