"""What works here works on macOS and Windows too, as far as that can be shown without them."""

from __future__ import annotations

import ntpath
import os
import subprocess
import sys
from pathlib import Path, PureWindowsPath
from xml.etree import ElementTree

import pytest
from documents import document, obj, write
from fal_codegen import file_names
from projects import BLENDER

ROOT = Path(__file__).parent.parent
RESERVED = "con CON nul.txt aux.tar.gz com1 lpt9.md conin$ PRN. com¹.py lpt³".split()
ORDINARY = "console nulls.txt com comX com10 aux_ .con README.md a-con.py con-1".split()
MAX_PATH = 259
"""Characters of a path on Windows, unless long paths are allowed there."""


def is_reserved(name: str) -> bool:
    """Return whether Python considers a file name reserved on Windows."""
    if sys.version_info >= (3, 13):
        return ntpath.isreserved(name)
    return PureWindowsPath(name).is_reserved()


@pytest.mark.parametrize("name", RESERVED)
def test_names_of_devices_are_rejected(name: str) -> None:
    assert is_reserved(name)
    assert file_names.problem_of(name) is not None


@pytest.mark.parametrize("name", ORDINARY)
def test_names_that_only_look_like_devices_are_accepted(name: str) -> None:
    assert not is_reserved(name)
    assert file_names.problem_of(name) is None


def test_every_file_of_the_repository_can_be_checked_out_everywhere() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False
    ).stdout.decode()
    paths = [path for path in listed.split("\0") if path]
    if not paths:
        pytest.skip("needs git, and a clone of the repository")
    assert [path for path in paths if any(map(is_reserved, path.split("/")))] == []
    assert len({path.casefold() for path in paths}) == len(paths)
    room = MAX_PATH - len("C:/Users/somebody-with-a-long-name/source/repos/fal-codegen/")
    assert [path for path in paths if len(path) > room] == []


@pytest.mark.parametrize("form", ["markdown", "html", "junit"])
def test_reports_for_other_programs_are_utf_8_in_any_locale(tmp_path: Path, form: str) -> None:
    old, new = document(BLENDER), document(BLENDER, input=obj({"größe": {"type": "integer"}}))
    folders = [write(tmp_path / name, each) for name, each in (("old", old), ("new", new))]
    environment = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONIOENCODING"},
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",  # ASCII
    }
    command = [sys.executable, "-m", "fal_codegen", "diff", *map(str, folders), "--format", form]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert "größe" in done.stdout.decode("utf-8")
    if form == "junit":
        assert "größe" in "".join(ElementTree.fromstring(done.stdout).itertext())
