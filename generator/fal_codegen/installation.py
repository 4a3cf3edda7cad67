"""The installed tool: its own templates, and what shows that its files are unchanged.

Only cheap imports here: a run with nothing to do needs this.
"""

from __future__ import annotations

from pathlib import Path

from fal_codegen.digests import Digester, Digests, labelled_digests

_PACKAGE = Path(__file__).resolve().parent


def packaged_templates() -> Path:
    """Return the folder of the tool's templates: inside the package, or beside its sources."""
    inside = _PACKAGE / "templates"
    return inside if inside.is_dir() else _PACKAGE.parent.parent / "templates"


def tool_digests(digest: Digester) -> Digests:
    """Return the digest of every file of the tool that decides what is generated."""
    digests = labelled_digests("tool", _PACKAGE, digest, (".py", ".jinja", ".json"))
    if not (_PACKAGE / "templates").is_dir():
        digests |= labelled_digests("tool/templates", packaged_templates(), digest)
    return digests
