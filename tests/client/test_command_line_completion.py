"""Shells complete the commands, ids, options and choices of the generated package."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from fal_codegen.emulator import Emulator

from .shell import COLLAGE, ODD, PIKA, Shell

CLIENT = Path(__file__).parents[2] / "generated/python"
VARIABLE = "_FAL_ENDPOINTS_COMPLETE"

SCRIPTS = {
    "bash": """
        COMP_WORDS=(fal-endpoints run fal) COMP_CWORD=2
        _fal_endpoints_completion fal-endpoints; printf '%s\\n' "${COMPREPLY[@]}"
    """,
    "zsh": """
        compadd() { printf '%s\\n' "${(P)@[-1]}" }
        words=(fal-endpoints run fal) CURRENT=3
        _fal_endpoints_completion fal-endpoints
    """,
    "fish": "complete -C 'fal-endpoints run fal'",
}
START = {"bash": ["bash", "-c"], "zsh": ["zsh", "-fc"], "fish": ["fish", "--no-config", "-c"]}


@pytest.fixture
def shell(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    return Shell(emulator, monkeypatch, capsys)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (["r"], ["run", "result"]),
        (["run", "acme/"], [COLLAGE, ODD]),
        (["status", "fal"], [PIKA]),
        (["map", "acme/o"], [ODD]),
        (["run", PIKA, "--pro"], ["--prompt"]),
        (["run", PIKA, "--resolution", ""], ["720p", "1080p"]),
        (["run", PIKA, "--image-url", "@fi"], ["@first.png", "@firsts/"]),
        (["completion", "f"], ["fish"]),
    ],
)
def test_a_word_is_completed(
    shell: Shell,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    line: list[str],
    expected: list[str],
) -> None:
    (tmp_path / "first.png").touch()
    (tmp_path / "firsts").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(VARIABLE, "bash_complete")
    monkeypatch.setenv("COMP_WORDS", " ".join(["fal-endpoints", *line]))
    monkeypatch.setenv("COMP_CWORD", str(len(line)))
    words = shell().out.split()
    assert [word.partition(",")[2] for word in words] == expected


@pytest.mark.posix
@pytest.mark.parametrize("name", SCRIPTS)
def test_a_shell_completes(shell: Shell, tmp_path: Path, name: str) -> None:
    if not shutil.which(name):
        pytest.skip(f"needs {name}")
    script = shell("completion", name)
    assert script.code == 0
    program = tmp_path / "fal-endpoints"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m fal_endpoints "$@"\n')
    program.chmod(0o755)
    ran = subprocess.run(
        [*START[name], script.out + "\n" + SCRIPTS[name]],
        env={
            **os.environ,
            "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(CLIENT),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert PIKA in ran.stdout, ran.stderr
