"""Sites of many kinds of documents, generated and built once per test run."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from documents import write
from fal_codegen.cli import run
from fal_codegen.document.metadata import Metadata
from fal_codegen.project import lock
from golden_cases import GOLDENS

CASES = (
    "bounds", "clips", "deprecated", "enums", "files", "hostile", "limits", "odd_pages", "tags"
)  # fmt: skip
TITLES = {
    "acme/choices": Metadata(title="Choices", description="Chooses from long lists."),
    "acme/nested": Metadata(title="Things in things"),
    "acme/whisk": Metadata(title="Things in things", status="deprecated"),
}
BUILDERS = {
    "zensical": ["zensical", "build", "--strict", "-f"],
    "mkdocs": ["mkdocs", "build", "--strict", "-q", "-f"],
}
"""The site generators that can build a site: how each is run as a module of Python."""


def generated(folder: Path, settings: str = "", more: Sequence[Mapping[str, Any]] = ()) -> Path:
    """Generate a site of several golden cases, and of more documents; return its folder."""
    write(folder / "documents", *more)
    for case in CASES:
        for path in (GOLDENS / case / "documents").glob("*.json"):
            shutil.copy(path, folder / "documents" / f"{case}-{path.name}")
    (folder / "specs").mkdir()
    (folder / "specs/endpoints.toml").write_text(
        f'[targets.docs]\noutput = "docs"\nnpm_package = "fal-endpoints"\n{settings}', "utf-8"
    )
    with contextlib.redirect_stdout(io.StringIO()):
        project = ["--project", str(folder)]
        assert run(["add", *project, "--from", str(folder / "documents")]) == 0
        vendored = lock.load(folder)
        titled = {
            id_: replace(vendored[id_], metadata=metadata) for id_, metadata in TITLES.items()
        }
        lock.write(folder, {**vendored, **titled})
        assert run(["generate", *project]) == 0
    return folder / "docs"


def built(site: Path, builder: str = "zensical") -> Path:
    """Build a site; return the folder of its pages."""
    done = subprocess.run(
        [sys.executable, "-m", *BUILDERS[builder], "mkdocs.yml"],
        cwd=site,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return site / "build"


def searched(built_site: Path) -> list[dict[str, str]]:
    """Return the entries of the search index of a site."""
    for name, key in (("search.json", "items"), ("search/search_index.json", "docs")):
        if (built_site / name).is_file():
            entries: list[dict[str, str]] = json.loads((built_site / name).read_text("utf-8"))[key]
            return entries
    raise AssertionError("no search index")
