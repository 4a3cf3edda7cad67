"""The target `docs`: a site in Markdown, with a page for every declared endpoint."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fal_codegen.installation import packaged_templates
from fal_codegen.targets.docs.settings import Settings

if TYPE_CHECKING:
    from fal_codegen.history import Entry
    from fal_codegen.ir import Endpoint
    from fal_codegen.render import Templates


class DocsTarget(Settings):
    """The site, as the declaration describes it."""

    @classmethod
    def template_folder(cls) -> Path:
        """Return the folder of the target's own templates."""
        return packaged_templates() / "docs"

    def render(
        self, endpoints: Sequence[Endpoint], history: Sequence[Entry], templates: Templates
    ) -> dict[str, str]:
        """Return the text of every file of the site, by path."""
        from fal_codegen.targets.docs.rendering import render

        return render(self, endpoints, templates)
