"""The commands of fal-codegen, from their parsers."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from fal_codegen import cli, commands
from fal_codegen.exit_codes import INTERRUPTED, ExitCode

from .markdown import code, escaped, fenced, markdown_page, table

ARGUMENT = ["argument", "what it does"]

ENVIRONMENT = [
    [
        "`FAL_KEY`",
        "sent to `api.fal.ai` for prices and a higher rate limit, and to all of fal's services by "
        "`emulate --record`",
    ],
    ["`FAL_ALLOW_HTTP`", "`1` allows addresses that start with `http://` beyond loopback"],
    ["`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`", "the proxy"],
    ["`SSL_CERT_FILE`, `SSL_CERT_DIR`", "the certificates of trusted authorities"],
    ["`NO_COLOR`", "any value turns colours off"],
    ["`XDG_CACHE_HOME`", "the folder that holds the tool's cache, on every system"],
]


def page() -> str:
    return markdown_page(
        "Command line",
        "`fal-codegen COMMAND --help` prints the same. Arguments in `[…]` are optional, and those "
        "with `…` can be repeated.",
        table(
            ["command", "what it does"],
            [[f"[`{name}`](#{name})", summary] for name, summary in commands.SUMMARIES.items()],
        ),
        "These options come before the command:",
        table(ARGUMENT, _rows(cli.parser(["--help"]))),
        "## Exit codes",
        table(
            ["code", "meaning"],
            [
                [f"{ExitCode.SUCCESS:d}", "success; no difference"],
                [f"{ExitCode.DIFFERENCE:d}", "`check`, `drift` or `diff` found a difference"],
                [
                    f"{ExitCode.FAILURE:d}",
                    "wrong usage, or the command failed; an endpoint that could not be compared "
                    "counts as a failure, and never as unchanged",
                ],
                [f"{ExitCode.BREAKING:d}", "`drift` or `diff` found a change that breaks callers"],
                [str(INTERRUPTED), "interrupted by Ctrl-C"],
            ],
        ),
        "The first line of an error says what happened and where; the second, where there is one, "
        "says what to do next. `--debug` before the command adds the traceback.",
        "## Environment",
        table(["variable", "meaning"], ENVIRONMENT),
        *(block for name in commands.SUMMARIES for block in _command(name)),
    )


def _command(name: str) -> Iterator[str]:
    summary, command = commands.SUMMARIES[name], commands.load_command(name)
    parser = argparse.ArgumentParser(prog=f"fal-codegen {name}", add_help=False)
    command.arguments(parser)
    yield f"## {name}"
    yield f"{summary[0].upper()}{summary[1:]}."
    yield fenced("sh", command.EXAMPLE)
    yield table(ARGUMENT, _rows(parser))


def _rows(parser: argparse.ArgumentParser) -> Iterator[Sequence[str]]:
    for action in parser._actions:
        is_command = isinstance(action, argparse._SubParsersAction)
        if is_command or action.help in (None, argparse.SUPPRESS) or action.dest == "help":
            continue
        values = {"default": action.default, "prog": parser.prog}
        yield [code(_usage(action)), escaped(str(action.help) % values)]


def _usage(action: argparse.Action) -> str:
    """Return how an argument is written, such as `--project DIR`."""
    value = ""
    if action.choices is not None:
        value = "{" + ",".join(map(str, action.choices)) + "}"
    elif action.nargs != 0:
        value = str(action.metavar or action.dest.upper())
        value += "…" if action.option_strings and action.nargs == "+" else ""
    if not action.option_strings:
        return {"*": f"[{value}…]", "+": f"{value}…", "?": f"[{value}]"}.get(
            str(action.nargs), value
        )
    return " ".join([*action.option_strings[:1], value]).strip()
