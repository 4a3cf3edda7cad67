"""The how-to page on notebooks: its cells run in a notebook, one after the other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fal_codegen.emulator import Emulator

from .examples import CLIENT, ROOT, Page

PAGE = Page(ROOT / "docs/how-to/notebooks.md")

pytestmark = [pytest.mark.integrations, pytest.mark.guide]


def test_the_cells_run(started: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    reason = "needs nbclient and ipykernel: pip install -e '.[integrations]'"
    nbformat = pytest.importorskip("nbformat", reason=reason)
    nbclient = pytest.importorskip("nbclient", reason=reason)
    pytest.importorskip("ipykernel", reason=reason)
    started.reset()
    monkeypatch.setenv("FAL_BASE_URL", started.base_url)
    monkeypatch.setenv("FAL_KEY", "any")
    monkeypatch.setenv("PYTHONPATH", str(CLIENT))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    cells = [nbformat.v4.new_code_cell(example.source) for example in PAGE.of("python")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    ran = nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    _, video, shown, together = (cell.outputs for cell in ran.cells)
    assert "Completed(" in printed(video)
    assert "<video" in shown[0].data["text/html"]
    assert printed(together).count(".mp4") == 2
    assert started.journal.count("submit") == 3


def printed(outputs: list[Any]) -> str:
    """Return what a cell printed: one output, or several if it was flushed meanwhile."""
    return "".join(output.text for output in outputs if output.output_type == "stream")
