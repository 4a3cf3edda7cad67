"""Targets: each turns planned endpoints into the files of one generated package.

A target first says which files there will be, and what decides each: its parts. Only those parts
are rendered that no earlier run has rendered from the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from fal_codegen.declaration import Target
from fal_codegen.errors import ProjectError
from fal_codegen.ir import Endpoint, Outline

OnDone = Callable[[str], None]


@dataclass(frozen=True)
class Part:
    """A file that a target will have. Templates and settings apart, these values decide its text.

    Attributes:
        path: Where it will be, below the output folder.
        template: What it is rendered from.
        context: What the template is given; values whose `repr` says all there is to them.
        endpoint: The id of the endpoint whose schemas it shows, if it shows any.
    """

    path: str
    template: str
    context: Mapping[str, object] = field(default_factory=dict)
    endpoint: str | None = None


class Renderer(Protocol):
    """A target: from endpoints to the text of its files."""

    def parts(self, outlines: Sequence[Outline]) -> list[Part]:
        """Return every file that there will be."""
        ...

    def render(
        self, parts: Sequence[Part], endpoints: Mapping[str, Endpoint], on_done: OnDone
    ) -> dict[str, str]:
        """Return the text of parts, by path.

        Args:
            parts: Some of the target's parts.
            endpoints: Those that the parts show, by id.
            on_done: Called with each endpoint's id when its part is rendered.

        Raises:
            ProjectError: A template is missing or wrong.
        """
        ...


def renderer(target: Target, template_folders: Sequence[Path]) -> Renderer:
    """Return the renderer of a declared target.

    Args:
        target: What the declaration says of it.
        template_folders: Where templates are looked for, first one first.

    Raises:
        ProjectError: There is no such target.
    """
    if target.name == "python":
        from fal_codegen.targets.python.target import PythonRenderer

        return PythonRenderer(target, template_folders)
    raise ProjectError(f"there is no target {target.name}")
