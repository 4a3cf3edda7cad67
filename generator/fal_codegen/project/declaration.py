"""Declare: which endpoints and which targets a project has (`specs/endpoints.toml`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import permutations
from pathlib import Path, PurePosixPath

from fal_codegen import toml
from fal_codegen.endpoint_id import validate
from fal_codegen.errors import ProjectError, UsageError
from fal_codegen.paths import DECLARATION as FILE
from fal_codegen.project.atomic_files import write_atomic
from fal_codegen.targets import Target
from fal_codegen.targets.registry import target_class
from fal_codegen.text.characters import is_visible
from fal_codegen.text.merge_conflicts import KEEP_BOTH, conflict_line
from fal_codegen.toml import Table

DOCUMENT_URL = "https://fal.ai/api/openapi/queue/openapi.json"
CATALOGUE_URL = "https://api.fal.ai/v1/models"

NOTHING_DECLARED = "nothing is declared yet; add an endpoint: fal-codegen add fal-ai/flux/dev"


@dataclass(frozen=True)
class Overrides:
    """What the declaration says about one endpoint.

    Attributes:
        class_name: Name of the endpoint's class instead of the one its id suggests.
        not_files: Properties that look like files (`…_url`) and take plain text.
    """

    class_name: str | None = None
    not_files: tuple[str, ...] = ()


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


@dataclass(frozen=True)
class FetchSettings:
    """Where and how documents are fetched.

    Attributes:
        url: Address of the documents; `endpoint_id` is added as a query parameter.
        catalogue: Address of the listing of all endpoints.
        concurrency: Requests under way at once.
        attempts: Tries for each request, the first included.
        timeout: Seconds that one answer may take, retries included.
        max_bytes: Size above which an answer is refused.
        allow_http: Whether http:// is allowed to other hosts than this machine.
        many: Documents from which on the catalogue is asked for them; it cannot be declared.
    """

    url: str = DOCUMENT_URL
    catalogue: str = CATALOGUE_URL
    concurrency: int = 8
    attempts: int = 4
    timeout: float = 60.0
    max_bytes: int = 10_000_000
    allow_http: bool = False
    many: int = 5

    @property
    def are_in_catalogue(self) -> bool:
        """Whether the documents wanted are those of the catalogue too.

        They are not if `url` alone is somebody's own.
        """
        return self.url == DOCUMENT_URL or self.catalogue != CATALOGUE_URL


@dataclass(frozen=True)
class Declaration:
    """The declaration, read.

    Attributes:
        text: The file as it is, for editing it with its comments.
        endpoints: Overrides by endpoint id, sorted by id.
    """

    text: str
    endpoints: Mapping[str, Overrides]
    targets: tuple[DeclaredTarget, ...]
    fetch: FetchSettings = field(default_factory=FetchSettings)


def load(project: Path) -> Declaration:
    """Read a project's declaration.

    Raises:
        ProjectError: There is none, or it says something that it cannot say.
    """
    path = project / FILE
    try:
        return parse(path.read_bytes().decode("utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ProjectError(
            f"{project} has no {FILE}", hint="start a project there: fal-codegen init"
        ) from error
    except UnicodeDecodeError as error:
        raise ProjectError(f"{FILE} is not UTF-8") from error


def write(project: Path, declaration: Declaration) -> None:
    """Write a project's declaration; where it is a link, the file that the link leads to."""
    write_atomic((project / FILE).resolve(), declaration.text)


def parse(text: str) -> Declaration:
    """Read the text of a declaration.

    Raises:
        ProjectError: It is not TOML, or has a key or value that means nothing.
    """
    try:
        raw = toml.loads(text)
    except (toml.TOMLDecodeError, RecursionError) as error:
        if line := conflict_line(text):
            raise ProjectError(
                f"{FILE}, line {line}: git left a merge conflict there", hint=KEEP_BOTH
            ) from error
        raise ProjectError(f"{FILE} is not TOML: {error}") from error
    top = Table(raw, "")
    declared = top.table("targets")
    wanted = tuple(_target(name, declared.table(name)) for name in sorted(declared))
    endpoints = top.table("endpoints")
    declaration = Declaration(
        text=text,
        endpoints={id_: _overrides(id_, endpoints.table(id_)) for id_ in sorted(endpoints)},
        targets=wanted,
        fetch=_fetch(top.table("fetch")),
    )
    top.only("targets", "endpoints", "fetch")
    _refuse_case_twins(declaration.endpoints)
    _refuse_overlaps(wanted)
    return declaration


def _refuse_overlaps(targets: Sequence[DeclaredTarget]) -> None:
    """Refuse output folders of which one is in another, also where case makes no difference."""
    folders = {target.name: PurePosixPath(str(target.output).lower()) for target in targets}
    for one, other in permutations(folders, 2):
        if folders[one].is_relative_to(folders[other]):
            raise ProjectError(
                f"{FILE}: the output folder of {one} is that of {other}, or inside of it",
                hint="give each target a folder of its own, such as generated/python",
            )


