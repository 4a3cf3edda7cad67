"""Generated clients accept exactly the inputs that the documents allow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import pytest

from .clients import Caller
from .contract import Contract
from .disagreements import Rule, load_rules
from .parity import MADE_UP, Tally, compare

pytestmark = pytest.mark.corpus

Record = Callable[[str, object], None]


@pytest.fixture(scope="module")
def tally(
    contracts: tuple[Contract, ...], endpoints: Mapping[str, Any], package: ModuleType
) -> Tally:
    found = Tally()
    with package.Fal(key="none") as client:
        for contract in contracts:
            caller = Caller(endpoints[contract.id](client))
            compare(contract, caller, package.ValidationError, found)
    return found


def test_clients_and_documents_agree_on_every_input(tally: Tally, record_property: Record) -> None:
    record_property("taken", dict(tally.taken))
    record_property("refused_inputs", dict(tally.refused))
    record_property("wrong_inputs", dict(tally.wrong))
    rules = load_rules()
    explained = Counter(
        rule.name for found in tally.disagreements for rule in rules if rule.explains(found)
    )
    record_property(
        "disagreements", {rule.name: (explained[rule.name], rule.reason) for rule in rules}
    )
    unexplained = [
        found for found in tally.disagreements if not any(rule.explains(found) for rule in rules)
    ]
    assert not unexplained, "\n".join(map(str, unexplained[:20]))


def test_what_is_made_up_is_valid(tally: Tally) -> None:
    """Otherwise single changes would prove nothing."""
    assert tally.taken[MADE_UP] > 0
    assert tally.refused[MADE_UP] == 0


@pytest.mark.parametrize("rule", load_rules(), ids=lambda rule: rule.name)
def test_a_rule_that_explains_nothing_is_taken_out(tally: Tally, rule: Rule) -> None:
    if not rule.was_tried(tally):
        pytest.skip("no document has what this rule is about")
    assert any(map(rule.explains, tally.disagreements))
