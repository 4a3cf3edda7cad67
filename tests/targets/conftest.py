"""Fixtures of several modules here."""

from __future__ import annotations

from pathlib import Path

import pytest

from .npm import App


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App.start(tmp_path / "app")
