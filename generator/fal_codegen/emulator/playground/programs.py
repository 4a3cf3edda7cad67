"""The call that a form makes, as programs to copy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote
from typing import Any

from fal_codegen.emulator.playground.templates import render
from fal_codegen.ir import Endpoint
from fal_codegen.targets.docs.examples import Examples
from fal_codegen.targets.docs.programs import PythonCall, javascript, python, shell

__all__ = ["Client", "programs"]

_QUEUE = "https://queue.fal.run"


@dataclass(frozen=True)
class Client:
    """How the generated Python client calls an endpoint.

    Attributes:
        package: Its import name.
        call: The way from the client to the endpoint.
        endpoint: The endpoint, planned.
    """

    package: str
    call: str
    endpoint: Endpoint


def programs(
    endpoint_id: str, payload: Mapping[str, Any], client: Client | None, base_url: str | None
) -> dict[str, str]:
    """Return programs that make one call, by the language they are in.

    Args:
        endpoint_id: The endpoint.
        payload: The input, as it is sent; whether it is valid does not matter.
        client: The typed client; without it there is no program in Python.
        base_url: Origin of the emulator to call; fal itself if None.
    """
    texts = {
        "typescript": render(
            "typescript.jinja",
            endpoint_id=javascript(endpoint_id, indent=0),
            input=javascript(payload, indent=2),
            proxy_url=base_url and javascript(f"{base_url}/", indent=0),
        ),
        "curl": render(
            "curl.jinja",
            url=quote(f"{f'{base_url}/queue' if base_url else _QUEUE}/{endpoint_id}"),
            input=shell(payload),
            is_fal=base_url is None,
        ),
    }
    if client is None:
        return texts
    call = PythonCall(client.endpoint, Examples(client.endpoint.models), payload)
    typed = render(
        "python.jinja",
        client=client,
        classes=call.classes,
        arguments=call.arguments(indent=4),
        base_url=base_url and python(base_url, indent=0),
    )
    return {"python": typed, **texts}
