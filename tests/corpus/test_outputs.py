"""Generated clients parse every result, and keep unknown values in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import pytest

from .contract import Contract
from .outputs import NEWER, Parsed, parse_all

pytestmark = pytest.mark.corpus


def test_every_result_of_a_genuine_document_is_parsed_whole(
    contracts: tuple[Contract, ...],
    endpoints: Mapping[str, Any],
    package: ModuleType,
    record_property: Callable[[str, object], None],
) -> None:
    parsed = Parsed()
    with package.Fal(key="none") as client:
        for contract in contracts:
            endpoint = endpoints[contract.id](client)
            parse_all(contract, endpoint, package.UnexpectedResponse, parsed)
    record_property("outputs", dict(parsed.whole))
    record_property("wrong_outputs", dict(parsed.wrong))
    assert not parsed.failures, "\n".join(parsed.failures[:20])
    assert parsed.whole[NEWER] >= len(contracts)
