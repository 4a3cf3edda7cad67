"""How far the upload or download of a file has come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from .terminal import show
from .text import line

_LONGEST_NAME = 40


@dataclass(frozen=True)
class Progress:
    """How far the upload or download of a file has come.

    Example:
        ```python
        from pathlib import Path
        from fal_endpoints import Fal, Progress

        def show(progress: Progress) -> None:
            print(progress.file_name, progress.transferred, progress.total)

        client = Fal()
        url = client.upload(Path("cat.png"), on_progress=show)
        ```
    """

    file_name: str
    """The name of the file."""
    transferred: int
    """Bytes. It falls when a part is sent again after a failure."""
    total: int | None
    """Bytes of the whole file; None if the server does not say."""

    def __str__(self) -> str:
        name, of_all = line(self.file_name, _LONGEST_NAME), ""
        if self.total is not None:
            of_all = f" of {_megabytes(self.total)}"
        return f"{name}: {_megabytes(self.transferred)}{of_all} MB"


OnProgress: TypeAlias = Callable[[Progress], object]
"""A function of the caller that is called as a file is transferred."""


def show_progress(progress: Progress) -> None:
    """Show the progress of a file on a line of the terminal, if standard error is one.

    Pass it as `on_progress` or `on_upload_progress`.

    Example:
        ```python
        from fal_endpoints import File, show_progress

        file = File(url="data:,hello")
        path = file.download("hello.txt", on_progress=show_progress)
        ```
    """
    show(f"\r{progress!s:<70}{chr(10) if progress.transferred == progress.total else ''}")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f}"
