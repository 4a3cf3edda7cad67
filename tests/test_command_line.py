"""The command line as a process: help, usage, exit codes, imports and streams."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fal_codegen.commands import SUMMARIES
from fal_codegen.exit_codes import ExitCode
from projects import (
    LOCK,
    MODULE,
    Cli,
    edit,
    problem,
)


@pytest.mark.parametrize("command", SUMMARIES)
def test_every_command_has_an_example(cli: Cli, command: str) -> None:
    ran = cli(command, "--help")
    assert ran.code == 0
    assert f"example:\n  fal-codegen {command}" in ran.out


def test_the_overview_names_every_command_and_exit_code(cli: Cli) -> None:
    ran = cli("--help")
    assert ran.code == 0
    for command in SUMMARIES:
        assert f"\n    {command} " in ran.out
    for code in ExitCode:
        assert f"\n  {code:d}  " in ran.out


@pytest.mark.parametrize("arguments", [[], ["publish"], ["check", "--fast"], ["remove"]])
def test_wrong_usage_shows_the_usage(cli: Cli, arguments: list[str]) -> None:
    problem(cli(*arguments), "usage: fal-codegen")


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["docter"], ["there is no command 'docter'", "did you mean doctor?"]),
        (["--debug", "lst"], ["did you mean list?"]),
        (["--project", ".", "list"], ["'--project' is not an option", "list --project DIR"]),
        (["list", "--jsn"], ["usage: fal-codegen list", "'--jsn'", "did you mean --json?"]),
        (["list", "all"], ["there is no argument 'all'", "fal-codegen list --help"]),
        ([], [f"\n    {name} " for name in SUMMARIES]),
    ],
)
def test_wrong_usage_suggests_what_to_write(
    cli: Cli, arguments: list[str], parts: list[str]
) -> None:
    problem(cli(*arguments), *parts)


def process(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "fal_codegen", *map(str, arguments)]


def test_a_process_ends_with_the_exit_code_of_its_command(filled: Path) -> None:
    def check() -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
        command = process("check")
        return subprocess.run(
            command, cwd=filled, env=environment, capture_output=True, text=True, check=False
        )

    assert (check().returncode, check().stdout) == (0, "up to date\n")
    edit(filled / MODULE, new="# é\n")
    differs = check()
    assert (differs.returncode, differs.stderr) == (ExitCode.DIFFERENCE, "")
    assert "-# \\xe9" in differs.stdout
    (filled / LOCK).write_text("[")
    failed = check()
    assert failed.returncode == ExitCode.FAILURE
    assert failed.stderr.startswith("error: ")


SETTLED = "import time; now = time.time_ns; time.time_ns = lambda: now() + 3_000_000_000\n"
"""Code after which files that have just changed count as settled."""


HEAVY = {
    *("asyncio", "httpx", "jinja2", "pydantic", "rich", "tomllib", "subprocess"),
    *("dataclasses", "filelock", "importlib.metadata", "platformdirs"),
}


def imported(folder: Path, *arguments: str, before: str = "") -> set[str]:
    """Run a command in a process, after this code; return the modules that it imported."""
    program = (
        f"{before}import os, sys\n"
        "os._exit = lambda code: print(code, *sys.modules, sep='\\n')\n"
        "from fal_codegen.__main__ import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[1] == "0", done.stderr
    return {*done.stdout.splitlines()}


def test_version_imports_little(tmp_path: Path) -> None:
    heavy = {*HEAVY, "hashlib", "pathlib"}
    if sys.version_info >= (3, 14):
        heavy.remove("dataclasses")  # argparse imports it
    assert not heavy & imported(tmp_path, "--version")


def test_generate_imports_little_if_nothing_changed(filled: Path, cli: Cli) -> None:
    assert cli("generate", "--project", filled).code == 0
    imported(filled, "generate", before=SETTLED)  # reads the files, and records that
    for arguments in (["generate"], ["generate", "--project", "."]):
        heavy = {*HEAVY, "argparse", "shutil", "tempfile"}
        assert not heavy & imported(filled, *arguments, before=SETTLED)


def test_a_reader_that_goes_away_is_no_error(filled: Path) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run(
        process("list", "--project", filled),
        stdout=write_end,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(write_end)
    assert (done.returncode, done.stderr) == (0, b"")


def test_an_option_has_to_be_written_out(filled: Path, cli: Cli) -> None:
    assert cli("generate", "--forc", "--project", filled).code == ExitCode.FAILURE
