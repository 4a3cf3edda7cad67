"""Metadata of a generated package for a package index, besides its name and version."""

from __future__ import annotations

import re
from typing import NamedTuple

from fal_codegen.toml import Table

KEYS = ("license", "repository")
"""The keys of a target's table that have it."""

_LICENSE = re.compile(r"[A-Za-z0-9.+()-]+( [A-Za-z0-9.+()-]+)*")
_ADDRESS = re.compile(r"https://[A-Za-z0-9._~/:@%+=-]+")


class Publishing(NamedTuple):
    """The licence and the repository of a package.

    Attributes:
        license: An SPDX expression, such as `MIT`; empty if none is declared.
        repository: The address of the repository; empty if none is declared.
    """

    license: str
    repository: str


def publishing(table: Table) -> Publishing:
    """Read the licence and the repository from the table of a target.

    Raises:
        ProjectError: A value is not valid.
    """
    license_, repository = (table.string(key) if key in table else "" for key in KEYS)
    if license_ and not _LICENSE.fullmatch(license_):
        raise table.error(
            "license",
            f"{license_!r} is not an SPDX expression",
            hint="such as MIT, or MIT OR Apache-2.0: see https://spdx.org/licenses",
        )
    if repository and not _ADDRESS.fullmatch(repository):
        raise table.error("repository", f"{repository!r} is not an https:// address")
    return Publishing(license_, repository)
