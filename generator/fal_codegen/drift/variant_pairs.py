"""Pairs the variants of two unions: each with the one that it probably became."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from fal_codegen.drift import schema_rules
from fal_codegen.drift.kinds.variant import Difference, Variant
from fal_codegen.drift.rule_types import Effect

Indices = tuple[int, int]
"""The indices of an old variant and of a new one."""

_NARROWING = (Effect.NARROWER, Effect.OTHER, Effect.REMOVED)
"""Effects by which a variant loses values."""

_WIDENING = (Effect.WIDER, Effect.OTHER, Effect.NEW)
"""Effects by which a variant gains values."""

_WIDENING_RULES = (
    schema_rules.REQUIRED_REMOVED,
    schema_rules.REQUIRED_ADDED,
    schema_rules.REQUIRED_WITH_DEFAULT_ADDED,
    schema_rules.RENAMED,
)
"""Rules with which a variant gains values, besides those of wider effects."""


@dataclass(frozen=True)
class VariantPairs:
    """All pairs of variants of one kind from two unions.

    Attributes:
        olds: The variants of the old union.
        news: The variants of the new one.
        differences: The differences of each pair.
    """

    olds: Sequence[Variant]
    news: Sequence[Variant]
    differences: Mapping[Indices, Sequence[Difference]]

    @cached_property
    def lost(self) -> frozenset[int]:
        """The old variants that no new one contains, so that values are lost."""
        kept = {i for (i, _), found in self.differences.items() if not any(map(_narrows, found))}
        return frozenset(range(len(self.olds))) - kept

    @cached_property
    def gained(self) -> frozenset[int]:
        """The new variants that no old one contains, so that values are gained."""
        known = {j for (_, j), found in self.differences.items() if not any(map(widens, found))}
        return frozenset(range(len(self.news))) - known

    def probable(self) -> list[Indices]:
        """Return the probable pairs, with each variant in one of them at most.

        A pair with the same label never counts as misleading, so that its changes are reported.
        """
        pairs: dict[int, int] = {}
        taken: set[int] = set()
        for i, j in sorted(self.differences, key=self._rank):
            if i in pairs or j in taken:
                continue
            if self.olds[i].may_become(self.news[j]) and not self._is_misleading(i, j):
                pairs[i] = j
                taken.add(j)
        return list(pairs.items())

    def _rank(self, pair: Indices) -> tuple[bool, bool, int, int, Indices]:
        """Return a key by which more probable pairs come first."""
        found = self.differences[pair]
        notable = sum(difference.rule.effect is not Effect.DESCRIBED for difference in found)
        return notable > 0, pair not in self._namesakes, notable, len(found), pair

    def _is_misleading(self, i: int, j: int) -> bool:
        """Return whether the differences of a pair report a loss or gain that did not happen."""
        found = self.differences[i, j]
        is_loss = i not in self.lost and any(map(_narrows, found))
        is_gain = j not in self.gained and any(map(widens, found))
        return (is_loss or is_gain) and (i, j) not in self._namesakes

    @cached_property
    def _namesakes(self) -> frozenset[Indices]:
        """The pairs of variants that have the same label, and share it with no other."""
        olds, news = _by_label(self.olds), _by_label(self.news)
        return frozenset((olds[label], news[label]) for label in olds.keys() & news.keys())


def widens(difference: Difference) -> bool:
    """Return whether a variant gains values."""
    return difference.rule.effect in _WIDENING or difference.rule in _WIDENING_RULES


def _narrows(difference: Difference) -> bool:
    return difference.rule.effect in _NARROWING


def _by_label(variants: Sequence[Variant]) -> dict[str, int]:
    """Return the index of each variant with a label of its own, by that label."""
    count = Counter(variant.label for variant in variants)
    return {it.label: i for i, it in enumerate(variants) if it.label and count[it.label] == 1}
