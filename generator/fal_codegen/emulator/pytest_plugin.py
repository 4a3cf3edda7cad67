"""A pytest fixture that is a local fal: `fal_emulator`.

    def test_my_app(fal_emulator):
        run_my_app(base_url=fal_emulator.base_url)
        assert fal_emulator.journal.count("submit") == 1

It serves the documents below `specs/`. The ini option `fal_emulator_documents` names others; a
fixture of that name in your `conftest.py` returns others. One server runs for all tests; each test
finds it in its initial state.

Only pytest is imported until a test uses the fixture.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from fal_codegen.emulator.document_files import OpenApiDocument
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
def fal_emulator_documents(pytestconfig: pytest.Config) -> Sequence[OpenApiDocument]:
    """Return the documents that `fal_emulator` serves; override it to serve others."""
    from fal_codegen.emulator.document_files import load_documents

    paths = pytestconfig.getini("fal_emulator_documents") or [pytestconfig.rootpath / "specs"]
    for path in paths:
        if not path.exists():
            pytest.fail(
                f"fal_emulator has no documents to serve: {path} does not exist; set the "
                "ini option fal_emulator_documents",
                pytrace=False,
            )
    return list(load_documents(paths))


@pytest.fixture(scope="session")
def _fal_emulator_server(fal_emulator_documents: Sequence[OpenApiDocument]) -> Iterator[Emulator]:
    from fal_codegen.emulator.server import Emulator

    with Emulator(fal_emulator_documents) as emulator:
        yield emulator


@pytest.fixture
def fal_emulator(_fal_emulator_server: Emulator) -> Emulator:
    """Return a local fal without jobs, files and faults, and with an empty journal."""
    _fal_emulator_server.reset()
    return _fal_emulator_server
