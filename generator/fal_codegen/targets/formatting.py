"""Formatting of generated Python by ruff: imports pruned and sorted, lines laid out."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fal_codegen.errors import CodegenError, ProjectError

LINE_LENGTH = 100

_OPTIONS = (
    "--isolated",
    "--no-cache",
    "--no-respect-gitignore",
    "--config=exclude=[]",  # by default, ruff leaves out folders such as dist and venv
    f"--line-length={LINE_LENGTH}",
    "--target-version=py310",
)
_FIX_IMPORTS = (
    "check",
    "--fix-only",
    "--ignore-noqa",
    "--select=F401,I",
    "--config=lint.isort.split-on-trailing-comma=false",
)

_INIT = "__init__.py"
_NEUTRAL = "__init__module.py"
"""The name that ruff sees for `__init__.py`: in files of that name, it keeps unused imports."""


def format_python(batches: Iterable[Mapping[str, str]], *, package: str) -> dict[str, str]:
    """Return Python files with the imports that they use, formatted.

    The files of a batch are formatted together, while the next batch is rendered: ruff is another
    process.

    Args:
        batches: The text of each file, by path; an iterator is asked for the next batch at once.
        package: The import name of the package they belong to, whose imports come last.

    Raises:
        ProjectError: A file is not valid Python.
        CodegenError: ruff is missing, or was killed.
    """
    with ThreadPoolExecutor(max_workers=1) as pool:
        try:
            formatted = [pool.submit(_formatted, files, package) for files in batches]
            return {path: text for batch in formatted for path, text in batch.result().items()}
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)  # later batches are no longer needed
            raise


def _formatted(files: Mapping[str, str], package: str) -> dict[str, str]:
    """Return a batch of files, formatted: ruff runs once for the imports, once for the format."""
    with tempfile.TemporaryDirectory(prefix="fal-codegen-") as folder:
        paths = {path: Path(folder, path.replace(_INIT, _NEUTRAL)) for path in files}
        for path, text in files.items():
            paths[path].parent.mkdir(parents=True, exist_ok=True)
            paths[path].write_bytes(text.encode())
        _ruff(folder, *_FIX_IMPORTS, f"--config=lint.isort.known-first-party=['{package}']")
        _ruff(folder, "format")
        return {path: paths[path].read_bytes().decode() for path in files}


def _ruff(folder: str, *command: str) -> None:
    from ruff import find_ruff_bin

    try:
        done = subprocess.run(
            [find_ruff_bin(), *command, *_OPTIONS, "."],
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except FileNotFoundError as error:
        raise CodegenError(
            "ruff, which formats generated Python, is not installed",
            hint="install fal-codegen again",
        ) from error
    if done.returncode < 0:
        raise CodegenError(
            f"ruff, which formats generated Python, was killed (signal {-done.returncode})",
            hint="run the command again; the machine may have run out of memory",
        )
    if done.returncode != 0:
        problem = done.stderr.strip().replace(_NEUTRAL, _INIT)
        raise ProjectError(
            f"the templates resulted in Python that cannot be formatted: {problem}",
            hint="correct the template that wrote this file",
        )
