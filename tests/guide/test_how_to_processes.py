"""The how-to page on processes: Celery, Dask, Ray and a pool run the programs of the page."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from fal_codegen.emulator import Emulator

from .examples import ROOT, Page
from .programs import run_python

pytestmark = pytest.mark.guide

PAGE = Page(ROOT / "docs/how-to/workers.md")

EAGERLY = """
import runpy
from tasks import app

app.conf.update(task_always_eager=True, task_eager_propagates=True)
print(runpy.run_path("start.py")["video"].get())
"""
"""Run `start.py` with a Celery that runs tasks at once, and print the result."""


@pytest.fixture
def folder(started: Emulator, tmp_path: Path) -> Path:
    """Return a folder with the programs of the page."""
    started.reset()
    for example in PAGE.of("python"):
        assert example.title is not None
        (tmp_path / example.title).write_text(example.source, "utf-8")
    return tmp_path


def needs(package: str) -> None:
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"needs {package}: pip install -e '.[integrations]'")


def test_a_pool_of_processes(folder: Path, started: Emulator) -> None:
    assert run_python("pool.py", folder=folder, emulator=started).count(".mp4\n") == 2
    assert started.journal.count("submit") == 2


@pytest.mark.integrations
def test_celery(folder: Path, started: Emulator) -> None:
    needs("celery")
    assert run_python("-c", EAGERLY, folder=folder, emulator=started).endswith(".mp4\n")
    assert started.journal.count("submit") == 1


@pytest.mark.integrations
def test_dask(folder: Path, started: Emulator) -> None:
    needs("distributed")
    assert run_python("with_dask.py", folder=folder, emulator=started).count(".mp4") == 2
    assert started.journal.count("submit") == 2


@pytest.mark.integrations
def test_ray(folder: Path, started: Emulator) -> None:
    needs("ray")
    assert run_python("with_ray.py", folder=folder, emulator=started).count(".mp4") == 2
    assert started.journal.count("submit") == 2
