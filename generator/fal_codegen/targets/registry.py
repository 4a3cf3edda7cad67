"""The targets that can be declared: the builtin ones, then those that other distributions add."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from fal_codegen.errors import ProjectError
from fal_codegen.paths import DECLARATION
from fal_codegen.targets import Target
from fal_codegen.targets.docs import DocsTarget
from fal_codegen.targets.fal_client_stubs import StubsTarget
from fal_codegen.targets.python import PythonTarget
from fal_codegen.targets.typescript import TypeScriptTarget

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

BUILTIN: Mapping[str, type[Target]] = {
    "docs": DocsTarget,
    "fal-client-stubs": StubsTarget,
    "python": PythonTarget,
    "typescript": TypeScriptTarget,
}
"""The builtin targets, by name."""

_GROUP = "fal_codegen.targets"


def target_class(name: str) -> type[Target]:
    """Return the class of a target.

    Raises:
        ProjectError: No target has this name, or the one that has it cannot be used.
    """
    if name in BUILTIN:
        return BUILTIN[name]
    match [entry for entry in _added() if entry.name == name]:
        case []:
            raise ProjectError(
                f"{DECLARATION}: there is no target {name!r}",
                hint=f"targets: {', '.join(_names())}",
            )
        case [entry]:
            return _loaded(entry)
        case entries:
            origins = " and ".join(sorted(entry.value for entry in entries))
            raise ProjectError(
                f"target {name!r} is installed twice: {origins}", hint="uninstall one of them"
            )


def _names() -> list[str]:
    return sorted({*BUILTIN, *(entry.name for entry in _added())})


def _added() -> Iterable[EntryPoint]:
    from importlib.metadata import entry_points  # most projects only have builtin targets

    return entry_points(group=_GROUP)


def _loaded(entry: EntryPoint) -> type[Target]:
    """Return the class that an entry point of another distribution refers to."""
    try:
        loaded = entry.load()
    except Exception as error:  # importing a distribution runs its code
        raise ProjectError(
            f"target {entry.name!r} cannot be imported from {entry.value}: {error!r}",
            hint="repair or uninstall the distribution that adds it",
        ) from error
    if not (isinstance(loaded, type) and issubclass(loaded, Target)):
        raise ProjectError(
            f"target {entry.name!r} is not a target: {entry.value} is not a class with the methods "
            "from_table, template_folder and render",
            hint="repair or uninstall the distribution that adds it",
        )
    return loaded
