"""The Python examples in the READMEs."""

from __future__ import annotations

from pathlib import Path

from targets.pages import fenced

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "generated/python"

# These are wrong on purpose, to show the errors of a type checker.
WRONG = "# demo.py"


def blocks() -> dict[str, str]:
    """Return the blocks of Python, each with a name."""
    found = dict[str, str]()
    for readme in (ROOT / "README.md", PACKAGE / "README.md"):
        for block in fenced(readme.read_text("utf-8"), "python"):
            if not block.startswith(WRONG):
                found[f"block_{len(found)}"] = block
    return found


BLOCKS = blocks()
