"""The official JavaScript client works with the emulator."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator

from .conftest import PAINT
from .documents import document

pytestmark = pytest.mark.node

HERE = Path(__file__).parent
NODE = shutil.which("node")


def node(*arguments: str) -> subprocess.CompletedProcess[str]:
    assert NODE is not None
    command = [NODE, *arguments]
    return subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="module")
def seen() -> Iterator[dict[str, Any]]:
    """The output of the client, with an emulator that still serves the files."""
    if NODE is None:
        pytest.skip("needs node (https://nodejs.org)")
    if node("-e", "require('@fal-ai/client')").returncode:
        pytest.skip(
            "needs `npm install --no-save @fal-ai/client@1.10.1` here or in a folder above, "
            "or NODE_PATH naming the node_modules it is in"
        )
    with Emulator([document(PAINT)]) as emulator:
        # The option is needed below node 22.
        done = node("--experimental-websocket", "official_client.cjs", emulator.base_url, PAINT)
        assert done.returncode == 0, done.stderr
        yield {**json.loads(done.stdout), "base_url": emulator.base_url}


def test_javascript_subscribe_gets_states_and_logs(seen: dict[str, Any]) -> None:
    assert seen["subscribe"]["data"]["mood"] == "calm"
    assert seen["subscribe"]["requestId"]
    states = dict.fromkeys(update["status"] for update in seen["polled"])
    assert list(states) == ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]
    assert seen["polled"][-1] == {"status": "COMPLETED", "logs": 2}


def test_javascript_subscribe_follows_the_status_stream(seen: dict[str, Any]) -> None:
    # It collects the logs of all events itself, so each line must arrive once.
    assert seen["streamed"][0]["status"] == "IN_QUEUE"
    assert seen["streamed"][-1] == {"status": "COMPLETED", "logs": 2}


def test_javascript_gets_status_and_result_and_cancels(seen: dict[str, Any]) -> None:
    assert seen["queued"]["status"] == "IN_QUEUE"
    assert seen["queued"]["queue_position"] == 2
    assert seen["early"]["status"] == 400
    assert seen["cancelled"]["error_type"] == "client_cancelled"
    assert seen["cancelledAgain"]["status"] == 400
    assert seen["cancelledAgain"]["body"] == {"detail": "Request is already completed"}


def test_javascript_gets_a_validation_error(seen: dict[str, Any]) -> None:
    assert (seen["wrong"]["name"], seen["wrong"]["status"]) == ("ValidationError", 422)
    assert seen["wrong"]["body"]["detail"][0]["loc"] == ["body", "prompt"]


def test_javascript_run_and_stream_return_outputs(seen: dict[str, Any]) -> None:
    assert seen["run"]["data"]["mood"] == "calm"
    assert [event["mood"] for event in seen["stream"]] == ["calm", "calm"]


def test_javascript_realtime_gets_outputs_and_errors(seen: dict[str, Any]) -> None:
    for answered in ("realtime", "realtimeByDefault", "realtimeInJson"):
        assert seen[answered]["data"]["mood"] == "calm"
    assert seen["realtimeWrong"]["body"]["error"] == "INTERNAL_ERROR"
    assert seen["realtimeUnauthorized"]["status"] == 1008


def test_javascript_uploads_whole_and_in_parts(seen: dict[str, Any]) -> None:
    assert seen["upload"].startswith(seen["base_url"])
    assert httpx.get(seen["upload"]).text == "hello"
    with httpx.stream("GET", seen["large"]) as response:
        assert response.headers["content-length"] == str(91 * 1024 * 1024)
