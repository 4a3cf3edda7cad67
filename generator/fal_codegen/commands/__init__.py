"""The commands: one module each, imported only when its command is called."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from fal_codegen.console import Console


class Command(Protocol):
    """The module of a command."""

    EXAMPLE: str
    """Calls of the command, one a line, for its `--help`."""

    def arguments(self, parser: ArgumentParser) -> None:
        """Add the command's arguments to its parser."""

    def run(self, options: Namespace, console: Console) -> int:
        """Run the command.

        Args:
            options: Its arguments, parsed.
            console: Where to report what it does.

        Returns:
            The exit code: an `ExitCode`, or that of a command of the user's.

        Raises:
            CodegenError: The command failed.
        """
        ...


SUMMARIES: Mapping[str, str] = {
    "init": "start a project: declaration, folders, CI workflows",
    "search": "search fal's catalogue for endpoints",
    "add": "fetch documents, declare their endpoints, and generate",
    "remove": "remove endpoints with their documents and generated files",
    "list": "list the declared endpoints and how to call them",
    "fetch": "fetch the documents of declared endpoints, without generating",
    "drift": "report what fal changed in the documents of declared endpoints, "
    "and which callers it breaks",
    "diff": "report what changed between two documents, folders or git revisions, offline",
    "update": "apply what fal changed: fetch, report, vendor, and generate",
    "generate": "generate everything that is declared, offline; writes only what changed",
    "check": "report whether the generated files are up to date, with a diff",
    "doctor": "check the installation, the project and the network settings",
    "completion": "print a script that completes commands, options and endpoint ids in a shell",
    "emulate": "serve a local fal for the declared endpoints: no key, no network, no cost",
}
"""What each command does, by its name, which is also the name of its module."""


def load_command(name: str) -> Command:
    """Import the module of a command."""
    return cast(Command, import_module(f"{__name__}.{name}"))


if TYPE_CHECKING:  # mypy verifies that each module is a command
    from fal_codegen.commands import (
        add,
        check,
        completion,
        diff,
        doctor,
        drift,
        emulate,
        fetch,
        generate,
        init,
        list,
        remove,
        search,
        update,
    )

    _COMMANDS: tuple[Command, ...] = (
        add, check, completion, diff, doctor, drift, emulate, fetch, generate, init, list, remove,
        search, update,
    )  # fmt: skip
