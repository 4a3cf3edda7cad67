"""The examples in the docstrings of the generated package run."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fal_endpoints
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import (
    Client,
    Endpoint,
    Fal,
    File,
    Handle,
    Ledger,
    RealtimeSession,
    Request,
    Retries,
)
from fal_endpoints.proxy import Proxy, ProxyCall

# Methods follow their class: their examples use the names of its example.
EXAMPLES = [
    fal_endpoints.ACL,
    fal_endpoints.AsyncRealtimeSession,
    fal_endpoints.Budget,
    fal_endpoints.Cost,
    fal_endpoints.FalError,
    fal_endpoints.InputModel,
    fal_endpoints.LocalFile,
    fal_endpoints.OutputModel,
    fal_endpoints.Price,
    fal_endpoints.Progress,
    fal_endpoints.ResponseDetails,
    fal_endpoints.Status,
    fal_endpoints.StepSubmitted,
    fal_endpoints.Succeeded.result,
    fal_endpoints.encode_image,
    fal_endpoints.show_progress,
    Client,
    Client.endpoint,
    Client.map,
    Client.prices,
    Client.sign_url,
    Client.token,
    Client.upload,
    Client.verify_webhook,
    Endpoint,
    Endpoint.bind,
    Endpoint.connect,
    Endpoint.handle,
    Endpoint.map,
    Endpoint.parse_webhook,
    File,
    File.download,
    Handle,
    Handle.cancel,
    Handle.delete_payloads,
    Handle.events,
    Handle.outcome,
    Handle.result,
    Handle.status,
    Ledger,
    Proxy,
    ProxyCall,
    RealtimeSession,
    RealtimeSession.receive,
    RealtimeSession.send,
    Request,
    Request.curl,
    Request.estimate,
    Request.outcome,
    Request.run,
    Request.stream,
    Request.submit,
    Request.subscribe,
    Retries,
    fal_endpoints.UntypedEndpoint,
]

# Names without an example of their own, and the example that shows them.
SHOWN_BY = {
    "APIError": fal_endpoints.FalError,
    "AuthenticationError": fal_endpoints.FalError,
    "BalanceError": fal_endpoints.FalError,
    "BudgetError": fal_endpoints.Budget,
    "ClientTimeoutError": fal_endpoints.FalError,
    "Completed": fal_endpoints.Status,
    "ConfigurationError": fal_endpoints.FalError,
    "ConnectionFailed": fal_endpoints.FalError,
    "DeletedFile": Handle.delete_payloads,
    "Failed": fal_endpoints.Succeeded.result,
    "Fal": Client,
    "FileInput": Request,
    "FileOptions": fal_endpoints.ACL,
    "HandlingOptions": fal_endpoints.ACL,
    "InProgress": fal_endpoints.Status,
    "InfrastructureError": fal_endpoints.FalError,
    "JobOptions": Request.submit,
    "LogEntry": fal_endpoints.Status,
    "ModelError": fal_endpoints.FalError,
    "NotFoundError": fal_endpoints.FalError,
    "Outcome": fal_endpoints.Succeeded.result,
    "Problem": fal_endpoints.FalError,
    "Queued": fal_endpoints.Status,
    "RateLimitError": fal_endpoints.FalError,
    "RunOptions": Request.run,
    "StepCompleted": fal_endpoints.StepSubmitted,
    "StepFailed": fal_endpoints.StepSubmitted,
    "SubmissionUncertain": fal_endpoints.FalError,
    "SubmitOptions": Request.submit,
    "SubscribeOptions": Request.subscribe,
    "Succeeded": fal_endpoints.Succeeded.result,
    "UNSET": Endpoint.bind,
    "UncertainRequest": Ledger,
    "UnexpectedResponse": fal_endpoints.FalError,
    "UnknownEvent": fal_endpoints.StepSubmitted,
    "UnknownStatus": fal_endpoints.Status,
    "Unset": Endpoint.bind,
    "ValidationError": Endpoint,
    "Webhook": Endpoint.parse_webhook,
    "WebhookError": Client.verify_webhook,
    "WorkflowEvent": fal_endpoints.StepSubmitted,
    "WorkflowOutput": fal_endpoints.StepSubmitted,
}


def examples(documented: object) -> list[str]:
    blocks = re.findall(r"^ *```python\n(.*?)^ *```", inspect.getdoc(documented) or "", re.M | re.S)
    return [textwrap.dedent(block) for block in blocks]


def class_of(documented: Any) -> Any:
    if isinstance(documented, type):
        return None
    return getattr(fal_endpoints, documented.__qualname__.partition(".")[0])


@pytest.fixture
def program(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, Any]]:
    """Return the names of a program that runs in a folder of its own, on the emulator."""
    monkeypatch.setenv("FAL_KEY", "key")
    monkeypatch.setenv("FAL_BASE_URL", emulator.base_url)
    monkeypatch.chdir(tmp_path)
    Path("cat.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with Fal() as client:
        rows = [
            {"image_url": "https://example.com/a.png", "prompt": prompt}
            for prompt in ("It sleeps", "It sings")
        ]
        endpoint = client.fal_ai.pika.v2_2.image_to_video
        unanswered = {"X-Emulate": "drop=after; on=submit"}
        list(endpoint.map(rows, ledger="batch.jsonl", headers=unanswered))
    yield {}


@pytest.mark.parametrize("documented", EXAMPLES, ids=lambda each: each.__qualname__)
def test_every_example_of_a_docstring_runs(documented: Any, program: dict[str, Any]) -> None:
    own = examples(documented)
    assert own, "it has no example"
    owner = class_of(documented)
    for example in [*(examples(owner) if owner else []), *own]:
        exec(compile(example, documented.__qualname__, "exec"), program)


def test_each_public_name_has_an_example_or_is_shown_by_one() -> None:
    assert set(SHOWN_BY.values()) <= set(EXAMPLES)
    own = {name for name in fal_endpoints.__all__ if getattr(fal_endpoints, name) in EXAMPLES}
    assert set(fal_endpoints.__all__) - own == set(SHOWN_BY)


def test_each_public_method_of_the_main_classes_has_an_example() -> None:
    plain = {"close", "aclose", "model_post_init"}
    lacking = [
        f"{owner.__name__}.{name}"
        for owner in (Client, Endpoint, File, Handle, RealtimeSession, Request)
        for name, member in vars(owner).items()
        if inspect.isfunction(member) and not re.match("_|.*_async$", name)
        if member not in EXAMPLES and name not in plain
    ]
    assert not lacking


def test_the_example_of_a_ledger_calls_each_of_its_methods() -> None:
    methods = {
        name
        for name, member in vars(Ledger).items()
        if inspect.isfunction(member) and not name.endswith("_async")
    }
    (example,) = examples(Ledger)
    called = {name for name in methods if f"ledger.{name}(" in example}
    assert called == {name for name in methods if not name.startswith("_")} - {"close"}
