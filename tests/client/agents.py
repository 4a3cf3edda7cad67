"""An agent's client, by the SDK, of the server of tools.

The SDK is imported by the tests that run, because all workers import their modules.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fal_endpoints import Fal
from fal_endpoints._runtime.mcp_server.settings import parse

from .collage import Collage

if TYPE_CHECKING:
    import mcp
    from mcp.types import CallToolResult, ResourceLink, Tool

PIKA = "fal-ai/pika/v2.2/image-to-video"
TOOL = "fal-ai_pika_v2_2_image-to-video"
ARGUMENTS = {"image_url": "https://example.test/a.png", "prompt": "it waves"}


class TwoEndpoints(Fal):
    """A client that declares one more endpoint."""

    def _attributes(self) -> Mapping[str, str]:
        return {**super()._attributes(), Collage.endpoint_id: "collage"}

    @cached_property
    def collage(self) -> Collage:
        return Collage(self)


@asynccontextmanager
async def connected(client: Fal, *options: str | Path) -> AsyncIterator[mcp.Client]:
    """Connect to a server in this process, which runs with the options of the command."""
    import mcp
    from fal_endpoints._runtime.mcp_server.server import ToolServer

    settings = parse("fal-endpoints mcp", [str(option) for option in options])
    server = ToolServer(client, settings).protocol()
    async with client, mcp.Client(server, mode="legacy") as agent:
        yield agent


async def tools_of(agent: mcp.Client) -> dict[str, Tool]:
    """Return the tools by their names."""
    return {tool.name: tool for tool in (await agent.list_tools()).tools}


def texts(result: CallToolResult) -> list[str]:
    from mcp.types import TextContent

    return [block.text for block in result.content if isinstance(block, TextContent)]


def links(result: CallToolResult) -> list[ResourceLink]:
    from mcp.types import ResourceLink

    return [block for block in result.content if isinstance(block, ResourceLink)]


def everything(results: Iterable[Any]) -> str:
    """Return all that a server sent, as one string."""
    return json.dumps([result.model_dump(mode="json") for result in results])
