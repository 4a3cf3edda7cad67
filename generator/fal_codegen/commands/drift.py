"""`drift`, `diff` and `update`: what changed in documents, for whom, and taking it over."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple

from fal_codegen.commands import Exit
from fal_codegen.commands.fetching import fetched, require_declared, settings_of, usable
from fal_codegen.commands.generating import generate_into
from fal_codegen.console import Console
from fal_codegen.document.json_values import mapping
from fal_codegen.document.overlay import documents_below
from fal_codegen.document.read import Document, parse_json
from fal_codegen.drift import Level, history, ignore
from fal_codegen.drift.formats import POINTING, render
from fal_codegen.drift.places import lines_of
from fal_codegen.drift.survey import Pair, Survey, survey
from fal_codegen.endpoint_id import document_path
from fal_codegen.errors import CodegenError, GoneError, UsageError
from fal_codegen.fetch.disk import from_disk
from fal_codegen.paths import HISTORY
from fal_codegen.project import declaration as declare
from fal_codegen.project import revisions
from fal_codegen.project.atomic_files import write_atomic
from fal_codegen.project.declaration import Declaration
from fal_codegen.project.inputs import gather
from fal_codegen.project.repository import folder_in_repository
from fal_codegen.project.run_lock import exclusive
from fal_codegen.project.vendoring import vendor

THRESHOLDS: Mapping[str, Level] = {
    "breaking": Level.BREAKING,
    "behavioural": Level.BEHAVIOURAL,
    "additive": Level.ADDITIVE,
    "any": Level.COSMETIC,
}
"""What `--fail-on` takes."""

Content = Mapping[str, Any]
Found = Mapping[str, Document | CodegenError]


class Telling(NamedTuple):
    """How a survey is told.

    Attributes:
        form: One of `drift.formats.FORMATS`.
        threshold: The level from which on there is drift to exit with.
    """

    form: str = "text"
    threshold: Level = Level.COSMETIC


class Sources(NamedTuple):
    """Where documents come from, if from elsewhere than declared.

    Attributes:
        url: Address of the documents.
        catalogue: Address of the catalogue.
        path: A document on disk, or a folder of them, to read instead of fetching.
    """

    url: str | None = None
    catalogue: str | None = None
    path: Path | None = None


class Known(NamedTuple):
    """What a project says of drift.

    Attributes:
        exemptions: Changes that it ignores.
        history: Changes of earlier days, the oldest first.
    """

    exemptions: tuple[ignore.Exemption, ...] = ()
    history: tuple[history.Entry, ...] = ()

    @classmethod
    def of(cls, project: Path) -> Known:
        """Read it.

        Raises:
            ProjectError: A file of it cannot be used, or an exemption has expired.
        """
        path = project / ignore.FILE
        data = path.read_bytes() if path.is_file() else b""
        return cls(ignore.parse(data, _today()), history.load(project))


def drift(
    project: Path, ids: Sequence[str], console: Console, telling: Telling, sources: Sources
) -> int:
    """Compare the vendored documents with those of today, and write nothing.

    Returns:
        The exit code of the survey (see `Survey.exit_code`).
    """
    declaration = declare.load(project)
    known = Known.of(project)
    found = _of_today(declaration, ids, console.aside, sources)
    told = _compared(project, found, known)
    return _tell(_placed(told, project, telling, vendored(project)), console, telling)


def diff(project: Path | None, old: Path, new: Path, console: Console, telling: Telling) -> int:
    """Compare documents on disk, offline: two files, or two folders of them.

    Args:
        project: Whose exemptions count, if any's.
        old: The older document, or documents.
        new: The newer.
        console: Told what changed.
        telling: How.

    Returns:
        The exit code of the survey.
    """
    known = Known.of(project) if project else Known()
    pairs, failures = _paired(_files(old), _files(new))
    told = _survey(pairs, failures, known)
    if project:
        told = _placed(told, project, telling, vendored(project))
    return _tell(told, console, telling)


def diff_revisions(project: Path, text: str, console: Console, telling: Telling) -> int:
    """Compare the vendored documents of two git revisions, `A..B`, offline.

    Returns:
        The exit code of the survey.
    """
    old, new = (revisions.documents(project, revision) for revision in revisions.parse(text))
    pairs, failures = _paired(old, new)
    told = _survey(pairs, failures, Known.of(project))
    told = _placed(told, project, telling, lambda endpoint_id: new.get(f"{endpoint_id}.json"))
    return _tell(told, console, telling)


def update(
    project: Path, ids: Sequence[str], console: Console, telling: Telling, sources: Sources
) -> int:
    """Fetch, tell what changed, vendor, note it in the history, and generate.

    An endpoint that cannot be fetched or used stays as it was, and the others go on.

    Returns:
        0 if everything is up to date now, else 2.
    """
    with exclusive(project):
        declaration = declare.load(project)
        known = Known.of(project)
        found = _of_today(declaration, ids, console.aside, sources)
        # What a program reads is the survey alone.
        others = console if telling.form == "text" else console.aside
        there = {key: it for key, it in found.items() if isinstance(it, Document)}
        documents, unusable = usable(project, there, declaration, others)
        gone = {key for key, error in found.items() if isinstance(error, GoneError)}
        taken = take_over(project, found, {*documents, *gone}, known)
        now = {key: document.text.encode() for key, document in documents.items()}
        before = vendored(project)
        told = _placed(taken.survey, project, telling, lambda key: now.get(key) or before(key))
        _tell(told, console, telling)

        def write_specs() -> None:
            taken.write_history(project)
            vendor(project, documents, others)

        inputs = gather(project, declaration)
        inputs = inputs.with_documents(documents.values())
        inputs = dataclasses.replace(inputs, history=taken.history)
        code = generate_into(project, inputs, others, write_specs=write_specs)
        for endpoint_id in sorted(gone):
            others.say(f"{endpoint_id} is gone: fal-codegen remove {endpoint_id}")
        return Exit.FAILED if unusable or taken.survey.failures else code


class Takeover(NamedTuple):
    """What changed in documents that take the place of vendored ones.

    Attributes:
        survey: The report of it.
        history: The history of the project, with what changed.
    """

    survey: Survey
    history: tuple[history.Entry, ...]

    def write_history(self, project: Path) -> None:
        """Write the project's history, if it is not as it was."""
        if self.history != history.load(project):
            write_atomic(project / HISTORY, history.text_of(self.history))


