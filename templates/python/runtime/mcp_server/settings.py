"""The options of the server: what an agent may call, spend, read and write."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from ..costs import amount_of
from ..errors import ConfigurationError

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Address:
    """Where the server listens."""

    host: str
    port: int


@dataclass(frozen=True)
class Settings:
    """What an agent may do."""

    allowed: tuple[str, ...] = ()
    """Patterns of the endpoints that it may call; all of them if there is no pattern."""
    max_cost: Decimal | None = None
    """US dollars that its calls may cost together."""
    folder: Path | None = None
    """The folder in which files are read and written; no folder means no files."""
    http: Address | None = None
    """The address of the server; standard input and output if left out."""


def parse(program: str, arguments: Sequence[str]) -> Settings:
    """Return the settings that the arguments of a command set."""
    parser = argparse.ArgumentParser(
        prog=program,
        description="Offer the endpoints of this package as tools to an agent, by the Model "
        "Context Protocol over standard input and output. The key is read from FAL_KEY.",
    )
    parser.add_argument(
        "--allow",
        action="append",
        default=[],
        metavar="PATTERN",
        help="offer only the endpoints whose ids match: * is any part of a segment, ** any part "
        "of an id, as in 'fal-ai/flux/**'; may be repeated",
    )
    parser.add_argument(
        "--max-cost",
        type=_amount,
        metavar="USD",
        help="reject calls that would cost more than this together, and those of unknown cost",
    )
    parser.add_argument(
        "--folder",
        type=_folder,
        metavar="DIR",
        help="let calls read local files in this folder, and save the files of results in it",
    )
    parser.add_argument(
        "--http",
        type=_address,
        metavar="[HOST:]PORT",
        help="serve streamable HTTP at this address instead; the host is 127.0.0.1 if left out. "
        "Clients need the token in FAL_MCP_TOKEN; if it is not set, the server prints a new one",
    )
    options = parser.parse_args(arguments)
    return Settings(tuple(options.allow), options.max_cost, options.folder, options.http)


def allowed_ids(endpoint_ids: Iterable[str], patterns: Sequence[str]) -> tuple[str, ...]:
    """Return the ids that match a pattern; all of them if there is no pattern.

    Raises:
        ConfigurationError: A pattern matches no id.
    """
    ids = tuple(endpoint_ids)
    if not patterns:
        return ids
    compiled = {pattern: _compiled(pattern) for pattern in patterns}
    for pattern, expression in compiled.items():
        if not any(map(expression.fullmatch, ids)):
            raise ConfigurationError(
                f"--allow {pattern}: no endpoint of this package matches; "
                "* is one part of an id, ** any number of parts"
            )
    return tuple(id for id in ids if any(each.fullmatch(id) for each in compiled.values()))


def _compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern as a regular expression. `a/**` matches `a` too."""
    words = re.split(r"(/\*\*$|\*\*|\*)", pattern)
    meaning = {"/**": "(/.*)?", "**": ".*", "*": "[^/]*"}
    return re.compile("".join(meaning.get(word) or re.escape(word) for word in words))


def _amount(text: str) -> Decimal:
    try:
        amount = amount_of(Decimal(text))
    except InvalidOperation:
        amount = None
    if amount is None:
        raise argparse.ArgumentTypeError(f"{text!a} is not an amount, such as 2.50")
    return amount


def _folder(text: str) -> Path:
    try:
        folder = Path(text).resolve(strict=True)
    except (OSError, ValueError, RuntimeError):
        folder = None
    if folder is None or not folder.is_dir():
        raise argparse.ArgumentTypeError(f"{text!a} is not a folder")
    return folder


def _address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdigit() and int(port) < 2**16):
        raise argparse.ArgumentTypeError(f"{text!a} is not a port, such as 8765, or a host and one")
    return Address(host.removeprefix("[").removesuffix("]") or LOOPBACK, int(port))
