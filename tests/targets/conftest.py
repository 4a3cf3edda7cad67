"""What tests of several modules here are given."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .npm import App
from .typescript_packages import CASES, TARGET, documents_of, start


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Generate every golden case, each as a package of its own name, all in one folder."""
    root = tmp_path_factory.mktemp("goldens")
    for case in CASES:
        declaration = TARGET.replace("fal-endpoints", case)
        project = start(root / "projects" / case, declaration, documents_of(case))
        shutil.copytree(project / "package", root / "packages" / case)
    return root / "packages"


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App.start(tmp_path / "app")