def take_over(project: Path, found: Found, accepted: Collection[str], known: Known) -> Takeover:
    """Compare documents with the vendored ones, and note what changed in the history.

    Args:
        project: The project.
        found: The documents, or why there is none, by endpoint id.
        accepted: Ids of the endpoints whose changes are noted.
        known: What the project says of drift.
    """
    told = _compared(project, found, known)
    happened = [
        change
        for change in (
            *(change for report in told.reports for change in report.changes),
            *(ignored.change for ignored in told.ignored),
        )
        if change.endpoint in accepted
    ]
    noted = history.entries_of(happened, _today().isoformat())
    return Takeover(told, history.extended(known.history, noted))


def _of_today(
    declaration: Declaration, ids: Sequence[str], console: Console, sources: Sources
) -> Found:
    for endpoint_id in ids:
        require_declared(declaration, endpoint_id)
    if not declaration.endpoints:
        raise UsageError("nothing is declared yet", hint="fal-codegen add fal-ai/flux/dev")
    if sources.path is not None:
        is_file = sources.path.is_file()  # which is of one endpoint, and need not be of all
        found = from_disk(sources.path, ids or ([] if is_file else [*declaration.endpoints]))
        for endpoint_id, document in found.items():
            if isinstance(document, Document):
                require_declared(declaration, endpoint_id)
        return found
    settings = settings_of(declaration, url=sources.url, catalogue=sources.catalogue)
    return fetched(ids or declaration.endpoints, settings, console)


def _compared(project: Path, found: Found, known: Known) -> Survey:
    """Compare the vendored documents with those found; one that is gone is no failure."""
    pairs: list[Pair] = []
    failures: list[CodegenError] = []
    for endpoint_id, new in found.items():
        path = project / "specs" / document_path(endpoint_id)
        try:
            old = _content(path.read_bytes(), endpoint_id) if path.is_file() else None
            if isinstance(new, CodegenError) and not (isinstance(new, GoneError) and old):
                raise new
            pairs.append(Pair(endpoint_id, old, new.raw if isinstance(new, Document) else None))
        except CodegenError as error:
            failures.append(error)
    return _survey(pairs, failures, known)


