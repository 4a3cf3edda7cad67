"""A server on loopback that records fal's answers in a folder, or replays them from it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

from starlette.types import ASGIApp

from fal_codegen.emulator.network.access import with_access
from fal_codegen.emulator.network.server import LocalServer
from fal_codegen.emulator.recording.fal_urls import Origin
from fal_codegen.emulator.recording.record import RecordingApp
from fal_codegen.emulator.recording.recordings import read_recordings, recording_files
from fal_codegen.emulator.recording.replay import Pace, ReplayApp
from fal_codegen.errors import UsageError

__all__ = ["Cassette", "Mode", "recorder", "replayer", "replaying"]

Mode: TypeAlias = Literal["none", "once", "all"]
"""When to record: never, if there are no recordings yet, or always."""


def recorder(folder: Path, *, key: str | None, upstream: str | None = None) -> RecordingApp:
    """Return an application that passes requests on to fal and records them in a folder.

    Args:
        folder: A folder without recordings; it is created when the first one is written.
        key: The key to call fal with; it is never written.
        upstream: An origin to call instead of fal, such as an emulator's.

    Raises:
        UsageError: There is no key, or the folder has recordings.
    """
    if not key:
        raise UsageError("recording calls fal, which needs a key", hint="set FAL_KEY")
    if recording_files(folder):
        raise UsageError(
            f"{folder} already has recordings", hint="delete them, or choose another folder"
        )
    return RecordingApp(folder, key=key, upstream=Origin(upstream and upstream.rstrip("/")))


def replayer(folder: Path, *, pace: Pace = "at-once") -> ReplayApp:
    """Return an application that answers from the recordings of a folder, and nothing else.

    Args:
        folder: The folder.
        pace: Whether answers come at once, or take as long as they did.

    Raises:
        UsageError: The folder has no recordings, or one of them cannot be read.
    """
    return ReplayApp(read_recordings(folder), pace=pace, key=os.environ.get("FAL_KEY"))


def replaying(folder: Path, *, pace: Pace = "at-once") -> Callable[[ASGIApp], ASGIApp]:
    """Return what makes an application answer from recordings first. Raises as `replayer` does."""
    exchanges, key = read_recordings(folder), os.environ.get("FAL_KEY")
    return lambda app: ReplayApp(exchanges, pace=pace, otherwise=app, key=key)


class Cassette:
    """The recordings of a test, and the server that makes or replays them.

    Attributes:
        base_url: The origin of the server, for `Fal(base_url=…)`.
        folder: The folder of the recordings.
        is_recording: Whether fal is called.
        misses: Why each request that is not recorded has no answer.
    """

    base_url: str

    def __init__(
        self,
        folder: Path,
        mode: Mode = "none",
        *,
        key: str | None = None,
        upstream: str | None = None,
    ) -> None:
        """Create a cassette.

        Args:
            folder: The folder of the recordings.
            mode: `none` replays. `once` records if the folder has no recordings, and otherwise
                replays. `all` replaces the recordings.
            key: The key to call fal with.
            upstream: An origin to call instead of fal.

        Raises:
            UsageError: It cannot be recorded or replayed.
        """
        self.folder = folder
        files = recording_files(folder)
        self.is_recording = mode == "all" or (mode == "once" and not files)
        if self.is_recording:
            for path in files if key else ():
                path.unlink()
            recording = recorder(folder, key=key, upstream=upstream)
            self.misses: Sequence[str] = ()
            self._server = LocalServer(with_access(recording), closing=recording.aclose)
        else:
            replay = replayer(folder)
            self.misses = replay.misses
            self._server = LocalServer(with_access(replay))

    def __enter__(self) -> Cassette:
        self.base_url = self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()
