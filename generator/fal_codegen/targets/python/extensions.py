"""Extensions: classes of the project that add methods to generated endpoints.

Their modules are in `templates/python/extensions/` of the project and become part of the package.
They are read as text and never run: `check` renders projects that others wrote.
"""

from __future__ import annotations

import ast
import tokenize
from collections.abc import Iterable, Mapping

from fal_codegen.errors import ProjectError, described
from fal_codegen.file_names import problem_of
from fal_codegen.ir import Endpoint, Extension
from fal_codegen.paths import DECLARATION
from fal_codegen.render import Templates
from fal_codegen.suggestions import did_you_mean

EXTENSIONS = "_extensions"
"""The folder of their modules in the package. No endpoint has this name."""

_FOLDER = "templates/python/extensions"
_RENAME = "rename it"


def extension_modules(endpoints: Iterable[Endpoint], templates: Templates) -> Mapping[str, str]:
    """Return the text of the modules with the project's classes, by path; empty if none is used.

    Raises:
        ProjectError: An endpoint names a class that does not exist or extends nothing, or a module
            cannot be used.
    """
    extended = {it.id: it.extension for it in endpoints if it.extension}
    if not extended:
        return {}
    modules = templates.files("extensions", ".py")
    _reject_unusable(modules)
    for endpoint_id, extension in extended.items():
        _require(endpoint_id, extension, modules)
    return modules


def _reject_unusable(modules: Mapping[str, str]) -> None:
    """Reject modules that Python would not find, or would read as something else."""
    spellings: dict[str, str] = {}
    for path, text in modules.items():
        names = path.removesuffix(".py").split("/")
        if not all(name.isidentifier() and not problem_of(name) for name in names):
            raise _unusable(path, "not a name that Python can import on every system", _RENAME)
        module = path.removesuffix(".py").removesuffix("/__init__")
        other = spellings.setdefault(module.casefold(), path)
        if other != path:
            raise _unusable(path, f"on some systems, {other} is the same module", _RENAME)
        if (encoding := _declared_encoding(text)) != "utf-8":
            raise _unusable(
                path,
                f"its encoding is {encoding}",
                "save it as UTF-8, and remove the comment with its encoding",
            )


def _declared_encoding(text: str) -> str:
    """Return the encoding that Python would decode a module with, from a comment at its start."""
    try:
        return tokenize.detect_encoding(iter(text.encode().splitlines(keepends=True)).__next__)[0]
    except SyntaxError:
        return "unknown"


def _unusable(path: str, problem: str, hint: str | None = None) -> ProjectError:
    return ProjectError(f"{_FOLDER}/{path}: {problem}", hint=hint)


def _require(endpoint_id: str, extension: Extension, modules: Mapping[str, str]) -> None:
    """Reject an extension that does not exist, or cannot take the place of an endpoint's class."""
    declared = f"{DECLARATION}: endpoints.{endpoint_id}.extension"
    path = f"{extension.module}.py"
    if path not in modules:
        names = [name.removesuffix(".py") for name in modules if name != "__init__.py"]
        raise ProjectError(
            f"{declared}: there is no file {_FOLDER}/{path}",
            hint=did_you_mean(extension.module, names, "write it, or correct the name"),
        )
    classes = _classes(path, modules[path])
    if extension.class_name not in classes:
        raise ProjectError(
            f"{declared}: {_FOLDER}/{path} has no class {extension.class_name}",
            hint=did_you_mean(extension.class_name, classes, "write it, or correct the name"),
        )
    class_ = classes[extension.class_name]
    if not class_.bases:
        raise ProjectError(
            f"{_FOLDER}/{path}, line {class_.lineno}: {extension.class_name} does not extend the "
            f"generated class of {endpoint_id}",
            hint="import that class from the generated package, and make it the base",
        )


def _classes(path: str, text: str) -> dict[str, ast.ClassDef]:
    """Return the classes that a module defines, by name.

    Raises:
        ProjectError: It is not Python.
    """
    try:
        statements = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        problem = error.msg if isinstance(error, SyntaxError) else described(error)
        raise ProjectError(f"{_FOLDER}/{path}{line}: not Python: {problem}") from error
    return {it.name: it for it in statements if isinstance(it, ast.ClassDef)}
