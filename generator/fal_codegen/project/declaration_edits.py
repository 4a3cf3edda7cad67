"""Edits of the declaration's text that keep everything else in it, such as comments.

tomlkit would attach the comment above a table to the table before it, and so separate comments from
what they describe.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set

from fal_codegen import toml
from fal_codegen.errors import ProjectError
from fal_codegen.paths import DECLARATION
from fal_codegen.project.declaration import Declaration, parse


def with_endpoints(declaration: Declaration, ids: Iterable[str]) -> Declaration:
    """Return the declaration with endpoints added at the end.

    Raises:
        ProjectError: It declares endpoints in a form that cannot be edited.
    """
    text = declaration.text
    newline = "\r\n" if "\r\n" in text else "\n"
    if text and not text.endswith("\n"):
        text += newline
    added = sorted(set(ids) - set(declaration.endpoints))
    for endpoint_id in added:
        text += f'{newline}[endpoints."{endpoint_id}"]{newline}'
    return _edited(text, declaration, {*declaration.endpoints, *added})


def without_endpoints(declaration: Declaration, ids: Iterable[str]) -> Declaration:
    """Return the declaration without some of its endpoints.

    Raises:
        ProjectError: It declares endpoints in a form that cannot be edited.
    """
    lines = declaration.text.split("\n")
    for endpoint_id in sorted(set(ids)):
        start, end = _table_lines(lines, endpoint_id)
        del lines[start:end]
    newline = "\r\n" if "\r\n" in declaration.text else "\n"
    text = "\n".join(lines).rstrip() + newline
    return _edited(text, declaration, declaration.endpoints.keys() - set(ids))


def _table_lines(lines: Sequence[str], endpoint_id: str) -> tuple[int, int]:
    """Return the lines at which an endpoint's table starts and ends.

    Comments above the next table belong to that one.
    """
    headers = [at for at, line in enumerate(lines) if line.lstrip().startswith("[")]
    start = next((at for at in headers if _declares(lines[at], endpoint_id)), None)
    if start is None:
        raise _not_editable()
    end = next((at for at in headers if at > start), len(lines))
    while end > start + 1 and lines[end - 1].strip()[:1] in ("", "#"):
        end -= 1
    while end < len(lines) and not lines[end].strip():
        end += 1
    return start, end


def _declares(line: str, endpoint_id: str) -> bool:
    try:
        return toml.loads(line.strip()) == {"endpoints": {endpoint_id: {}}}
    except toml.TOMLDecodeError:
        return False


def _edited(text: str, before: Declaration, ids: Set[str]) -> Declaration:
    """Return the edited declaration, after verifying that only endpoints were added or removed."""
    try:
        old, new = toml.loads(before.text), toml.loads(text)
    except toml.TOMLDecodeError as error:
        raise _not_editable() from error
    declared = old.get("endpoints", {})
    expected = {**old, "endpoints": {id_: declared.get(id_, {}) for id_ in ids}}
    if {"endpoints": {}, **new} != expected:
        raise _not_editable()
    return parse(text)


def _not_editable() -> ProjectError:
    return ProjectError(
        f"{DECLARATION} declares endpoints in a form that only you can edit",
        hint='give each endpoint its own table: [endpoints."fal-ai/flux/dev"]',
    )
