"""The command line of the generated package, run in this process against the emulator."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import Fal, Retries
from fal_endpoints._runtime import command_line

from .collage import Collage

PIKA = "fal-ai/pika/v2.2/image-to-video"
COLLAGE = Collage.endpoint_id


class Client(Fal):
    """A client that declares one more endpoint, and hardly pauses between attempts."""

    def __init__(self) -> None:
        super().__init__(retries=Retries(pause=0.001))

    def _attributes(self) -> Mapping[str, str]:
        return {**super()._attributes(), COLLAGE: "collage"}

    @cached_property
    def collage(self) -> Collage:
        return Collage(self)


class Ended(NamedTuple):
    """How a command ended: its exit code and its output."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Shell:
    """Runs commands, as the program `fal-endpoints` does."""

    def __init__(
        self,
        emulator: Emulator,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        self._patch = monkeypatch
        self._capsys = capsys
        monkeypatch.setenv("FAL_KEY", "key-id:key-secret")
        monkeypatch.setenv("FAL_BASE_URL", emulator.base_url)
        monkeypatch.setenv("COLUMNS", "100")
        for name in ("FORCE_COLOR", "FAL_KEY_ID", "FAL_KEY_SECRET"):
            monkeypatch.delenv(name, raising=False)

    def __call__(self, *arguments: object, stdin: bytes = b"") -> Ended:
        self._patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
        self._capsys.readouterr()
        try:
            code = command_line.main(Client, "fal-endpoints", list(map(str, arguments)))
        except SystemExit as error:
            code = int(error.code or 0)
        captured = self._capsys.readouterr()
        return Ended(code, captured.out, captured.err)
