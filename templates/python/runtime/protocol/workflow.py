"""The events that a workflow streams while its steps run (https://fal.ai/docs, "Workflows")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from ..errors import APIError, Subject
from ..json_values import decoded, json_object
from ..text import short
from .bound_endpoint import BoundEndpoint, OutputT
from .responses import failure, interpreted


@dataclass(frozen=True)
class StepSubmitted:
    """A step of the workflow was submitted.

    Example:
        ```python
        from fal_endpoints import Fal, StepCompleted, StepFailed, StepSubmitted, WorkflowOutput

        workflow = Fal().endpoint("workflows/acme/poster")
        for event in workflow(prompt="A lighthouse").stream():
            match event:
                case StepSubmitted(node_id, app_id):
                    print(f"{node_id}: submitted to {app_id}")
                case StepCompleted(node_id, output):
                    print(f"{node_id}: {output}")
                case StepFailed(error=error):
                    raise error
                case WorkflowOutput(output):
                    print(f"the result is {output}")
                case _:
                    pass  # an event that fal has added since
        ```
    """

    node_id: str
    """The id of the step in the workflow."""
    app_id: str
    """The id of the endpoint that the step calls."""
    request_id: str
    """The id of the step's own request."""


@dataclass(frozen=True)
class StepCompleted:
    """A step of the workflow has ended."""

    node_id: str
    """The id of the step in the workflow."""
    output: Any
    """The result of the step."""


@dataclass(frozen=True)
class StepFailed:
    """A step of the workflow has failed."""

    node_id: str
    """The id of the step in the workflow."""
    error: APIError
    """The failure, as an exception that you can raise."""


@dataclass(frozen=True)
class WorkflowOutput:
    """The workflow is done."""

    output: Any
    """The result of the workflow."""


@dataclass(frozen=True)
class UnknownEvent:
    """An event that this client does not know."""

    payload: Any
    """The event: decoded from JSON, or a string if it is not JSON."""


WorkflowEvent: TypeAlias = (
    StepSubmitted | StepCompleted | StepFailed | WorkflowOutput | UnknownEvent
)
"""An event of the stream of a workflow that is not declared."""


@dataclass(frozen=True)
class UntypedWorkflow(BoundEndpoint[dict[str, Any]]):
    """A workflow that is not declared."""

    def event(self, data: str, subject: Subject) -> WorkflowEvent:
        """Return an event of the stream."""
        return interpreted(lambda text: parse_event(text, subject), data, subject)


@dataclass(frozen=True)
class TypedWorkflow(BoundEndpoint[OutputT]):
    """A declared workflow, whose stream has the type of any other: outputs or dictionaries."""

    def event(self, data: str, subject: Subject) -> OutputT | Any:
        """Return the result of the workflow as its output, and any other event as JSON."""
        match decoded(data):
            case {"type": "output", "output": output}:
                return self.parsed_or_json(output, subject)
            case payload:
                return payload


def parse_event(data: str, subject: Subject) -> WorkflowEvent:
    """Return the event in the data of a stream.

    Args:
        data: The data.
        subject: The subject of the error of a step.
    """
    payload = decoded(data)
    match payload:
        case {"type": "submit", "node_id": str(node), "app_id": str(app), "request_id": str(id_)}:
            return StepSubmitted(node, app, id_)
        case {"type": "completion", "node_id": str(node), "output": output}:
            return StepCompleted(node, output)
        case {"type": "error", "node_id": str(node)}:
            return StepFailed(node, _error(payload, subject))
        case {"type": "output", "output": output}:
            return WorkflowOutput(output)
        case _:
            return UnknownEvent(payload)


def _error(event: dict[str, Any], subject: Subject) -> APIError:
    """Return the error of a step, whose event has the status and the body of its response."""
    error = json_object(event.get("error"))
    status = error.get("status")
    message = event.get("message") or f"the step {short(event['node_id'])} failed"
    return failure(
        message if isinstance(message, str) else short(message),
        error.get("body"),
        subject,
        status_code=status if type(status) is int else 200,
    )
