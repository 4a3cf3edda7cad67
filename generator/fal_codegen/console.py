"""The console: results on standard output, errors and progress on standard error."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TextIO

from fal_codegen.errors import CodegenError
from fal_codegen.text.escaping import line as one_line

Advance = Callable[[str], None]


class Console:
    """Prints what the user reads.

    Args:
        is_aside: Whether lines are not part of the command's result, and go to standard error.
    """

    def __init__(self, *, is_aside: bool = False) -> None:
        self._is_aside = is_aside

    @property
    def aside(self) -> Console:
        """A console for lines that are not part of the result."""
        return Console(is_aside=True)

    @property
    def is_coloured(self) -> bool:
        """Whether the result can have colours: on a terminal, unless `NO_COLOR` is set."""
        return sys.stdout.isatty() and not os.environ.get("NO_COLOR")

    def say(self, line: str) -> None:
        """Print one line of the command's result."""
        _print(one_line(line), sys.stderr if self._is_aside else sys.stdout)

    def write(self, result: str) -> None:
        """Print a result whose text is already escaped."""
        _print(result.removesuffix("\n"), sys.stdout)

    def problem(self, error: CodegenError) -> None:
        """Print an error."""
        _print(f"error: {error}", sys.stderr)

    @contextlib.contextmanager
    def progress(self, title: str, total: int) -> Iterator[Advance]:
        """Show the progress of long work: a bar on a terminal, otherwise a line at the end.

        Yields:
            A function to call with the name of each part that is done; a name counts once.
        """
        if total > 1 and sys.stderr.isatty():
            with _bar(title, total) as advance:
                yield advance
            return
        done: set[str] = set()
        yield done.add
        if total > 1:
            _print(f"{title}: {len(done)} of {total}", sys.stderr)


def flush() -> None:
    """Flush both streams. A reader that no longer reads is not an error."""
    for stream in (sys.stdout, sys.stderr):
        with _without_reader(stream):
            stream.flush()


def _print(text: str, stream: TextIO) -> None:
    with _without_reader(stream):
        print(text, file=stream)


@contextlib.contextmanager
def _without_reader(stream: TextIO) -> Iterator[None]:
    """Continue if nobody reads a stream any more, so that the work is finished."""
    try:
        yield
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield one line for each row, with aligned columns."""
    cells = [[one_line(" ".join(cell.split("\n"))) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        yield "  ".join(
            f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True) if width
        ).rstrip()


@contextlib.contextmanager
def _bar(title: str, total: int) -> Iterator[Advance]:
    from rich.console import Console as Terminal
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[latest]}", markup=False),
    )
    with Progress(*columns, console=Terminal(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=total, latest="")
        done: set[str] = set()

        def advance(name: str) -> None:
            done.add(name)
            progress.update(task, completed=len(done), latest=one_line(name))

        yield advance
