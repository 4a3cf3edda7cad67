"""Declare: the endpoints and the targets of a project (`specs/endpoints.toml`)."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from urllib.parse import urlsplit

from fal_codegen import toml
from fal_codegen.endpoint_id import validate
from fal_codegen.errors import ProjectError, UsageError
from fal_codegen.fetch.settings import FetchSettings
from fal_codegen.file_names import problem_of
from fal_codegen.ir import Extension
from fal_codegen.merge_conflicts import reject_conflict
from fal_codegen.paths import DECLARATION, project_file
from fal_codegen.project.atomic_files import write_atomic
from fal_codegen.targets import Target
from fal_codegen.targets.python import PythonTarget
from fal_codegen.targets.registry import calling, target_class
from fal_codegen.text.invisible import is_visible
from fal_codegen.toml import Table

NOTHING_DECLARED = "nothing is declared yet; add an endpoint: fal-codegen add fal-ai/flux/dev"


class Overrides(NamedTuple):
    """The declaration's overrides for one endpoint.

    Attributes:
        class_name: Name of the endpoint's class, instead of the one that follows from its id.
        not_files: Properties whose names look like files (`…_url`), and which are plain strings.
        extension: The project's class that extends the endpoint's.
    """

    class_name: str | None = None
    not_files: tuple[str, ...] = ()
    extension: Extension | None = None


@dataclass(frozen=True)
class DeclaredTarget:
    """A target, and where its files are written.

    Attributes:
        name: Its name in the declaration.
        output: The output folder, relative to the project.
        target: The target itself.
    """

    name: str
    output: PurePosixPath
    target: Target = field(compare=False)

    @property
    def python_package(self) -> str | None:
        """The import name of the Python client in the output folder; None for other targets."""
        return self.target.package if isinstance(self.target, PythonTarget) else None


@dataclass(frozen=True)
class Declaration:
    """The declaration of a project.

    Attributes:
        text: The text of the file, for edits that keep its comments.
        endpoints: Overrides by endpoint id, sorted by id.
        targets: The targets, sorted by name.
        fetch: Where and how documents are fetched.
    """

    text: str
    endpoints: Mapping[str, Overrides]
    targets: tuple[DeclaredTarget, ...]
    fetch: FetchSettings = field(default_factory=FetchSettings)


def load(project: Path) -> Declaration:
    """Read a project's declaration.

    Raises:
        ProjectError: The declaration is missing or invalid.
    """
    path = project_file(project, DECLARATION)
    if path is None:
        raise ProjectError(
            f"{project} has no {DECLARATION}", hint="start a project there: fal-codegen init"
        )
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ProjectError(f"{DECLARATION} is not UTF-8") from error
    return parse(text)


def write(project: Path, declaration: Declaration) -> None:
    """Write a project's declaration. A link is followed."""
    write_atomic((project / DECLARATION).resolve(), declaration.text)


def parse(text: str) -> Declaration:
    """Read the text of a declaration.

    Raises:
        ProjectError: It is not TOML, or has an unknown key or an invalid value.
    """
    try:
        raw = toml.loads(text)
    except toml.TOMLDecodeError as error:
        reject_conflict(text, DECLARATION)
        raise ProjectError(f"{DECLARATION} is not TOML: {error}") from error
    top = Table(raw, "")
    tables, endpoints = top.table("targets"), top.table("endpoints")
    targets = _targets({name: tables.table(name) for name in tables})
    declaration = Declaration(
        text=text,
        endpoints={id_: _overrides(id_, endpoints.table(id_)) for id_ in sorted(endpoints)},
        targets=targets,
        fetch=_fetch_settings(top.table("fetch")),
    )
    top.only("targets", "endpoints", "fetch")
    _reject_case_twins(declaration.endpoints)
    _reject_overlaps(targets)
    return declaration


def reject_case_twin(endpoint_id: str, spellings: dict[str, str]) -> None:
    """Reject an id that differs from an earlier one only in case.

    Args:
        endpoint_id: The id.
        spellings: The earlier ids by their lower case, to which this one is added.

    Raises:
        ProjectError: The ids differ only in case.
    """
    other = spellings.setdefault(endpoint_id.lower(), endpoint_id)
    if other != endpoint_id:
        raise ProjectError(
            f"{DECLARATION}: {other} and {endpoint_id} differ only in case, and some file systems "
            "cannot tell them apart"
        )


def _reject_case_twins(ids: Iterable[str]) -> None:
    spellings: dict[str, str] = {}
    for endpoint_id in ids:
        reject_case_twin(endpoint_id, spellings)


