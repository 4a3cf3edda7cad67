"""Every endpoint can be called: one emulator serves all of them to the generated client."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import pydantic
import pytest
from documents import example_output
from fal_codegen.emulator import Emulator

from .clients import Caller, example_arguments
from .contract import Contract
from .outputs import plain

pytestmark = pytest.mark.corpus


def test_every_endpoint_answers_with_its_typed_result(
    contracts: tuple[Contract, ...],
    endpoints: Mapping[str, Any],
    package: ModuleType,
    record_property: Callable[[str, object], None],
) -> None:
    with (
        Emulator([dict(contract.emulated.document) for contract in contracts]) as emulator,
        package.Fal(key="any", base_url=emulator.base_url) as client,
    ):
        callers = [Caller(endpoints[contract.id](client)) for contract in contracts]
        requests = [
            caller.request(example_arguments(contract))
            for contract, caller in zip(contracts, callers, strict=True)
        ]
        outcomes = sorted(client.map(requests, concurrency=8), key=lambda outcome: outcome.index)
    failures = [str(outcome.error) for outcome in outcomes if outcome.error]
    assert not failures, "\n".join(failures[:20])
    for contract, caller, outcome in zip(contracts, callers, outcomes, strict=True):
        if isinstance(caller.output, type) and issubclass(caller.output, pydantic.BaseModel):
            assert isinstance(outcome.output, caller.output)
        result = plain(outcome.output)
        assert _shape(result) == _shape(example_output(contract.emulated)), contract.id
        assert contract.emulated.is_valid_output(result)
    record_property("called", len(outcomes))


def _shape(value: Any) -> Any:
    """Return a value without its scalars, because the emulator's files have different URLs."""
    if isinstance(value, dict):
        return {name: _shape(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_shape(item) for item in value]
    return float if isinstance(value, int) and not isinstance(value, bool) else type(value)
