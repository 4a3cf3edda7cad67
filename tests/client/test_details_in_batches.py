"""The details of responses in batches and their ledgers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import ConfigurationError, Fal, ResponseDetails, ValidationError

from .collage import Collage
from .conftest import Call
from .fake_fal import COSTS, REFUSAL, FakeFal, collage_of, details_of
from .ledgers import mapped


def test_each_outcome_of_a_batch_has_its_details(
    client: Fal, collage: Collage, call: Call, emulator: Emulator
) -> None:
    emulator.emulate("billable-units=2.5")
    requests = [collage(layers=[]), collage(layers=[], aspect="refused")]
    good, bad = sorted(call(client.map, requests), key=lambda outcome: outcome.index)
    assert good.response.billable_units == 2.5
    assert bad.response.billable_units == 0.0
    ids = {ended.request_id for ended in emulator.queue}
    assert {good.response.request_id, bad.response.request_id} == ids


def test_an_invalid_row_has_no_details(collage: Collage, call: Call) -> None:
    (outcome,) = call(collage.map, [{"layers": 5}])
    assert isinstance(outcome.error, ValidationError)
    assert outcome.response is None


FREE = {**COSTS, "x-fal-billable-units": "0", "x-fal-needs-retry": "false"}


MEASURED = {"metrics": {"inference_time": 1.5}}


ENDS: dict[str, Callable[[], FakeFal]] = {
    "output": lambda: FakeFal(completed={"status": "COMPLETED", **MEASURED}),
    "error": lambda: FakeFal(422, REFUSAL, FREE),
    "no result": lambda: FakeFal(completed={"status": "FAILED", **MEASURED}),
    "other type": lambda: FakeFal(body={"paid": "for"}),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_ledger_keeps_the_details(call: Call, ledger: Path, end: str) -> None:
    fal = ENDS[end]()
    fal.headers = {**fal.headers, "Set-Cookie": "secret", "Server": "fal"}
    collage = collage_of(fal)
    first = details_of(mapped(call, collage, ledger))
    fal.status = 0  # nothing can be fetched any more
    again = details_of(mapped(call, collage, ledger))
    assert again == ResponseDetails(
        "id-1",
        first.status_code,
        {name: value for name, value in first.headers.items() if name.startswith("x-fal-")},
        first.inference_time,
        first.queue_time,
    )
    assert again.billable_units == first.billable_units
    assert again.inference_time == (1.5 if "metrics" in fal.completed else None)
    assert "secret" not in ledger.read_text()


def without_details(line: dict[str, Any]) -> dict[str, Any]:
    """Return a line of a ledger as earlier versions wrote it."""
    line.pop("response", None)
    for name in ("inference_time", "queue_time"):
        line.get("error", {}).pop(name, None)
    return line


@pytest.mark.parametrize("end", ["output", "error"])
def test_a_ledger_of_an_earlier_version_is_read(call: Call, ledger: Path, end: str) -> None:
    collage = collage_of(ENDS[end]())
    first = mapped(call, collage, ledger)
    lines = [without_details(json.loads(line)) for line in ledger.read_text().splitlines()]
    ledger.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    again = mapped(call, collage, ledger)
    assert (again.output, str(again.error)) == (first.output, str(first.error))
    details = details_of(again)
    assert details.request_id == "id-1"
    assert details.inference_time is details.queue_time is None
    if end == "output":  # of which earlier versions kept nothing else
        assert (details.status_code, details.billable_units) == (None, None)
    else:
        assert (details.status_code, details.billable_units) == (422, 0.0)


@pytest.mark.parametrize(
    "damage",
    [
        {"response": None},
        {"response": {}},
        {"response": {"status_code": "200", "headers": {}}},
        {"response": {"status_code": 200, "headers": {"x-fal-billable-units": 1}}},
        {"response": {"status_code": 200, "headers": {}, "queue_time": -1}},
        {"response": {"status_code": 200, "headers": {}, "inference_time": "1"}},
    ],
)
def test_damaged_details_damage_their_line(
    call: Call, ledger: Path, damage: dict[str, object]
) -> None:
    collage = collage_of(ENDS["output"]())
    mapped(call, collage, ledger)
    lines = [json.loads(line) for line in ledger.read_text().splitlines()]
    lines[-1] |= damage
    ledger.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    with pytest.raises(ConfigurationError, match="its line 4 is damaged"):
        mapped(call, collage, ledger)
