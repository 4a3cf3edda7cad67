"""`list`: the declared endpoints, and how they are called."""

from __future__ import annotations

from pathlib import Path

from projects import (
    BLENDER,
    DECLARATION,
    FAST,
    Cli,
    edit,
)


def test_every_endpoint_is_listed_with_its_source_and_call(filled: Path, cli: Cli) -> None:
    edit(filled / DECLARATION, new='\n[endpoints."acme/v1.5/mix"]\n')
    ran = cli("list", "--project", filled)
    assert ran.code == 0
    assert [line.split(maxsplit=1) for line in ran.out.splitlines()] == [
        [BLENDER, "file             client.acme.blender"],
        [FAST, "file             client.acme.blender.fast"],
        ["acme/v1.5/mix", "not fetched yet  client.acme.v1_5.mix"],
    ]


def test_an_empty_project_says_how_to_go_on(project: Path, cli: Cli) -> None:
    assert "fal-codegen add" in cli("list", "--project", project).out
