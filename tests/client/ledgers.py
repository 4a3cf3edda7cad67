"""A batch of one request with a ledger, and the command that settles ledgers."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

from fal_endpoints import Outcome
from fal_endpoints.__main__ import main

from .collage import Collage, Output
from .conftest import Call


def mapped(call: Call, endpoint: Collage, ledger: Path, **options: Any) -> Outcome[Output]:
    """Map one row, and return its outcome."""
    outcome: Outcome[Output]
    (outcome,) = call(endpoint.map, [{"layers": []}], ledger=ledger, **options)
    return outcome


class Settled(NamedTuple):
    """The result of the command: its exit code and its output."""

    code: int
    out: str
    err: str


def settle(*arguments: object) -> Settled:
    """Run `python -m fal_endpoints settle` in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(["settle", *map(str, arguments)])
    return Settled(code, out.getvalue(), err.getvalue())
