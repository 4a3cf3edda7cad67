"""Whatever goes wrong, the command line ends with one line and exit code 2, never a traceback."""

from __future__ import annotations

import json
import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest
from documents import document, obj
from fal_codegen import __version__
from fal_codegen.commands import list as list_command
from fal_codegen.fetch.selection import Selection
from hypothesis import given
from hypothesis import strategies as st
from projects import DECLARATION, Cli, edit, problem
from servers import Answer, CatalogueServer, serving

UNFORESEEN = [
    MemoryError(),
    RecursionError("maximum recursion depth exceeded"),
    UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
    ImportError("no module named x\nand more lines"),
    AssertionError(),
    KeyError("\x1b[2J"),
]


class TestUnforeseen:
    @pytest.fixture(params=UNFORESEEN, ids=lambda error: type(error).__name__)
    def error(self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Exception:
        error: Exception = request.param

        def fail(*_: object) -> None:
            raise error

        monkeypatch.setattr(list_command, "run", fail)
        return error

    def test_it_is_one_line_with_the_way_to_more(
        self, filled: Path, cli: Cli, error: Exception
    ) -> None:
        ran = cli("list", "--project", filled)
        problem(ran, type(error).__name__, "--debug")
        first, hint, end = ran.err.split("\n")
        assert (hint.strip()[:12], end) == ("put --debug ", "")
        assert first.isprintable()

    @pytest.mark.parametrize("place", [0, 1], ids=["before", "after"])
    def test_debug_shows_the_traceback(
        self, filled: Path, cli: Cli, error: Exception, place: int
    ) -> None:
        arguments = ["list", "--project", str(filled)]
        arguments.insert(place, "--debug")
        ran = cli(*arguments)
        assert ran.code == 2
        assert "Traceback" in ran.err
        assert "in fail" in ran.err
        assert f"fal-codegen {__version__}, Python {platform.python_version()} on " in ran.err


def test_debug_shows_where_a_foreseen_error_is_from(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    (tmp_path / DECLARATION).write_text("[endpoints")
    ran = cli("--debug", "list", "--project", tmp_path)
    assert ran.code == 2
    assert "Traceback" in ran.err
    assert "error: specs/endpoints.toml is not TOML" in ran.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("stream", ["> /dev/full", "> /dev/full 2>&1"])
@pytest.mark.parametrize("arguments", ["list", "--help", "list --help", "nonsense", "--version"])
def test_output_that_cannot_be_written(filled: Path, stream: str, arguments: str) -> None:
    command = f"cd {filled} && {sys.executable} -m fal_codegen {arguments} {stream}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    # What argparse prints, it prints or not: it passes over the error.
    assert done.returncode in ((0, 2) if "--" in arguments else (2,))
    assert "Traceback" not in done.stderr


def test_an_installation_that_is_not_whole(filled: Path) -> None:
    code = (
        "import sys; sys.modules['fal_codegen.console'] = None\n"
        "from fal_codegen.__main__ import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("error: fal-codegen cannot start: ")
    assert "Traceback" not in done.stderr


HUGE = {"type": "array", "items": {"type": "string"}, "minItems": 2**40}


@pytest.mark.parametrize("change", [{"uniqueItems": True}, {"maxItems": 2**41}, {"items": {}}])
def test_lists_without_a_bound_are_compared(cli: Cli, tmp_path: Path, change: object) -> None:
    assert isinstance(change, dict)
    for name, schema in (("old", HUGE), ("new", {**HUGE, **change})):
        content = document(input=obj({"x": schema}))
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    for old, new in (("old", "new"), ("new", "old")):
        ran = cli("diff", tmp_path / f"{old}.json", tmp_path / f"{new}.json")
        assert ran.err == ""
        assert "endpoint changed" in ran.out


class TestMatch:
    """`add --match` with ids that a catalogue can invent."""

    @given(
        st.text("ab/*", max_size=8).map(lambda text: re.sub(r"\*{3,}", "**", text)),
        st.text("ab/\n", max_size=8),
    )
    def test_it_means_what_the_expression_would(self, pattern: str, endpoint_id: str) -> None:
        parts = re.split(r"(\*+)", pattern or "**")
        stars = {"*": "[^/]*", "**": ".*"}
        expression = "".join(stars.get(part, re.escape(part)) for part in parts)
        expected = re.fullmatch(expression, endpoint_id, re.DOTALL) is not None
        assert Selection(pattern=pattern).includes(endpoint_id) == expected

    def test_an_id_that_is_made_to_take_for_ever(self, cli: Cli, project: Path) -> None:
        edit(project / DECLARATION, new="\n[fetch]\nattempts = 1\n")
        with serving(CatalogueServer) as server:
            hostile = "fal-ai/" + "a/" * 100_000 + "!"
            server.answers = [Answer.of({"models": [{"endpoint_id": hostile}]})]
            for pattern in ("fal-ai/**/x/**/y/**/z", "**a**a**a**a**a**a**x", "*/" * 200 + "x"):
                address = ("--catalogue", server.url)
                ran = cli("add", "--match", pattern, "--project", project, *address)
                problem(ran, "no endpoint of the catalogue is selected")
