"""The commands, each a function from a project and what the user asked to an exit code."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import IntEnum
from pathlib import Path

from fal_codegen import declaration as declare
from fal_codegen import memory, state
from fal_codegen.console import Console
from fal_codegen.declaration import Declaration, FetchSettings, Target
from fal_codegen.endpoint_id import document_path, validate
from fal_codegen.errors import CodegenError, Failures, UsageError
from fal_codegen.files import exclusive, write_atomic
from fal_codegen.inputs import Inputs, gather, idle_overlays, reconcile
from fal_codegen.pipeline import Build, build, corrected
from fal_codegen.project import DECLARATION, LOCK
from fal_codegen.publish import Difference, compare, diff_lines, publish, refuse_edited
from fal_codegen.read import Document
from fal_codegen.vendoring import (
    from_disk,
    load_lock,
    remove_document,
    usable,
    vendor,
    write_lock,
)

NOTHING_DECLARED = "nothing is declared yet; add an endpoint: fal-codegen add fal-ai/flux/dev"

_MANY = 20
"""Endpoints that take long enough to generate for progress to be shown."""


class Exit(IntEnum):
    """What a command's exit code means."""

    FINE = 0
    DIFFERS = 1
    FAILED = 2


def generate(project: Path, console: Console, *, force: bool = False) -> Exit:
    """Generate everything that the project declares, and write what changed."""
    with exclusive(project):
        before = state.input_hashes(project)
        if state.is_unchanged(project, before):
            console.say("up to date")
            return Exit.FINE
        inputs = gather(project, declare.load(project), before)
        if _generate(project, inputs, console, force=force):
            state.remember(project, before, _outputs(inputs.declaration))
        return Exit.FINE


def check(project: Path, console: Console) -> Exit:
    """Say whether the generated files are exactly what specs and templates produce now."""
    before = state.input_hashes(project)
    inputs = gather(project, declare.load(project), before)
    made = _build(project, inputs, console)
    differs = is_mendable = is_edited = False
    for target, files in made.trees.items():
        difference = compare(project / target.output, files)
        if difference:
            _show(project, target, files, difference, console)
            differs = True
            is_mendable |= difference.is_mendable
            is_edited |= bool(difference.edited)
    entries = load_lock(project)
    if reconcile(entries, inputs) != entries:
        console.say(f"{LOCK} does not match the documents in specs/")
        differs = is_mendable = True
    if is_mendable:
        console.say(f"to mend it: fal-codegen generate{' --force' if is_edited else ''}")
    if differs:
        return Exit.DIFFERS
    _keep(project, made)
    state.remember(project, before, _outputs(inputs.declaration))
    console.say("up to date")
    return Exit.FINE


def add(
    project: Path, ids: Sequence[str], console: Console, *, source: Path | None, url: str | None
) -> Exit:
    """Vendor documents, declare their endpoints, and generate: all of it, or nothing."""
    with exclusive(project):
        declaration = declare.load(project)
        settings = _settings(declaration, url)
        if source is not None:
            found: Mapping[str, Document | CodegenError] = from_disk(source, ids)
        else:
            found = _fetch(map(validate, ids), settings, console)
        documents, failed = usable(project, found, declaration, console)
        if not documents:
            return Exit.FAILED
        declaration = declare.with_endpoints(declaration, documents)

        def write_specs() -> None:
            vendor(project, documents, settings if source is None else None, console)
            write_atomic(project / DECLARATION, declaration.text)

        inputs = gather(project, declaration, state.input_hashes(project))
        inputs = inputs.with_documents(documents.values())
        _generate(project, inputs, console, write_specs=write_specs)
        return Exit.FAILED if failed else Exit.FINE


def remove(project: Path, ids: Sequence[str], console: Console) -> Exit:
    """Take endpoints out of the declaration, and their documents and generated files with them."""
    with exclusive(project):
        declaration = declare.load(project)
        for endpoint_id in ids:
            _require_declared(declaration, endpoint_id)
        entries = load_lock(project)
        declaration = declare.without_endpoints(declaration, ids)

        def write_specs() -> None:
            write_atomic(project / DECLARATION, declaration.text)
            for endpoint_id in ids:
                remove_document(project, endpoint_id, entries.get(endpoint_id), console)

        inputs = gather(project, declaration, state.input_hashes(project))
        _generate(project, inputs, console, write_specs=write_specs)
        return Exit.FINE


def list_endpoints(project: Path, console: Console) -> Exit:
    """Show what is declared: id, where its document came from, and how it is called."""
    from fal_codegen.targets.python.names import call_paths

    declaration = declare.load(project)
    entries = load_lock(project)
    if not declaration.endpoints:
        console.say(NOTHING_DECLARED)
    paths = call_paths(declaration.endpoints)
    width = max(map(len, declaration.endpoints), default=0)
    for endpoint_id in declaration.endpoints:
        there = (project / "specs" / document_path(endpoint_id)).is_file()
        known = entries.get(endpoint_id)
        source = "not fetched yet" if not there else known.source if known else "by hand"
        console.say(f"{endpoint_id:<{width}}  {source:<15}  client.{'.'.join(paths[endpoint_id])}")
    return Exit.FINE


