"""Fetching, as more than one command does it: where from, with which key, and of what."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from fal_codegen.console import Console
from fal_codegen.document.metadata import DEPRECATED
from fal_codegen.document.overlay import correct
from fal_codegen.document.read import Document
from fal_codegen.endpoint_id import validate
from fal_codegen.errors import CodegenError, UsageError
from fal_codegen.fetch.selection import Selection
from fal_codegen.pipeline import plan_endpoint
from fal_codegen.project.declaration import Declaration, FetchSettings, Overrides, refuse_twin
from fal_codegen.project.inputs import overlay_of


def settings_of(
    declaration: Declaration, *, url: str | None = None, catalogue: str | None = None
) -> FetchSettings:
    """Return where to fetch from: what was asked for, else what is declared.

    If the address of a catalogue was asked for, and none of documents, even one comes from there.
    """
    declared = declaration.fetch
    return dataclasses.replace(
        declared,
        url=url or declared.url,
        catalogue=catalogue or declared.catalogue,
        many=1 if catalogue and not url else declared.many,
    )


def key() -> str | None:
    """Return the key for the catalogue, if the environment has one."""
    return os.environ.get("FAL_KEY", "").strip() or None


def choose(
    selection: Selection, declaration: Declaration, settings: FetchSettings, console: Console
) -> tuple[list[str], bool]:
    """Return the ids of a selection that are to be added, and whether others cannot be used.

    Raises:
        UsageError: Nothing in the catalogue is selected.
    """
    from fal_codegen.fetch.catalogue import search

    found = search(selection, settings, key=key())
    if not found:
        raise UsageError(
            "no endpoint of the catalogue is selected by that",
            hint="see what there is: fal-codegen search",
        )
    chosen: list[str] = []
    declared = 0
    nameless = False
    for listed in found:
        try:
            endpoint_id = validate(listed.endpoint_id)
        except CodegenError as error:
            console.problem(error)
            nameless = True
            continue
        if endpoint_id in declaration.endpoints:
            declared += 1
        elif listed.metadata.status == DEPRECATED:
            console.say(f"{endpoint_id}: not added, as fal calls it deprecated")
        else:
            chosen.append(endpoint_id)
    console.say(f"{len(found)} found, {declared} declared already, {len(chosen)} to add")
    return chosen, nameless


def fetched(
    ids: Iterable[str], settings: FetchSettings, console: Console, *, was_chosen: bool = False
) -> Mapping[str, Document | CodegenError]:
    """Fetch documents; those of endpoints chosen from the catalogue are in it, few or many."""
    from fal_codegen.fetch.documents import fetch

    wanted = list(dict.fromkeys(ids))
    troubles: list[CodegenError] = []
    with console.progress("fetching", len(wanted)) as advance:
        found = fetch(
            wanted,
            dataclasses.replace(settings, many=1) if was_chosen else settings,
            key=key(),
            on_done=advance,
            on_trouble=troubles.append,
        )
    for error in troubles:
        console.say(f"fetched one by one, as the catalogue failed: {error.message}")
    return found


def require_declared(declaration: Declaration, endpoint_id: str) -> None:
    """Refuse an endpoint that the project does not have.

    Raises:
        UsageError: It is not declared.
    """
    if endpoint_id not in declaration.endpoints:
        raise UsageError(
            "it is not declared", endpoint=endpoint_id, hint="see what is: fal-codegen list"
        )


def usable(
    project: Path,
    found: Mapping[str, Document | CodegenError],
    declaration: Declaration,
    console: Console,
) -> tuple[dict[str, Document], bool]:
    """Return the documents that endpoints can be planned from, and whether there were others."""
    documents: dict[str, Document] = {}
    errors: list[CodegenError] = []
    spelled = {endpoint_id.lower(): endpoint_id for endpoint_id in declaration.endpoints}
    for endpoint_id, result in found.items():
        try:
            if isinstance(result, CodegenError):
                raise result
            overrides = declaration.endpoints.get(endpoint_id, Overrides())
            plan_endpoint(correct(result, overlay_of(project, endpoint_id)), overrides)
            refuse_twin(endpoint_id, spelled.setdefault(endpoint_id.lower(), endpoint_id))
            documents[endpoint_id] = result
        except CodegenError as error:
            errors.append(error)
    for problem in errors:
        console.problem(problem)
    return documents, bool(errors)
