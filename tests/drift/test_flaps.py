"""Changes that revert an earlier change in the history, and interrupted runs."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from documents import document, obj
from fal_codegen.drift import Report, compare
from fal_codegen.drift.history import entries_of, extended, reverted_dates
from fal_codegen.history import Entry

STRING, INTEGER = {"type": "string"}, {"type": "integer"}


def of(schema: dict[str, Any], **keywords: Any) -> dict[str, Any]:
    return document(input=obj({"prompt": STRING, "seed": schema}, **keywords))


def entries(report: Report, day: str = "2026-06-05") -> tuple[Entry, ...]:
    return tuple(entries_of(report.changes, day))


PAIRS = [
    (document(), of(INTEGER, required=["prompt"])),
    (of(INTEGER), of({**INTEGER, "minimum": 1})),
    (of({**INTEGER, "minimum": 1}), of({**INTEGER, "exclusiveMinimum": 1})),
    (of(INTEGER), of({"type": ["integer", "null"]})),
    (of(INTEGER), of(INTEGER, required=["prompt"])),
    (of({**INTEGER, "default": 5}), of({**INTEGER, "default": 6})),
    (of(INTEGER), of({**INTEGER, "deprecated": True})),
    (of(STRING), of({"enum": ["a", "b"]})),
    (of({"enum": ["a", "b", "c"]}), of({"enum": ["a"]})),
    (of(STRING), of({"anyOf": [STRING, INTEGER]})),
    (of({**INTEGER, "minimum": 1, "maximum": 9, "default": 5}), of(INTEGER)),
]


@pytest.mark.parametrize("pair", PAIRS)
def test_every_change_back_is_known_and_no_change_is_its_own_echo(pair: Any) -> None:
    there, back = compare(*pair), compare(*reversed(pair))
    assert reverted_dates(entries(there), [there]) == {}
    assert set(reverted_dates(entries(there), [back])) == {one.fingerprint for one in back.changes}


@pytest.mark.parametrize(
    ("known", "now"),
    [
        ((of(INTEGER), of(INTEGER, required=["prompt"])),
         (of(INTEGER), of({"type": ["integer", "null"]}))),
        ((of(INTEGER), of({**INTEGER, "default": 0})),
         (of({**INTEGER, "minimum": 0}), of(INTEGER))),
    ],
)  # fmt: skip
def test_another_change_at_the_same_place_is_no_echo(known: Any, now: Any) -> None:
    assert reverted_dates(entries(compare(*known)), [compare(*now)]) == {}


@pytest.mark.parametrize("pair", PAIRS)
def test_what_a_killed_run_added_is_not_added_again(pair: Any) -> None:
    there, back = entries(compare(*pair)), entries(compare(*reversed(pair)))
    assert extended(there, there) == there
    assert extended((*there, *back), there) == (*there, *back, *there)


def test_what_changed_in_a_circle_is_added_again() -> None:
    steps = [of({**INTEGER, "default": default}) for default in (5, 6, 7, 5, 6)]
    known: tuple[Entry, ...] = ()
    for pair in pairwise(steps):
        known = extended(known, entries(compare(*pair)))
    assert len(known) == 4
