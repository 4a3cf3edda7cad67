"""Programs of pages, run in a folder against an emulator."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from fal_codegen.emulator import Emulator

from .examples import CLIENT


def run_python(
    *arguments: str,
    folder: Path,
    emulator: Emulator,
    client: Path = CLIENT,
    code: int = 0,
    **variables: str,
) -> str:
    """Run Python; return what it printed.

    Args:
        arguments: Its arguments.
        folder: The working directory.
        emulator: The local fal that the client calls.
        client: The folder of the generated client.
        code: The exit code that it must end with.
        variables: Further environment variables.
    """
    environment = {
        "FAL_BASE_URL": emulator.base_url,
        "FAL_KEY": "any",
        "PYTHONPATH": str(client),
        **variables,
    }
    ran = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == code, ran.stdout + ran.stderr
    return ran.stdout
