"""Results of commands as JSON, for programs (`--json`).

Each class is the shape of a JSON object, with its attributes as keys. Shapes are stable: later
versions add keys, but neither rename nor remove them. Standard output holds the object and nothing
else; errors and progress go to standard error, and exit codes are the same as without `--json`. A
command that fails before it has a result prints no JSON.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from fal_codegen import __version__
from fal_codegen.console import Console
from fal_codegen.diagnosis import Finding
from fal_codegen.errors import CodegenError
from fal_codegen.text.escaping import json_report

if TYPE_CHECKING:
    from fal_codegen.commands.upgrading import Upgrade


class JsonResult(Protocol):
    """A dataclass of this module."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


def print_json(result: JsonResult, console: Console) -> None:
    """Print a result as JSON."""
    console.write(json_report(asdict(result)))


@dataclass(frozen=True)
class DeclaredEndpoint:
    """A declared endpoint.

    Attributes:
        id: Its id.
        source: Where its document came from: `fetched`, `file` (read from disk), `transcribed`
            (written by hand from a page), `edited` (changed or written by hand, and
            recorded as such in `specs/endpoints.lock`), or `by hand` (written by hand, and not in
            that file yet); null if there is no document yet.
        call: The call in Python, such as `client.fal_ai.flux.dev`.
        title: Its title in the catalogue; empty if it is not known.
        category: Its category in the catalogue; empty if it is not known.
        status: `active` or `deprecated`; empty if it is not known.
    """

    id: str
    source: str | None
    call: str
    title: str
    category: str
    status: str


@dataclass(frozen=True)
class ListResult:
    """The result of `list --json`.

    Attributes:
        endpoints: The declared endpoints, sorted by id.
    """

    endpoints: tuple[DeclaredEndpoint, ...]


@dataclass(frozen=True)
class EndpointError:
    """Why an endpoint was left out.

    Attributes:
        endpoint: Its id.
        message: What happened.
        pointer: JSON Pointer of the place in its document; null if the error is not about one.
        hint: The next step, or null.
    """

    endpoint: str | None
    message: str
    pointer: str | None
    hint: str | None


def endpoint_errors(errors: Iterable[CodegenError]) -> tuple[EndpointError, ...]:
    """Return the JSON shapes of errors."""
    return tuple(
        EndpointError(error.endpoint, error.message, error.pointer, error.hint) for error in errors
    )


@dataclass(frozen=True)
class RepairedPlace:
    """A place where a document was repaired.

    Attributes:
        endpoint: The id of the endpoint.
        rule: The name of the rule that was applied.
        effect: What the rule does.
        pointer: JSON Pointer of the place in the document.
    """

    endpoint: str
    rule: str
    effect: str
    pointer: str


@dataclass(frozen=True)
class RepairsResult:
    """The result of `list --repairs --json`.

    Attributes:
        repairs: The repairs, sorted by endpoint.
        errors: The endpoints that cannot be generated.
    """

    repairs: tuple[RepairedPlace, ...]
    errors: tuple[EndpointError, ...]


@dataclass(frozen=True)
class FoundEndpoint:
    """An endpoint of the catalogue; what the catalogue does not know is empty.

    Attributes:
        id: Its id.
        title: Its display name.
        category: fal's category, such as `image-to-video`.
        status: `active` or `deprecated`.
        tags: Its tags, sorted.
        description: What it does, in a sentence or two.
        declared: Whether the project declares it.
    """

    id: str
    title: str
    category: str
    status: str
    tags: tuple[str, ...]
    description: str
    declared: bool


@dataclass(frozen=True)
class SearchResult:
    """The result of `search --json`.

    Attributes:
        endpoints: The endpoints that match, in the order of the catalogue.
    """

    endpoints: tuple[FoundEndpoint, ...]


