"""Targets: each turns planned endpoints into the files of one generated package.

A builtin target is a package here, with a folder of templates of the same name.

Another distribution adds a target through the entry-point group `fal_codegen.targets`. The name of
the entry point is the name of the target in `specs/endpoints.toml`. It refers to a class with the
three methods of `Target`:

    [project.entry-points."fal_codegen.targets"]
    ids = "fal_ids:IdsTarget"

An instance is made from the target's table in the declaration. Its `render` lists the files to
generate, and `Templates` renders them; a project overrides a template in its `templates/ids/`:

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
            lines = [(endpoint.id, Untrusted(endpoint.about)) for endpoint in endpoints]
            values = {"title": self.title, "lines": lines}
            files = [GeneratedFile("ids.txt", "ids.txt.jinja", values)]
            return templates.render(files, filters={"line": escaping.line})

`Endpoint` is documented in `fal_codegen.ir`, `Entry` in `fal_codegen.history`, `Table` in
`fal_codegen.toml`, `GeneratedFile`, `Templates` and `Untrusted` in `fal_codegen.render`. Text of a
document is hostile: pass it to a template as `Untrusted`, which only a quoting filter can print. No
class name in an `Endpoint` is a reserved word of Python or TypeScript; a target for another
language escapes its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from typing_extensions import Self

    from fal_codegen.history import Entry
    from fal_codegen.ir import Endpoint
    from fal_codegen.render import Templates
    from fal_codegen.toml import Table


@runtime_checkable
class Target(Protocol):
    """A package to generate; its module should be cheap to import."""

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
        r"""Return the text of every file, by path below the output folder.

        A path has `/` between its parts, and text has the line ending `\n`. Hidden files and the
        folders of other tools (`build`, `node_modules`) are not allowed.

        Args:
            endpoints: The planned endpoints, sorted by id.
            history: The changes of their documents, oldest first.
            templates: The target's templates, with the project's overrides.

        Raises:
            ProjectError: A template is missing or wrong.
        """
        ...
