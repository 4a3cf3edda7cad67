"""`add`, `remove`, `list` and `fetch`: which endpoints a project has, and their documents."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fal_codegen.commands import Exit
from fal_codegen.commands.fetching import choose, fetched, require_declared, settings_of, usable
from fal_codegen.commands.generating import generate_into
from fal_codegen.console import Console, columns
from fal_codegen.document import repairs
from fal_codegen.document.metadata import DEPRECATED, Metadata
from fal_codegen.document.read import Document
from fal_codegen.endpoint_id import document_path, validate
from fal_codegen.errors import CodegenError
from fal_codegen.fetch.disk import from_disk
from fal_codegen.fetch.selection import Selection
from fal_codegen.pipeline import plan_all
from fal_codegen.project import declaration as declare
from fal_codegen.project import lock
from fal_codegen.project.atomic_files import all_or_nothing
from fal_codegen.project.inputs import gather
from fal_codegen.project.run_lock import exclusive
from fal_codegen.project.vendoring import remove_document, vendor

if TYPE_CHECKING:
    from fal_codegen.commands.drift import Takeover

NOTHING_DECLARED = "nothing is declared yet; add an endpoint: fal-codegen add fal-ai/flux/dev"


def add(
    project: Path,
    ids: Sequence[str],
    console: Console,
    *,
    source: Path | None = None,
    selection: Selection | None = None,
    url: str | None = None,
    catalogue: str | None = None,
) -> Exit:
    """Vendor documents, declare their endpoints, and generate: all of it, or nothing.

    What changed in the document of an endpoint that is declared already is reported, and noted in
    the history, as `update` does.

    Args:
        project: The project.
        ids: Endpoints by name.
        console: Told what is done.
        source: Where on disk the documents are, if they are not to be fetched.
        selection: Which endpoints of the catalogue to add, instead of naming them.
        url: Where to fetch documents from, if elsewhere than declared.
        catalogue: Where the catalogue is, if elsewhere than declared.
    """
    with exclusive(project):
        declaration = declare.load(project)
        settings = settings_of(declaration, url=url, catalogue=catalogue)
        nameless = False
        if source is not None:
            found: Mapping[str, Document | CodegenError] = from_disk(source, ids)
        else:
            wanted = list(map(validate, ids))
            if selection is not None:
                wanted, nameless = choose(selection, declaration, settings, console)
            if not wanted:
                return Exit.FAILED if nameless else Exit.FINE
            found = fetched(wanted, settings, console, was_chosen=selection is not None)
        documents, unusable = usable(project, found, declaration, console)
        if not documents:
            return Exit.FAILED
        again = {key: it for key, it in documents.items() if key in declaration.endpoints}
        taken = _taken_over(project, again, console) if again else None
        declaration = declare.with_endpoints(declaration, documents)

        def write_specs() -> None:
            if taken:
                taken.write_history(project)
            vendor(project, documents, console)
            declare.write(project, declaration)

        inputs = gather(project, declaration)
        inputs = inputs.with_documents(documents.values())
        if taken:
            inputs = dataclasses.replace(inputs, history=taken.history)
        code = generate_into(project, inputs, console, write_specs=write_specs)
        failed = unusable or nameless or (taken is not None and bool(taken.survey.failures))
        return Exit.FAILED if failed else code


def _taken_over(
    project: Path, documents: Mapping[str, Document], console: Console
) -> Takeover | None:
    """Report what changed in documents of declared endpoints; None if nothing did."""
    from fal_codegen.commands.drift import Known, take_over
    from fal_codegen.drift.formats import render

    taken = take_over(project, documents, documents, Known.of(project))
    if not (taken.survey.reports or taken.survey.ignored or taken.survey.failures):
        return None
    console.write(render(taken.survey, "text", colour=console.is_coloured))
    return taken


def remove(project: Path, ids: Sequence[str], console: Console) -> Exit:
    """Take endpoints out of the declaration, and their documents and generated files with them."""
    with exclusive(project):
        declaration = declare.load(project)
        for endpoint_id in ids:
            require_declared(declaration, endpoint_id)
        entries = lock.load(project)
        declaration = declare.without_endpoints(declaration, ids)

        def write_specs() -> None:
            declare.write(project, declaration)
            for endpoint_id in ids:
                remove_document(project, endpoint_id, entries.get(endpoint_id), console)

        inputs = gather(project, declaration)
        return generate_into(project, inputs, console, write_specs=write_specs)


def list_endpoints(project: Path, console: Console) -> Exit:
    """Show what is declared: id, where its document came from, how it is called, what it is."""
    from fal_codegen.targets.python.names import call_paths

    declaration = declare.load(project)
    entries = lock.load(project)
    if not declaration.endpoints:
        console.say(NOTHING_DECLARED)
    paths = call_paths(declaration.endpoints)
    rows = []
    for endpoint_id in declaration.endpoints:
        there = (project / "specs" / document_path(endpoint_id)).is_file()
        known = entries.get(endpoint_id)
        source = "not fetched yet" if not there else known.source if known else "by hand"
        row = [endpoint_id, f"{source:<15}", f"client.{'.'.join(paths[endpoint_id])}"]
        metadata = known.metadata if known else Metadata()
        is_deprecated = metadata.status == DEPRECATED
        rows.append([*row, metadata.category, DEPRECATED * is_deprecated])
    for line in columns(rows):
        console.say(line)
    return Exit.FINE


def list_repairs(project: Path, console: Console) -> Exit:
    """Show every place where a document was repaired before anything was generated from it."""
    inputs = gather(project, declare.load(project))
    planned, errors = plan_all(inputs)
    for error in errors:
        console.problem(error)
    for line in [*repairs.listing(planned)] or ["nothing was repaired"]:
        console.say(line)
    return Exit.FAILED if errors else Exit.FINE


def fetch(
    project: Path,
    ids: Sequence[str],
    console: Console,
    *,
    url: str | None = None,
    catalogue: str | None = None,
) -> Exit:
    """Fetch and vendor the documents of declared endpoints, without generating."""
    with exclusive(project):
        declaration = declare.load(project)
        for endpoint_id in ids:
            require_declared(declaration, endpoint_id)
        if not declaration.endpoints:
            console.say(NOTHING_DECLARED)
            return Exit.FINE
        settings = settings_of(declaration, url=url, catalogue=catalogue)
        found = fetched(ids or declaration.endpoints, settings, console)
        documents, failed = usable(project, found, declaration, console)
        with all_or_nothing():
            changed = vendor(project, documents, console)
        if changed:
            console.say("to bring the generated files up to date: fal-codegen generate")
        return Exit.FAILED if failed else Exit.FINE
