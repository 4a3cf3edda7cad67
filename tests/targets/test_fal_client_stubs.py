"""The target `fal-client-stubs`: programs that use fal-client are checked, and stay as they are.

The golden case `paint` has three programs. `right.py` is clean, and runs. `idioms.py` is clean too,
and does what programs in the wild do. `wrong.py` says at the end of each line what type checkers
find there. The stubs are built, and installed beside fal-client in an environment of their own.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from fal_codegen.cli import run
from fal_codegen.emulator import Emulator
from golden_cases import GOLDENS

from .installed import install

fal_client = pytest.importorskip("fal_client", reason="needs `pip install fal-client`")

pytestmark = pytest.mark.types

CASE = GOLDENS / "paint"
OUTPUT = "generated/fal-client-stubs"

# To stubtest, what is typed by a protocol differs from the function that is there at run time; a
# test below calls them. Modules of types exist for type checkers only, and the rest is the client's
# own.
ALLOWED = r"""
fal_client\.(run|submit|subscribe|stream)(_async)?
fal_client\.(sync|async)_client
fal_client\._endpoints.*
fal_client\.(_headers|client)\..*
"""

# Points the official client at the emulator, and runs a program.
RUN = """
import runpy, sys
import fal_client.client as client
url, program = sys.argv[1:]
client.QUEUE_URL_FORMAT, client.RUN_URL_FORMAT = f"{url}/queue/", f"{url}/run/"
client.REST_URL, client.CDN_URL = f"{url}/rest", url
runpy.run_path(program, run_name="__main__")
"""


def started(folder: Path) -> Path:
    """Return a new project with this target alone."""
    assert run(["init", str(folder)]) == 0
    declaration = f'[targets.fal-client-stubs]\noutput = "{OUTPUT}"\n'
    (folder / "specs/endpoints.toml").write_text(declaration, "utf-8")
    return folder


@pytest.fixture(scope="module")
def python(goldens: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with fal-client and the stubs."""
    stubs = goldens / "paint/fal-client-stubs"
    return install(stubs, tmp_path_factory.mktemp("installed"))


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("programs")
    for name in ("right.py", "idioms.py", "wrong.py"):
        shutil.copy(CASE / name, folder / name)
    return folder


def expected(checker: int) -> dict[str, list[str]]:
    """Return what `wrong.py` says that a type checker finds, by line: 0 is mypy, 1 is pyright.

    `nothing` stands for a line that the checker accepts.
    """
    lines = (CASE / "wrong.py").read_text("utf-8").splitlines()
    said = {
        f"wrong.py:{number}": line.rpartition("  # ")[2].split("; ")[checker].split(", ")
        for number, line in enumerate(lines, start=1)
        if "  # " in line
    }
    assert len(said) > 40
    return {place: codes for place, codes in said.items() if codes != ["nothing"]}


