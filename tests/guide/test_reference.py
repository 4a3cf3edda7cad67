"""The pages of the reference say what the code does: they are generated from it."""

from __future__ import annotations

import re

import fal_endpoints
import pytest

from . import reference
from .examples import ROOT

VARIABLE = re.compile(r"\bFAL_[A-Z_]+\b")


@pytest.mark.parametrize("name", reference.PAGES)
def test_a_page_is_up_to_date(name: str, pytestconfig: pytest.Config) -> None:
    path = ROOT / "docs/reference" / name
    text = reference.PAGES[name]()
    if pytestconfig.getoption("--update-goldens"):
        path.write_text(text, "utf-8")
    assert path.read_text("utf-8") == text, "pytest tests/guide/test_reference.py --update-goldens"


def test_every_public_name_of_the_client_is_described() -> None:
    pages = ("client.md", "errors.md", "options.md")
    text = "".join((ROOT / "docs/reference" / name).read_text("utf-8") for name in pages)
    assert not set(fal_endpoints.__all__) - set(re.findall(r"\w+", text))


def test_every_environment_variable_of_the_client_is_listed() -> None:
    sources = (ROOT / "templates/python/runtime").rglob("*.py")
    used = {name for path in sources for name in VARIABLE.findall(path.read_text("utf-8"))}
    listed = set(VARIABLE.findall((ROOT / "docs/reference/options.md").read_text("utf-8")))
    assert used == listed
