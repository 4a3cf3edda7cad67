"""The vendored documents are those that fal serves today. Needs the network; opt-in."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from projects import Cli

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.mark.live
def test_fal_serves_what_is_vendored(
    request: pytest.FixtureRequest, cli: Cli, tmp_path: Path
) -> None:
    if "live" not in request.config.option.markexpr:
        pytest.skip("needs the network and fal itself: pytest -m live")
    shutil.copytree(REPOSITORY / "specs", tmp_path / "specs")
    ran = cli("drift", "--fail-on", "breaking", "--project", tmp_path)
    assert ran.code == 0, ran.out + ran.err
