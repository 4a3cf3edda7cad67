"""Exhaustive matches: mypy reports a `match` that leaves a case out."""

from __future__ import annotations

from typing import NoReturn


def assert_never(value: NoReturn) -> NoReturn:
    """Fail on a value that no case handles; mypy accepts the call only where there is none.

    `typing.assert_never` needs Python 3.11, and importing `typing_extensions` takes too long.
    """
    raise AssertionError(f"unhandled: {value!r}")
