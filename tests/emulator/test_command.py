"""`emulate`: what the command line adds to the emulator."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from projects import FAST, Cli, problem

CALL = f"""\
import json, os, urllib.error, urllib.request
url, key = os.environ["FAL_BASE_URL"], os.environ["FAL_KEY"]
headers = {{"Authorization": f"Key {{key}}", "Content-Type": "application/json"}}
request = urllib.request.Request(f"{{url}}/run/{FAST}", b"{{}}", headers)
try:
    code = urllib.request.urlopen(request).status
except urllib.error.HTTPError as error:
    code = error.code
json.dump([url, code], open("called.json", "w"))
raise SystemExit(7)
"""


def test_a_command_runs_against_the_emulator(
    filled: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAL_KEY", "a real one")
    monkeypatch.chdir(filled)
    ran = cli("emulate", "--faults", "balance", "--", sys.executable, "-c", CALL)
    assert (ran.code, ran.out, ran.err) == (7, "", "")
    url, status = json.loads(Path("called.json").read_text())
    assert url.startswith("http://127.0.0.1:")
    assert not url.endswith(":8321")  # two of them can run at the same time
    assert status == 403


def test_other_hosts_of_the_environment_do_not_reach_the_command(
    filled: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(filled / "generated/python"))
    monkeypatch.setenv("FAL_RUN_HOST", "run.example")
    monkeypatch.setenv("FAL_QUEUE_RUN_HOST", "queue.example")
    program = (
        "import os\n"
        "from fal_endpoints import Fal\n"
        "hosts = Fal().connection.addresses.with_key\n"
        "assert all(host.startswith(os.environ['FAL_BASE_URL']) for host in hosts), hosts"
    )
    assert cli("emulate", "--project", filled, "--", sys.executable, "-c", program).code == 0


def test_an_emulator_for_the_network_is_called_on_loopback(filled: Path, cli: Cli) -> None:
    program = "import os; assert os.environ['FAL_BASE_URL'].startswith('http://127.0.0.1:')"
    words = ["emulate", "--project", filled, "--host", "0.0.0.0", "--", sys.executable, "-c"]
    assert cli(*words, program).code == 0


def test_a_command_that_does_not_exist(filled: Path, cli: Cli) -> None:
    problem(cli("emulate", "--project", filled, "--", "try.py"), "cannot run", "python try.py")
    problem(cli("emulate", "--project", filled, "--", "no-such-command"), "cannot run no-such-comm")


STUBBORN = """\
import os, signal, sys
def end(*_):
    os.write(1, b"terminated\\n")
    os.read(0, 1)
    sys.exit(5)
signal.signal(signal.SIGTERM, end)
os.write(1, b"ready\\n")
while True:
    signal.pause()
"""


@pytest.mark.posix
def test_the_command_decides_how_it_ends(filled: Path) -> None:
    words = [sys.executable, "-m", "fal_codegen", "emulate", "--", sys.executable, "-c", STUBBORN]
    with subprocess.Popen(
        words, cwd=filled, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        process.terminate()  # once: a command that exits no longer handles a second signal
        assert process.stdout.readline() == "terminated\n"
        process.communicate()
    assert process.returncode == 5


@pytest.mark.posix
@pytest.mark.parametrize(
    ("number", "program", "code"),
    [
        (signal.SIGTERM, "import signal; signal.pause()", 128 + signal.SIGTERM),
        (signal.SIGINT, "raise SystemExit(5)", 5),
    ],
)
def test_a_signal_may_arrive_while_the_command_starts(
    filled: Path,
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
    number: signal.Signals,
    program: str,
    code: int,
) -> None:
    class Interrupted(subprocess.Popen[bytes]):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            signal.raise_signal(number)

    monkeypatch.setattr(subprocess, "Popen", Interrupted)
    words = ["emulate", "--project", filled, "--", sys.executable, "-c", program]
    assert cli(*words).code == code


@pytest.mark.posix
def test_a_signal_that_ends_the_command_is_its_exit_code(filled: Path, cli: Cli) -> None:
    program = "import os; os.kill(os.getpid(), 9)"
    words = ["emulate", "--project", filled, "--", sys.executable, "-c", program]
    assert cli(*words).code == 128 + 9


def test_a_project_without_endpoints_says_what_is_next(project: Path, cli: Cli) -> None:
    ran = cli("emulate", "--project", project, "--", sys.executable, "-c", "")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "specs/endpoints.toml declares no endpoint yet; next: fal-codegen add ID\n"
