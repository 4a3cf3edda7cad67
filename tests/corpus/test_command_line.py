"""The example of every endpoint can be typed on the command line, and is sent as it is."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from fal_codegen.emulator import Emulator

from .clients import example_arguments
from .contract import Contract

pytestmark = pytest.mark.corpus


def test_every_example_can_be_typed(
    contracts: tuple[Contract, ...],
    package: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    record_property: Callable[[str, object], None],
) -> None:
    command_line = importlib.import_module(f"{package.__name__}._runtime.command_line")
    monkeypatch.setenv("FAL_KEY", "any")
    failures = []
    with Emulator([dict(contract.emulated.document) for contract in contracts]) as emulator:
        monkeypatch.setenv("FAL_BASE_URL", emulator.base_url)
        for contract in contracts:
            example = {
                name: value
                for name, value in example_arguments(contract).items()
                if value is not None and value != []  # which no option can say
            }
            fields = package.Fal().endpoint(contract.id).types.input.model_fields
            words = [
                word
                for name, field in fields.items()
                if (wire := field.serialization_alias or name) in example
                for word in _typed(name, example[wire])
            ]
            code = command_line.main(package.Fal, "fal", ["submit", contract.id, *words])
            shown = capsys.readouterr()
            sent = list(emulator.journal.select("submit"))
            emulator.reset()
            if code or [request.json for request in sent] != [example]:
                failures.append(f"{contract.id} {words}\n{shown.err}")
    record_property("typed", len(contracts))
    assert not failures, "\n".join([f"{len(failures)} failed", *failures[:20]])


def _typed(name: str, value: Any) -> Iterator[str]:
    option = f"--{name.strip('_').replace('_', '-')}"
    match value:
        case bool():
            yield option if value else f"--no-{option[2:]}"
        case list():
            for item in value:
                yield from (option, item if isinstance(item, str) else json.dumps(item))
        case str():
            yield f"{option}={value}"  # it may begin with a hyphen
        case _:
            yield from (option, json.dumps(value))
