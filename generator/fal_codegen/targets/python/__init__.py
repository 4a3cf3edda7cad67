"""The target `python`: an installable package with one client for every declared endpoint."""

from __future__ import annotations

import keyword
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from fal_codegen.file_names import is_device
from fal_codegen.installation import packaged_templates
from fal_codegen.targets.publishing import KEYS, Publishing, publishing
from fal_codegen.toml import Table

if TYPE_CHECKING:
    from fal_codegen.history import Entry
    from fal_codegen.ir import Endpoint
    from fal_codegen.render import Templates

HttpLibrary: TypeAlias = Literal["httpx", "httpx2"]
HTTP_LIBRARIES: tuple[HttpLibrary, ...] = get_args(HttpLibrary)

_BUILD_FOLDERS = ("__pycache__", "build", "dist", "node_modules")


@dataclass(frozen=True)
class PythonTarget:
    """The package, as the declaration describes it.

    Attributes:
        package: Its import name.
        version: Its version.
        publishing: Its licence and repository.
        http: The HTTP library that its client imports.
    """

    package: str
    version: str
    publishing: Publishing
    http: HttpLibrary = "httpx"

    @classmethod
    def from_table(cls, table: Table) -> PythonTarget:
        """Read the target from its table in the declaration.

        Raises:
            ProjectError: A key is unknown, or a value is not valid.
        """
        table.only("package", "version", "http", *KEYS)
        package = table.string("package")
        if not package.isidentifier() or not package.isascii() or keyword.iskeyword(package):
            raise table.error("package", f"{package!r} cannot be imported")
        if package in _BUILD_FOLDERS:
            raise table.error("package", f"{package!r} is a folder of build tools")
        if is_device(package):
            raise table.error("package", f"{package!r} is a device on Windows")
        http = table.string("http", "httpx")
        if http not in HTTP_LIBRARIES:
            raise table.error("http", f"must be {' or '.join(HTTP_LIBRARIES)}")
        return cls(package, table.version("version", "0.1.0"), publishing(table), http)

    @classmethod
    def template_folder(cls) -> Path:
        """Return the folder of the target's own templates."""
        return packaged_templates() / "python"

    def render(
        self, endpoints: Sequence[Endpoint], history: Sequence[Entry], templates: Templates
    ) -> dict[str, str]:
        """Return the text of every file of the package, by path."""
        from fal_codegen.targets.python.rendering import render

        values = {"settings": self}
        return render(self.package, self.http, values, endpoints, history, templates)
