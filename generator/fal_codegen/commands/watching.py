"""Notice changes of a project's files, to act on them without being started again.

Files are polled, because containers and network drives report no events for mounted folders.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from fal_codegen.digests import Stamp, paths_below, with_suffix

INTERVAL = 0.2
"""Seconds between polls."""


class Watch:
    """Compares the files of some folders with those of the last change.

    Args:
        project: The project.
        folders: The names of the folders, each with the suffixes of the files that count.
    """

    def __init__(self, project: Path, folders: Mapping[str, tuple[str, ...]]) -> None:
        self._project = project
        self._folders = folders
        self._handled = self._previous = self._stamps()

    def has_changed(self) -> bool:
        """Return whether files have changed since this last returned True.

        A change counts at the second poll that finds the same files, so that an editor, or a
        command that writes many files, has time to finish.
        """
        stamps, previous = self._stamps(), self._previous
        self._previous = stamps
        if stamps != previous or stamps == self._handled:
            return False
        self._handled = stamps
        return True

    def _stamps(self) -> dict[Path, Stamp]:
        files = (
            self._project / name / path
            for name, suffixes in self._folders.items()
            for path in paths_below(self._project / name, with_suffix(suffixes), self._project)
        )
        return {file: stamp for file in files if (stamp := Stamp.of(file)) is not None}


@contextlib.contextmanager
def watching(watch: Watch, on_change: Callable[[], None]) -> Iterator[None]:
    """Call `on_change` in a thread after each change, while the `with` block runs."""
    stopped = threading.Event()

    def poll() -> None:
        while not stopped.wait(INTERVAL):
            if watch.has_changed():
                on_change()

    thread = threading.Thread(target=poll, name="watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()
