"""The settings of a documentation site, as the declaration has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fal_codegen.targets.typescript import package_name
from fal_codegen.toml import Table

if TYPE_CHECKING:
    from typing_extensions import Self

Facts = Mapping[str, str]
"""Values to list on an endpoint's page, by label."""


@dataclass(frozen=True)
class Settings:
    """The settings of a site.

    Attributes:
        title: Its name.
        package: The import name of the Python client that its examples use.
        npm_package: The name of the npm package that its examples use; None without one.
        thumbnails: Whether its pages show thumbnails, which browsers load from fal's servers.
        facts: Further facts that the pages of endpoints list, by endpoint id.
    """

    title: str
    package: str
    npm_package: str | None
    thumbnails: bool
    facts: Mapping[str, Facts]

    @classmethod
    def from_table(cls, table: Table) -> Self:
        """Read the settings from the target's table in the declaration.

        Raises:
            ProjectError: A key is unknown, or a value is not valid.
        """
        table.only("title", "package", "npm_package", "thumbnails", "facts")
        package = table.string("package", "fal_endpoints")
        if not package.isidentifier() or not package.isascii():
            raise table.error("package", f"{package!r} cannot be imported")
        npm = package_name(table, "npm_package") if "npm_package" in table else None
        facts = table.table("facts")
        by_endpoint = {endpoint_id: facts.table(endpoint_id) for endpoint_id in facts}
        return cls(
            title=table.string("title", "fal endpoints"),
            package=package,
            npm_package=npm,
            thumbnails=table.flag("thumbnails", False),
            facts={
                endpoint_id: {label: values.string(label) for label in values}
                for endpoint_id, values in by_endpoint.items()
            },
        )
