"""Fixtures and options for all tests."""

from __future__ import annotations

import argparse
import contextlib
import gc
import io
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING

import certifi
import property_tests
import pytest
from corpus import report as corpus_report
from documents import document, write
from fal_codegen.cli import run
from folders import in_memory, plant, shared, tree
from golden_cases import CASES, generate

if TYPE_CHECKING:
    from playwright.sync_api import Browser

collect_ignore = ["goldens"]  # hundreds of folders without tests


def _amount(text: str) -> Decimal:
    with contextlib.suppress(InvalidOperation):
        if (amount := Decimal(text)).is_finite():
            return amount
    raise argparse.ArgumentTypeError(f"{text!r} is no amount of US dollars")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-goldens",
        action="store_true",
        help="rewrite tests/goldens/*/expected with the files that are generated now",
    )
    parser.addoption(
        "--corpus",
        default=os.environ.get("FAL_CORPUS"),
        help="a folder of genuine fal documents (default: the variable FAL_CORPUS)",
    )
    parser.addoption(
        "--corpus-report", metavar="FILE", help="write what was found on them, as Markdown"
    )
    parser.addoption(
        "--drift-cases",
        default=os.environ.get("FAL_DRIFT_CASES"),
        help="a folder of pairs of documents with verdicts (default: the variable FAL_DRIFT_CASES)",
    )
    parser.addoption(
        "--max-cost",
        type=_amount,
        default=Decimal("0.50"),
        metavar="USD",
        help="the most that `pytest -m live` may spend at fal (default: 0.50)",
    )
    parser.addoption(
        "--webhook-url",
        metavar="URL",
        help="a public address that leads to --webhook-port, to compare fal's webhooks",
    )
    parser.addoption(
        "--webhook-port", type=int, default=8322, help="where webhooks arrive (default: 8322)"
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--update-goldens") and os.environ.get("CI"):
        raise pytest.UsageError("--update-goldens is for people: in CI nobody reads the diff")
    if "exhaustive" in config.option.markexpr:
        property_tests.times = 3
    if memory := in_memory():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # in the background, as shells set it
        signal.signal(signal.SIGINT, signal.default_int_handler)


SLOWEST = (
    "test_unusable.py",
    "test_upgrade.py",
    "test_crash.py",
    "test_cache.py",
    "test_leaving.py",
    "test_fal_client_stubs.py",
    "test_examples.py",
    "test_typescript.py",
    "test_types.py",
    "test_hostile.py",
    "test_git.py",
    "test_workflows.py",
    "test_soak.py",
    "test_large_uploads.py",
    "test_determinism.py",
    "test_overlays.py",
    "test_templates.py",
    "test_docs.py",
    "test_goldens.py",
    "test_odd_answers.py",
    "test_generated_package.py",
    "test_parity.py",
    "test_completion.py",
    "test_connections.py",
    "test_check.py",
    "test_interruption.py",
    "test_state_machine.py",
    "test_accessibility.py",
    "test_forms.py",
)
"""Modules that take longest."""


ON_DEMAND = {
    "guide": "takes about a minute",
    "types": "runs type checkers for half a minute",
    "exhaustive": "tries every instant or random input, for half a minute",
}
"""Marks of tests that run if they are asked for, with the reason."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the garbage collector from modules and tests: they stay until the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Let each worker import the modules in an order of its own, which is the same in every run.

    So in a fresh clone each module is compiled by one of them, and the others read its bytecode.
    """
    report = yield
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker and isinstance(collector, pytest.Directory):
        random.Random(worker).shuffle(report.result)
    return report


def is_property_test(item: pytest.Item) -> bool:
    return getattr(getattr(item, "obj", None), "is_hypothesis_test", False)


@pytest.hookimpl(tryfirst=True)  # pytest groups tests by their fixtures, in the order they have
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Start with the slowest modules, so that no worker is left with one of them at the end."""
    places = {name: place for place, name in enumerate(SLOWEST)}
    items.sort(key=lambda item: (places.get(item.path.name, len(places)), item.path))
    left_out = {mark: why for mark, why in ON_DEMAND.items() if mark not in config.option.markexpr}
    for item in items:
        if "exhaustive" not in left_out and is_property_test(item):
            item.add_marker(pytest.mark.exhaustive)  # it tries more examples
        if sys.platform == "win32" and item.get_closest_marker("posix"):
            item.add_marker(pytest.mark.skip(reason="needs a POSIX system"))
        for mark, why in left_out.items():
            if item.get_closest_marker(mark):
                item.add_marker(pytest.mark.skip(reason=f"{why}: pytest -m {mark}"))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Write the report on genuine documents, from the records of all workers' tests."""
    path = config.getoption("--corpus-report")
    if path is None:
        return
    ended = {name: terminalreporter.getreports(name) for name in ("passed", "failed", "skipped")}
    recorded = dict(
        recorded
        for reports in ended.values()
        for report in reports
        for recorded in report.user_properties
    )
    counts = {name: len(reports) for name, reports in ended.items()}
    Path(path).write_text(corpus_report.markdown(recorded, counts), "utf-8")


@pytest.fixture(scope="session", autouse=True)
def cache_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep the tool's cache apart from the user's: an empty one for all workers of a run."""
    folder = shared(tmp_path_factory, "cache", Path.mkdir)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield folder


@pytest.fixture(scope="session", autouse=True)
def one_authority(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Let HTTP clients trust one authority, and not the hundred and more that are usual.

    Reading those takes each client 30 ms, and servers on loopback use no TLS.
    """
    if "live" in pytestconfig.option.markexpr:
        yield
        return

    def make(file: Path) -> None:
        first, end, _ = certifi.contents().partition("-----END CERTIFICATE-----\n")
        file.write_text(first + end, "utf-8")

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(shared(tmp_path_factory, "authority.pem", make)))
        yield


