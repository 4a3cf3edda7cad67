"""The intended disagreements, by rule: see `disagreements.toml`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from .parity import Disagreement, Tally

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@dataclass(frozen=True)
class Rule:
    """A kind of intended disagreement, and the reason for it.

    Attributes:
        said: A part of the error message.
    """

    name: str
    reason: str
    kinds: tuple[str, ...]
    refused_by: str
    faults: tuple[str, ...]
    said: str

    def explains(self, found: Disagreement) -> bool:
        return (
            found.kind in self.kinds
            and found.refused_by == self.refused_by
            and self.said in found.said
            and not set(self.faults).isdisjoint(found.faults)
        )

    def was_tried(self, tally: Tally) -> bool:
        return any(tally.taken[kind] or tally.refused[kind] for kind in self.kinds)


def load_rules() -> tuple[Rule, ...]:
    """Read the rules."""
    text = Path(__file__).with_name("disagreements.toml").read_text("utf-8")
    return tuple(
        Rule(
            name=name,
            reason=rule["reason"],
            kinds=tuple(rule["kinds"]),
            refused_by=rule["refused_by"],
            faults=tuple(rule["faults"]),
            said=rule.get("said", ""),
        )
        for name, rule in tomllib.loads(text).items()
    )
