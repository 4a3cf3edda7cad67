"""The target `docs`: a site in Markdown, with a page for every declared endpoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fal_codegen.installation import packaged_templates
from fal_codegen.targets.docs.settings import Settings, settings
from fal_codegen.toml import Table

if TYPE_CHECKING:
    from fal_codegen.history import Entry
    from fal_codegen.ir import Endpoint
    from fal_codegen.render import Templates


@dataclass(frozen=True)
class DocsTarget:
    """The site, as the declaration describes it."""

    settings: Settings

    @classmethod
    def from_table(cls, table: Table) -> DocsTarget:
        """Read the target from its table in the declaration.

        Raises:
            ProjectError: A key is unknown, or a value is not valid.
        """
        return cls(settings(table))

    @classmethod
    def template_folder(cls) -> Path:
        """Return the folder of the target's own templates."""
        return packaged_templates() / "docs"

    def render(
        self, endpoints: Sequence[Endpoint], history: Sequence[Entry], templates: Templates
    ) -> dict[str, str]:
        """Return the text of every file of the site, by path."""
        from fal_codegen.targets.docs.rendering import render

        return render(self.settings, endpoints, templates)
