"""The configurations of the page on agents start servers that do what the page says."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from client.agents import ARGUMENTS, TOOL, connected, links, texts, tools_of
from fal_codegen.emulator import Emulator
from fal_endpoints import Fal
from fal_endpoints._runtime.mcp_server import serving, tools
from fal_endpoints._runtime.mcp_server.settings import LOOPBACK, Address, parse

from .examples import ROOT, Page

pytestmark = pytest.mark.guide

PAGE = Page(ROOT / "docs/how-to/agents.md")


def server_of(title: str) -> dict[str, Any]:
    """Return the only server of a client's configuration."""
    (server,) = json.loads(PAGE.file(title).source)["mcpServers"].values()
    return dict(server)


def test_the_configuration_of_a_client(
    started: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started.reset()
    started.emulate("queued=0, running=0, unit-price=1.5")
    server = server_of(".mcp.json")
    command, *options = server["args"]
    assert (server["command"], command) == ("fal-endpoints", "mcp")
    assert server["env"] == {"FAL_KEY": "${FAL_KEY}"}
    (tmp_path / "media").mkdir()
    (tmp_path / "media/first.png").write_bytes(b"\x89PNG\r\n a picture")
    monkeypatch.chdir(tmp_path)

    async def call() -> list[Any]:
        async with connected(Fal("any", base_url=started.base_url), *options) as agent:
            assert list(await tools_of(agent)) == [TOOL]
            arguments = {**ARGUMENTS, "image_url": {"local_file": "first.png"}}
            return [await agent.call_tool(TOOL, arguments) for _ in range(2)]

    first, second = asyncio.run(call())
    assert links(first)[-1].uri.startswith((tmp_path / "media").as_uri())
    assert "1.5 USD of the budget of 2.5 USD is spent" in texts(first)[1]
    assert second.is_error
    assert started.journal.count("submit") == 1


def test_the_configuration_for_http() -> None:
    token, command = PAGE.of("sh")[-1].source.splitlines()
    _, _, *options = command.split()
    settings = parse("fal-endpoints mcp", options)
    assert settings.http == Address(LOOPBACK, 8765)
    server = server_of("http.mcp.json")
    assert server["url"] == f"http://{LOOPBACK}:8765{serving.PATH}"
    assert server["headers"] == {"Authorization": f"Bearer ${{{serving.TOKEN}}}"}
    assert token.startswith(f"export {serving.TOKEN}=")


def test_the_page_names_every_option_and_the_tools_for_many_endpoints(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        parse("fal-endpoints mcp", ["--help"])
    shown = capsys.readouterr().out
    page = PAGE.path.read_text("utf-8")
    for option in ("--allow PATTERN", "--max-cost USD", "--folder DIR", "--http [HOST:]PORT"):
        assert option in shown
        assert f"| `{option}` |" in page
    assert f"For more than {tools.MOST_TOOLS} endpoints" in page
    for name in (tools.FIND, tools.DESCRIBE, tools.RUN):
        assert f"`{name}`" in page
