"""Print the changelog's section of a release, if its tag has the version of the package.

Usage: python .ci/release_notes.py v1.2.3
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERSION_FILE = "generator/fal_codegen/__init__.py"


def main(tag: str) -> None:
    """Print the section of a tag's version; exit with a message if it does not fit."""
    text = (ROOT / VERSION_FILE).read_text("utf-8")
    match = re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    version = match[1] if match else ""
    if tag != f"v{version}":
        sys.exit(f"the tag is {tag}, but {VERSION_FILE} has the version {version!r}")
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    section = re.search(
        rf"^## {re.escape(version)}(?: [^\n]*)?\n(.*?)(?=^## |\Z)",
        changelog,
        re.MULTILINE | re.DOTALL,
    )
    if section is None or not section[1].strip():
        sys.exit(f"CHANGELOG.md has no section for {version}: rename Unreleased to it")
    sys.stdout.buffer.write(f"{section[1].strip()}\n".encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
