"""The examples of the READMEs and the guide do what the pages show; `test_types` checks types.

| block | what the tests do |
|---|---|
| `python` | run it; it exits with 0 and prints something |
| `python title="app.py"` | save it, for `console` blocks and for the page's own tests |
| `pycon` | run the session with doctest |
| `console` | run the lines that start with `$ `, and compare the output; `…` stands for any text |
| `sh` | parse it: commands, options and extras exist; `fal-codegen emulate` sets faults |
| `toml`, `json` | parse it; with a title, save it, too |

`reader` is the person who does all this, in a clone of the repository. Pages that need more than
that have a test of their own: `PAGES`, `Page.file` and `Reader` are for them.
"""

from __future__ import annotations

import json
from datetime import date

import pytest
from fal_codegen import toml
from fal_codegen.drift import ignore
from fal_codegen.project import declaration

from . import commands_shown
from .examples import CONTINUES, PAGES, Example, Page
from .reader import Reader

pytestmark = pytest.mark.guide

RUN = ("python", "pycon", "console", "sh")
READ = ("toml", "json")
OF_OTHERS = ("css", "dockerfile", "html", "javascript", "jinja", "text", "ts", "yaml")
"""Languages of examples that only the tests of their own page run."""


def named(page: Page | Example) -> str:
    return page.name


def test_they_are_found() -> None:
    languages = [example.language for page in PAGES for example in page.examples]
    assert languages.count("python") >= 7


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_example_is_a_fenced_block_in_a_known_language(page: Page) -> None:
    assert page.unfenced == []
    unknown = {example.name: example.language for example in page.examples}
    assert not {
        name: language
        for name, language in unknown.items()
        if language not in {*RUN, *READ, *OF_OTHERS}
    }


FOLLOWED = [page for page in PAGES if page.of(*RUN) and page.name not in CONTINUES.values()]
"""Pages with something to do; those that another page continues are followed with it."""


@pytest.mark.posix
@pytest.mark.parametrize("page", FOLLOWED, ids=named)
def test_a_reader_can_follow_the_page(page: Page, reader: Reader) -> None:
    missing = {name for example in page.of("python") for name in example.missing}
    if missing:
        pytest.skip(f"needs {', '.join(sorted(missing))}: pip install {' '.join(sorted(missing))}")
    reader.follow(page)


@pytest.mark.parametrize("page", [page for page in PAGES if page.of("sh")], ids=named)
def test_commands_of_the_shell_exist(page: Page) -> None:
    for example in page.of("sh"):
        commands_shown.check(example.source)


@pytest.mark.parametrize("page", [page for page in PAGES if page.of(*READ)], ids=named)
def test_files_are_valid(page: Page) -> None:
    for example in page.of("json"):
        json.loads(example.source)
    for example in page.of("toml"):
        content = toml.loads(example.source)
        if "ignore" in content:
            ignore.parse(example.source.encode(), today=date(2026, 1, 1))
        elif content.keys() & {"targets", "endpoints", "fetch"}:
            declaration.parse(example.source)
