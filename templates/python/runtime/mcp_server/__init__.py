"""A server that offers the endpoints of a package as tools to agents; the extra `mcp`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec

from ..client import Client
from ..errors import NOTHING, ConfigurationError
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
        fal = client()
        _warn_without_key(fal)
        return serve(fal, settings)
    except KeyboardInterrupt:  # on Windows
        return _INTERRUPTED
    except (ConfigurationError, OSError) as error:
        print(f"error: {line(str(error))}", file=sys.stderr)
        return _INVALID


def _warn_without_key(client: Client) -> None:
    """Report on standard error that calls will fail; listing the tools needs no key."""
    try:
        client.connection.key_for(client.connection.addresses.queue, NOTHING)
    except ConfigurationError as error:
        print(
            f"warning: calls will fail: {line(str(error))}\n"
            "  in the configuration of an agent, set FAL_KEY in the `env` of this server",
            file=sys.stderr,
        )


_INVALID, _INTERRUPTED = 2, 130
