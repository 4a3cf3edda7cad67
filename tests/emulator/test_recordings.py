"""What was recorded replays as it was: a client cannot tell the two apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from client.tuned import IMPATIENT, tuned_client
from fal_codegen.emulator import Emulator
from fal_codegen.emulator.cassette import Cassette
from fal_endpoints import FalError

from .conftest import PAINT

KEY = "f00d-identifier:0123456789abcdef-the-secret"
INPUT = {"prompt": "a red fox"}


def headers(**more: str) -> dict[str, str]:
    return {"Authorization": f"Key {KEY}", **{n.replace("_", "-"): v for n, v in more.items()}}


def call(base_url: str, faults: str = "", **input: Any) -> str:
    """Return everything that a caller sees of a job."""
    seen: list[object] = []
    with tuned_client(IMPATIENT, base_url=base_url) as client:
        paint = client.endpoint(PAINT)
        try:
            handle = paint(**INPUT, **input).submit(headers={"X-Emulate": faults})
            seen.append(handle.request_id)
            for status in handle.events(with_logs=True):
                seen.append(status)
            seen.append(handle.result())
        except FalError as error:
            seen += [type(error), str(error), error.request_id]
    return "\n".join(map(repr, seen)).replace(base_url, "")


CALLS = {
    "a result": "logs=3, running=0.05",
    "a model's error": "model-error=content_policy_violation",
    "an infrastructure error": "infrastructure-error=runner_disconnected",
    "a locked account": "balance",
    "a rejection": "refuse=runner_scheduling_failure",
    "a rate limit": "rate-limit=0; on=status; times=1",
    "a proxy's error page": "proxy-error=502; on=result; times=2",
    "a lost answer": "drop=after; on=result; times=1",
    "a lost submission": "drop=after; on=submit",
    "an answer that is cut": "truncate; on=result; times=1",
    "unknown values": "unknown-enum, unknown-field, running=0.02",
}


@dataclass(frozen=True)
class Made:
    """A folder of recordings, and what the caller saw while they were made."""

    folder: Path
    seen: dict[str, str]


@pytest.fixture(scope="module")
def made(server: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("recordings")
    server.reset()
    with Cassette(folder, "once", key=KEY, upstream=server.base_url) as cassette:
        url = cassette.base_url
        seen = {name: call(url, CALLS[name], seed=n) for n, name in enumerate(CALLS)}
    return Made(folder, seen)


@pytest.fixture(scope="module")
def replayed(made: Made) -> Iterator[Cassette]:
    with Cassette(made.folder) as cassette:
        yield cassette


@pytest.mark.parametrize("name", CALLS)
def test_a_caller_sees_what_was_recorded(made: Made, replayed: Cassette, name: str) -> None:
    seen = call(replayed.base_url, CALLS[name], seed=list(CALLS).index(name))
    assert seen == made.seen[name]
    assert list(replayed.misses) == []
