"""The rows of a batch: requests, arguments and what is neither, from any iterable."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import (
    ConfigurationError,
    Failed,
    Fal,
    Outcome,
    Request,
    Succeeded,
    ValidationError,
)

from .batches import requests
from .collage import Collage, Output
from .conftest import Call


def test_a_row_that_is_not_valid_is_an_outcome(
    collage: Collage, call: Call, emulator: Emulator
) -> None:
    rows: list[Any] = [
        {"layers": []},
        {"layers": [], "aspcet": "1:1"},
        {},
        {"layers": "none"},
        {"layers": [], 5: 5},
        {"layers": [], "extra": {"no": object()}},
        ["layers"],
        None,
        {"layers": [], "aspect": "2:1"},
    ]
    outcomes = sorted(call(collage.map, rows), key=lambda outcome: outcome.index)
    assert [type(outcome) for outcome in outcomes] == [Succeeded, *[Failed] * 7, Succeeded]
    for outcome in outcomes[1:-1]:
        assert isinstance(outcome.error, ValidationError)
        assert outcome.error.endpoint_id == Collage.endpoint_id
    assert outcomes[1].request is None
    assert "did you mean aspect?" in str(outcomes[1].error)
    assert emulator.journal.count("submit") == 2


def test_one_batch_takes_requests_of_several_endpoints(
    client: Fal, collage: Collage, call: Call, tmp_path: Path
) -> None:
    pika = client.fal_ai.pika.v2_2.image_to_video
    requests = [collage(layers=[]), pika(image_url="https://x.test/a.png", prompt="a cat")]
    for _ in range(2):
        outcomes = call(client.map, requests, ledger=tmp_path / "batch.jsonl")
        outputs = {outcome.index: type(outcome.result()).__module__ for outcome in outcomes}
        assert outputs == {0: Output.__module__, 1: "fal_endpoints.fal_ai.pika.v2_2.image_to_video"}


def test_what_is_no_request_is_an_outcome(client: Fal, collage: Collage, call: Call) -> None:
    mixed: list[Any] = [{"layers": []}, collage(layers=[]), None]
    outcomes = sorted(call(client.map, mixed), key=lambda outcome: outcome.index)
    assert [outcome.error is None for outcome in outcomes] == [False, True, False]
    assert "`map` of an endpoint accepts mappings" in str(outcomes[0].error)


@pytest.mark.parametrize("concurrency", [1, 3, 16])
def test_requests_that_fail_to_come_end_the_batch_when_what_runs_is_over(
    client: Fal, collage: Collage, emulator: Emulator, call: Call, concurrency: int
) -> None:
    def failing() -> Iterator[Request[Output]]:
        yield from requests(collage, 3)
        raise LookupError("no more rows")

    outcomes: list[Outcome[Output]] = []

    def collected() -> None:
        for outcome in client.map(failing(), concurrency=concurrency):
            outcomes.append(outcome)

    async def collected_async() -> None:
        async for outcome in client.map_async(failing(), concurrency=concurrency):
            outcomes.append(outcome)

    for collect in (collected, lambda: asyncio.run(collected_async())):
        outcomes.clear()
        with pytest.raises(LookupError, match="no more rows"):
            collect()
        assert sorted(outcome.index for outcome in outcomes) == [0, 1, 2]
    assert emulator.queue.unfinished() == []


def test_map_async_takes_asynchronous_iterables(
    client: Fal, collage: Collage, emulator: Emulator, tmp_path: Path
) -> None:
    is_first_over = asyncio.Event()

    async def coming() -> AsyncIterator[Request[Output]]:
        yield collage(layers=[])
        await asyncio.wait_for(is_first_over.wait(), 10)  # an outcome comes before the next row
        yield collage(layers=[], aspect="2:1")

    async def run() -> list[Outcome[Output]]:
        outcomes: list[Outcome[Output]] = []
        async for outcome in client.map_async(coming(), ledger=tmp_path / "batch.jsonl"):
            outcomes.append(outcome)
            is_first_over.set()
        rows = ({"layers": list[Any]()} async for _ in coming())
        return outcomes + [outcome async for outcome in collage.map_async(rows)]

    assert [outcome.error for outcome in asyncio.run(run())] == [None] * 4
    assert emulator.journal.count("submit") == 4


@pytest.mark.parametrize("concurrency", [0, -1, True, 1.5, "8", None])
def test_a_concurrency_that_is_no_count_is_refused_by_the_call(
    client: Fal, collage: Collage, concurrency: Any
) -> None:
    for method in (client.map, client.map_async, collage.map, collage.map_async):
        with pytest.raises(ConfigurationError, match="concurrency should be an integer of at leas"):
            method([], concurrency=concurrency)


def test_arguments_that_map_does_not_have_are_refused_by_the_call(
    client: Fal, collage: Collage
) -> None:
    wrong: Any = {"retry": "always"}
    unknown: Any = {"with_logs": True}
    for method in (client.map, client.map_async, collage.map, collage.map_async):
        with pytest.raises(ConfigurationError, match="retry should be 'retryable' or 'failed'"):
            method([], **wrong)
        with pytest.raises(TypeError, match="has no option 'with_logs'"):
            method([], **unknown)


async def coming(row: Any) -> AsyncIterator[Any]:
    yield row


def test_one_row_in_place_of_several_is_refused_by_the_call(
    client: Fal, collage: Collage, emulator: Emulator
) -> None:
    row: Any = {"layers": []}
    singles = [row, collage(**row), "text", b"text", None, 5]
    for method in (client.map, client.map_async, collage.map, collage.map_async):
        for single in singles:
            with pytest.raises(ConfigurationError) as error:
                method(single)
            assert str(error.value) == (
                "map() expects an iterable of rows, such as [row] for a single one "
                f"(got a value of type {type(single).__name__})"
            )
    for blocking in (client.map, collage.map):
        with pytest.raises(ConfigurationError, match=r"needs map_async\(\) instead of map\(\)"):
            blocking(coming(row))  # type: ignore[arg-type]
    assert len(emulator.journal) == 0


def test_rows_may_be_an_object_with_indices_only(collage: Collage) -> None:
    class Dataset:
        def __getitem__(self, index: int) -> dict[str, Any]:
            return [{"layers": []}][index]

    rows: Any = Dataset()
    assert [outcome.error for outcome in collage.map(rows)] == [None]


def test_rows_are_taken_in_the_thread_of_the_caller(client: Fal, collage: Collage) -> None:
    """Cursors of databases, for instance, belong to the thread that opened them."""
    import threading

    threads: set[int] = set()

    def rows() -> Iterator[Request[Output]]:
        for request in requests(collage, 5):
            threads.add(threading.get_ident())
            yield request

    assert len(list(client.map(rows(), concurrency=2))) == 5
    assert threads == {threading.get_ident()}
