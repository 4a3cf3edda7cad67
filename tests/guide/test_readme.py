"""The README: it is short, and its five commands lead to the first typed call."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from .commands_shown import check
from .examples import ROOT, Page

README = Page(ROOT / "README.md")
COMMANDS = next(
    example.source.splitlines() for example in README.of("sh") if " emulate " in example.source
)
MOST_LINES = 200


def test_it_is_short() -> None:
    assert len(README.path.read_text("utf-8").splitlines()) <= MOST_LINES


def test_the_first_typed_call_takes_five_commands() -> None:
    assert len(COMMANDS) == 5
    for command in COMMANDS:
        lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
        assert not any(set(word) <= set("();<>|&") for word in lexer), f"{command}: more than one"


@pytest.mark.posix
def test_the_five_commands_lead_to_the_result_of_a_call(tmp_path: Path) -> None:
    """The commands are typed as they are, in an environment in which pip installs nothing."""
    venv, install, *others = COMMANDS
    scripts = tmp_path / ".venv/bin"
    scripts.mkdir(parents=True)
    for name, words in {
        "python": [sys.executable],
        "fal-codegen": [sys.executable, "-m", "fal_codegen"],
        "pip": ["true"],
    }.items():
        (scripts / name).write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
        (scripts / name).chmod(0o755)
    (tmp_path / "fal-codegen").symlink_to(ROOT)
    program = README.file("try.py")
    (tmp_path / "try.py").write_text(program.source, "utf-8")
    check("\n".join([venv, install]))
    client = tmp_path / shlex.split(others[1])[-1]
    ran = subprocess.run(
        ["bash", "-ec", "\n".join(others)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(client)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    [shown] = (example.source for example in README.of("text") if ".mp4" in example.source)
    varying = re.compile(r"(?<=127.0.0.1:)\d+|(?<=results/)\w+")
    assert varying.sub("…", ran.stdout).endswith("\n" + varying.sub("…", shown))
    assert (client / "pyproject.toml").is_file()
