"""What the command line does with odd names, hostile text, missing packages and its own faults."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import Request
from fal_endpoints._runtime.command_line.results import print_json

from .documented import document
from .shell import ODD, ODD_DOCUMENTATION, PIKA, Shell


@pytest.fixture
def shell(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    return Shell(emulator, monkeypatch, capsys)


@pytest.fixture
def payloads(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Collect the arguments of requests instead of sending them."""
    found: list[dict[str, Any]] = []

    def submit(self: Request[Any], **options: object) -> None:
        found.append(self.payload)
        raise RuntimeError("nothing is sent in this test")

    monkeypatch.setattr(Request, "submit", submit)
    return found


def test_an_argument_with_the_name_of_an_option_has_another_option(
    shell: Shell, payloads: list[dict[str, Any]]
) -> None:
    shell("run", ODD, "--output-argument", "x", "--help-argument", "-o", "out.png")
    assert payloads == [{"output": "x", "help": True}]
    ended = shell("run", ODD, "--input", "y")
    assert ended.err.splitlines()[-2:] == [
        "error: --input y: No such file or directory",
        "  pass a JSON file; for the argument `input`, use --input-argument",
    ]


def test_the_message_of_a_value_is_for_a_shell(shell: Shell) -> None:
    ended = shell("run", ODD, "--size", "5")
    assert "--size: Input should be a JSON object or 'square'" in ended.err


@pytest.mark.parametrize(
    ("arguments", "payload"),
    [
        (["--no-help-argument"], {"help": False}),
        (["--steps", "2"], {"steps": 2}),
        (["--steps", "auto"], {"steps": "auto"}),
        (["--size", "square"], {"size": "square"}),
        (["--size", '{"width": 3}'], {"size": {"width": 3}}),
        (["--scale", "2"], {"scale": 2.0}),
        (["--words", "[a]", "--words", "12"], {"words": ["[a]", "12"]}),
        (["--numbers", "[1, 2]", "--numbers", "3"], {"numbers": [1, 2, 3]}),
        (["--anything", '{"a": [null]}'], {"anything": {"a": [None]}}),
        (["--anything", "a b"], {"anything": "a b"}),
    ],
)
def test_the_type_of_an_argument_decides_how_its_text_is_read(
    shell: Shell, payloads: list[dict[str, Any]], arguments: list[str], payload: dict[str, Any]
) -> None:
    shell("run", ODD, *arguments)
    assert payloads == [payload]


@pytest.fixture
def documented(monkeypatch: pytest.MonkeyPatch) -> None:
    document(monkeypatch, ODD, **ODD_DOCUMENTATION)


@pytest.mark.usefixtures("documented")
def test_help_shows_what_a_value_can_be(shell: Shell) -> None:
    text = shell("run", ODD, "--help").out
    assert "Price: 1 USD per oddity." in text
    assert "Required arguments" not in text  # they are options
    assert "--steps [1|2|auto]" in text
    assert "--size [square|JSON]" in text
    assert "JSON with the fields width." in text
    assert "--voice CHOICE" in text  # too many for one line
    assert "One of: first-soprano, second-soprano, " in text
    assert "--help-argument / --no-help-argument" in text
    assert "Repeat the option for each item." in text


@pytest.mark.usefixtures("documented")
def test_text_of_documents_is_escaped(shell: Shell) -> None:
    text = shell("run", ODD, "--help").out
    assert "Is odd \\x1b[31m." in text
    assert "Turns red \\x1b[31m, and [bold]loud[/bold]." in text
    assert "\x1b" not in text


def test_results_and_logs_are_escaped(
    shell: Shell, emulator: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    print_json({"text": "a\x1b[31m\u202e\u00e9"}, indent=None)
    assert capsys.readouterr().out == '{"text": "a\\u001b[31m\\u202e\u00e9"}\n'


def test_a_deprecated_endpoint_has_a_warning(shell: Shell, payloads: list[dict[str, Any]]) -> None:
    assert "warning: acme/odd is deprecated\n" in shell("run", ODD).err


def test_a_fault_of_the_command_line_is_a_line(
    shell: Shell, payloads: list[dict[str, Any]]
) -> None:
    ended = shell("run", ODD)
    assert ended.code == 2
    assert "error: unexpected RuntimeError: nothing is sent in this test\n" in ended.err
    assert "Traceback" not in ended.err


def test_a_terminal_shows_the_state_in_one_line(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    arguments = ("run", PIKA, "--image-url", "https://a.test/a.png", "--prompt", "x")
    ended = shell(*arguments)
    assert ended.code == 0
    assert "sending the request" in ended.err
    assert "\nrunning\n" not in ended.err
    assert ended.json["video"]


def test_without_the_extra_it_says_how_to_install_it(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "click", None)
    ended = shell("list")
    assert ended.code == 2
    (line,) = ended.err.splitlines()
    assert "pip install 'click>=8.2.1' 'rich>=13.7'" in line
    settled = shell("settle", "none.jsonl")
    assert settled.err.startswith("error: the ledger none.jsonl cannot be opened (")


def test_a_wrong_address_is_a_line(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAL_BASE_URL", "http://example.test")
    ended = shell("list")
    assert ended.code == 2
    (line, *_) = ended.err.splitlines()
    assert line.startswith("error: ")
    assert "FAL_ALLOW_HTTP" in line


def test_only_the_called_endpoint_is_imported(pattern: Path) -> None:
    program = (
        "import sys; from fal_endpoints.__main__ import main\n"
        "assert not (main(['list']) or main(['run', '--help']))\n"
        "assert not any('acme' in name for name in sys.modules), sys.modules\n"
        "assert not main(['run', 'acme/blender/fast', '--help'])\n"
        "assert 'fal_endpoints.acme.blender.fast' in sys.modules\n"
        "print(*[name for name in sys.modules if 'acme' in name])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env={
            **os.environ,
            "PYTHONPATH": str(pattern / "generated/python"),
            "PYTHONDONTWRITEBYTECODE": "1",  # other tests copy the folder
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    package = "fal_endpoints.acme"
    imported = [package, f"{package}.blender", f"{package}.blender.fast"]
    assert ran.stdout.splitlines()[-1].split() == imported