@pytest.fixture(scope="session", autouse=True)
def mypy_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let all runs of mypy of a worker share what they know of the libraries.

    Workers do not share it: two runs at once must not write to one cache.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MYPY_CACHE_DIR", str(tmp_path_factory.mktemp("mypy")))
        yield


@pytest.fixture(scope="session")
def genuine(pytestconfig: pytest.Config) -> tuple[Path, ...]:
    """Return the files of the genuine documents, of the latest date if there are several."""
    given = pytestconfig.getoption("--corpus")
    if not given:
        pytest.skip("needs genuine documents of fal: --corpus=DIR, or the variable FAL_CORPUS")
    folder = Path(given)
    dated = sorted(path for path in folder.iterdir() if path.is_dir())
    found = tuple(sorted((dated[-1] if dated else folder).glob("*.json")))
    assert found, f"{folder} holds no documents"
    return found


@dataclass(frozen=True)
class Ran:
    """The result of a command: its exit code and its output."""

    code: int
    out: str
    err: str


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run `fal-codegen` in this process."""

    def call(*arguments: str | Path) -> Ran:
        capsys.readouterr()
        try:
            code = run([str(argument) for argument in arguments])
        except SystemExit as error:  # argparse, for --help and wrong usage
            code = int(error.code or 0)
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return call


@pytest.fixture
def project(tmp_path: Path, cli: Callable[..., Ran]) -> Path:
    """Return a new project, as `init` makes it."""
    folder = tmp_path / "project"
    assert cli("init", folder).code == 0
    return folder


@pytest.fixture(scope="session")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project with two endpoints, generated once; tests work on copies of it."""

    def make(folder: Path) -> None:
        documents = write(
            folder / "documents", document("acme/blender"), document("acme/blender/fast")
        )
        with contextlib.redirect_stdout(io.StringIO()):
            assert run(["init", str(folder / "project")]) == 0
            arguments = ["add", "--project", str(folder / "project"), "--from", str(documents)]
            assert run(arguments) == 0

    return shared(tmp_path_factory, "pattern", make) / "project"


@pytest.fixture(scope="session")
def goldens(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a project for each golden case, with all targets generated."""

    def make(folder: Path) -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            for case in CASES:
                generate(case, folder / case)

    return shared(tmp_path_factory, "goldens", make)


@pytest.fixture(scope="session")
def files_of_pattern(pattern: Path) -> dict[str, bytes]:
    return tree(pattern)


@pytest.fixture
def filled(files_of_pattern: dict[str, bytes], tmp_path: Path) -> Path:
    """Return a copy of `pattern`, written from memory: hundreds of tests begin with one."""
    return plant(tmp_path / "filled", files_of_pattern)


@pytest.fixture
def only_in_soak(request: pytest.FixtureRequest) -> None:
    """Skip a test that takes long, unless such tests were asked for."""
    if "soak" not in request.config.option.markexpr:
        pytest.skip("takes up to a minute: pytest -m soak")


@pytest.fixture(scope="module")  # in its thread no other event loop can run meanwhile
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """Return Chromium."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs `pip install playwright`")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs Chromium: `apt-get install chromium`")
    if "browser" not in request.config.option.markexpr:
        pytest.skip("takes a while, and Chromium: pytest -m browser")
    arguments = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"]
    arguments += ["--disable-background-networking", "--disable-component-update"]
    with playwright.sync_playwright() as started:
        yield started.chromium.launch(executable_path=chromium, args=arguments)
