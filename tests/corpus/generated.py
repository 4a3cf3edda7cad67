"""A project generated from a folder of documents, and the endpoints in its package."""

from __future__ import annotations

import contextlib
import importlib
import io
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from fal_codegen.cli import run


@dataclass(frozen=True)
class Generated:
    """A project that every document was added to.

    Attributes:
        errors: The error of each rejected document, by endpoint id.
    """

    project: Path
    errors: Mapping[str, str]

    @property
    def output(self) -> Path:
        return self.project / "generated/python"

    @property
    def stubs(self) -> Path:
        return self.project / "generated/fal-client-stubs"


def endpoints_of(package: ModuleType) -> dict[str, Any]:
    """Return the class of every generated endpoint, by its id."""
    found: dict[str, Any] = {}
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if "._runtime" not in module.name:
            for value in vars(importlib.import_module(module.name)).values():
                if hasattr(value, "endpoint_id") and value.__module__ == module.name:
                    found[value.endpoint_id] = value
    return found


def endpoint_id(document: Path) -> str:
    """Return the endpoint id of a document, from the name of its file."""
    return document.stem.replace("__", "/")


def generate(folder: Path, documents: Path, package: str) -> dict[str, str]:
    """Create a project with all documents; return the error of each rejected one, by id."""
    assert run(["init", str(folder)]) == 0
    declaration = folder / "specs/endpoints.toml"
    text = declaration.read_text("utf-8").replace('"fal_endpoints"', f'"{package}"')
    text += '\n[targets.fal-client-stubs]\noutput = "generated/fal-client-stubs"\n'
    declaration.write_text(text, "utf-8")
    with contextlib.redirect_stderr(io.StringIO()) as said:
        run(["add", "--project", str(folder), "--from", str(documents)])
    lines = (line for line in said.getvalue().splitlines() if line.startswith("error: "))
    return dict(line.removeprefix("error: ").split(": ", 1) for line in lines)
