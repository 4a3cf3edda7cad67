"""Golden cases: documents, and the files that every target must generate from them.

A case is a folder in `goldens/`. It holds `documents/`, `expected/` with a folder for each target,
and programs that use what is generated: `use.py` the Python package, `use.mts` the TypeScript
package. `right.py` and `wrong.py` are written for fal-client, and checked with the stubs.
`project/` holds files of the project, such as its own declaration.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from fal_codegen.cli import run
from folders import tree

GOLDENS = Path(__file__).parent / "goldens"
CASES = sorted(path.name for path in GOLDENS.iterdir())
OURS = Path(__file__).parents[1] / "generated"

DECLARATION = """
[targets.python]
package = "{case}"
output = "python"

[targets.typescript]
package = "{case}"
output = "typescript"

[targets.docs]
package = "{case}"
npm_package = "{case}"
output = "docs"

[targets.fal-client-stubs]
output = "fal-client-stubs"
"""

_OF_EVERY_CASE = re.compile(
    r"""python/\w+/(_runtime/|proxy\.py)
    |typescript/(runtime/|index\.js)
    |docs/pages/site\.css
    |fal-client-stubs/(pyproject\.toml|fal_client-stubs/(?!_endpoints/|__init__\.pyi))
    """,
    re.VERBOSE,
)
# The stub of fal's client is long, with a few lines for each endpoint; type checkers test those.
_NOT_COMPARED = re.compile(
    r"fal-client-stubs/fal_client-stubs/__init__\.pyi|[\w-]+/\.fal-codegen\.|.*/__pycache__/"
)


def generate(case: str, folder: Path) -> None:
    """Generate every target of a case, each into a folder of its name."""
    (folder / "specs").mkdir(parents=True)
    (folder / "specs/endpoints.toml").write_text(DECLARATION.format(case=case), "utf-8")
    assert run(["add", "--project", str(folder), "--from", str(GOLDENS / case / "documents")]) == 0
    if (own := GOLDENS / case / "project").is_dir():
        shutil.copytree(own, folder, dirs_exist_ok=True)
        assert run(["generate", "--project", str(folder)]) == 0


def files_of_case(folder: Path) -> dict[str, bytes]:
    """Return the generated files that depend on the documents, by path."""
    return {
        path: content
        for path, content in _generated(folder).items()
        if not _OF_EVERY_CASE.match(path)
    }


def files_of_every_case(folder: Path, package: str = "fal_endpoints") -> dict[str, bytes]:
    """Return the generated files that do not depend on the documents, by path."""
    return {
        path.replace(f"python/{package}/", "python/fal_endpoints/", 1): content
        for path, content in _generated(folder).items()
        if _OF_EVERY_CASE.match(path)
    }


def _generated(folder: Path) -> Mapping[str, bytes]:
    return {
        path: content
        for path, content in tree(folder).items()
        if not path.startswith(("specs/", "templates/", ".")) and not _NOT_COMPARED.match(path)
    }
