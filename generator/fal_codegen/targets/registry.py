"""The targets that can be declared: the builtin ones, then those that other distributions add."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fal_codegen.errors import CodegenError, ProjectError, described
from fal_codegen.paths import DECLARATION
from fal_codegen.suggestions import did_you_mean
from fal_codegen.targets import Target
from fal_codegen.targets.docs import DocsTarget
from fal_codegen.targets.fal_client_stubs import StubsTarget
from fal_codegen.targets.python import PythonTarget
from fal_codegen.targets.typescript import TypeScriptTarget

if TYPE_CHECKING:
    from importlib.metadata import Distribution, EntryPoint

BUILTIN: Mapping[str, type[Target]] = {
    "docs": DocsTarget,
    "fal-client-stubs": StubsTarget,
    "python": PythonTarget,
    "typescript": TypeScriptTarget,
}
"""The builtin targets, by name."""

_GROUP = "fal_codegen.targets"
_METHODS = ("from_table", "template_folder", "render")


def target_class(name: str) -> type[Target]:
    """Return the class of a target.

    Raises:
        ProjectError: No target has this name, or the one that has it cannot be used.
    """
    if name in BUILTIN:
        return BUILTIN[name]
    added, unreadable = _added()
    match [entry for entry in added if entry.name == name]:
        case [] if unreadable:
            raise ProjectError(
                f"target {name!r} was not found, but the entry points of {unreadable[0]} cannot be "
                "read",
                hint="repair or uninstall it",
            )
        case []:
            raise ProjectError(
                f"{DECLARATION}: there is no target {name!r}",
                hint=did_you_mean(name, target_names(), f"targets: {', '.join(target_names())}"),
            )
        case [entry]:
            return _loaded(entry)
        case entries:
            origins = " and ".join(sorted(entry.value for entry in entries))
            raise ProjectError(
                f"target {name!r} is installed twice: {origins}", hint="uninstall one of them"
            )


def target_names() -> list[str]:
    """Return the names of all targets that can be declared, sorted."""
    added, _ = _added()
    return sorted({*BUILTIN, *(entry.name for entry in added)})


def template_folder(name: str, target: Target) -> Path:
    """Return the folder of a target's own templates.

    Raises:
        ProjectError: The target of another distribution fails, or returns something else.
    """
    with calling(name, "template_folder"):
        folder: object = target.template_folder()
        if not isinstance(folder, Path):
            raise TypeError(f"it returned {type(folder).__name__}, not Path")
    return folder


@contextlib.contextmanager
def calling(name: str, method: str) -> Iterator[None]:
    """Report any exception of another distribution's target as an error that names the target.

    This includes `SystemExit`, which would end the command with an exit code that looks like its
    result.

    Args:
        name: The name of the target.
        method: The method that is called in this block.

    Raises:
        ProjectError: The method raised anything else than an error for users, or Ctrl-C.
    """
    try:
        yield
    except (KeyboardInterrupt, CodegenError):
        raise
    except BaseException as error:
        if name in BUILTIN:
            raise
        raise ProjectError(
            f"target {name!r} failed in {method}: {described(error)}", hint=repair_hint(name)
        ) from error


def repair_hint(name: str) -> str:
    """Return the next step after a target has failed, which names its distribution."""
    if name in BUILTIN:
        return f"the target {name} is a part of fal-codegen; please report it"
    added, _ = _added()
    entries = [entry for entry in added if entry.name == name]
    return f"repair or uninstall {' and '.join(map(_origin, entries)) or 'its distribution'}"


def _added() -> tuple[Sequence[EntryPoint], Sequence[str]]:
    """Return the entry points of targets, and the distributions whose entry points are damaged."""
    from importlib.metadata import entry_points  # most projects only have builtin targets

    try:
        return [*entry_points(group=_GROUP)], []
    except Exception:  # one damaged distribution hides those of all others
        return _readable()


def _readable() -> tuple[Sequence[EntryPoint], Sequence[str]]:
    from importlib.metadata import distributions

    entries: dict[str, list[EntryPoint]] = {}
    unreadable: list[str] = []
    for distribution in distributions():
        name = _name(distribution)
        try:
            # The first distribution of a name hides later ones, as it does when imported.
            entries.setdefault(name, [*distribution.entry_points.select(group=_GROUP)])
        except Exception:  # not UTF-8, or not in the format
            unreadable.append(f"the distribution {name}")
    return [entry for found in entries.values() for entry in found], unreadable


def _origin(entry: EntryPoint) -> str:
    """Return what messages call the distribution of an entry point."""
    return (
        f"the distribution {_name(entry.dist)}" if entry.dist else "the distribution that adds it"
    )


def _name(distribution: Distribution) -> str:
    with contextlib.suppress(Exception):  # its metadata can be missing or damaged
        if name := distribution.metadata["Name"]:
            return name
    return f"without a name in {distribution.locate_file('')}"


def _loaded(entry: EntryPoint) -> type[Target]:
    """Return the class that an entry point of another distribution refers to."""
    hint = f"repair or uninstall {_origin(entry)}"
    try:
        loaded = entry.load()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # importing a distribution runs its code
        raise ProjectError(
            f"target {entry.name!r} cannot be imported from {entry.value}: {described(error)}",
            hint=hint,
        ) from error
    if not (isinstance(loaded, type) and issubclass(loaded, Target) and _has_methods(loaded)):
        raise ProjectError(
            f"target {entry.name!r} is not a target: {entry.value} is not a class with the methods "
            f"{', '.join(_METHODS[:-1])} and {_METHODS[-1]}",
            hint=hint,
        )
    return loaded


def _has_methods(loaded: type[Target]) -> bool:
    # `issubclass` accepts any attribute with the name of a method.
    return all(callable(getattr(loaded, method)) for method in _METHODS)
