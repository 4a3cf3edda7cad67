"""`search`: look for endpoints in fal's catalogue."""

from __future__ import annotations

from pathlib import Path

from fal_codegen.commands import Exit
from fal_codegen.commands.fetching import key, settings_of
from fal_codegen.console import Console
from fal_codegen.fetch.selection import Selection
from fal_codegen.project import declaration as declare


def search(
    project: Path | None,
    selection: Selection,
    console: Console,
    *,
    as_json: bool = False,
    catalogue: str | None = None,
) -> Exit:
    """Show the endpoints of the catalogue that are looked for, and which are declared here."""
    from fal_codegen.fetch import catalogue as listing

    declaration = declare.load(project) if project else declare.parse("")
    settings = settings_of(declaration, catalogue=catalogue)
    found = listing.search(selection, settings, key=key())
    if as_json:
        console.write(listing.as_json(found, declaration.endpoints))
    else:
        for line in listing.as_table(found, declaration.endpoints):
            console.say(line)
    return Exit.FINE
