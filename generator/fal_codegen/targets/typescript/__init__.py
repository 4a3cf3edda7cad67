"""The target `typescript`: an npm package with types, functions and zod schemas per endpoint.

It writes ES modules beside their declarations rather than TypeScript to be compiled: what is
committed is what runs, nothing has to be built to use it, and a change shows in the diff as what
it is for a caller.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fal_codegen.errors import ProjectError
from fal_codegen.paths import DECLARATION
from fal_codegen.targets import Renderer
from fal_codegen.targets.publishing import KEYS, Publishing, publishing
from fal_codegen.toml import Table

_NAME = re.compile(r"(@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~-][a-z0-9._~-]*")
_LONGEST_NAME = 214
_VERSION = re.compile(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?")


@dataclass(frozen=True)
class Settings:
    """What the declaration says of this target.

    Attributes:
        package: Name of the generated package on npm, such as `fal-endpoints` or `@acme/fal`.
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
    if not _NAME.fullmatch(package) or len(package) > _LONGEST_NAME:
        raise ProjectError(
            f"{DECLARATION}: {table.where}.package {package!r} is not a name of an npm package"
        )
    version = table.text("version", "0.1.0")
    if not _VERSION.fullmatch(version):
        raise ProjectError(
            f"{DECLARATION}: {table.where}.version {version!r} is not a version of npm's",
            hint="three numbers: 0.1.0",
        )
    return Settings(package, version, publishing(table))


def renderer(settings: Settings, template_folders: Sequence[Path]) -> Renderer:
    """Return the renderer of the package."""
    from fal_codegen.targets.typescript.rendering import TypeScriptRenderer

    return TypeScriptRenderer(settings, template_folders)
