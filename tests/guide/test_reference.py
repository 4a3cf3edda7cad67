"""The pages of the reference say what the code does: they are generated from it."""

from __future__ import annotations

import pytest

from . import reference
from .examples import ROOT


@pytest.mark.parametrize("name", reference.PAGES)
def test_a_page_is_up_to_date(name: str, pytestconfig: pytest.Config) -> None:
    path = ROOT / "docs/reference" / name
    text = reference.PAGES[name]()
    if pytestconfig.getoption("--update-goldens"):
        path.write_text(text, "utf-8")
    assert path.read_text("utf-8") == text, "pytest tests/guide/test_reference.py --update-goldens"
