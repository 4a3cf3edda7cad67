"""A fal that ends each job in one way, and the details of its response."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
from fal_endpoints import Outcome, ResponseDetails

from .collage import Collage, Output
from .given import client_of
from .tuned import IMPATIENT

RESULT = {"image": {"url": "https://x.test/1.png"}, "width": 1}
COSTS = {"x-fal-billable-units": "2.5", "x-fal-request-id": "id-1"}
REFUSAL = {"detail": [{"loc": ["body", "layers"], "msg": "no", "type": "content_policy_violation"}]}


def emulate(directives: str) -> dict[str, str]:
    return {"X-Emulate": directives}


class FakeFal:
    """Answers as fal does, with this result; without a status, the connection breaks instead."""

    def __init__(
        self,
        status: int = 200,
        body: object = RESULT,
        headers: Mapping[str, str] = COSTS,
        completed: Mapping[str, object] | None = None,
    ) -> None:
        self.status, self.body, self.headers = status, body, headers
        self.completed = {"status": "COMPLETED"} if completed is None else completed

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(200, json={"request_id": "id-1"})
        if request.url.path.endswith("/stream"):
            return httpx.Response(404)
        if request.url.path.endswith("/status"):
            return httpx.Response(200, json=self.completed)
        if not self.status:
            raise httpx.ConnectError("broken")
        return httpx.Response(self.status, json=self.body, headers=self.headers)


def collage_of(fal: FakeFal) -> Collage:
    return Collage(client_of(fal, tuning=IMPATIENT))


def details_of(outcome: Outcome[Output]) -> ResponseDetails:
    assert outcome.response is not None
    return outcome.response