@dataclass(frozen=True)
class ChangedName:
    """A public name of a Python package that changes for its callers.

    Attributes:
        name: The name, such as `fal_endpoints.Request.submit(options)`.
        old: Its type before; null if it is added.
        new: Its type now; null if it is removed.
    """

    name: str
    old: str | None
    new: str | None


@dataclass(frozen=True)
class UpgradeResult:
    """What this version of fal-codegen changes in an output folder that another one generated.

    Attributes:
        generated_by: The version that generated the folder.
        version: This version.
        changes: What changes for callers of a Python package; null if it is not known, as for
            packages of other languages.
    """

    generated_by: str
    version: str
    changes: tuple[ChangedName, ...] | None


def upgrade_result(upgrade: Upgrade | None) -> UpgradeResult | None:
    """Return what an upgrade changes; None if it changes nothing."""
    if upgrade is None:
        return None
    changes = None
    if upgrade.changes is not None:
        changes = tuple(ChangedName(each.name, each.old, each.new) for each in upgrade.changes)
    return UpgradeResult(upgrade.generated_by, __version__, changes)


@dataclass(frozen=True)
class GeneratedTarget:
    """What a run did to the output folder of a target; paths are below the folder, sorted.

    Attributes:
        name: The name of the target.
        output: The output folder, below the project.
        written: Files that were written.
        removed: Files that were removed.
        foreign: Files that were left alone, because they are not generated.
        unchanged: How many files already were up to date.
        upgrade: What this version changed, if another one generated the folder before; or null.
    """

    name: str
    output: str
    written: tuple[str, ...]
    removed: tuple[str, ...]
    foreign: tuple[str, ...]
    unchanged: int
    upgrade: UpgradeResult | None


@dataclass(frozen=True)
class GenerateResult:
    """The result of `generate --json`.

    Attributes:
        up_to_date: Whether every output folder was up to date before.
        targets: The targets, sorted by name; empty if nothing changed since the last run.
        errors: The endpoints that cannot be generated. The others are generated.
    """

    up_to_date: bool
    targets: tuple[GeneratedTarget, ...]
    errors: tuple[EndpointError, ...]


@dataclass(frozen=True)
class CheckedTarget:
    """How the output folder of a target differs; paths are below the folder, sorted.

    Attributes:
        name: The name of the target.
        output: The output folder, below the project.
        up_to_date: Whether the folder does not differ.
        missing: Files that `generate` would write and that do not exist.
        changed: Files that `generate` would overwrite with different content.
        stale: Generated files that `generate` would remove.
        edited: Those of `changed` and `stale` that were edited by hand.
        foreign: Files that are not generated.
        leftovers: Files and folders of other tools that git tracks, such as `__pycache__/`.
        upgrade: What this version changes, if another one generated the folder; or null.
    """

    name: str
    output: str
    up_to_date: bool
    missing: tuple[str, ...]
    changed: tuple[str, ...]
    stale: tuple[str, ...]
    edited: tuple[str, ...]
    foreign: tuple[str, ...]
    leftovers: tuple[str, ...]
    upgrade: UpgradeResult | None


@dataclass(frozen=True)
class CheckResult:
    """The result of `check --json`.

    Attributes:
        up_to_date: Whether nothing differs and every endpoint can be generated.
        targets: The targets, sorted by name.
        specs: Files in `specs/` that `generate` would update, such as `endpoints.lock`.
        abandoned: Folders of generated files that are no longer the output folder of a target.
        errors: The endpoints that cannot be generated.
    """

    up_to_date: bool
    targets: tuple[CheckedTarget, ...]
    specs: tuple[str, ...]
    abandoned: tuple[str, ...]
    errors: tuple[EndpointError, ...]


@dataclass(frozen=True)
class DoctorResult:
    """The result of `doctor --json`.

    Attributes:
        ok: Whether there is no problem; there may be warnings.
        findings: The findings, in the order in which they are printed.
    """

    ok: bool
    findings: tuple[Finding, ...]
