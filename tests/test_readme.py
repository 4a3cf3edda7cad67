"""The examples of the READMEs run; `test_types` checks their types."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fal_codegen.emulator import Emulator
from readmes import BLOCKS, PACKAGE, ROOT
from targets.pages import RUN_PYTHON

URLS = '["https://example.com/a.png"]'
CALLS = {
    "many": f"many({URLS})",
    "on_an_event_loop": 'import asyncio\nasyncio.run(on_an_event_loop("https://example.com/a.png"))',
    "in_processes": f'if __name__ == "__main__":\n    in_processes({URLS})',
}
"""Calls of the functions that a README only defines."""


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    document = json.loads((ROOT / "specs/fal-ai/pika/v2.2/image-to-video.json").read_text("utf-8"))
    with Emulator([document]) as running:
        yield running


def test_they_are_found() -> None:
    assert len(BLOCKS) >= 7


@pytest.mark.parametrize("name", BLOCKS)
def test_they_run(name: str, emulator: Emulator, tmp_path: Path) -> None:
    block = BLOCKS[name]
    calls = [call for function, call in CALLS.items() if f"def {function}(" in block]
    (tmp_path / "program.py").write_text("\n".join([block, *calls]), "utf-8")
    (tmp_path / "my_program.py").write_text(
        "from fal_endpoints import Fal\n\n"
        "def my_program():\n"
        "    endpoint = Fal().fal_ai.pika.v2_2.image_to_video\n"
        '    endpoint(image_url="https://example.com/a.png", prompt="a wave").subscribe()\n',
        "utf-8",
    )
    (tmp_path / "first-frame.png").write_bytes(b"not really a picture")
    command = [sys.executable, "program.py"]
    if "import fal_client" in block:  # which has no setting for where fal is
        command = [sys.executable, "-c", RUN_PYTHON, emulator.base_url, "program.py"]
    if "def test_" in block:
        specs = ROOT / "specs"
        (tmp_path / "specs").symlink_to(specs, target_is_directory=True)
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "program.py"]
    ran = subprocess.run(
        command,
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(PACKAGE),
            "FAL_KEY": "any",
            "FAL_BASE_URL": emulator.base_url,
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout
