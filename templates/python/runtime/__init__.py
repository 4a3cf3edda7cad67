"""The part of the client that is the same for every endpoint."""

from .checks import ListInput, MapInput, OneOf, Tagged, UniqueItems, UrlLength
from .client import Client
from .endpoint import Endpoint, Namespace
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
from .files import FileInput, LocalFile
from .models import UNSET, File, InputModel, Omittable, OutputModel, Unset
from .options import JobOptions, RunOptions, SubmitOptions, SubscribeOptions
from .outcome import Failed, Outcome, Succeeded
from .problems import Problem
from .request import Handle, Request
from .settle import Ledger, UncertainRequest
from .status import Completed, InProgress, LogEntry, Queued, Status, UnknownStatus
from .webhooks import Webhook, WebhookError

__all__ = [
    "UNSET",
    "APIError",
    "AuthenticationError",
    "BalanceError",
    "Client",
    "ClientTimeoutError",
    "Completed",
    "ConfigurationError",
    "ConnectionFailed",
    "Endpoint",
    "Failed",
    "FalError",
    "File",
    "FileInput",
    "Handle",
    "InProgress",
    "InfrastructureError",
    "InputModel",
    "JobOptions",
    "Ledger",
    "ListInput",
    "LocalFile",
    "LogEntry",
    "MapInput",
    "ModelError",
    "Namespace",
    "NotFoundError",
    "Omittable",
    "OneOf",
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
    "Tagged",
    "UncertainRequest",
    "UnexpectedResponse",
    "UniqueItems",
    "UnknownStatus",
    "Unset",
    "UrlLength",
    "ValidationError",
    "Webhook",
    "WebhookError",
]
