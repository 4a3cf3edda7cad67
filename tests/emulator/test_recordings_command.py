"""`emulate --record` and `--replay`, and the pytest fixture `fal_cassette`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from fal_codegen.emulator import Emulator
from projects import FAST, Cli, problem

from .conftest import PAINT
from .test_pytest_plugin import PLUGIN

pytest_plugins = ["pytester"]

KEY = "an-identifier:a-very-secret-part"

CALL = """\
import os, sys, urllib.error, urllib.request
assert os.environ["FAL_KEY"] == "any"
url = f"{os.environ['FAL_BASE_URL']}/run/{sys.argv[1]}"
headers = {"Authorization": "Key any", "Content-Type": "application/json"}
request = urllib.request.Request(url, sys.argv[2].encode(), headers)
try:
    answer = urllib.request.urlopen(request)
except urllib.error.HTTPError as error:
    answer = error
open("answer", "w").write(f"{answer.status} {answer.read().decode()}")
"""


@pytest.fixture
def account(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> pytest.MonkeyPatch:
    """Let the command find the emulator in place of fal."""
    monkeypatch.setenv("FAL_KEY", KEY)
    monkeypatch.setenv("FAL_BASE_URL", emulator.base_url)
    monkeypatch.chdir(tmp_path)
    return monkeypatch


def call(cli: Cli, *options: str, id: str = PAINT, input: str = '{"prompt": "a fox"}') -> str:
    ran = cli("emulate", *options, "--", sys.executable, "-c", CALL, id, input)
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    return Path("answer").read_text()


def test_a_command_is_recorded_and_replayed(
    emulator: Emulator, account: pytest.MonkeyPatch, cli: Cli
) -> None:
    recorded = call(cli, "--record", "tape")
    assert recorded.startswith("200 ")
    [entry] = emulator.journal.select("run")
    assert entry.headers["authorization"] == f"Key {KEY}"
    [file] = Path("tape").iterdir()
    assert file.name == "0001-run.json"
    problem(cli("emulate", "--record", "tape"), "tape already has recordings", "another folder")
    account.delenv("FAL_KEY")
    problem(cli("emulate", "--record", "new"), "needs a key", "FAL_KEY")
    for pace in ("at-once", "recorded"):
        replayed = call(cli, "--replay", "tape", "--pace", pace)
        assert replayed.split("/files/")[1] == recorded.split("/files/")[1]
    assert call(cli, "--replay", "tape", input="{}").startswith("400 ")
    problem(cli("emulate", "--replay", "nowhere"), "nowhere has no recordings", "--record nowhere")
    problem(cli("emulate", "--record", "new", "--faults", "balance"), "--faults has no effect")
    problem(cli("emulate", "--pace", "recorded"), "--pace and --otherwise need", "--replay DIR")
    assert emulator.journal.count() == 1


def test_what_is_not_recorded_may_be_emulated(
    emulator: Emulator, account: pytest.MonkeyPatch, cli: Cli, filled: Path
) -> None:
    call(cli, "--record", "tape")
    options = ("--replay", "tape", "--otherwise", "emulate", "--project", str(filled))
    assert call(cli, *options).startswith("200 ")
    assert call(cli, *options, id=FAST, input="{}").startswith("422 ")
    assert emulator.journal.count() == 1


TESTS = """
    import os, pytest, httpx

    def ask(prompt):
        assert "FAL_RUN_HOST" not in os.environ  # it would lead the client elsewhere
        url = f"{os.environ['FAL_BASE_URL']}/run/acme/paint/v1.0/draft"
        headers = {"Authorization": f"Key {os.environ['FAL_KEY']}"}
        return httpx.post(url, json={"prompt": prompt}, headers=headers)

    @pytest.mark.fal_cassette("pictures/fox")
    def test_by_a_name(fal_cassette):
        assert ask("a fox").status_code == 200

    @pytest.mark.parametrize("prompt", ["a dog", "a-dog"])
    def test_by_its_own_name(fal_cassette, prompt):
        assert ask(prompt).json()["image"]["url"].startswith(fal_cassette.base_url)

    @pytest.mark.fal_cassette("../elsewhere")
    def test_elsewhere(fal_cassette): ...
"""


def test_a_test_records_once_and_then_replays(
    pytester: pytest.Pytester, emulator: Emulator, account: pytest.MonkeyPatch
) -> None:
    module = pytester.makepyfile(TESTS)
    account.chdir(pytester.path)
    account.setenv("FAL_RUN_HOST", "run.example")
    account.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # others' plugins take their time

    def run(*options: str, **outcomes: int) -> pytest.RunResult:
        result = pytester.runpytest_inprocess(*PLUGIN, "--strict-markers", *options)
        result.assert_outcomes(**{"errors": 1, "passed": 3, **outcomes})
        result.stdout.fnmatch_lines(["*'../elsewhere'*a name has letters*"])
        return result

    run("--fal-record=once")
    run("--fal-record=all")
    assert emulator.journal.count() == 6
    account.delenv("FAL_KEY")
    run("--fal-record=once")
    folders = sorted(p.parent for p in (pytester.path / "cassettes").rglob("0001-run.json"))
    first, second, third = (folder.relative_to(pytester.path).as_posix() for folder in folders)
    assert first == "cassettes/pictures/fox"
    assert second.startswith(f"cassettes/{module.stem}/test_by_its_own_name-a-dog-")
    assert third.startswith(f"cassettes/{module.stem}/test_by_its_own_name-a-dog-")
    shutil.rmtree(folders[0])
    ran = run(errors=2, passed=2)
    ran.stdout.fnmatch_lines(["*pictures/fox does not exist; record it: *=once"])
    assert emulator.journal.count() == 6
