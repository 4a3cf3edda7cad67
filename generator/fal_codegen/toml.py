"""TOML: parsing, and the tables of the declaration, whose errors name the file and the key.

Python 3.10 has no parser of its own, so tomli replaces it there.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Mapping
from typing import Any

from fal_codegen.errors import ProjectError
from fal_codegen.paths import DECLARATION
from fal_codegen.suggestions import did_you_mean

if sys.version_info >= (3, 11):
    import tomllib
    from tomllib import TOMLDecodeError
else:
    import tomli as tomllib
    from tomli import TOMLDecodeError

__all__ = ["TOMLDecodeError", "Table", "loads"]

_VERSION = re.compile(r"\d+(\.\d+)*((a|b|rc)\d+)?(\.post\d+)?(\.dev\d+)?", re.ASCII)
"""Versions of Python packages, in their normal form (PEP 440)."""


def loads(text: str) -> dict[str, Any]:
    """Parse a TOML document. Raises TOMLDecodeError."""
    try:
        return tomllib.loads(text)
    except TOMLDecodeError:
        raise
    except ValueError as error:  # Python limits the digits of an integer
        raise TOMLDecodeError("an integer has too many digits") from error
    except RecursionError as error:
        raise TOMLDecodeError("it is nested too deeply") from error


class Table(dict[str, Any]):
    """A table of the declaration.

    The methods that return a value of the table raise `ProjectError` if it has another type.

    Args:
        raw: Its keys and values.
        path: Its path in the file, such as `targets.python`; empty for the whole file.
    """

    def __init__(self, raw: Mapping[str, Any], path: str) -> None:
        super().__init__(raw)
        self._path = path

    def error(self, key: str, problem: str, *, hint: str | None = None) -> ProjectError:
        """Return an error about a key: `must be a string`."""
        return ProjectError(f"{DECLARATION}: {self._path_of(key)} {problem}", hint=hint)

    def table(self, key: str) -> Table:
        """Return a table in this one; an empty one if it is missing."""
        value = self.get(key, {})
        if not isinstance(value, dict):
            raise self.error(key, "must be a table")
        return Table(value, self._path_of(key))

    def string(self, key: str, default: str | None = None) -> str:
        """Return a string that is not empty; the default if it is missing."""
        value = self.get(key, default)
        if value is None:
            raise self.error(key, "is missing")
        if not isinstance(value, str) or not value:
            raise self.error(key, "must be a non-empty string")
        return value

    def version(self, key: str, default: str) -> str:
        """Return the version of a Python package; the default if it is missing."""
        value = self.string(key, default)
        if not _VERSION.fullmatch(value):
            raise self.error(key, f"{value!r} is not a version")
        return value

    def number(self, key: str, default: float) -> float:
        """Return a number above 0; the default if it is missing."""
        value = self.get(key, default)
        if type(value) not in (int, float) or not 0 < value < math.inf:
            raise self.error(key, "must be a number above 0")
        return float(value)

    def count(self, key: str, default: int) -> int:
        """Return an integer above 0; the default if it is missing."""
        value = self.get(key, default)
        if type(value) is not int or value < 1:
            raise self.error(key, "must be a whole number above 0")
        return value

    def flag(self, key: str, default: bool) -> bool:
        """Return a boolean; the default if it is missing."""
        value = self.get(key, default)
        if not isinstance(value, bool):
            raise self.error(key, "must be true or false")
        return value

    def only(self, *keys: str) -> None:
        """Reject all other keys."""
        for key in self:
            if key not in keys:
                hint = did_you_mean(key, keys, f"known keys: {', '.join(keys)}")
                raise self.error(key, "is not known", hint=hint)

    def _path_of(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key
