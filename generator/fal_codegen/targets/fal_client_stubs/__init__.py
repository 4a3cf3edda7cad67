"""The target `fal-client-stubs`: types for the official Python client, by endpoint id."""

from __future__ import annotations

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


@dataclass(frozen=True)
class StubsTarget:
    """The stubs, as the declaration describes them.

    Attributes:
        version: The version of the distribution.
        publishing: Its licence and repository.
    """

    version: str
    publishing: Publishing

    @classmethod
    def from_table(cls, table: Table) -> StubsTarget:
        """Read the target from its table in the declaration.

        Raises:
            ProjectError: A key is unknown, or a value is not valid.
        """
        table.only("version", *KEYS)
        return cls(table.version("version", "0.1.0"), publishing(table))

    @classmethod
    def template_folder(cls) -> Path:
        """Return the folder of the target's own templates."""
        return packaged_templates() / "fal-client-stubs"

    def render(
        self, endpoints: Sequence[Endpoint], history: Sequence[Entry], templates: Templates
    ) -> dict[str, str]:
        """Return the text of every file of the stubs, by path."""
        from fal_codegen.targets.fal_client_stubs.rendering import render

        return render({"settings": self}, endpoints, templates)
