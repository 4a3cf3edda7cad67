"""The files that a target rendered, validated before anything is compared or written.

A target can be code of another distribution. Its paths must lead to one file each on every file
system, inside the output folder, and its text must be read back as it was written.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

from fal_codegen.errors import ProjectError
from fal_codegen.file_names import problem_of
from fal_codegen.project.snapshot import is_ignored
from fal_codegen.targets.registry import repair_hint


def validated(target: str, rendered: object) -> dict[str, str]:
    """Return the text of each file that a target rendered, sorted by path.

    Args:
        target: The name of the target.
        rendered: What its `render` returned.

    Raises:
        ProjectError: It is not a mapping of paths to text, or a path or a text cannot be used.
    """
    if not isinstance(rendered, Mapping):
        raise _error(target, f"render returned {type(rendered).__name__}, not a mapping")
    files: dict[str, str] = {}
    for path, text in rendered.items():
        if type(path) is not str:
            raise _error(target, f"the path {path!r} is {type(path).__name__}, not str")
        if problem := _problem_of_path(path):
            raise _error(target, f"the path {path!r} {problem}")
        if type(text) is not str:
            raise _error(target, f"the content of {path} is {type(text).__name__}, not str")
        if problem := _problem_of_text(text):
            raise _error(target, f"the text of {path} {problem}")
        files[path] = text
    _reject_clashes(target, files)
    return dict(sorted(files.items()))


def _problem_of_path(path: str) -> str | None:
    for name in path.split("/"):
        if problem := problem_of(name):
            return problem if name == path else f"has the part {name!r}, which {problem}"
    if is_ignored(path):
        return "is hidden or belongs to another tool, so that it would never be checked"
    return None


def _problem_of_text(text: str) -> str | None:
    if "\r\n" in text:
        return r"has the line ending \r\n; use \n"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "has a character that UTF-8 cannot encode"
    return None


def _reject_clashes(target: str, paths: Iterable[str]) -> None:
    """Reject paths that are one file on some systems, and files that are folders of others."""
    spellings: dict[str, str] = {}
    for path in sorted(paths):
        other = spellings.setdefault(_same_file(path), path)
        if other != path:
            raise _error(target, f"the paths {other} and {path} differ only in case")
    for spelling, path in spellings.items():
        folder = spelling
        while folder := folder.rpartition("/")[0]:
            if file := spellings.get(folder):
                raise _error(target, f"the path {file} is a file, and a folder of {path}")


def _same_file(path: str) -> str:
    """Return what paths have in common that Windows or macOS cannot tell apart."""
    return unicodedata.normalize("NFC", path.casefold())


def _error(target: str, problem: str) -> ProjectError:
    return ProjectError(f"target {target!r}: {problem}", hint=repair_hint(target))