def fetch(project: Path, ids: Sequence[str], console: Console, *, url: str | None) -> Exit:
    """Fetch and vendor the documents of declared endpoints, without generating."""
    with exclusive(project):
        declaration = declare.load(project)
        for endpoint_id in ids:
            _require_declared(declaration, endpoint_id)
        if not declaration.endpoints:
            console.say(NOTHING_DECLARED)
            return Exit.FINE
        settings = _settings(declaration, url)
        found = _fetch(ids or declaration.endpoints, settings, console)
        documents, failed = usable(project, found, declaration, console)
        changed = vendor(project, documents, settings, console)
        if changed:
            console.say("to bring the generated files up to date: fal-codegen generate")
        return Exit.FAILED if failed else Exit.FINE


def emulate(project: Path, *, host: str, port: int, faults: str) -> Exit:
    """Serve a local fal for the declared endpoints until interrupted."""
    try:
        from fal_codegen.emulator import faults as language
        from fal_codegen.emulator import serve
    except ModuleNotFoundError as error:
        raise UsageError(
            f"the emulator needs {error.name}, which is not installed",
            hint="pip install 'fal-codegen[emulator]'",
        ) from error
    if faults == "help":
        print(language.describe())
        return Exit.FINE
    inputs = gather(project, declare.load(project), {})
    documents = [dict(corrected(inputs, known).content) for known in inputs.declaration.endpoints]
    serve(documents, host=host, port=port, faults=faults)
    return Exit.FINE


def _generate(
    project: Path,
    inputs: Inputs,
    console: Console,
    *,
    force: bool = False,
    write_specs: Callable[[], None] = lambda: None,
) -> bool:
    """Generate, and only when all of it can be written, write: first `specs/`, then the rest.

    Returns:
        Whether everything is as it was generated, with nothing foreign in between.
    """
    load_lock(project)  # a damaged one is found before anything is written
    made = _build(project, inputs, console)
    differences = {
        target: compare(project / target.output, files) for target, files in made.trees.items()
    }
    if not force:
        for target, difference in differences.items():
            refuse_edited(difference, label=str(target.output))
    write_specs()
    if not made.trees:
        console.say("no target is declared, so there is nothing to generate")
    is_clean = True
    for target, files in made.trees.items():
        done = publish(project / target.output, files, differences[target])
        for path in done.written:
            console.say(f"wrote {target.output}/{path}")
        for path in done.removed:
            console.say(f"removed {target.output}/{path}")
        for path in done.foreign:
            console.say(f"left {target.output}/{path}: not generated; remove it, or move it out")
            is_clean = False
        console.say(
            f"{target.output}: {len(done.written)} written, {len(done.removed)} removed, "
            f"{done.unchanged} unchanged"
        )
    entries = load_lock(project)
    reconciled = reconcile(entries, inputs)
    for endpoint_id, entry in reconciled.items():
        if entry != entries.get(endpoint_id) and entry.source == "edited":
            console.say(f"{endpoint_id}: its document was changed by hand; the lock says so now")
    write_lock(project, reconciled)
    _keep(project, made)
    return is_clean


def _build(project: Path, inputs: Inputs, console: Console) -> Build:
    """Generate in memory, and tell what was corrected and repaired.

    Raises:
        Failures: A document cannot be used.
    """
    count = len(inputs.declaration.endpoints) * len(inputs.declaration.targets)
    with console.progress("generating", count if count >= _MANY else 0) as advance:
        made = build(inputs, advance)
    if made.errors:
        raise Failures(made.errors, hint="nothing was written; mend this, or remove the endpoint")
    for path in idle_overlays(project, inputs.declaration):
        console.say(f"{path} corrects no declared endpoint")
    for outline in made.outlines.values():
        if outline.correction:
            console.say(f"{outline.id}: corrected by an overlay: {outline.correction}")
        for repair in outline.repairs:
            console.say(f"{outline.id}: repaired {repair.rule} at {repair.pointer}")
    return made


def _keep(project: Path, made: Build) -> None:
    """Remember what is now in the output folders, for the next run."""
    files = {
        f"{target.output}/{path}": (made.keys[target][path], text)
        for target, tree in made.trees.items()
        for path, text in tree.items()
    }
    memory.save(project, made.outlines, files)


def _show(
    project: Path,
    target: Target,
    files: Mapping[str, str],
    difference: Difference,
    console: Console,
) -> None:
    """Show how an output folder differs."""
    if len(difference.missing) == len(files):
        console.say(f"{target.output} is not generated yet")
        return
    for line in diff_lines(project / target.output, files, difference, label=str(target.output)):
        console.say(line)
    counts = {
        "missing": difference.missing,
        "changed": difference.changed,
        "no longer generated": difference.stale,
        "not generated by fal-codegen": difference.foreign,
    }
    said = ", ".join(f"{len(paths)} {what}" for what, paths in counts.items() if paths)
    console.say(f"{target.output} differs: {said or 'its manifest is not up to date'}")
    if difference.edited:
        console.say(f"  changed by hand: {', '.join(difference.edited)}")


def _outputs(declaration: Declaration) -> list[str]:
    return [str(target.output) for target in declaration.targets]


def _settings(declaration: Declaration, url: str | None) -> FetchSettings:
    return dataclasses.replace(declaration.fetch, url=url) if url else declaration.fetch


def _fetch(
    ids: Iterable[str], settings: FetchSettings, console: Console
) -> Mapping[str, Document | CodegenError]:
    from fal_codegen.fetch import fetch

    wanted = list(dict.fromkeys(ids))
    with console.progress("fetching", len(wanted)) as advance:
        return fetch(wanted, settings, advance)


def _require_declared(declaration: Declaration, endpoint_id: str) -> None:
    if endpoint_id not in declaration.endpoints:
        raise UsageError(
            "it is not declared", endpoint=endpoint_id, hint="see what is: fal-codegen list"
        )
