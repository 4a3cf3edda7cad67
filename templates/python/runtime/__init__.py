"""The part of the client that is the same for every endpoint."""

from .client import Client
from .endpoint import Endpoint
from .errors import (
    APIError,
    AuthenticationError,
    BalanceError,
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
from .local_file import LocalFile
from .models import UNSET, InputModel, OutputModel, Unset
from .options import JobOptions, RunOptions, SubmitOptions, SubscribeOptions
from .problems import Problem
from .protocol.handling import ACL, FileOptions, HandlingOptions
from .protocol.outcome import Failed, Outcome, Succeeded
from .protocol.private_data import DeletedFile
from .protocol.status import Completed, InProgress, LogEntry, Queued, Status, UnknownStatus
from .protocol.webhooks import Webhook, WebhookError
from .request import Handle, Request
from .settle import Ledger, UncertainRequest

__all__ = [
    "ACL",
    "UNSET",
    "APIError",
    "AuthenticationError",
    "BalanceError",
    "Client",
    "ClientTimeoutError",
    "Completed",
    "ConfigurationError",
    "ConnectionFailed",
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
    "Problem",
    "Queued",
    "RateLimitError",
    "Request",
    "RunOptions",
    "Status",
    "SubmissionUncertain",
    "SubmitOptions",
    "SubscribeOptions",
    "Succeeded",
    "UncertainRequest",
    "UnexpectedResponse",
    "UnknownStatus",
    "Unset",
    "ValidationError",
    "Webhook",
    "WebhookError",
]
