"""The page on the command line lists every exit code."""

from __future__ import annotations

import re

from fal_endpoints._runtime.command_line.exit_codes import ExitCode

from .examples import ROOT


def test_every_exit_code_is_documented() -> None:
    page = (ROOT / "docs/how-to/command-line.md").read_text("utf-8")
    documented = [int(code) for code in re.findall(r"^\| (\d+) \| .+ \|$", page, re.MULTILINE)]
    assert documented == list(ExitCode)
