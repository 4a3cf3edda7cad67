"""Formatting of generated Python."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from fal_codegen.errors import ProjectError

LINE_LENGTH = 100


def format_python(files: Mapping[str, str]) -> dict[str, str]:
    """Format Python files, all in one call of ruff."""
    if not files:
        return {}
    from ruff import find_ruff_bin

    with tempfile.TemporaryDirectory(prefix="fal-codegen-") as folder:
        root = Path(folder)
        for path, text in files.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.encode())
        done = subprocess.run(
            [
                find_ruff_bin(),
                "format",
                "--isolated",
                "--no-cache",
                f"--line-length={LINE_LENGTH}",
                "--target-version=py310",
                ".",
            ],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise ProjectError(
                f"the templates came to Python that cannot be formatted: {done.stderr.strip()}",
                hint="correct the template that wrote this file",
            )
        return {path: (root / path).read_bytes().decode() for path in files}