def _reject_overlaps(targets: Sequence[DeclaredTarget]) -> None:
    """Reject output folders that contain each other, ignoring case."""
    folders = {target.name: PurePosixPath(str(target.output).lower()) for target in targets}
    for name, other in permutations(folders, 2):
        if folders[name].is_relative_to(folders[other]):
            raise ProjectError(
                f"{DECLARATION}: the output folder of {name} is inside that of {other}",
                hint="give each target its own folder, such as generated/python",
            )


def _targets(tables: Mapping[str, Table]) -> tuple[DeclaredTarget, ...]:
    """Return the targets, sorted by name.

    The examples of the docs import the packages of this project, unless they name others.
    """
    docs: dict[str, object] = tables.get("docs", {})
    for key, target in (("package", "python"), ("npm_package", "typescript")):
        if "package" in tables.get(target, {}):
            docs.setdefault(key, tables[target]["package"])
    # The docs come last, so that an invalid package is reported where it is declared.
    targets = [
        _target(name, tables[name]) for name in sorted(tables, key=lambda name: name == "docs")
    ]
    return tuple(sorted(targets, key=lambda target: target.name))


def _target(name: str, table: Table) -> DeclaredTarget:
    target = target_class(name)
    output = _output(table)
    del table["output"]
    with calling(name, "from_table"):
        return DeclaredTarget(name, output, target.from_table(table))


def _output(table: Table) -> PurePosixPath:
    text = table.string("output")
    path = PurePosixPath(text)
    is_plain = is_visible(text) and "\\" not in text and ":" not in text
    if path.is_absolute() or not path.parts or ".." in path.parts or not is_plain:
        raise table.error("output", f"must be a folder inside the project, not {text!r}")
    if any(part.startswith(".") for part in path.parts):
        raise table.error("output", "cannot be in a hidden folder")
    for part in path.parts:
        if problem := problem_of(part):
            raise table.error("output", f"cannot be {text!r}: {part!r} {problem}")
    top = path.parts[0].lower()  # some file systems cannot tell `Specs` from `specs`
    if top in ("specs", "templates"):
        raise table.error("output", f"cannot be inside {top}/")
    return path


def _overrides(endpoint_id: str, table: Table) -> Overrides:
    try:
        validate(endpoint_id)
    except UsageError as error:
        raise ProjectError(f"{DECLARATION}: {error.message}") from error
    table.only("class_name", "not_files", "extension")
    class_name = table.string("class_name") if "class_name" in table else None
    if class_name is not None and not (class_name.isidentifier() and class_name[0].isupper()):
        raise table.error("class_name", "must look like ImageToVideo")
    not_files = table.get("not_files", [])
    if not isinstance(not_files, list) or not all(isinstance(name, str) for name in not_files):
        raise table.error("not_files", "must be a list of property names")
    return Overrides(class_name, tuple(not_files), _extension(table))


def _extension(table: Table) -> Extension | None:
    if "extension" not in table:
        return None
    module, _, class_name = table.string("extension").partition(":")
    if not (_is_name(module) and module.isascii() and _is_name(class_name)):
        raise table.error("extension", "must look like module:ClassName")
    return Extension(module, class_name)


def _is_name(text: str) -> bool:
    return text.isidentifier() and not keyword.iskeyword(text)


def _fetch_settings(table: Table) -> FetchSettings:
    known = ("url", "catalogue", "concurrency", "attempts", "timeout", "max_bytes", "prices")
    table.only(*known, "allow_http")
    defaults = FetchSettings()
    return FetchSettings(
        url=_url(table, "url", defaults.url),
        catalogue=_url(table, "catalogue", defaults.catalogue),
        concurrency=table.count("concurrency", defaults.concurrency),
        attempts=table.count("attempts", defaults.attempts),
        timeout=table.number("timeout", defaults.timeout),
        max_bytes=table.count("max_bytes", defaults.max_bytes),
        prices=table.flag("prices", defaults.prices),
        allow_http=table.flag("allow_http", defaults.allow_http),
    )


def _url(table: Table, key: str, default: str) -> str:
    url = table.string(key, default)
    if not url.startswith(("http://", "https://")):
        raise table.error(key, "must start with https:// or http://")
    try:
        is_url = bool(urlsplit(url).hostname) and urlsplit(url).port != 0
    except ValueError:  # its message may show a password
        is_url = False
    if not is_url:
        raise table.error(key, "is not a URL")
    return url
