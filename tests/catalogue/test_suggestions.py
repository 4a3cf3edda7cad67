"""Mistyped endpoint ids: suggestions from what is declared, and from what the catalogue listed."""

from __future__ import annotations

from pathlib import Path

import pytest
from fal_codegen import catalogue_cache
from projects import problem

from .answers import FAST, LONG, PAINT, V1, V2, Cli

MISTYPED = "acme/piant"


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Start without what earlier tests listed."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def painting(at_fal: Path, cli: Cli) -> Path:
    """A project that declares one endpoint of the catalogue."""
    assert cli("add", PAINT, "--project", at_fal).code == 0
    return at_fal


@pytest.mark.parametrize("command", ["remove", "fetch", "drift", "update"])
def test_a_mistyped_id_is_answered_with_a_declared_one(
    painting: Path, cli: Cli, command: str
) -> None:
    ran = cli(command, MISTYPED, "--project", painting)
    problem(ran, f"{MISTYPED}: the endpoint is not declared", f"did you mean {PAINT}?")


def test_a_mistyped_id_that_fal_does_not_have(painting: Path, cli: Cli) -> None:
    problem(cli("add", MISTYPED, "--project", painting), f"did you mean {PAINT}?")
    mistyped = "acme/pika/v1/tunr"
    problem(cli("add", mistyped, "--project", painting), "look up the id: fal-codegen search")
    assert cli("search", "--project", painting).code == 0
    problem(cli("add", mistyped, "--project", painting), f"did you mean {V1}?")


@pytest.mark.parametrize("mistyped", ["acme/nope", "acme/pika/v2/x"])
def test_an_id_is_not_similar_because_it_has_the_same_owner(
    painting: Path, cli: Cli, mistyped: str
) -> None:
    assert cli("search", "--project", painting).code == 0
    ran = cli("add", mistyped, "--project", painting)
    problem(ran, "look up the id: fal-codegen search")
    assert "did you mean" not in ran.err


@pytest.mark.parametrize(
    ("mistyped", "meant"),
    [("acme/pika/v2", V2), ("acme/paint-fast", FAST), ("acme/pika/v2/turn/lng", LONG)],
)
def test_an_id_is_similar_from_where_it_differs(
    painting: Path, cli: Cli, mistyped: str, meant: str
) -> None:
    assert cli("search", "--project", painting).code == 0
    problem(cli("add", mistyped, "--project", painting), f"did you mean {meant}?")


def test_an_endpoint_that_is_in_the_catalogue_but_not_declared(painting: Path, cli: Cli) -> None:
    assert cli("search", "--project", painting).code == 0
    problem(cli("drift", FAST, "--project", painting), f"\n  declare it: fal-codegen add {FAST}\n")


def test_an_id_that_no_document_on_disk_has(painting: Path, cli: Cli) -> None:
    ran = cli("add", MISTYPED, "--from", painting / "specs", "--project", painting)
    problem(ran, f"did you mean {PAINT}?", f"it has documents of {PAINT}")


def test_a_catalogue_without_end_makes_no_error_slow() -> None:
    ids = [MISTYPED, *(f"acme/number-{number}" for number in range(20_000))]
    catalogue_cache.remember("https://catalogue.example", ids[:-1], is_complete=True)
    assert MISTYPED in catalogue_cache.remembered("https://catalogue.example")
    catalogue_cache.remember("https://catalogue.example", ids, is_complete=True)
    assert catalogue_cache.remembered("https://catalogue.example") == frozenset()
