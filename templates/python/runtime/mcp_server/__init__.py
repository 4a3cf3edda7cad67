"""A server that offers the endpoints of a package as tools to agents; the extra `mcp`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec

from ..client import Client
from ..errors import ConfigurationError
from ..text import line


def main(client: type[Client], program: str, arguments: Sequence[str]) -> int:
    """Serve tools until the agent's client leaves, and return the exit code.

    Args:
        client: The client of the package, with its endpoints.
        program: The command in messages.
        arguments: The options of the command.
    """
    if find_spec("mcp") is None:
        missing = "the server needs the package `mcp`, which the extra `mcp` installs"
        print(f"error: {missing}: pip install 'mcp>=2.3,<3'", file=sys.stderr)
        return _INVALID
    from .settings import parse

    settings = parse(program, arguments)
    from .serving import serve  # here, because `--help` does not need the SDK

    try:
        return serve(client(), settings)
    except KeyboardInterrupt:  # on Windows
        return _INTERRUPTED
    except (ConfigurationError, OSError) as error:
        print(f"error: {line(str(error))}", file=sys.stderr)
        return _INVALID


_INVALID, _INTERRUPTED = 2, 130
