"""The command line of the generated package, run in this process against the emulator."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal, NamedTuple

import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import Endpoint, Fal, InputModel, Request, Retries
from fal_endpoints._runtime import command_line
from pydantic import Field

from .collage import Collage

PIKA = "fal-ai/pika/v2.2/image-to-video"
COLLAGE = Collage.endpoint_id
ODD = "acme/odd"


class Size(InputModel):
    width: int


Voice = Literal[
    "first-soprano", "second-soprano", "first-alto", "second-alto", "first-tenor", "first-bass"
]


class OddInput(InputModel):
    """Arguments whose options cannot have their names, and every kind of value."""

    output: str = ""
    input: str = ""
    help: bool | None = None
    steps: Literal[1, 2, "auto"] = "auto"
    size: Size | Literal["square"] = "square"
    scale: float = 1.0
    words: list[str] = Field(default_factory=list)
    numbers: list[int] = Field(default_factory=list)
    anything: Any = None
    voice: Voice = "first-soprano"


class Odd(Endpoint[OddInput, dict[str, Any]]):
    """Is odd. Its own documentation is `ODD_DOCUMENTATION`."""

    endpoint_id = "acme/odd"
    _deprecation = "acme/odd is deprecated"

    def __call__(self, **arguments: Any) -> Request[dict[str, Any]]:
        return self.bind(**arguments)


ODD_DOCUMENTATION: Mapping[str, Any] = {
    "description": "Is odd \x1b[31m.",
    "price": "1 USD per oddity.",
    "fields": {"OddInput": {"output": "Turns red \x1b[31m, and [bold]loud[/bold]."}},
}


class Client(Fal):
    """A client that declares two more endpoints, and hardly pauses between attempts."""

    def __init__(self, key: str | None = None, base_url: str | None = None) -> None:
        super().__init__(key, base_url=base_url, retries=Retries(pause=0.001))

    def _attributes(self) -> Mapping[str, str]:
        return {**super()._attributes(), COLLAGE: "collage", ODD: "odd"}

    @cached_property
    def collage(self) -> Collage:
        return Collage(self)

    @cached_property
    def odd(self) -> Odd:
        return Odd(self)


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
