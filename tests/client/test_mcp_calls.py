"""`fal-endpoints mcp`: an agent lists tools, calls them, and is kept within its limits."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import ConfigurationError

from .agents import (
    ARGUMENTS,
    PIKA,
    TOOL,
    TwoEndpoints,
    connected,
    everything,
    links,
    texts,
    tools_of,
)
from .collage import Collage
from .conftest import KEY

if TYPE_CHECKING:
    import mcp

T = TypeVar("T")

COLLAGE = Collage.endpoint_id
COLLAGE_TOOL = "acme_collage_v1_layers"
AT_ONCE = "queued=0, running=0"

Visit = Callable[..., Any]


@pytest.fixture
def visit(emulator: Emulator) -> Visit:
    """Run what an agent does, connected to a server with the options that are given."""

    def run(agent_does: Callable[[mcp.Client], Awaitable[T]], *options: str | Path) -> T:
        async def connect() -> T:
            fal = TwoEndpoints(KEY, base_url=emulator.base_url)
            async with connected(fal, *options) as agent:
                return await agent_does(agent)

        return asyncio.run(connect())

    return run


def calling(arguments: dict[str, Any], tool: str = TOOL) -> Callable[[mcp.Client], Awaitable[Any]]:
    return lambda agent: agent.call_tool(tool, arguments)


def test_each_endpoint_is_a_tool_with_schemas_a_description_and_a_price(visit: Visit) -> None:
    tools = visit(tools_of)
    assert list(tools) == [TOOL, COLLAGE_TOOL]
    tool = tools[TOOL]
    assert tool.title == PIKA
    assert 'It costs "0.01 USD per ' in tool.description
    assert '"Pika v2.2 creates videos from images with high quality output."' in tool.description
    assert tool.input_schema["required"] == ["image_url", "prompt"]
    assert tool.input_schema["additionalProperties"] is False
    properties = tool.input_schema["properties"]
    assert properties["seed"] == {
        "type": "integer",
        "description": '"The seed for the random number generator."',
    }
    assert properties["resolution"]["enum"] == ["720p", "1080p"]
    assert properties["resolution"]["default"] == "720p"
    assert (properties["image_url"]["type"], properties["image_url"]["format"]) == ("string", "uri")
    assert tool.output_schema["properties"]["video"]["description"] == '"The generated video."'


def test_a_call_returns_the_output_with_links_to_its_files(
    visit: Visit, emulator: Emulator
) -> None:
    emulator.emulate("billable-units=2")
    seen: list[tuple[float, str | None]] = []

    async def watch(progress: float, total: float | None, message: str | None) -> None:
        seen.append((progress, message))

    async def call(agent: mcp.Client) -> Any:
        await agent.list_tools()
        return await agent.call_tool(TOOL, ARGUMENTS, progress_callback=watch)

    result = visit(call)
    assert not result.is_error
    url = result.structured_content["video"]["url"]
    (link,) = links(result)
    assert (link.uri, link.mime_type) == (url, "video/mp4")
    assert "it cost 0.02 USD" in texts(result)[1]
    (submitted,) = emulator.journal.select("submit")
    assert submitted.json == ARGUMENTS
    assert [number for number, _ in seen] == list(range(1, len(seen) + 1))
    messages = [message for _, message in seen if message]
    assert any('"step ' in message for message in messages)  # a line of the model's logs


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"prompt": "it waves"}, "image_url: Field required"),
        ({**ARGUMENTS, "image_url": "/etc/passwd"}, "image_url: should be an http(s) or data URL"),
        ({**ARGUMENTS, "promt": "x"}, "promt: there is no such argument; did you mean prompt?"),
    ],
)
def test_invalid_arguments_are_explained_and_nothing_is_sent(
    visit: Visit, emulator: Emulator, arguments: dict[str, Any], message: str
) -> None:
    result = visit(calling(arguments))
    assert result.is_error
    (text,) = texts(result)
    assert message in text
    assert text.endswith("Next step: correct the arguments; nothing was sent")
    assert emulator.journal.count("submit") == 0


def test_an_input_that_the_model_rejects_is_explained(visit: Visit, emulator: Emulator) -> None:
    result = visit(calling({"layers": [], "aspect-ratio": "wide"}, COLLAGE_TOOL))
    assert result.is_error
    heading, problem, step = texts(result)[0].splitlines()
    assert heading.startswith(f"{COLLAGE}, request ")
    assert heading.endswith(": HTTP 422 Unprocessable Entity")
    assert problem == "  aspect-ratio: String should match pattern '^\\d+:\\d+$'"
    assert step == "Next step: correct the arguments, and call the tool again"


def test_a_job_that_fails_is_explained(visit: Visit, emulator: Emulator) -> None:
    emulator.emulate("model-error")
    result = visit(calling(ARGUMENTS))
    assert result.is_error
    assert texts(result)[0].startswith(f"{PIKA}, request ")


def test_a_cancellation_cancels_the_job(visit: Visit, emulator: Emulator) -> None:
    emulator.emulate("queued=0, running=600")

    async def leave(agent: mcp.Client) -> None:
        running = asyncio.Event()

        async def watch(progress: float, total: float | None, message: str | None) -> None:
            running.set()

        call = asyncio.create_task(agent.call_tool(TOOL, ARGUMENTS, progress_callback=watch))
        await running.wait()
        call.cancel()
        await asyncio.wait([call])
        while emulator.journal.count("cancel") == 0:
            await asyncio.sleep(0.01)

    visit(leave)
    assert emulator.journal.count("cancel") == 1


def test_a_client_that_leaves_cancels_its_jobs(visit: Visit, emulator: Emulator) -> None:
    emulator.emulate("queued=0, running=600")

    async def leave(agent: mcp.Client) -> Any:
        running = asyncio.Event()

        async def watch(progress: float, total: float | None, message: str | None) -> None:
            running.set()

        call = asyncio.create_task(agent.call_tool(TOOL, ARGUMENTS, progress_callback=watch))
        await running.wait()
        return call

    visit(leave)
    assert emulator.journal.count("cancel") == 1


def test_a_call_that_was_cancelled_or_failed_while_its_price_was_looked_up_spoils_no_later_one(
    visit: Visit, emulator: Emulator
) -> None:
    async def call_three_times(agent: mcp.Client) -> list[Any]:
        await agent.list_tools()
        before = emulator.journal.count("prices")
        emulator.emulate("delay=60; on=prices; times=1")
        call = asyncio.ensure_future(agent.call_tool(TOOL, ARGUMENTS))
        while emulator.journal.count("prices") == before:
            await asyncio.sleep(0.01)
        call.cancel()
        await asyncio.wait([call])
        emulator.emulate(f"{AT_ONCE}, balance; on=prices; times=1")
        failed = await asyncio.wait_for(agent.call_tool(TOOL, ARGUMENTS), 20)
        return [failed, await asyncio.wait_for(agent.call_tool(TOOL, ARGUMENTS), 20)]

    failed, answered = visit(call_three_times, "--max-cost", "1")
    assert "its cost could not be looked up" in texts(failed)[0]
    assert not answered.is_error, texts(answered)
    assert emulator.journal.count("submit") == 1


def test_a_budget_ends(visit: Visit, emulator: Emulator) -> None:
    emulator.emulate(AT_ONCE)  # each call costs 0.01 USD

    async def call(agent: mcp.Client) -> list[Any]:
        return [await agent.call_tool(TOOL, ARGUMENTS) for _ in range(3)]

    *paid, refused = visit(call, "--max-cost", "0.025")
    assert [result.is_error for result in paid] == [False, False]
    assert "0.02 USD of the budget of 0.025 USD is spent" in texts(paid[1])[1]
    assert refused.is_error
    assert "it costs about 0.01 USD, and 0.02 USD of the budget" in texts(refused)[0]
    assert "--max-cost does not allow the call; nothing was sent" in texts(refused)[0]
    assert emulator.journal.count("submit") == 2


def test_only_allowed_endpoints_are_offered(visit: Visit, emulator: Emulator) -> None:
    import mcp

    async def look(agent: mcp.Client) -> Any:
        tools = await tools_of(agent)
        with pytest.raises(mcp.MCPError, match="there is no tool"):
            await agent.call_tool(COLLAGE_TOOL, {"layers": []})
        return tools

    assert list(visit(look, "--allow", "fal-ai/pika/**")) == [TOOL]
    assert emulator.journal.count("submit") == 0


@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        *(("**", 2), ("fal-ai/**", 1), ("fal-ai/*", 0), ("acme/*/v1/*", 1), (COLLAGE, 1)),
        *((f"{COLLAGE}/**", 1), ("ACME/**", 0), ("acme", 0)),
    ],
)
def test_a_pattern_matches_whole_ids(visit: Visit, pattern: str, count: int) -> None:
    if count:
        assert len(visit(tools_of, "--allow", pattern)) == count
    else:
        with pytest.raises(ConfigurationError, match="no endpoint of this package matches"):
            visit(tools_of, "--allow", pattern)


CONTENT = b"\x89PNG\r\n a picture"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "shared"
    (folder / "frames").mkdir(parents=True)
    (folder / "frames" / "first.png").write_bytes(CONTENT)
    (tmp_path / "secret.png").write_bytes(b"\x89PNG\r\n secret")
    return folder


def with_file(name: str) -> dict[str, Any]:
    return {**ARGUMENTS, "image_url": {"local_file": name}}


def test_files_of_the_folder_are_sent_and_files_of_results_are_saved_in_it(
    visit: Visit, emulator: Emulator, folder: Path
) -> None:
    result = visit(calling(with_file("frames/first.png")), "--folder", folder)
    assert not result.is_error, texts(result)
    (submitted,) = emulator.journal.select("submit")
    sent = submitted.json["image_url"]
    assert base64.b64decode(sent.removeprefix("data:image/png;base64,")) == CONTENT
    (_, saved) = links(result)
    assert saved.uri == (folder / "pika22_output.mp4").as_uri()
    assert (folder / "pika22_output.mp4").stat().st_size > 100


@pytest.mark.posix
def test_no_file_outside_of_the_folder_is_read(
    visit: Visit, emulator: Emulator, folder: Path
) -> None:
    secret = folder.parent / "secret.png"
    (folder / "link.png").symlink_to(secret)
    (folder / "out").symlink_to(folder.parent)
    (folder / "inside.png").symlink_to("frames/first.png")
    os.mkfifo(folder / "pipe.png")
    names = ["../secret.png", "frames/../../secret.png", str(secret), "link.png"]
    names += ["out/secret.png", "C:/secret.png", "..\\secret.png", "missing.png", "frames"]
    names += ["pipe.png", "a\0.png", ""]

    async def call(agent: mcp.Client) -> list[Any]:
        return [await agent.call_tool(TOOL, with_file(name)) for name in [*names, "inside.png"]]

    *outside, inside = visit(call, "--folder", folder)
    assert [result.is_error for result in outside] == [True] * len(names)
    for result in outside:
        assert texts(result)[0].startswith("local_file '")
        assert "correct the arguments; nothing was sent" in texts(result)[0]
    assert not inside.is_error
    assert emulator.journal.count("submit") == 1


def test_a_server_without_a_folder_reads_no_file(visit: Visit, emulator: Emulator) -> None:
    async def look(agent: mcp.Client) -> Any:
        return await tools_of(agent), await agent.call_tool(TOOL, with_file("a.png"))

    tools, result = visit(look)
    assert "local_file" not in everything(tools.values())
    assert result.is_error
    assert "this server has no folder" in texts(result)[0]
    assert emulator.journal.count("submit") == 0


_LOST = "drop=after; on=submit"


def test_the_key_is_in_no_message(visit: Visit, emulator: Emulator) -> None:
    async def fail(agent: mcp.Client) -> list[Any]:
        results: list[Any] = [await agent.list_tools()]
        for fault in ("refuse=bad_request", "proxy-error=502; on=submit", "model-error", _LOST):
            emulator.reset()
            emulator.emulate(fault)
            results.append(await agent.call_tool(TOOL, ARGUMENTS))
        assert all(result.is_error for result in results[1:])
        return results

    sent = everything(visit(fail))
    assert KEY not in sent
    assert KEY.partition(":")[2] not in sent
    assert "do not call the tool again" in sent


def test_tools_are_listed_without_prices_if_they_cannot_be_looked_up(
    visit: Visit, emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    emulator.emulate("balance; on=prices")
    assert "Its price is not known." in (visit(tools_of)[TOOL].description or "")
    (warning,) = [record.message for record in caplog.records if "prices" in record.message]
    assert warning.startswith("the prices could not be looked up: ")
    assert KEY not in warning
