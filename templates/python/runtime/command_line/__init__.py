"""The command line of a generated package, which its extra `cli` installs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from .exit_codes import ExitCode

if TYPE_CHECKING:
    from ..client import Client

_NEEDED = ("click", "rich")


def main(client: type[Client], program: str, arguments: Sequence[str] | None = None) -> int:
    """Run a command, and return its exit code.

    Args:
        client: The client of the package, with its endpoints.
        program: The name of the program in messages.
        arguments: The command with its options; those of the process if left out.
    """
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    if arguments[:1] == ["settle"]:
        from ..settle import main as settle

        return settle(program, arguments)
    if arguments[:1] == ["mcp"]:
        from ..mcp_server import main as serve_tools

        return serve_tools(client, f"{program} mcp", arguments[1:])
    if not all(map(find_spec, _NEEDED)):
        missing = "the command line needs the packages `click` and `rich`, which the extra `cli` "
        print(f"error: {missing}installs: pip install 'click>=8.2.1' 'rich>=13.7'", file=sys.stderr)
        return ExitCode.INVALID
    from .app import run

    return run(client, program, arguments)