def with_endpoints(declaration: Declaration, ids: Iterable[str]) -> Declaration:
    """Return the declaration with endpoints added at its end; the rest of its text stays.

    Edited as text: tomlkit takes the comment above a table for the end of the table before it, and
    so would part comments from what they are about.

    Raises:
        ProjectError: It declares endpoints in a form that cannot be edited like this.
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
    """Return the declaration without some of its endpoints; the rest of its text stays.

    Raises:
        ProjectError: It declares endpoints in a form that cannot be edited like this.
    """
    lines = declaration.text.split("\n")
    for endpoint_id in sorted(set(ids)):
        start, end = _table_lines(lines, endpoint_id)
        del lines[start:end]
    newline = "\r\n" if "\r\n" in declaration.text else "\n"
    text = "\n".join(lines).rstrip() + newline
    return _edited(text, declaration, declaration.endpoints.keys() - set(ids))


def _table_lines(lines: Sequence[str], endpoint_id: str) -> tuple[int, int]:
    """Return where an endpoint's table starts and ends.

    Comments above the next table are about that one, and stay.
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
    """Return the edited declaration, if just the endpoints' ids changed."""
    try:
        old, new = toml.loads(before.text), toml.loads(text)
    except toml.TOMLDecodeError as error:
        raise _not_editable() from error
    kept = {key: value for key, value in old.get("endpoints", {}).items() if key in ids}
    endpoints = {key: {} for key in ids} | kept
    if new.pop("endpoints", {}) != endpoints or (old | {"endpoints": {}}) != (
        new | {"endpoints": {}}
    ):
        raise _not_editable()
    return parse(text)


def _not_editable() -> ProjectError:
    return ProjectError(
        f"{FILE} declares endpoints in a form that only you can edit",
        hint='give each endpoint a table of its own: [endpoints."fal-ai/flux/dev"]',
    )


def _target(name: str, table: Table) -> DeclaredTarget:
    declared = target_class(name)
    output = _output(table)
    del table["output"]
    return DeclaredTarget(name, output, declared.from_table(table))


def _output(table: Table) -> PurePosixPath:
    text = table.text("output")
    path = PurePosixPath(text)
    is_plain = is_visible(text) and "\\" not in text and ":" not in text
    if path.is_absolute() or not path.parts or ".." in path.parts or not is_plain:
        raise ProjectError(
            f"{FILE}: {table.where}.output must be a folder inside the project, not {text!r}"
        )
    if any(part.startswith(".") for part in path.parts):
        raise ProjectError(f"{FILE}: {table.where}.output cannot be in a hidden folder")
    top = path.parts[0].lower()  # some file systems cannot tell `Specs` from `specs`
    if top in ("specs", "templates"):
        raise ProjectError(f"{FILE}: {table.where}.output cannot be inside {top}/")
    return path


def _overrides(endpoint_id: str, table: Table) -> Overrides:
    try:
        validate(endpoint_id)
    except UsageError as error:
        raise ProjectError(f"{FILE}: {error.message}") from error
    table.only("class_name", "not_files")
    class_name = table.text("class_name") if "class_name" in table else None
    if class_name is not None and not (class_name.isidentifier() and class_name[0].isupper()):
        raise ProjectError(f"{FILE}: {table.where}.class_name must look like ImageToVideo")
    not_files = table.get("not_files", [])
    if not isinstance(not_files, list) or not all(isinstance(name, str) for name in not_files):
        raise ProjectError(f"{FILE}: {table.where}.not_files must be a list of property names")
    return Overrides(class_name, tuple(not_files))


def _fetch(table: Table) -> FetchSettings:
    table.only("url", "catalogue", "concurrency", "attempts", "timeout", "max_bytes", "allow_http")
    usual = FetchSettings()
    return FetchSettings(
        url=_address(table, "url", usual.url),
        catalogue=_address(table, "catalogue", usual.catalogue),
        concurrency=table.count("concurrency", usual.concurrency),
        attempts=table.count("attempts", usual.attempts),
        timeout=table.number("timeout", usual.timeout),
        max_bytes=table.count("max_bytes", usual.max_bytes),
        allow_http=table.flag("allow_http", usual.allow_http),
    )


def _address(table: Table, key: str, default: str) -> str:
    url = table.text(key, default)
    if not url.startswith(("http://", "https://")):
        raise ProjectError(f"{FILE}: {table.where}.{key} must start with https:// or http://")
    return url


def _refuse_case_twins(ids: Iterable[str]) -> None:
    seen: dict[str, str] = {}
    for endpoint_id in ids:
        refuse_case_twin(endpoint_id, seen.setdefault(endpoint_id.lower(), endpoint_id))


def refuse_case_twin(endpoint_id: str, known: str) -> None:
    """Refuse an id beside another one that differs only in case.

    Raises:
        ProjectError: It does.
    """
    if known != endpoint_id:
        raise ProjectError(
            f"{FILE}: {known} and {endpoint_id} differ only in case, and some file systems "
            "cannot tell them apart"
        )
