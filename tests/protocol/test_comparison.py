"""The comparison with fal finds what differs, and nothing else: shown with emulators as fal."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import yaml
from emulator.documents import document
from fal_codegen.emulator import Emulator
from fal_codegen.emulator.endpoints.served_endpoint import ServedEndpoint
from fal_codegen.emulator.queue import webhook_delivery
from fal_codegen.emulator.recording.fal_urls import Origin

from .comparison import compare
from .deviating import deviating
from .facts import ROOT, Observations, differences, facts
from .inbox import listening
from .observer import Budget, Observer, TooExpensive
from .steps import LIFE, stepping

KEY = "an-identifier:a-secret"
DOCUMENT = document("acme/paint/v1.0/draft")
FAULTS = f"{LIFE}, logs=2"


def observed(emulator: Emulator, most: str = "0.50") -> Observations:
    budget = Budget(Decimal(most), Decimal("0.01"))
    with stepping(emulator), listening() as inbox:
        origin = Origin(emulator.base_url)
        return Observer(origin, KEY, ServedEndpoint(DOCUMENT), budget, inbox).observe()


@pytest.fixture(scope="module")
def emulated() -> Observations:
    return observed(Emulator([DOCUMENT], faults=FAULTS, key=KEY))


def test_every_fact_that_is_compared_is_observed(emulated: Observations) -> None:
    assert emulated.facts == {id for id, fact in facts().items() if fact.is_compared}


def test_every_fact_has_a_source_with_a_date() -> None:
    assert len(facts()) > 40
    for fact in facts().values():
        assert any(fact.source.startswith(word) for word in ("client", "documentation", "record"))
        assert fact.source[-7:-3].isdecimal()


def test_an_emulator_in_place_of_fal_has_no_differences() -> None:
    emulator = stepping(Emulator([DOCUMENT], faults=f"{LIFE}, logs=4", key=KEY))
    with emulator as fal, listening() as inbox:
        compared = compare(Origin(fal.base_url), KEY, Decimal("0.50"), inbox)
    assert compared == ("acme/paint/v1.0/draft", [], [])


def test_each_planted_deviation_is_found_with_its_line(
    emulated: Observations, monkeypatch: pytest.MonkeyPatch
) -> None:
    payload = webhook_delivery._payload

    def with_time(*arguments: Any) -> dict[str, Any]:
        return {**payload(*arguments), "sent_at": 0}

    monkeypatch.setattr(webhook_delivery, "_payload", with_time)
    other = observed(Emulator([DOCUMENT], faults=FAULTS, key=KEY, replay=deviating))
    found = differences(emulated, other)
    assert {difference.fact for difference in found} == emulated.facts
    line = facts()["cancel"].line
    assert (
        f"docs/protocol.md:{line}: cancel: the answer at status: "
        "the emulator has CANCELLATION_REQUESTED, fal has OK"
    ) in map(str, found)


def test_it_stops_before_it_exceeds_the_budget() -> None:
    emulator = Emulator([DOCUMENT], key=KEY, faults="billable-units=3")
    with pytest.raises(TooExpensive, match=r"may cost \$0\.03, and \$0\.01 of \$0\.03 are spent"):
        observed(emulator, "0.03")
    billed = [entry for entry in emulator.journal.select("submit") if b"red fox" in entry.body]
    assert len(billed) == 1


def test_the_workflow_is_off_by_default() -> None:
    read = yaml.safe_load((ROOT / ".github/workflows/fal-protocol.yml").read_text("utf-8"))
    assert list(read[True]) == ["workflow_dispatch"]  # YAML reads `on` as a boolean
