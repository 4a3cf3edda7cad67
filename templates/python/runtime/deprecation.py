"""Warnings about endpoints that fal has deprecated."""

from __future__ import annotations

import inspect
import warnings

_PACKAGE = __name__.rpartition(".")[0].removesuffix("._runtime")


def warn_deprecated(message: str) -> None:
    """Warn at the innermost line outside of this package.

    Python shows the warning once for each line.
    """
    level, frame = 1, inspect.currentframe()
    while frame is not None and _is_own(frame.f_globals.get("__name__")):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, DeprecationWarning, level)


def _is_own(module: object) -> bool:
    return isinstance(module, str) and f"{module}.".startswith(f"{_PACKAGE}.")
