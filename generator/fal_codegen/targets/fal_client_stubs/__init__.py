"""The target `fal-client-stubs`: types for the official Python client, by endpoint id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fal_codegen.targets import Renderer
from fal_codegen.targets.publishing import KEYS, Publishing, publishing
from fal_codegen.toml import Table


@dataclass(frozen=True)
class Settings:
    """What the declaration says of this target.

    Attributes:
        version: Version of the generated distribution.
        publishing: Its licence and repository.
    """

    version: str
    publishing: Publishing


def settings(table: Table) -> Settings:
    """Read what the declaration says of this target.

    Raises:
        ProjectError: It says something that it cannot say.
    """
    table.only("version", *KEYS)
    return Settings(table.version("version", "0.1.0"), publishing(table))


def renderer(settings: Settings, template_folders: Sequence[Path]) -> Renderer:
    """Return the renderer of the stubs."""
    from fal_codegen.targets.fal_client_stubs.rendering import StubsRenderer

    return StubsRenderer(settings, template_folders)
