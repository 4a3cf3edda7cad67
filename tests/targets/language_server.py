"""The language server of pyright, as editors use it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest


class Shown(NamedTuple):
    """What an editor shows where the cursor is.

    Attributes:
        completions: The texts that it offers to insert.
        hover: The text of the hover; empty without one.
        definitions: The file names and lines that "Go to Definition" leads to.
        type_definitions: Those that "Go to Type Definition" leads to.
    """

    completions: list[str]
    hover: str
    definitions: list[str]
    type_definitions: list[str]


class LanguageServer:
    """A running language server."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, settings: object) -> None:
        self._process = process
        self._folder = folder
        self._settings = settings
        self._requests = 0
        uri = folder.as_uri()
        capabilities = {
            "workspace": {"configuration": True},
            "textDocument": {"hover": {"contentFormat": ["markdown"]}},
        }
        self._ask(
            "initialize",
            processId=os.getpid(),
            rootUri=uri,
            workspaceFolders=[{"uri": uri, "name": "program"}],
            capabilities=capabilities,
        )
        self._send({"method": "initialized", "params": {}})

    def shown(self, name: str, program: str) -> list[Shown]:
        """Return what is shown at each `¦` of a program.

        Args:
            name: The name of its file, which nothing else has and which need not exist.
            program: Its text; each `¦` is the cursor, and not part of the text.
        """
        uri = (self._folder / name).as_uri()
        document = {"uri": uri, "languageId": "python", "version": 1}
        opened = {**document, "text": program.replace("¦", "")}
        self._send({"method": "textDocument/didOpen", "params": {"textDocument": opened}})
        return [self._shown(uri, line, column) for line, column in _cursors(program)]

    def close(self) -> None:
        """End the server. Killing it would leave the process that it runs in."""
        self._ask("shutdown")
        self._send({"method": "exit"})

    def _shown(self, uri: str, line: int, column: int) -> Shown:
        place = {
            "textDocument": {"uri": uri},
            "position": {"line": line, "character": column},
        }
        completed = self._ask("textDocument/completion", **place) or {"items": []}
        hover = self._ask("textDocument/hover", **place)
        return Shown(
            [item["label"] for item in completed["items"]],
            hover["contents"]["value"] if hover else "",
            self._places("textDocument/definition", place),
            self._places("textDocument/typeDefinition", place),
        )

    def _places(self, method: str, place: dict[str, object]) -> list[str]:
        found = self._ask(method, **place) or []
        return [f"{Path(it['uri']).name}:{it['range']['start']['line'] + 1}" for it in found]

    def _ask(self, method: str, **params: object) -> Any:
        self._requests += 1
        self._send({"id": self._requests, "method": method, "params": params})
        while True:
            message = self._receive()
            if "method" in message and "id" in message:
                items = message["params"].get("items", ()) if message["params"] else ()
                self._send({"id": message["id"], "result": [self._settings for _ in items]})
            elif message.get("id") == self._requests:
                return message["result"]

    def _send(self, message: dict[str, object]) -> None:
        content = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(content), content))
        self._process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        length = 0
        while header := self._process.stdout.readline().strip():
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        message: dict[str, Any] = json.loads(self._process.stdout.read(length))
        return message


def _cursors(program: str) -> Iterator[tuple[int, int]]:
    for number, line in enumerate(program.split("\n")):
        before = line.split("¦")[:-1]
        for count in range(1, len(before) + 1):
            yield number, len("".join(before[:count]))


@contextmanager
def language_server(folder: Path, python: Path, *packages: Path) -> Iterator[LanguageServer]:
    """Run a language server for a block.

    Args:
        folder: The folder of the programs.
        python: The interpreter of their environment.
        packages: Folders with more packages.
    """
    pytest.importorskip("basedpyright", reason="needs `pip install -e .[checks]`")
    settings = {
        "pythonPath": str(python),
        "analysis": {"extraPaths": list(map(str, packages)), "diagnosticMode": "openFilesOnly"},
    }
    start = "from basedpyright.langserver import main; main()"
    command = [sys.executable, "-c", start, "--stdio"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        server = LanguageServer(process, folder, settings)
        try:
            yield server
        finally:
            server.close()