def surface(python: Path, folder: Path) -> str:
    """Return what stubtest finds: where the stubs are not as the installed client is."""
    (folder / "allowed").write_text(ALLOWED, "utf-8")
    ran = subprocess.run(
        [str(python), "-m", "mypy.stubtest", "fal_client", "--allowlist", "allowed"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if ran.returncode == 0 else ran.stdout + ran.stderr


@pytest.mark.soak
@pytest.mark.usefixtures("only_in_soak")
def test_the_surface_is_that_of_the_installed_client(python: Path, tmp_path: Path) -> None:
    assert surface(python, tmp_path) == ""


def rejected(python: Path, folder: Path, program: str) -> list[int]:
    """Return the lines of a program in which mypy finds errors."""
    (folder / "program.py").write_text(program, "utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--python-executable",
         str(python), "program.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert ran.returncode in (0, 1), ran.stderr
    found = re.findall(r"^(.+):(\d+): error", ran.stdout, re.MULTILINE)
    assert {file for file, _ in found} <= {"program.py"}, ran.stdout
    return sorted({int(line) for _, line in found})


UNTYPED = """
import fal_client

result: dict[str, object] = fal_client.run("acme/paint", {"prompt": ""}, hint="x")
handle: fal_client.SyncRequestHandle = fal_client.submit("acme/paint", {})
fal_client.run("acme/paint", {}, hint=1)
"""


@pytest.mark.soak
@pytest.mark.usefixtures("only_in_soak")
def test_without_endpoints_the_client_is_typed_by_itself(tmp_path: Path) -> None:
    empty = started(tmp_path / "empty")
    assert run(["generate", "--project", str(empty)]) == 0
    (tmp_path / "installed").mkdir()
    python = install(empty / OUTPUT, tmp_path / "installed")
    assert rejected(python, tmp_path, UNTYPED) == [6]


@pytest.mark.parametrize("options", [[], ["--strict"]], ids=["default", "strict"])
def test_mypy_finds_the_mistakes_and_nothing_else(
    python: Path, programs: Path, options: list[str]
) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", *options, "--config-file=", "--python-executable",
         str(python), "right.py", "idioms.py", "wrong.py"],
        cwd=programs,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    found: defaultdict[str, list[str]] = defaultdict(list)
    for place, code in re.findall(r"^(\S+): error: .*\[([\w-]+)\]$", ran.stdout, re.MULTILINE):
        found[place].append(code)
    assert found == expected(0), ran.stdout + ran.stderr


def test_pyright_finds_the_mistakes_and_nothing_else(python: Path, programs: Path) -> None:
    pytest.importorskip("basedpyright", reason="needs `pip install -e .[checks]`")
    (programs / "pyrightconfig.json").write_text(
        json.dumps({"typeCheckingMode": "strict", "pythonVersion": "3.10"}), "utf-8"
    )
    ran = subprocess.run(
        [sys.executable, "-m", "basedpyright", "--outputjson", "--pythonpath", str(python)],
        cwd=programs,
        capture_output=True,
        text=True,
        check=False,
    )
    found: defaultdict[str, list[str]] = defaultdict(list)
    for problem in json.loads(ran.stdout)["generalDiagnostics"]:
        line = problem["range"]["start"]["line"] + 1
        if problem["severity"] == "error":  # that types have no source is only a warning
            found[f"{Path(problem['file']).name}:{line}"].append(problem["rule"])
    assert {place: sorted(rules) for place, rules in found.items()} == expected(1), ran.stdout


OPTIONS = """
import fal_client

fal_client.run("acme/paint", {"prompt": ""}, nudge="x")
fal_client.run("acme/paint", {"prompt": ""}, hint="x")
fal_client.submit("acme/paint", {"prompt": ""}).get(pause=0.1)
fal_client.submit("acme/paint", {"prompt": ""}).get(interval=0.1)
fal_client.SyncClient().poke("x")
print(fal_client.run("acme/paint", {"prompt": ""}, nudge="x")["mood"].upper())
"""


def test_options_and_methods_are_those_of_the_installed_client(
    goldens: Path, tmp_path: Path
) -> None:
    """A version of the client that has other options, beside the same stubs."""
    (tmp_path / "env").mkdir()
    python = install(goldens / "paint/fal-client-stubs", tmp_path / "env")
    (site,) = python.parent.parent.glob("[Ll]ib/**/site-packages")
    shutil.copytree(Path(fal_client.__file__).parent, site / "fal_client")
    client = site / "fal_client/client.py"
    text = client.read_text("utf-8").replace("hint: str | None", "nudge: str | None")
    text = text.replace("def get(self, *, interval:", "def get(self, *, pause:")
    text = text.replace(
        "def get_handle(", "def poke(self, it: str) -> None: ...\n    def get_handle("
    )
    client.write_text(text, "utf-8")
    assert rejected(python, tmp_path, OPTIONS) == [5, 7]


NARROWED = """
from typing import TYPE_CHECKING

import fal_client

if TYPE_CHECKING:
    from fal_client._endpoints.acme.odd_names import Input
    from fal_client._endpoints.acme.tags import Dog, VideoItem

output = fal_client.subscribe("acme/tags", {"layers": [{"class": "text", "words": ["a"]}]})
for item in output["items"]:
    if item["kind"] == "video":
        video: "VideoItem" = item
answer = output.get("answer")
if answer and answer["animal"] == "Dog":
    dog: "Dog" = answer
odd: "Input" = {"": [1], "__init__": [2], "toString": [3], "None": [4]}
"""


def test_tags_narrow_unions_and_any_name_is_a_key(tmp_path: Path) -> None:
    folder = started(tmp_path / "project")
    for case in ("tags", "odd_names"):
        source = GOLDENS / case / "documents"
        assert run(["add", "--project", str(folder), "--from", str(source)]) == 0
    (tmp_path / "installed").mkdir()
    python = install(folder / OUTPUT, tmp_path / "installed")
    assert rejected(python, tmp_path, NARROWED) == []


def test_the_right_program_runs(python: Path, programs: Path) -> None:
    documents = [json.loads(path.read_bytes()) for path in sorted(CASE.glob("documents/*.json"))]
    with Emulator(documents) as emulator:
        ran = subprocess.run(
            [str(python), "-c", RUN, emulator.base_url, "right.py"],
            cwd=programs,
            env={**os.environ, "FAL_KEY": "any"},
            capture_output=True,
            text=True,
            check=False,
        )
    assert ran.stdout.endswith("done\n"), ran.stdout + ran.stderr
