"""The target `typescript`: an npm package with types, functions and zod schemas per endpoint.

It generates ES modules with type declarations rather than TypeScript sources: the committed files
are the ones that run, nothing has to be built, and the diff of a declaration shows what a change
means for a caller.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fal_codegen.installation import packaged_templates
from fal_codegen.targets.publishing import KEYS, Publishing, publishing
from fal_codegen.toml import Table

if TYPE_CHECKING:
    from fal_codegen.history import Entry
    from fal_codegen.ir import Endpoint
    from fal_codegen.render import Templates

_NAME = re.compile(r"(@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~-][a-z0-9._~-]*")
_LONGEST_NAME = 214
_VERSION = re.compile(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?")


@dataclass(frozen=True)
class TypeScriptTarget:
    """The package, as the declaration describes it.

    Attributes:
        package: Its name on npm, such as `fal-endpoints` or `@acme/fal`.
        version: Its version.
        publishing: Its licence and repository.
    """

    package: str
    version: str
    publishing: Publishing

    @classmethod
    def from_table(cls, table: Table) -> TypeScriptTarget:
        """Read the target from its table in the declaration.

        Raises:
            ProjectError: A key is unknown, or a value is not valid.
        """
        table.only("package", "version", *KEYS)
        package = package_name(table, "package")
        version = table.string("version", "0.1.0")
        if not _VERSION.fullmatch(version):
            raise table.error(
                "version", f"{version!r} is not a version of npm", hint="three numbers: 0.1.0"
            )
        return cls(package, version, publishing(table))

    @classmethod
    def template_folder(cls) -> Path:
        """Return the folder of the target's own templates."""
        return packaged_templates() / "typescript"

    def render(
        self, endpoints: Sequence[Endpoint], history: Sequence[Entry], templates: Templates
    ) -> dict[str, str]:
        """Return the text of every file of the package, by path."""
        from fal_codegen.targets.typescript.rendering import render

        return render({"settings": self}, endpoints, templates)


def package_name(table: Table, key: str) -> str:
    """Return the name of an npm package. Raises ProjectError."""
    name = table.string(key)
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise table.error(key, f"{name!r} is not a name of an npm package")
    return name
