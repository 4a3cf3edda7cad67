"""The part of the client that is the same for every endpoint."""

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
from .local_file import LocalFile
from .models import UNSET, InputModel, OutputModel, Unset
from .options import JobOptions, RunOptions, SubmitOptions, SubscribeOptions
from .problems import Problem
from .progress import Progress, show_progress
from .protocol.budget import Budget
from .protocol.handling import ACL, FileOptions, HandlingOptions
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