def _survey(pairs: Collection[Pair], failures: Iterable[CodegenError], known: Known) -> Survey:
    return survey(pairs, failures=failures, exemptions=known.exemptions, history=known.history)


def _paired(
    old: Mapping[str, bytes], new: Mapping[str, bytes]
) -> tuple[list[Pair], list[CodegenError]]:
    """Put together the documents of the same endpoint, or of the same path if they name none."""
    before, after = _Side.of(old), _Side.of(new)
    # What could not be read on one side is neither new nor gone on the other.
    unread = {*before.unread, *after.unread}
    unread |= {name for name, path in (before.paths | after.paths).items() if path in unread}
    names = sorted({*before.documents, *after.documents} - unread)
    pairs = [Pair(name, before.documents.get(name), after.documents.get(name)) for name in names]
    return pairs, [*before.failures, *after.failures]


class _Side(NamedTuple):
    """The documents of one side of a comparison.

    Attributes:
        documents: By endpoint id, or by path if they name no endpoint.
        paths: Where each is.
        unread: Paths of what could not be read, and ids of what is there twice.
        failures: Why.
    """

    documents: dict[str, Content]
    paths: dict[str, str]
    unread: set[str]
    failures: list[CodegenError]

    @classmethod
    def of(cls, files: Mapping[str, bytes]) -> _Side:
        side = cls({}, {}, set(), [])
        for path, data in files.items():
            try:
                content = _content(data, path)
            except CodegenError as error:
                side.unread.add(path)
                side.failures.append(error)
                continue
            metadata = mapping(mapping(content.get("info")).get("x-fal-metadata"))
            name = str(metadata.get("endpointId", "")) or path
            if name in side.documents:
                side.unread.add(name)
                twice = f"it has two documents there: {side.paths[name]} and {path}"
                side.failures.append(UsageError(twice, endpoint=name, hint="leave one of them"))
            side.documents[name], side.paths[name] = content, path
        return side


def _files(path: Path) -> dict[str, bytes]:
    """Read a document, or every document of a folder, by path below it.

    Raises:
        UsageError: There is nothing.
    """
    if not path.exists():
        raise UsageError(f"there is no {path}", hint="name a document, or a folder of documents")
    if not path.is_dir():
        return {"": path.read_bytes()}
    found = {file.relative_to(path).as_posix(): file.read_bytes() for file in documents_below(path)}
    if not found:
        raise UsageError(f"{path} has no documents (*.json)")
    return found


def _content(data: bytes, name: str) -> Content:
    content = parse_json(data, name or None)
    if not isinstance(content, dict) or not isinstance(content.get("openapi"), str):
        raise UsageError("this JSON is no OpenAPI document", endpoint=name or None)
    return content


TextOf = Callable[[str], bytes | None]
"""Returns the vendored document of an endpoint as its file has it; None if there is none."""


def vendored(project: Path) -> TextOf:
    """Return what reads a project's vendored documents."""

    def text_of(endpoint_id: str) -> bytes | None:
        try:
            path = project / "specs" / document_path(endpoint_id)
        except CodegenError:  # what is compared need not be a document of an endpoint
            return None
        return path.read_bytes() if path.is_file() else None

    return text_of


def _placed(told: Survey, project: Path, telling: Telling, text_of: TextOf) -> Survey:
    """Return a survey with the lines of its changes, if its format points at lines of files."""
    if telling.form not in POINTING:
        return told
    lines: dict[str, int] = {}
    for report in told.reports:
        text = (text_of(report.endpoint) or b"").decode("utf-8", "replace")
        lines |= lines_of(report.changes, text)
    return dataclasses.replace(told, folder=folder_in_repository(project), lines=lines)


def _tell(told: Survey, console: Console, telling: Telling) -> int:
    console.write(render(told, telling.form, colour=console.is_coloured))
    return told.exit_code(telling.threshold)


def _today() -> date:
    return datetime.now(timezone.utc).date()
