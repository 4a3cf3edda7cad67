"""A pytest fixture that is a local fal: `fal_emulator`.

    def test_my_app(fal_emulator):
        run_my_app(base_url=fal_emulator.base_url)
        assert fal_emulator.journal.count("submit") == 1

It serves the documents below `specs/`, or those that the ini option `fal_emulator_documents` names,
or what a fixture of that name in your `conftest.py` returns. The server runs once for all tests;
each test finds it as it was at the start.

Nothing but pytest is imported until a test asks for the fixture.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from fal_codegen.emulator.documents import Document
    from fal_codegen.emulator.server import Emulator


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the ini option."""
    parser.addini(
        "fal_emulator_documents",
        "files and folders of OpenAPI documents that fal_emulator serves (default: specs)",
        type="paths",
        default=[],
    )


@pytest.fixture(scope="session")
def fal_emulator_documents(pytestconfig: pytest.Config) -> Sequence[Document]:
    """Return the documents that `fal_emulator` serves; override it to serve others."""
    from fal_codegen.emulator.documents import load_documents

    paths = pytestconfig.getini("fal_emulator_documents") or [pytestconfig.rootpath / "specs"]
    for path in paths:
        if not path.exists():
            pytest.fail(
                f"fal_emulator has no documents to serve: there is no {path}; say where they are "
                "with the ini option fal_emulator_documents",
                pytrace=False,
            )
    return list(load_documents(paths))


@pytest.fixture(scope="session")
def _fal_emulator_server(fal_emulator_documents: Sequence[Document]) -> Iterator[Emulator]:
    from fal_codegen.emulator.server import Emulator

    with Emulator(fal_emulator_documents) as emulator:
        yield emulator


@pytest.fixture
def fal_emulator(_fal_emulator_server: Emulator) -> Emulator:
    """Return a local fal with no jobs, no files, no faults and an empty journal."""
    _fal_emulator_server.reset()
    return _fal_emulator_server
