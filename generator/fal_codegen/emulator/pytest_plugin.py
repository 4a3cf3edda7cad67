"""Pytest fixtures: `fal_emulator` is a local fal, and `fal_cassette` replays recordings of fal.

    def test_my_app(fal_emulator):
        run_my_app(base_url=fal_emulator.base_url)
        assert fal_emulator.journal.count("submit") == 1

It serves the documents below `specs/`. The ini option `fal_emulator_documents` names others; a
fixture of that name in your `conftest.py` returns others. One server runs for all tests; each test
finds it in its initial state.

`fal_cassette` answers the calls of a test from `cassettes/` beside it, and records them there with
`pytest --fal-record=once`:

    @pytest.mark.fal_cassette("one-picture")
    def test_a_picture(fal_cassette):
        run_my_app(base_url=fal_cassette.base_url)

`fal_https_proxy` leads libraries that call fal's own addresses to `fal_emulator`.

Only pytest is imported until a test uses a fixture.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from fal_codegen.emulator.emulator import Emulator
    from fal_codegen.emulator.endpoints.document_files import OpenApiDocument
    from fal_codegen.emulator.network.https_proxy import HttpsProxy
    from fal_codegen.emulator.recording.cassette import Cassette


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    parser.getgroup("fal").addoption(
        "--fal-record",
        choices=("none", "once", "all"),
        default="none",
        help="when fal_cassette records fal, with the key of FAL_KEY: never, if a test has no "
        "recordings yet, or always (default: none)",
    )
    parser.addini(
        "fal_emulator_documents",
        "files and folders of OpenAPI documents that fal_emulator serves (default: specs)",
        type="paths",
        default=[],
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line(
        "markers", "fal_cassette(name): the folder of fal_cassette's recordings, in cassettes/"
    )


@pytest.fixture(scope="session")
def fal_emulator_documents(pytestconfig: pytest.Config) -> Sequence[OpenApiDocument]:
    """Return the documents that `fal_emulator` serves; override it to serve others."""
    from fal_codegen.emulator.endpoints.document_files import load_documents

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
    from fal_codegen.emulator.emulator import Emulator

    with Emulator(fal_emulator_documents) as emulator:
        yield emulator


@pytest.fixture
def fal_emulator(_fal_emulator_server: Emulator) -> Emulator:
    """Return a local fal without jobs, files and faults, and with an empty journal."""
    _fal_emulator_server.reset()
    return _fal_emulator_server


@pytest.fixture(scope="session")
def _fal_https_proxy_server(_fal_emulator_server: Emulator) -> Iterator[HttpsProxy]:
    with _fal_emulator_server.https_proxy() as proxy:
        yield proxy


@pytest.fixture
def fal_https_proxy(
    fal_emulator: Emulator,
    _fal_https_proxy_server: HttpsProxy,
    monkeypatch: pytest.MonkeyPatch,
) -> HttpsProxy:
    """Lead every library that calls fal's own addresses to `fal_emulator`, during the test."""
    variables = {**_fal_https_proxy_server.environment, "FAL_KEY": "any"}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return _fal_https_proxy_server


class _Account(NamedTuple):
    """The variables with which recordings are made, as they were before any test."""

    key: str | None
    base_url: str | None


@pytest.fixture(scope="session")
def _fal_account() -> _Account:
    return _Account(os.environ.get("FAL_KEY"), os.environ.get("FAL_BASE_URL"))


@pytest.fixture
def fal_cassette(
    request: pytest.FixtureRequest, _fal_account: _Account, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Cassette]:
    """Answer the test's calls from its recordings, or record them.

    During the test, FAL_BASE_URL and FAL_KEY lead every client here.
    """
    from fal_codegen.emulator.network.hosts import HOST_VARIABLES
    from fal_codegen.emulator.recording.cassette import Cassette
    from fal_codegen.errors import UsageError

    folder, mode = _folder(request), request.config.getoption("--fal-record")
    if mode == "none" and not folder.is_dir():
        pytest.fail(f"{folder} does not exist; record it: pytest --fal-record=once", pytrace=False)
    try:
        cassette = Cassette(folder, mode, key=_fal_account.key, upstream=_fal_account.base_url)
    except UsageError as error:
        pytest.fail(str(error), pytrace=False)
    with cassette:
        for name in HOST_VARIABLES:
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("FAL_BASE_URL", cassette.base_url)
        monkeypatch.setenv("FAL_KEY", "any")
        yield cassette


def _folder(request: pytest.FixtureRequest) -> Path:
    """Return the folder of a test's recordings: by its marker, or else by the test's name."""
    cassettes = request.path.parent / "cassettes"
    marker = request.node.get_closest_marker("fal_cassette")
    if marker is None or not marker.args:
        test = request.node.nodeid.partition("::")[2].replace("::", ".")
        return cassettes / request.path.stem / _file_name(test)
    name = marker.args[0]
    if not isinstance(name, str) or not re.fullmatch(r"\w[\w.-]*(/\w[\w.-]*)*", name):
        pytest.fail(
            f"fal_cassette({name!r}): a name has letters, digits, '.', '-', '_' and '/'",
            pytrace=False,
        )
    return cassettes / name


def _file_name(test: str) -> str:
    """Return a test's name as that of a folder; a digest tells apart what would be alike."""
    plain = re.sub(r"[^\w.-]", "-", test)
    return plain if plain == test else f"{plain}-{hashlib.sha256(test.encode()).hexdigest()[:8]}"
