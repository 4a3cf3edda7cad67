"""Targets: each turns planned endpoints into the files of one generated package.

Each target is a package here, with a folder of the same name in `templates/`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from fal_codegen.drift.history import Entry
    from fal_codegen.ir import Endpoint
    from fal_codegen.toml import Table

OnDone = Callable[[str], None]
Settings = Hashable
"""What the declaration says of a target, as a value of the target's own."""


@dataclass(frozen=True)
class Part:
    """A file that a target will have.

    Attributes:
        path: Where it will be, below the output folder.
        template: What it is rendered from.
        context: What the template is given.
        endpoint: The id of the endpoint whose schemas it shows, if it shows any.
    """

    path: str
    template: str
    context: Mapping[str, object] = field(default_factory=dict)
    endpoint: str | None = None


class Renderer(Protocol):
    """A target: from endpoints to the text of its files."""

    def render(
        self, endpoints: Sequence[Endpoint], history: Sequence[Entry], on_done: OnDone
    ) -> dict[str, str]:
        """Return the text of every file, by path.

        Args:
            endpoints: The endpoints, sorted by id.
            history: What changed in their documents, the oldest first.
            on_done: Called with each endpoint's id when it is rendered.

        Raises:
            ProjectError: A template is missing or wrong.
        """
        ...


class Kind(Protocol):
    """What the package of a target has at its top, cheap to import."""

    def settings(self, table: Table) -> Settings:
        """Read what the declaration says of the target, beside its output folder.

        Raises:
            ProjectError: It says something that it cannot say.
        """
        ...

    def renderer(self, settings: Any, template_folders: Sequence[Path]) -> Renderer:
        """Return the target's renderer.

        Args:
            settings: What `settings` returned.
            template_folders: Where templates are looked for, first one first.
        """
        ...


def names() -> list[str]:
    """Return the names of all targets: those of the packages here."""
    return sorted(found.name.replace("_", "-") for found in iter_modules(__path__) if found.ispkg)


def kind(name: str) -> Kind:
    """Return what a target is made of."""
    return cast(Kind, import_module(f"{__name__}.{name.replace('-', '_')}"))
