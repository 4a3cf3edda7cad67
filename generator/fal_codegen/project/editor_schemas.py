"""JSON Schemas of the files that a user writes, for editors.

A file asks for its schema in a comment, `#:schema ./endpoints.schema.json`, which editors resolve
against the file's own folder. The schema is therefore written beside the file: the comment means
the same on every machine, and works offline.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from fal_codegen.digests import read_normalised
from fal_codegen.paths import DECLARATION, DRIFT_IGNORE, SCHEMAS, project_file


def schema_text(file: PurePosixPath) -> str:
    """Return the JSON Schema of a file.

    Args:
        file: The path of the file in a project, one of `SCHEMAS`.
    """
    path = Path(__file__).with_name("schemas") / SCHEMAS[file].name
    return path.read_text("utf-8")


def directive(file: PurePosixPath) -> str:
    """Return the comment by which a file asks for its schema."""
    return f"#:schema ./{SCHEMAS[file].name}"


def outdated_schemas(project: Path) -> Mapping[PurePosixPath, str]:
    """Return the schemas that the files of a project ask for and that differ: text by path."""
    outdated: dict[PurePosixPath, str] = {}
    for file in (DECLARATION, DRIFT_IGNORE):
        path, text = SCHEMAS[file], schema_text(file)
        if _asks(project, file) and _content(project, path) != text.encode():
            outdated[path] = text
    return outdated


def _asks(project: Path, file: PurePosixPath) -> bool:
    content = _content(project, file) or b""
    return directive(file).encode() in map(bytes.strip, content.splitlines())


def _content(project: Path, file: PurePosixPath) -> bytes | None:
    path = project_file(project, file)
    return None if path is None else read_normalised(path)
