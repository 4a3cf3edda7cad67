"""Commands that pages show and tests do not run: they exist, with the options that are shown."""

from __future__ import annotations

import re
import shlex
import shutil
import sysconfig
from collections.abc import Iterator

from fal_codegen import cli, toml
from fal_endpoints._runtime.command_line.app import commands as client_commands

from .examples import CLIENT, ROOT

TRUSTED = frozenset(
    ". cd celery curl docker export git jupyter mkdocs npm pip playwright pytest python python3"
    " source".split()
)
"""Commands of others; fal-codegen's are parsed."""

SCRIPTS = sysconfig.get_path("scripts")


def check(source: str) -> None:
    """Raise an AssertionError unless all commands of a shell example exist."""
    for words in _simple_commands(source):
        match words:
            case ["fal-codegen", *arguments]:
                _parse(arguments)
            case ["fal-endpoints", command, *_]:
                assert command in client_commands.commands, f"fal-endpoints {command} is not known"
            case [command, *arguments]:
                known = command in TRUSTED or shutil.which(command, path=SCRIPTS)
                assert known, f"{command} is not known"
                if command == "pip":
                    _check_extras(arguments)
            case _:
                pass


def _simple_commands(source: str) -> Iterator[list[str]]:
    for line in source.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        words = list[str]()
        for word in [*lexer, ";"]:
            if set(word) <= set("();<>|&"):
                yield words
                words = []
            elif words or not re.match(r"\w+=", word):  # a variable before the command
                words.append(re.sub(r"^(\.venv/bin/)", "", word))


def _parse(arguments: list[str]) -> None:
    if "--project" in arguments:  # which is there only after earlier commands of the page
        arguments[arguments.index("--project") + 1] = str(ROOT)
    try:
        cli.parser(arguments).parse_args(arguments)
    except SystemExit as done:
        assert not done.code, f"fal-codegen {shlex.join(arguments)} is wrong usage"


def _check_extras(arguments: list[str]) -> None:
    declared = {
        name
        for path in (ROOT / "pyproject.toml", CLIENT / "pyproject.toml")
        for name in toml.loads(path.read_text("utf-8"))["project"]["optional-dependencies"]
    }
    for argument in arguments:
        if found := re.search(r"(?:\.|fal-codegen|fal_endpoints|python)\[([\w,]+)\]$", argument):
            assert set(found[1].split(",")) <= declared, f"{argument}: no such extra"
