"""What a command reports on standard error, while a person or a script waits."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from rich.console import Console
from rich.status import Status as Spinner
from rich.text import Text

from ..progress import Progress
from ..protocol.status import Completed, InProgress, LogEntry, Queued, Status, UnknownStatus
from ..text import line


class Reporter:
    """Writes to standard error: one line for each event, and on a terminal also the progress."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)

    def line(self, text: str) -> None:
        """Write a line, with the control characters of text from outside escaped."""
        self._console.print(Text(line(text)), soft_wrap=True)

    def error(self, text: str) -> None:
        """Write the lines of an error."""
        first, *others = text.splitlines() or [""]
        self.line(f"error: {first}")
        for other in others:
            self._console.print(Text(f"  {line(other.strip())}"), soft_wrap=True)

    def hint(self, text: str) -> None:
        """Write the next step after an error."""
        self.line(f"  {text}")

    @contextmanager
    def waiting(self, text: str) -> Generator[Wait, None, None]:
        """Show what the command waits for, until the context ends."""
        with self._console.status(Text(line(text))) as spinner:
            yield Wait(self, self._console, spinner)


class Wait:
    """Shows how far a job has come."""

    def __init__(self, reporter: Reporter, console: Console, spinner: Spinner) -> None:
        self._reporter = reporter
        self._console = console
        self._spinner = spinner
        self._shown = ""

    def show_status(self, status: Status) -> None:
        """Show the state of a job, and its new log lines."""
        match status:
            case Queued(position):
                self._show(f"in the queue, {position} ahead")
            case InProgress(logs):
                self._show("running")
                self._show_logs(logs)
            case Completed(logs):
                self._show_logs(logs)
            case UnknownStatus(value):
                self._show(value)
            case _:
                pass

    def show_progress(self, progress: Progress) -> None:
        """Show how far a file has come, on a terminal only."""
        self._spinner.update(Text(str(progress)))

    def _show(self, text: str) -> None:
        if text != self._shown:
            self._shown = text
            self._spinner.update(Text(line(text)))
            if not self._console.is_terminal:
                self._reporter.line(text)

    def _show_logs(self, logs: list[LogEntry]) -> None:
        for entry in logs:
            self._reporter.line(entry.message)
