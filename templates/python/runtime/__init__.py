"""The part of the client that is the same for every endpoint."""

from .batch import Outcome
from .checks import ListInput, MapInput, OneOf, Tagged, UniqueItems, UrlLength
from .client import Client
from .endpoint import Endpoint, Namespace
from .errors import (
    APIError,
    AuthenticationError,
    ClientTimeoutError,
    ConfigurationError,
    ConnectionFailed,
    FalError,
    InfrastructureError,
    ModelError,
    NotFoundError,
    Problem,
    RateLimitError,
    SubmissionUncertain,
    UnexpectedResponse,
    ValidationError,
)
from .files import FileInput, LocalFile
from .models import UNSET, File, InputModel, Omittable, OutputModel, Unset
from .options import JobOptions, RunOptions, SubmitOptions, SubscribeOptions
from .request import Handle, Request
from .status import Completed, InProgress, LogEntry, Queued, Status, UnknownStatus
from .webhooks import Webhook, WebhookError

__all__ = [
    "UNSET",
    "APIError",
    "AuthenticationError",
    "Client",
    "ClientTimeoutError",
    "Completed",
    "ConfigurationError",
    "ConnectionFailed",
    "Endpoint",
    "FalError",
    "File",
    "FileInput",
    "Handle",
    "InProgress",
    "InfrastructureError",
    "InputModel",
    "JobOptions",
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
    "Tagged",
    "UnexpectedResponse",
    "UniqueItems",
    "UnknownStatus",
    "Unset",
    "UrlLength",
    "ValidationError",
    "Webhook",
    "WebhookError",
]
