"""The examples of the READMEs and the guide: every fenced block, with the page that holds it."""

from __future__ import annotations

import ast
import importlib.util
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "generated/python"

WRONG = "# Wrong on purpose"
"""How a Python example begins that shows the errors of a type checker."""

OPTIONAL = frozenset({"celery", "dask", "distributed", "fastapi", "ray"})
"""Packages that some examples import, and the extra `test` does not install."""

NOT_TYPED = re.compile(r"cell_.*|pipeline.*|portrait\.py|tasks\.py|start\.py|with_.*")
"""Files that type checkers do not see: cells of a notebook, callers of endpoints that this
repository does not generate, and users of packages without types. Tests of their pages run them."""


@dataclass(frozen=True)
class Example:
    """A fenced block of a page.

    Attributes:
        page: The page's path in this repository.
        line: The line of the page that the block begins at.
        language: The first word after the fence.
        title: The file that the reader saves it in, given as `title="…"` after the language.
        source: The text.
    """

    page: str
    line: int
    language: str
    title: str | None
    source: str

    @property
    def name(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def missing(self) -> frozenset[str]:
        """The optional packages that this Python example imports, and that are not installed."""
        imported = set[str]()
        for node in ast.walk(ast.parse(self.source)):
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                imported.add(node.module)
        top = {name.partition(".")[0] for name in imported}
        return frozenset(name for name in top & OPTIONAL if not importlib.util.find_spec(name))


CONTINUES = {"docs/tutorial/first-regeneration.md": "docs/tutorial/first-call.md"}
"""Pages that begin where another page ended."""

FROM_DOCSTRINGS = frozenset({"docs/reference/client.md", "docs/reference/errors.md"})
"""Pages whose examples are those of docstrings, which `tests/client/test_docstrings.py` runs."""


@dataclass(frozen=True)
class Page:
    """A page whose examples are run."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def before(self) -> Page | None:
        """The page that this one continues."""
        name = CONTINUES.get(self.name)
        return Page(ROOT / name) if name else None

    @cached_property
    def _tokens(self) -> list[Token]:
        return MarkdownIt("commonmark").parse(self.path.read_text("utf-8"))

    @cached_property
    def unfenced(self) -> list[str]:
        """Its blocks of code that are only indented."""
        return [token.content for token in self._tokens if token.type == "code_block"]

    @cached_property
    def examples(self) -> tuple[Example, ...]:
        """Its fenced blocks, in order."""
        if self.name in FROM_DOCSTRINGS:
            return ()
        return tuple(
            Example(self.name, token.map[0] + 1, language, _title(attributes), token.content)
            for token in self._tokens
            if token.type == "fence" and token.map
            for language, _, attributes in [token.info.partition(" ")]
        )

    def of(self, *languages: str) -> tuple[Example, ...]:
        return tuple(example for example in self.examples if example.language in languages)

    def file(self, title: str) -> Example:
        """Return the example that the reader saves in a file of this name."""
        (example,) = (example for example in self.examples if example.title == title)
        return example


def _title(attributes: str) -> str | None:
    found = re.search('title="([^"]+)"', attributes)
    return found[1] if found else None


PAGES = tuple(
    Page(path)
    for path in (ROOT / "README.md", CLIENT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
)


def typed_files() -> dict[str, str]:
    """Return the Python examples that type checkers accept, by the names of their files.

    A file that the reader saves keeps its name, because other examples import it. So two pages must
    not save different files under the same name.
    """
    files = dict[str, str]()
    for page in PAGES:
        for example in page.of("python"):
            if example.source.startswith(WRONG) or example.missing:
                continue
            unnamed = re.sub(r"\W", "_", example.name) + ".py"
            name = example.title or unnamed
            if NOT_TYPED.fullmatch(name):
                continue
            assert files.setdefault(name, example.source) == example.source, (
                f"{example.name}: another page saves another file as {name}"
            )
    return files
