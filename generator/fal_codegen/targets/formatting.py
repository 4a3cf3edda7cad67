"""Formatting of generated Python by ruff: imports pruned and sorted, lines laid out."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path, PurePosixPath

from fal_codegen.errors import CodegenError, ProjectError
from fal_codegen.scratch import scratch_folder

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


def format_python(batches: Iterable[Mapping[str, str]], *, package: str) -> dict[str, str]:
    """Return Python files with the imports that they use, formatted.

    The files of a batch are formatted together, while the next batch is rendered: ruff is another
    process. The thread only waits for it. If it read and wrote the files, it would have to wait for
    the interpreter after each one.

    Args:
        batches: The text of each file, by path; an iterator is asked for the next batch at once.
        package: The import name of the package they belong to, whose imports come last.

    Raises:
        ProjectError: A file is not valid Python.
        CodegenError: ruff is missing, or was killed.
    """
    written: dict[str, Path] = {}
    with scratch_folder() as folder, ThreadPoolExecutor(max_workers=1) as pool:
        try:
            running: list[Future[None]] = []
            for number, texts in enumerate(batches):
                files = _written(texts, folder / str(number))
                written |= files
                running.append(pool.submit(_format, files, package))
            for batch_running in running:
                batch_running.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)  # later batches are no longer needed
            raise
        return {path: file.read_bytes().decode() for path, file in written.items()}


def _written(texts: Mapping[str, str], folder: Path) -> dict[str, Path]:
    """Write files into a folder, and return where each one is.

    They are numbered: ruff treats files and folders of some names in another way.
    """
    folder.mkdir()
    written = {
        path: folder / f"{number}{PurePosixPath(path).suffix}" for number, path in enumerate(texts)
    }
    for path, file in written.items():
        file.write_bytes(texts[path].encode())
    return written


def _format(files: Mapping[str, Path], package: str) -> None:
    """Format files of one folder: ruff runs once for the imports, once for the format."""
    _ruff(files, *_FIX_IMPORTS, f"--config=lint.isort.known-first-party=['{package}']")
    _ruff(files, "format")


def _ruff(files: Mapping[str, Path], *command: str) -> None:
    from ruff import find_ruff_bin

    paths = {file.name: path for path, file in files.items()}
    try:
        done = subprocess.run(
            [find_ruff_bin(), *command, *_OPTIONS, "."],
            cwd=next(iter(files.values())).parent,
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
        problem = re.sub(r"\d+\.\w+", lambda name: paths.get(name[0], name[0]), done.stderr.strip())
        raise ProjectError(
            f"the templates resulted in Python that cannot be formatted: {problem}",
            hint="correct the template that wrote this file",
        )
