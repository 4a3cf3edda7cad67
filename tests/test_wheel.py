"""The tool installed from a wheel, in another project."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from documents import document, write

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and unpack it, away from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
         "--wheel-dir", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
    )  # fmt: skip
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_has_what_it_needs_and_nothing_else(installed: Path) -> None:
    templates = installed / "fal_codegen/templates/python"
    assert (templates / "node.py.jinja").is_file()
    assert (templates / "runtime/__init__.py").is_file()
    assert (installed / "fal_codegen/py.typed").is_file()
    emulator = installed / "fal_codegen/emulator"
    for extension in ("webm", "mp4", "m4a", "ogg", "flac"):
        assert (emulator / f"storage/placeholder.{extension}").is_file()
    assert (emulator / "playground/assets/playground.js").is_file()
    assert (emulator / "playground/templates/endpoint.html.jinja").is_file()
    assert {path.name.split("-")[0] for path in installed.iterdir()} == {"fal_codegen"}
    assert [path for path in installed.rglob("__pycache__") if "templates" in path.parts] == []


def test_a_new_project_gets_a_typed_client(installed: Path, tmp_path: Path) -> None:
    write(tmp_path / "documents", document())
    environment = {**os.environ, "PYTHONPATH": str(installed)}

    def fal_codegen(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "fal_codegen", *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    where = fal_codegen("--version")
    assert where.startswith("fal-codegen ")
    fal_codegen("init")
    fal_codegen("add", "--from", "documents")
    assert "up to date" in fal_codegen("check")
    used = subprocess.run(
        [sys.executable, "-c",
         "from fal_endpoints import Fal; print(Fal().acme.blender(prompt='x').payload)"],
        cwd=tmp_path / "generated/python",
        capture_output=True,
        text=True,
        check=True,
    )  # fmt: skip
    assert used.stdout.strip() == "{'prompt': 'x'}"


def test_a_changed_tool_generates_again(installed: Path, filled: Path, tmp_path: Path) -> None:
    tool = shutil.copytree(installed, tmp_path / "site")

    def generate() -> str:
        # The files count as settled, although they have just been copied.
        program = (
            "import time; now = time.time_ns; time.time_ns = lambda: now() + 3_000_000_000\n"
            "from fal_codegen.__main__ import main; main()"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, "generate", "--project", filled],
            env={**os.environ, "PYTHONPATH": str(tool)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    generate()
    assert generate() == "up to date\n"
    module = tool / "fal_codegen/targets/python/views.py"
    before = module.stat()
    module.write_bytes(module.read_bytes()[:-1] + b" ")  # an edit that keeps its size and its time
    os.utime(module, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert "0 written" in generate()
