"""The examples of the guide in TypeScript compile, with the package that this repository has."""

from __future__ import annotations

from pathlib import Path

import pytest
from targets.npm import App

from .examples import PAGES, ROOT

pytestmark = pytest.mark.guide


@pytest.mark.node
def test_they_compile(tmp_path: Path) -> None:
    app = App.start(tmp_path)
    app.install(ROOT / "generated/typescript")
    (tmp_path / "package.json").write_text('{"type": "module"}', "utf-8")
    examples = [example for page in PAGES for example in page.of("ts")]
    assert examples
    for number, example in enumerate(examples):
        (tmp_path / f"example_{number}.ts").write_text(example.source, "utf-8")
    errors, output = app.compile("*.ts")
    assert not errors, output
