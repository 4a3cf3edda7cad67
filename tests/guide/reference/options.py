"""The options of calls, from the types that declare them."""

from __future__ import annotations

from collections.abc import Mapping

import griffe

from .docstrings import docs, runtime
from .markdown import code, markdown_page, table

DECLARED = {
    "JobOptions": "every call: `subscribe`, `outcome`, `submit`, `run`, `stream`, `map`",
    "HandlingOptions": "every call, with defaults in `Fal`",
    "FileOptions": "every call and of `client.upload`, with defaults in `Fal`",
    "SubscribeOptions": "`subscribe` and `outcome`",
    "SubmitOptions": "`submit`",
    "RunOptions": "`run` and `stream`",
}

INTRODUCTION = """\
Options are keyword arguments of a request's methods, and of their `_async` twins. They have the
names that fal-client uses for the same thing. An invalid option is an error before anything is
sent.
"""

ENVIRONMENT = {
    "FAL_KEY": "the API key",
    "FAL_KEY_ID FAL_KEY_SECRET": "the two halves of the key, used if `FAL_KEY` is not set",
    "FAL_HOME_DIR": "the folder of the login of `fal auth login`; `~/.fal` if it is not set",
    "FAL_BASE_URL": "the address of an emulator or a gateway to call instead of fal",
    "FAL_RUN_HOST FAL_QUEUE_RUN_HOST": "the hosts of single services, as in fal-client",
    "FAL_ALLOW_HTTP": "`1` allows addresses that start with `http://` beyond loopback",
    "FAL_MCP_TOKEN": "the token of clients of `fal-endpoints mcp --http`",
    "HTTPS_PROXY HTTP_PROXY ALL_PROXY NO_PROXY": "the proxy, as httpx reads them",
    "SSL_CERT_FILE SSL_CERT_DIR": "the certificates of trusted authorities, as httpx reads them",
}


def page() -> str:
    blocks = [INTRODUCTION]
    for name, calls in DECLARED.items():
        declared = runtime(name)
        blocks.append(f"## Options of {calls}")
        blocks.append(f"The type of these options is `{name}`.")
        blocks.append(
            table(
                ["option", "type", "meaning"],
                [
                    [code(member.name), code(str(member.annotation)), member.docstring.value]
                    for member in declared.members.values()
                    if isinstance(member, griffe.Attribute) and member.docstring
                ],
            )
        )
    batch = docs(runtime("client.Client.map"))
    client = docs(runtime("client.Client"))
    return markdown_page(
        "Options",
        *blocks,
        "## Arguments of `client.map` and `endpoint.map`",
        table(["argument", "meaning"], _rows(batch.arguments, without="options")),
        "## Arguments of `Fal`",
        table(["argument", "meaning"], _rows(client.arguments, without="options")),
        "## Environment",
        "A client reads `FAL_BASE_URL`, `FAL_RUN_HOST`, `FAL_QUEUE_RUN_HOST` and `FAL_ALLOW_HTTP` "
        "when it is created, and the others when a request needs them. `fal-endpoints mcp` reads "
        "`FAL_MCP_TOKEN` when it starts.",
        table(
            ["variable", "meaning"],
            [
                [", ".join(map(code, names.split())), meaning]
                for names, meaning in ENVIRONMENT.items()
            ],
        ),
    )


def _rows(arguments: Mapping[str, str], without: str = "") -> list[list[str]]:
    return [[code(name), text] for name, text in arguments.items() if name != without]
