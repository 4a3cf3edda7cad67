"""The how-to page on batches: a crash, uncertain requests, and what fails."""

from __future__ import annotations

import contextlib
import io
import runpy
from pathlib import Path

import pytest
from fal_codegen.emulator import Emulator

from .examples import ROOT, Page
from .programs import run_python

pytestmark = pytest.mark.guide

PAGE = Page(ROOT / "docs/how-to/batches.md")

DIES = """
import os, runpy
from fal_endpoints import File

File.download = lambda file, path: os._exit(9)
runpy.run_path("batch.py")
"""
"""The batch, in a process that dies when it has the first result."""


@pytest.fixture
def batch(started: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Enter a folder with the programs of the page and six frames; return it."""
    started.reset()
    monkeypatch.setenv("FAL_BASE_URL", started.base_url)
    monkeypatch.setenv("FAL_KEY", "any")
    monkeypatch.chdir(tmp_path)
    for title in ("batch.py", "settle.py"):
        (tmp_path / title).write_text(PAGE.file(title).source, "utf-8")
    (tmp_path / "frames").mkdir()
    for name in "abcdef":
        (tmp_path / f"frames/{name}.png").write_bytes(name.encode())
    return tmp_path


def run(title: str) -> list[str]:
    """Run a program of the page; return the lines that it printed, sorted."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        runpy.run_path(title)
    return sorted(printed.getvalue().splitlines())


def failures(printed: list[str]) -> list[str]:
    return [line for line in printed if ".png: fal-ai/" in line]


def test_a_crash_costs_nothing(batch: Path, started: Emulator) -> None:
    run_python("-c", DIES, folder=batch, emulator=started, code=9)
    assert not list(batch.glob("frames/*.mp4"))
    assert run("batch.py") == [f"{name}.png: done" for name in "abcdef"]
    assert len(list(batch.glob("frames/*.mp4"))) == 6
    assert started.journal.count("submit") == 6


def test_an_uncertain_request_is_listed_and_sent_again(batch: Path, started: Emulator) -> None:
    started.emulate("drop=after; on=submit; times=1")
    for _ in range(2):
        uncertain = failures(run("batch.py"))
        assert len(uncertain) == 1
    assert started.journal.count("submit") == 6
    [listed] = run("settle.py")
    assert "fal-ai/pika/v2.2/image-to-video" in listed
    assert all("done" in line for line in run("batch.py"))
    assert started.journal.count("submit") == 7


@pytest.mark.parametrize(
    ("fault", "fails_again"),
    [("infrastructure-error=runner_disconnected", False), ("model-error", True)],
)
def test_only_some_failures_are_sent_again(
    batch: Path, started: Emulator, fault: str, fails_again: bool
) -> None:
    started.emulate(f"{fault}; times=1")
    for fails in (True, fails_again):
        failed = failures(run("batch.py"))
        assert len(failed) == fails
    assert started.journal.count("submit") == 6 + (not fails_again)


def test_an_invalid_row_ends_nothing(batch: Path, started: Emulator) -> None:
    program = (batch / "batch.py").read_text("utf-8")
    (batch / "batch.py").write_text(
        program.replace('"a slow wave"}', '"a slow wave" if frame.stem != "c" else 1}'), "utf-8"
    )
    printed = run("batch.py")
    assert [line[0] for line in printed if "the input is not valid" in line] == ["c"]
    assert started.journal.count("submit") == 5
