"""What a new version of the tool changes for the callers of a generated package.

The generated files themselves are the record of what callers use now. They are compared, as Python
source, with the ones that this version generates, so that nothing about them has to be trusted or
kept. The version in the manifest only decides whether there is something to report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fal_codegen import __version__
from fal_codegen.console import Console
from fal_codegen.project.declaration import DeclaredTarget
from fal_codegen.project.manifest import read_manifest
from fal_codegen.project.snapshot import output_files
from fal_codegen.publish import OutputDifference, existing_text

if TYPE_CHECKING:
    from fal_codegen.targets.python.surface import SurfaceChange

_SECONDS = 60
"""Seconds that a comparison can take. A thousand endpoints take less than a quarter of it."""

_MOST_NAMED = 50
"""Changes that are listed; the rest is counted."""


class Upgrade(NamedTuple):
    """An output folder that another version of the tool generated, and that differs now.

    Attributes:
        generated_by: That version.
        changes: What changes for callers; None if it is not known.
        problem: Why it is not known; None for packages of other languages, which are not compared.
    """

    generated_by: str
    changes: Sequence[SurfaceChange] | None = None
    problem: str | None = None


def upgrade_of(
    project: Path, target: DeclaredTarget, files: Mapping[str, str], difference: OutputDifference
) -> Upgrade | None:
    """Return what this version changes in an output folder; None if no other one generated it.

    Args:
        project: The project.
        target: The target.
        files: The rendered files: text by path below the output folder.
        difference: How the output folder differs from them.
    """
    if difference.version in (None, __version__) or not difference.is_fixable:
        return None
    package = target.python_package
    if package is None:
        return Upgrade(difference.version)
    from fal_codegen.bounded import UnfinishedError, bounded
    from fal_codegen.targets.python.surface import package_changes

    old = _generated(project / target.output)
    try:
        changes = bounded(_SECONDS, package_changes, package, old, files)
    except ValueError as error:
        return Upgrade(difference.version, problem=str(error))
    except UnfinishedError:
        problem = f"{package} could not be compared within {_SECONDS} seconds"
        return Upgrade(difference.version, problem=problem)
    return Upgrade(difference.version, changes)


def report_upgrade(target: DeclaredTarget, upgrade: Upgrade | None, console: Console) -> None:
    """Report what this version changes in an output folder."""
    if upgrade is None:
        return
    console.say(
        f"{target.output}: fal-codegen {upgrade.generated_by} generated it, "
        f"and this is {__version__}"
    )
    if upgrade.problem is not None:
        console.say(f"  the changes for its callers are unknown: {upgrade.problem}")
    if upgrade.changes is not None:
        _report(upgrade.changes, console)


def _generated(folder: Path) -> dict[str, str]:
    """Return the text of the modules that were generated into a folder, by path."""
    generated = read_manifest(folder).files.keys() & output_files(folder).keys()
    modules = sorted(path for path in generated if path.endswith(".py"))
    texts = {path: existing_text(folder, path) for path in modules}
    return {path: text for path, text in texts.items() if text is not None}


def _report(changes: Sequence[SurfaceChange], console: Console) -> None:
    console.say(f"  changes for its callers: {'' if changes else 'none'}".rstrip())
    for change in changes[:_MOST_NAMED]:
        match change.old, change.new:
            case _, None:
                console.say(f"    removed {change.name}")
            case None, new:
                console.say(f"    added   {change.name}: {new}")
            case old, new:
                console.say(f"    changed {change.name}: {old}, now {new}")
    if len(changes) > _MOST_NAMED:
        console.say(f"    and {len(changes) - _MOST_NAMED} more")
