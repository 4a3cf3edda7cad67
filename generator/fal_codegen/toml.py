"""TOML: parsing, and tables whose errors name the file and the key.

Python 3.10 has no parser of its own; tomli stands in for it.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Mapping
from typing import Any

from fal_codegen.errors import ProjectError
from fal_codegen.paths import DECLARATION

if sys.version_info >= (3, 11):
    from tomllib import TOMLDecodeError, loads
else:
    from tomli import TOMLDecodeError, loads

__all__ = ["TOMLDecodeError", "Table", "loads"]

_VERSION = re.compile(r"\d+(\.\d+)*((a|b|rc)\d+)?(\.post\d+)?(\.dev\d+)?", re.ASCII)
"""Versions of Python packages, in their one normal spelling (PEP 440)."""


class Table(dict[str, Any]):
    """A table. Its methods raise `ProjectError` where what it says cannot be."""

    def __init__(self, raw: Mapping[str, Any], where: str) -> None:
        super().__init__(raw)
        self.where = where

    def table(self, key: str) -> Table:
        """Return a table in this one; an empty one if it is not there."""
        where = f"{self.where}.{key}" if self.where else key
        value = self.get(key, {})
        if not isinstance(value, dict):
            raise ProjectError(f"{DECLARATION}: {where} must be a table")
        return Table(value, where)

    def text(self, key: str, default: str | None = None) -> str:
        """Return a string; the default if it is not there."""
        value = self.get(key, default)
        if value is None:
            raise ProjectError(f"{DECLARATION}: {self.where}.{key} is missing")
        if not isinstance(value, str) or not value:
            raise ProjectError(f"{DECLARATION}: {self.where}.{key} must be a non-empty string")
        return value

    def version(self, key: str, default: str) -> str:
        """Return the version of a package; the default if it is not there."""
        value = self.text(key, default)
        if not _VERSION.fullmatch(value):
            raise ProjectError(f"{DECLARATION}: {self.where}.{key} {value!r} is not a version")
        return value

    def number(self, key: str, default: float) -> float:
        """Return a number above 0; the default if it is not there."""
        value = self.get(key, default)
        if type(value) not in (int, float) or not 0 < value < math.inf:
            raise ProjectError(f"{DECLARATION}: {self.where}.{key} must be a number above 0")
        return float(value)

    def count(self, key: str, default: int) -> int:
        """Return a whole number above 0; the default if it is not there."""
        value = self.get(key, default)
        if type(value) is not int or value < 1:
            raise ProjectError(f"{DECLARATION}: {self.where}.{key} must be a whole number above 0")
        return value

    def flag(self, key: str, default: bool) -> bool:
        """Return true or false; the default if it is not there."""
        value = self.get(key, default)
        if not isinstance(value, bool):
            raise ProjectError(f"{DECLARATION}: {self.where}.{key} must be true or false")
        return value

    def only(self, *known: str) -> None:
        """Refuse keys that mean nothing here."""
        for key in self:
            if key not in known:
                where = f"{self.where}.{key}" if self.where else key
                raise ProjectError(
                    f"{DECLARATION}: {where} is not known", hint=f"known here: {', '.join(known)}"
                )
