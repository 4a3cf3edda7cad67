"""A project, and a server with its documents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from projects import BLENDER, FAST, Cli
from servers import Answer, DocumentServer, serving

from .projects_compared import blender


@pytest.fixture
def server() -> Iterator[DocumentServer]:
    """A server with the documents of the project."""
    with serving(DocumentServer) as served:
        served.answers = {BLENDER: [Answer.of(blender())], FAST: [Answer.of(blender(FAST))]}
        yield served


@pytest.fixture
def run(filled: Path, server: DocumentServer, cli: Cli) -> Cli:
    """Run a command in a project that fetches from the server."""

    def call(command: str, *arguments: str) -> Any:
        return cli(command, *arguments, "--url", server.url, "--project", filled)

    return call
