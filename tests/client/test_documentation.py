"""What `run --help` and the tools of agents say does not depend on docstrings or source files."""

from __future__ import annotations

import asyncio
import compileall
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fal_codegen.emulator import Emulator
from folders import tree

from .agents import PIKA, TOOL, tools_of
from .conftest import KEY

PACKAGE = Path(__file__).parents[2] / "generated/python/fal_endpoints"


def zipped(folder: Path) -> Path:
    shutil.copytree(PACKAGE, folder / "source/fal_endpoints")
    return Path(shutil.make_archive(str(folder / "package"), "zip", folder / "source"))


def compiled(folder: Path) -> Path:
    shutil.copytree(PACKAGE, folder / "fal_endpoints")
    compileall.compile_dir(folder, quiet=1, legacy=True)
    for path in tree(folder):
        if path.endswith(".py"):
            (folder / path).unlink()
    return folder


def installed(folder: Path) -> Path:
    return PACKAGE.parent


Place = Callable[[Path], Path]
VARIANTS = pytest.mark.parametrize(
    ("options", "place"),
    [(["-OO"], installed), ([], zipped), ([], compiled)],
    ids=["without-docstrings", "zipped", "compiled"],
)


def environment(path: Path, **others: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(path), "COLUMNS": "100", **others}


@VARIANTS
def test_help_describes_an_endpoint_and_its_arguments(
    tmp_path: Path, options: list[str], place: Place
) -> None:
    text = subprocess.run(
        [sys.executable, *options, "-m", "fal_endpoints", "run", PIKA, "--help"],
        env=environment(place(tmp_path)),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "Pika v2.2 creates videos from images with high quality output." in text
    assert "URL of the image to use as the first frame." in text
    assert "The generated video." in text


@VARIANTS
def test_a_tool_describes_an_endpoint_and_its_arguments(
    emulator: Emulator, tmp_path: Path, options: list[str], place: Place
) -> None:
    import mcp

    command = mcp.StdioServerParameters(
        command=sys.executable,
        args=[*options, "-m", "fal_endpoints", "mcp"],
        env=environment(place(tmp_path), FAL_KEY=KEY, FAL_BASE_URL=emulator.base_url),
        cwd=tmp_path,
    )

    async def visit() -> Any:
        async with mcp.Client(command) as agent:
            return (await tools_of(agent))[TOOL]

    tool = asyncio.run(visit())
    assert '"Pika v2.2 creates videos from images with high quality output."' in tool.description
    seed = tool.input_schema["properties"]["seed"]
    assert seed["description"] == '"The seed for the random number generator."'
    assert tool.output_schema["properties"]["video"]["description"] == '"The generated video."'
    file = tool.output_schema["$defs"]["File"]["properties"]
    assert file["file_size"]["description"] == '"Its size in bytes."'
