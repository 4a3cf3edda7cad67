"""Targets: each turns planned endpoints into the files of one generated package.

A builtin target is a package here, with a folder of templates of the same name.

Another distribution adds a target through the entry-point group `fal_codegen.targets`. The name of
the entry point is the name of the target in `specs/endpoints.toml`; what it refers to is a class
with the three methods of `Target`:

    [project.entry-points."fal_codegen.targets"]
    ids = "fal_ids:IdsTarget"

The class is a value made of the target's table in the declaration. It yields the files to render,
and `Templates` renders them, each template first looked for in the project's own `templates/ids/`:

    @dataclass(frozen=True)
    class IdsTarget:
        title: str

        @classmethod
        def from_table(cls, table: Table) -> IdsTarget:
            table.only("title")
            return cls(table.string("title", "Endpoints"))

        @classmethod
        def template_folder(cls) -> Path:
            return Path(__file__).with_name("templates")

        def render(
            self, endpoints: Sequence[Endpoint], history: Sequence[Entry], templates: Templates
        ) -> dict[str, str]:
            values = {"title": Untrusted(self.title), "ids": [one.id for one in endpoints]}
            files = [GeneratedFile("ids.txt", "ids.txt.jinja", values)]
            return templates.render(files, filters={"line": position.line})

Endpoints are described by `fal_codegen.ir`, tables by `fal_codegen.toml`, files and
templates by `fal_codegen.render`. Text of a document is hostile: give it to templates as
`Untrusted`, which only a filter of the target can print. Class names in the IR are none of those
that Python or TypeScript reserve; a target for another language escapes its own reserved words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from typing_extensions import Self

    from fal_codegen.drift.history import Entry
    from fal_codegen.ir import Endpoint
    from fal_codegen.render import Templates
    from fal_codegen.toml import Table


@runtime_checkable
class Target(Protocol):
    """A package to generate. Its module is imported with the declaration, so keep it light."""

    @classmethod
    def from_table(cls, table: Table) -> Self:
        """Read the target from its table in the declaration, without the key `output`.

        Raises:
            ProjectError: The table has a key or value that the target does not accept.
        """
        ...

    @classmethod
    def template_folder(cls) -> Path:
        """Return the folder of the target's own templates."""
        ...

    def render(
        self, endpoints: Sequence[Endpoint], history: Sequence[Entry], templates: Templates
    ) -> Mapping[str, str]:
        """Return the text of every file, by path below the output folder.

        Args:
            endpoints: The planned endpoints, sorted by id.
            history: The changes of their documents, oldest first.
            templates: The target's templates, with the project's overrides.

        Raises:
            ProjectError: A template is missing or wrong.
        """
        ...
