"""What the user sees: lines on standard output, problems and progress on standard error."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

from fal_codegen.errors import CodegenError, printable

Advance = Callable[[str], None]


class Console:
    """Says things to the user."""

    def say(self, line: str = "") -> None:
        """Print one line of the command's result."""
        print(printable(line))

    def problem(self, error: CodegenError) -> None:
        """Print an error."""
        print(f"error: {error}", file=sys.stderr)

    @contextlib.contextmanager
    def progress(self, title: str, total: int) -> Iterator[Advance]:
        """Show how far long work is: a bar on a terminal, else a plain line at the end.

        Yields:
            What to call with the name of each part that is done; a name counts once.
        """
        if total > 1 and sys.stderr.isatty():
            with _bar(title, total) as advance:
                yield advance
            return
        done: set[str] = set()
        yield done.add
        if total > 1:
            print(f"{title}: {len(done)} of {total}", file=sys.stderr)


@contextlib.contextmanager
def _bar(title: str, total: int) -> Iterator[Advance]:
    from rich.console import Console as Terminal
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[latest]}"),
    )
    with Progress(*columns, console=Terminal(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=total, latest="")
        done: set[str] = set()

        def advance(name: str) -> None:
            done.add(name)
            progress.update(task, completed=len(done), latest=name)

        yield advance
