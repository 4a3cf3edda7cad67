"""The target `docs`: a site in Markdown, with a page for every declared endpoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fal_codegen.errors import ProjectError
from fal_codegen.paths import DECLARATION
from fal_codegen.targets import Renderer
from fal_codegen.toml import Table

Facts = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Settings:
    """What the declaration says of this target.

    Attributes:
        title: Name of the site.
        package: Import name of the Python client that the programs use.
        facts: What is to be said of endpoints beside what is in their documents, by endpoint id.
    """

    title: str
    package: str
    facts: tuple[tuple[str, Facts], ...]

    def facts_of(self, endpoint_id: str) -> Facts:
        """Return what is to be said of one endpoint."""
        return dict(self.facts).get(endpoint_id, ())


def settings(table: Table) -> Settings:
    """Read what the declaration says of this target.

    Raises:
        ProjectError: It says something that it cannot say.
    """
    table.only("title", "package", "facts")
    package = table.text("package", "fal_endpoints")
    if not package.isidentifier() or not package.isascii():
        raise ProjectError(f"{DECLARATION}: {table.where}.package {package!r} cannot be imported")
    facts = table.table("facts")
    by_endpoint = {endpoint_id: facts.table(endpoint_id) for endpoint_id in sorted(facts)}
    return Settings(
        title=table.text("title", "fal endpoints"),
        package=package,
        facts=tuple(
            (endpoint_id, tuple((name, said.text(name)) for name in said))
            for endpoint_id, said in by_endpoint.items()
        ),
    )


def renderer(settings: Settings, template_folders: Sequence[Path]) -> Renderer:
    """Return the renderer of the site."""
    from fal_codegen.targets.docs.rendering import DocsRenderer

    return DocsRenderer(settings, template_folders)
