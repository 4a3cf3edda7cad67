"""The public names and types of a generated package, and what changed in them.

griffe reads the source without running it, follows re-exports, and knows inherited members.
"""

from __future__ import annotations

import ast
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import griffe

from fal_codegen.scratch import scratch_folder

Name = tuple[str, ...]
"""A public name, from the package to a member of a class or to a parameter."""

Surface = Mapping[Name, str]
"""What callers have to know about each public name: its type, its value, or how it is passed."""


@dataclass(frozen=True)
class SurfaceChange:
    """A change of a public name.

    Attributes:
        name: The name, such as `fal_endpoints.Request.submit(options)`.
        old: Its type in the old package; None if it was added.
        new: Its type in the new package; None if it was removed.
    """

    name: str
    old: str | None
    new: str | None


def surface_changes(old: Surface, new: Surface) -> list[SurfaceChange]:
    """Return what changed: removed names first, then changed ones, then added ones.

    A name inside one that was added or removed is not listed.
    """

    def is_listed(name: Name, other: Surface) -> bool:
        return name not in other and (len(name) == 1 or name[:-1] in other)

    removed = [SurfaceChange(_dotted(n), old[n], None) for n in old if is_listed(n, new)]
    changed = [
        SurfaceChange(_dotted(n), old[n], new[n]) for n in old if n in new and old[n] != new[n]
    ]
    added = [SurfaceChange(_dotted(n), None, new[n]) for n in new if is_listed(n, old)]
    return [*removed, *changed, *added]


def package_changes(
    package: str, old: Mapping[str, str], new: Mapping[str, str]
) -> list[SurfaceChange]:
    """Return what changed for the callers of a package (see `surface_changes`).

    Args:
        package: The name of the package.
        old: The text of the files of the old package, by path.
        new: The text of those of the new one.

    Raises:
        ValueError: The old package cannot be read (see `surface`).
    """
    return surface_changes(surface(package, old), surface(package, new))


def surface(package: str, files: Mapping[str, str]) -> Surface:
    """Return the public names of a package, in the order of its source.

    Args:
        package: The name of the package.
        files: The text of its modules by path; other files do not count.

    Raises:
        ValueError: A module is not valid Python, the package is missing, or names refer to each
            other in a circle.
    """
    modules = {path: text for path, text in files.items() if path.endswith(".py")}
    for path, text in modules.items():  # griffe leaves out what it cannot read
        try:
            ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise ValueError(f"{path} is not valid Python") from error
    logging.getLogger("griffe").disabled = True  # it reports names of other packages
    with scratch_folder() as folder:
        for path, text in modules.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(text.encode())
        try:
            root = griffe.load(
                package,
                extensions=griffe.load_extensions(_LazyImports),
                search_paths=[folder],
                allow_inspection=False,
                resolve_aliases=True,
            )
            return dict(_of_root(root))
        except ImportError as error:
            raise ValueError(f"there is no package {package}") from error
        except (griffe.GriffeError, RecursionError) as error:
            raise ValueError(f"{package} has names that refer to each other in a circle") from error


class _LazyImports(griffe.Extension):
    """Counts imports for type checkers too: a module's `__getattr__` imports those names later."""

    def on_alias_instance(self, *, alias: griffe.Alias, **_: object) -> None:
        alias.runtime = True  # or `from package import *` would leave it out


def _of_root(root: griffe.Object | griffe.Alias) -> Iterator[tuple[Name, str]]:
    members = list(_below(root, (root.name,)))
    classes = {each.path for _, each in members if isinstance(each, griffe.Class)}
    for name, member in members:
        yield from _described(name, member)
        if isinstance(member, griffe.Class):
            for inherited in member.inherited_members.values():
                target = _target(inherited)
                # What a public base class has is listed there.
                is_elsewhere = target and target.parent and target.parent.path in classes
                if target and inherited.is_public and not is_elsewhere:
                    yield from _described((*name, target.name), target)


def _below(owner: griffe.Object | griffe.Alias, name: Name) -> Iterator[tuple[Name, griffe.Object]]:
    """Yield the public members of a module or class, and theirs."""
    for member in owner.members.values():
        target = _target(member)
        if target is not None and member.is_public:
            here = (*name, member.name)
            yield here, target
            if isinstance(target, (griffe.Module, griffe.Class)):
                yield from _below(target, here)


def _target(member: griffe.Object | griffe.Alias) -> griffe.Object | None:
    """Return what a name stands for; None if another package defines it."""
    try:
        return member.final_target if isinstance(member, griffe.Alias) else member
    except griffe.AliasResolutionError:
        return None


def _described(name: Name, member: griffe.Object) -> Iterator[tuple[Name, str]]:
    """Yield a name with its type, and the parameters of a function."""
    match member:
        case griffe.Function():
            yield name, f"-> {member.returns}"
            for number, parameter in enumerate(member.parameters):
                if number or parameter.name not in ("self", "cls"):
                    yield (*name, f"({parameter.name})"), _of_parameter(number, parameter)
        case griffe.Attribute():
            is_set_by_code = "instance-attribute" in member.labels and not member.annotation
            yield name, _with_default(member.annotation, None if is_set_by_code else member.value)
        case _:
            yield name, member.kind.value


def _of_parameter(number: int, parameter: griffe.Parameter) -> str:
    kind = griffe.ParameterKind(parameter.kind)
    has_place = kind.name.startswith("positional")
    how = f"argument {number}, {kind.value}" if has_place else kind.value
    return f"{_with_default(parameter.annotation, parameter.default)} ({how})"


def _with_default(annotation: object, default: object) -> str:
    parts = [str(annotation or ""), f"= {default}" if default is not None else ""]
    return " ".join(part for part in parts if part)


def _dotted(name: Name) -> str:
    return ".".join(name).replace(".(", "(")
