"""fal's protocol is what `docs/protocol.md` says and the emulator does. Needs a key; opt-in."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from decimal import Decimal

import pytest
from fal_codegen.emulator.recording.fal_urls import Origin

from .comparison import compare
from .inbox import Inbox, listening


@pytest.fixture
def inbox(pytestconfig: pytest.Config) -> Iterator[Inbox | None]:
    url = pytestconfig.getoption("--webhook-url")
    if url is None:
        yield None
        return
    with listening(pytestconfig.getoption("--webhook-port"), url) as found:
        yield found


@pytest.mark.live
def test_fal_does_what_the_emulator_does(
    request: pytest.FixtureRequest, inbox: Inbox | None
) -> None:
    if "live" not in request.config.option.markexpr:
        pytest.skip("calls fal, and costs money: pytest -m live")
    key = os.environ.get("FAL_KEY")
    if not key:
        pytest.skip("needs a key of fal: set FAL_KEY")
    most: Decimal = request.config.getoption("--max-cost")
    comparison = compare(Origin(os.environ.get("FAL_BASE_URL")), key, most, inbox)
    if comparison.missing:
        missing = ", ".join(comparison.missing)
        warnings.warn(f"{comparison.endpoint_id} did not show: {missing}", stacklevel=1)
    found = "\n".join(map(str, comparison.differences))
    assert not found, f"fal contradicts:\n{found}"
