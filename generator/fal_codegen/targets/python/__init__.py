"""The target `python`: an installable package with one client for every declared endpoint."""

from __future__ import annotations

import keyword
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fal_codegen.errors import ProjectError
from fal_codegen.paths import DECLARATION
from fal_codegen.targets import Renderer
from fal_codegen.targets.publishing import KEYS, Publishing, publishing
from fal_codegen.toml import Table

_BUILD_FOLDERS = ("__pycache__", "build", "dist", "node_modules")


@dataclass(frozen=True)
class Settings:
    """What the declaration says of this target.

    Attributes:
        package: Import name of the generated package.
        version: Version of the generated package.
        publishing: Its licence and repository.
    """

    package: str
    version: str
    publishing: Publishing


def settings(table: Table) -> Settings:
    """Read what the declaration says of this target.

    Raises:
        ProjectError: It says something that it cannot say.
    """
    table.only("package", "version", *KEYS)
    package = table.text("package")
    if not package.isidentifier() or not package.isascii() or keyword.iskeyword(package):
        raise ProjectError(f"{DECLARATION}: {table.where}.package {package!r} cannot be imported")
    if package in _BUILD_FOLDERS:
        raise ProjectError(
            f"{DECLARATION}: {table.where}.package {package!r} is a folder of build tools"
        )
    return Settings(package, table.version("version", "0.1.0"), publishing(table))


def renderer(settings: Settings, template_folders: Sequence[Path]) -> Renderer:
    """Return the renderer of the package."""
    from fal_codegen.targets.python.rendering import PythonRenderer

    return PythonRenderer(settings, template_folders)
