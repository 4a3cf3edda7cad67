"""Completion of the command line, for a shell.

The script of `fal-codegen completion SHELL` runs the tool again with the unfinished line in its
environment. argcomplete reads the line, and completes commands, options and choices from the parser
itself; this module adds endpoint ids and paths.
"""

from __future__ import annotations

import os
from argparse import Action, ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Sequence
from typing import NoReturn

import argcomplete
from argcomplete.completers import BaseCompleter, DirectoriesCompleter, FilesCompleter

from fal_codegen import catalogue_cache, commands
from fal_codegen.commands.common_arguments import project_if_any
from fal_codegen.errors import CodegenError


def complete(parser: Callable[[Sequence[str]], ArgumentParser]) -> NoReturn:
    """Print the completions of the line that the shell asks about, and exit.

    Args:
        parser: Returns the parser of the command line, see `cli.parser`.
    """
    line, point = os.environ["COMP_LINE"], int(os.environ["COMP_POINT"])
    words = line[:point].split()[1:]
    command = [word for word in words if word in commands.SUMMARIES][:1]
    argcomplete.autocomplete(
        parser(command), default_completer=_Values(), always_complete_options="long"
    )
    raise AssertionError("argcomplete exits")


class _Values(BaseCompleter):
    """Completes arguments without choices."""

    def __call__(
        self, *, prefix: str, action: Action, parser: ArgumentParser, parsed_args: Namespace
    ) -> Iterable[str]:
        """Return the values that an argument can have."""
        match action.dest:
            case "ids":
                return _ids(parsed_args)
            case "project" | "folder":
                return DirectoriesCompleter()(prefix)
            case "sources" | "old" | "new":
                return FilesCompleter()(prefix)
            case _:
                return ()


def _ids(options: Namespace) -> Iterable[str]:
    """Return declared ids; for `add`, ids that the catalogue listed before and are not declared."""
    from fal_codegen.project import declaration as declare

    try:
        project = project_if_any(options)
        declaration = declare.load(project) if project else declare.parse("")
    except CodegenError:  # the command itself will report it
        return ()
    if options.command != "add":
        return list(declaration.endpoints)  # a mapping would be of descriptions
    return catalogue_cache.remembered(declaration.fetch.catalogue) - declaration.endpoints.keys()
