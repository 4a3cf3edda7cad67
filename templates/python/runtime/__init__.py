"""The part of the client that is the same for every endpoint.

Using a name imports its module, so a program loads only what it uses.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .acl import ACL
    from .client import Client
    from .costs import Cost, Price
    from .data_urls import encode_image
    from .endpoint import Endpoint
    from .errors import (
        APIError,
        AuthenticationError,
        BalanceError,
        BudgetError,
        ClientTimeoutError,
        ConfigurationError,
        ConnectionFailed,
        FalError,
        InfrastructureError,
        ModelError,
        NotFoundError,
        RateLimitError,
        SubmissionUncertain,
        UnexpectedResponse,
        ValidationError,
    )
    from .file import File, FileInput
    from .handle import Handle
    from .handling_options import FileOptions, HandlingOptions
    from .local_file import LocalFile
    from .models import UNSET, InputModel, OutputModel, Unset
    from .options import JobOptions, RunOptions, SubmitOptions, SubscribeOptions
    from .problems import Problem
    from .progress import Progress, show_progress
    from .protocol.budget import Budget
    from .protocol.outcome import Failed, Outcome, Succeeded
    from .protocol.private_data import DeletedFile
    from .protocol.status import Completed, InProgress, LogEntry, Queued, Status, UnknownStatus
    from .protocol.webhooks import Webhook, WebhookError
    from .protocol.workflow import (
        StepCompleted,
        StepFailed,
        StepSubmitted,
        UnknownEvent,
        WorkflowEvent,
        WorkflowOutput,
    )
    from .realtime import AsyncRealtimeSession, RealtimeSession
    from .request import Request
    from .response_details import ResponseDetails
    from .retries import Retries
    from .settle import Ledger, UncertainRequest
    from .untyped import UntypedEndpoint

__all__ = [
    "ACL",
    "UNSET",
    "APIError",
    "AsyncRealtimeSession",
    "AuthenticationError",
    "BalanceError",
    "Budget",
    "BudgetError",
    "Client",
    "ClientTimeoutError",
    "Completed",
    "ConfigurationError",
    "ConnectionFailed",
    "Cost",
    "DeletedFile",
    "Endpoint",
    "Failed",
    "FalError",
    "File",
    "FileInput",
    "FileOptions",
    "Handle",
    "HandlingOptions",
    "InProgress",
    "InfrastructureError",
    "InputModel",
    "JobOptions",
    "Ledger",
    "LocalFile",
    "LogEntry",
    "ModelError",
    "NotFoundError",
    "Outcome",
    "OutputModel",
    "Price",
    "Problem",
    "Progress",
    "Queued",
    "RateLimitError",
    "RealtimeSession",
    "Request",
    "ResponseDetails",
    "Retries",
    "RunOptions",
    "Status",
    "StepCompleted",
    "StepFailed",
    "StepSubmitted",
    "SubmissionUncertain",
    "SubmitOptions",
    "SubscribeOptions",
    "Succeeded",
    "UncertainRequest",
    "UnexpectedResponse",
    "UnknownEvent",
    "UnknownStatus",
    "Unset",
    "UntypedEndpoint",
    "ValidationError",
    "Webhook",
    "WebhookError",
    "WorkflowEvent",
    "WorkflowOutput",
    "encode_image",
    "show_progress",
]

_NAMES = {
    "acl": ("ACL",),
    "client": ("Client",),
    "costs": ("Cost", "Price"),
    "data_urls": ("encode_image",),
    "endpoint": ("Endpoint",),
    "errors": (
        "APIError",
        "AuthenticationError",
        "BalanceError",
        "BudgetError",
        "ClientTimeoutError",
        "ConfigurationError",
        "ConnectionFailed",
        "FalError",
        "InfrastructureError",
        "ModelError",
        "NotFoundError",
        "RateLimitError",
        "SubmissionUncertain",
        "UnexpectedResponse",
        "ValidationError",
    ),
    "file": ("File", "FileInput"),
    "handle": ("Handle",),
    "handling_options": ("FileOptions", "HandlingOptions"),
    "local_file": ("LocalFile",),
    "models": ("UNSET", "InputModel", "OutputModel", "Unset"),
    "options": ("JobOptions", "RunOptions", "SubmitOptions", "SubscribeOptions"),
    "problems": ("Problem",),
    "progress": ("Progress", "show_progress"),
    "protocol.budget": ("Budget",),
    "protocol.outcome": ("Failed", "Outcome", "Succeeded"),
    "protocol.private_data": ("DeletedFile",),
    "protocol.status": ("Completed", "InProgress", "LogEntry", "Queued", "Status", "UnknownStatus"),
    "protocol.webhooks": ("Webhook", "WebhookError"),
    "protocol.workflow": (
        "StepCompleted",
        "StepFailed",
        "StepSubmitted",
        "UnknownEvent",
        "WorkflowEvent",
        "WorkflowOutput",
    ),
    "realtime": ("AsyncRealtimeSession", "RealtimeSession"),
    "request": ("Request",),
    "response_details": ("ResponseDetails",),
    "retries": ("Retries",),
    "settle": ("Ledger", "UncertainRequest"),
    "untyped": ("UntypedEndpoint",),
}
"""The names of each module."""

_MODULE_OF = {name: module for module, names in _NAMES.items() for name in names}

if not TYPE_CHECKING:  # or type checkers would accept any name

    def __getattr__(name: str) -> object:
        if name not in _MODULE_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f".{_MODULE_OF[name]}", __name__), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return __all__
