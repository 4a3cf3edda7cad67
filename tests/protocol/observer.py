"""Call a server as clients call fal, and note what its protocol is."""

from __future__ import annotations

import base64
import hashlib
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from fal_codegen.emulator.endpoints.served_endpoint import ServedEndpoint
from fal_codegen.emulator.recording.fal_urls import Origin

from .facts import Observations, shape
from .inbox import Inbox

PATIENCE = 120.0
"""Seconds that a job may take."""

RESULT_HEADERS = ("x-fal-billable-units", "x-fal-served-from")
NOWHERE = "no-such-app-4f1c"
UNKNOWN_REQUEST = "01900000-0000-7000-8000-000000000000"
CONTENT = b"content of a file"


class TooExpensive(Exception):
    """The next call might cost more than what is left of the budget."""


@dataclass
class Budget:
    """US dollars that may be spent. A call is expected to cost a unit, or what others cost."""

    most: Decimal
    unit_price: Decimal
    spent: Decimal = Decimal(0)
    units: Decimal = Decimal(1)

    def reserve(self) -> None:
        """Count a call. Raises TooExpensive if it might exceed the budget."""
        cost = self.units * self.unit_price
        if self.spent + cost > self.most:
            raise TooExpensive(
                f"the next call may cost ${cost}, and ${self.spent} of ${self.most} are spent; "
                "raise --max-cost"
            )
        self.spent += cost

    def learn(self, units: str) -> None:
        """Expect calls to cost at least as many units as one did."""
        self.units = max(self.units, Decimal(units))


class Observer:
    """Observes a server with one endpoint."""

    def __init__(
        self,
        origin: Origin,
        key: str,
        endpoint: ServedEndpoint,
        budget: Budget,
        inbox: Inbox | None,
    ) -> None:
        self._origin = origin
        self._http = httpx.Client(timeout=PATIENCE)
        self._key = {"Authorization": f"Key {key}"}
        self._endpoint = endpoint
        self._budget = budget
        self._inbox = inbox
        self._seen = Observations()

    def observe(self) -> Observations:
        """Make every observation. Raises TooExpensive before the budget is exceeded."""
        with self._http:
            self._errors_of_the_gateway()
            self._a_file()
            self._a_token()
            keys = self._keys_of_webhooks()
            self._an_invalid_input()
            self._a_job()
            self._a_stream_of_statuses()
            self._a_cancellation()
            self._a_synchronous_call()
            if self._inbox is not None:
                self._a_webhook(self._inbox, keys)
        return self._seen

    def _send(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        sent = self._key if headers is None else headers
        url = path if path.startswith("http") else self._origin.url(path)
        return self._http.request(method, url, json=body, headers=sent, params=query)

    @property
    def _queue(self) -> str:
        return f"/queue/{self._endpoint.id}"

    def _submit(self, body: Any, query: Mapping[str, str] | None = None) -> httpx.Response:
        self._budget.reserve()
        return self._send("POST", self._queue, body, query=query)

    def _errors_of_the_gateway(self) -> None:
        app = self._endpoint.app
        owner = app.rpartition("/")[0]
        wrong = {"Authorization": f"Key {uuid.UUID(int=7)}:{'0' * 32}"}
        self._note_answer("no-key", self._send("POST", self._queue, {}, headers={}))
        self._note_answer("bad-key", self._send("POST", self._queue, {}, headers=wrong))
        self._note_answer("unknown-app", self._send("POST", f"/queue/{owner}/{NOWHERE}", {}))
        self._note_answer("unknown-path", self._send("POST", f"/queue/{app}/{NOWHERE}", {}))
        status = f"/queue/{app}/requests/{UNKNOWN_REQUEST}/status"
        self._note_answer("unknown-request", self._send("GET", status, headers={}))

    def _note_answer(self, fact: str, response: httpx.Response) -> None:
        """Note the status and the whole body of an answer."""
        self._seen.note(fact, "the status", response.status_code)
        self._seen.note(fact, "the answer", _json(response))

    def _a_file(self) -> None:
        announced = {"file_name": "fact.txt", "content_type": "text/plain"}
        path = "/rest/storage/upload/initiate"
        answer = self._send("POST", path, announced, query={"storage_type": "fal-cdn-v3"})
        urls = _json(answer)
        self._seen.note("upload", "the status", answer.status_code)
        self._seen.note("upload", "the answer", shape(urls))
        if isinstance(urls, dict) and isinstance(urls.get("upload_url"), str):
            headers = {"Content-Type": "text/plain"}
            put = self._http.put(urls["upload_url"], content=CONTENT, headers=headers)
            self._seen.note("upload-content", "whether it is accepted", put.is_success)
            got = self._http.get(str(urls.get("file_url")), follow_redirects=True)
            self._seen.note("upload-content", "whether it is served", got.content == CONTENT)

    def _a_token(self) -> None:
        alias = self._endpoint.app.rpartition("/")[2]
        wanted = {"allowed_apps": [alias], "token_expiration": 60}
        answer = self._send("POST", "/rest/tokens/", wanted)
        self._seen.note("token", "the status", answer.status_code)
        self._seen.note("token", "the answer", shape(_json(answer)))

    def _keys_of_webhooks(self) -> list[bytes]:
        answer = _json(self._send("GET", "/rest/.well-known/jwks.json", headers={}))
        listed = answer.get("keys", []) if isinstance(answer, dict) else []
        kinds = sorted({(key.get("kty"), key.get("crv")) for key in listed})
        keys = [base64.urlsafe_b64decode(key.get("x", "") + "==") for key in listed]
        self._seen.note("jwks", "the kinds of keys", kinds)
        self._seen.note("jwks", "the lengths of keys", sorted({len(key) for key in keys}))
        return keys

    def _an_invalid_input(self) -> None:
        candidates: list[Any] = [{}, {"prompt": 5}, {"seed": "none"}]
        invalid = next((c for c in candidates if self._endpoint.problems(c)), None)
        if invalid is None:
            return
        submitted = self._send("POST", self._queue, invalid)
        self._seen.note("invalid-accepted", "the status", submitted.status_code)
        job = _json(submitted)
        if not submitted.is_success:
            return
        last = self._completed(job)
        self._seen.note("failure-in-result", "whether the status has an error", "error" in last)
        result = self._send("GET", job["response_url"])
        self._seen.note("invalid-result", "the status", result.status_code)
        self._note_detail("invalid-result", _json(result))
        units = result.headers.get("x-fal-billable-units")
        self._seen.note("not-billed", "x-fal-billable-units", units)
        direct = self._send("POST", f"/run/{self._endpoint.id}", invalid)
        self._seen.note("run-invalid", "the status", direct.status_code)
        self._note_detail("run-invalid", _json(direct))

    def _note_detail(self, fact: str, body: Any) -> None:
        """Note the items of a 422, without their wording."""
        items = body.get("detail") if isinstance(body, dict) else body
        self._seen.note(fact, "the detail", shape(items, "/*/input", "/*/ctx", "/*/loc"))
        if isinstance(items, list):
            found = sorted([str(item.get("type")), item.get("loc")] for item in items)
            self._seen.note(fact, "types and places", found)

    def _a_job(self) -> None:
        submitted = self._submit(self._endpoint.example_input)
        job = _json(submitted)
        self._seen.note("submit", "the status", submitted.status_code)
        # A submit that is in progress at once is a fact of its own.
        if job.get("status") == "IN_QUEUE":
            self._seen.note("submit-object", "the answer", shape(job, "/gateway_request_id"))
        request_id = str(job.get("request_id"))
        self._seen.note("request-id", "the version of the UUID", _uuid_version(request_id))
        names = ("response_url", "status_url", "cancel_url")
        urls = {name: urlsplit(str(job.get(name))).path for name in names}
        paths = {
            name: path[path.find(self._endpoint.app) :].replace(request_id, "ID")
            for name, path in urls.items()
        }
        self._seen.note("job-urls", "the path", paths)
        self._note_id("a submit", submitted, request_id)
        early = self._send("GET", job["response_url"])
        if early.status_code >= 400:
            self._note_answer("result-early", early)
        self._completed(job, "status-object")
        plain = self._send("GET", job["status_url"])
        self._seen.note("no-logs", "logs", _json(plain).get("logs", "none"))
        result = self._send("GET", job["response_url"])
        self._seen.note("result", "the status", result.status_code)
        is_valid = self._endpoint.is_valid_output(_json(result))
        self._seen.note("result", "whether it is valid by the document", is_valid)
        for name in RESULT_HEADERS:
            self._seen.note("result-headers", f"whether it has {name}", name in result.headers)
        self._note_id("a result", result, request_id)
        self._budget.learn(result.headers.get("x-fal-billable-units", "1"))
        late = self._send("PUT", job["cancel_url"])
        self._seen.note("cancel-late", "the status", late.status_code)
        self._seen.note("cancel-late", "the answer", shape(_json(late)))

    def _note_id(self, what: str, response: httpx.Response, request_id: str) -> None:
        has_it = response.headers.get("x-fal-request-id") == request_id
        self._seen.note("request-id-header", f"whether {what} has it", has_it)

    def _completed(self, job: Mapping[str, Any], fact: str | None = None) -> dict[str, Any]:
        """Wait until a job is completed; note its statuses, if they are of a fact."""
        end = time.monotonic() + PATIENCE
        while True:
            answer = self._send("GET", job["status_url"], query={"logs": "1"})
            body: dict[str, Any] = _json(answer)
            state = str(body.get("status"))
            if fact is not None:
                self._note_status(fact, state, answer, body)
            if state not in ("IN_QUEUE", "IN_PROGRESS") or time.monotonic() > end:
                return body
            time.sleep(0.02)

    def _note_status(
        self, fact: str, state: str, answer: httpx.Response, body: dict[str, Any]
    ) -> None:
        self._seen.note("status-code", f"while {state}", answer.status_code)
        self._seen.note(fact, f"while {state}", shape(body, "/logs", "/metrics"))
        has_id = "x-fal-request-id" in answer.headers
        self._seen.note("status-no-id", "whether it has the header", has_id)
        if body.get("logs"):
            self._seen.note("logs", "the entries", shape(body["logs"]))
        if state == "COMPLETED":
            kinds = shape(body.get("metrics")).get("/inference_time")
            self._seen.note("inference-time", "its type", kinds)

    def _a_stream_of_statuses(self) -> None:
        job = _json(self._submit(self._endpoint.example_input))
        events: list[Any] = []
        url = f"{job['status_url']}/stream?logs=1"
        with self._http.stream("GET", url, headers=self._key) as answer:
            content_type = answer.headers.get("content-type", "").partition(";")[0]
            self._seen.note("status-stream", "the status", answer.status_code)
            self._seen.note("status-stream", "the content type", content_type)
            for line in answer.iter_lines():
                if line.startswith("data:"):
                    events.append(json.loads(line.removeprefix("data:")))
        last = events[-1] if events else {}
        self._seen.note("status-stream", "the last status", last.get("status"))
        self._seen.note("status-stream", "the last event", shape(last, "/logs", "/metrics"))

    def _a_cancellation(self) -> None:
        job = _json(self._submit(self._endpoint.example_input))
        answer = self._send("PUT", job["cancel_url"])
        if answer.status_code != 400:  # it was over already
            self._note_answer("cancel", answer)

    def _a_synchronous_call(self) -> None:
        self._budget.reserve()
        answer = self._send("POST", f"/run/{self._endpoint.id}", self._endpoint.example_input)
        self._seen.note("run", "the status", answer.status_code)
        is_valid = self._endpoint.is_valid_output(_json(answer))
        self._seen.note("run", "whether it is valid by the document", is_valid)
        has_id = "x-fal-request-id" in answer.headers
        self._seen.note("request-id-header", "whether a run has it", has_id)

    def _a_webhook(self, inbox: Inbox, keys: list[bytes]) -> None:
        self._submit(self._endpoint.example_input, {"fal_webhook": inbox.url})
        delivery = inbox.wait(PATIENCE)
        if delivery is None:
            self._seen.note("webhook-signature", "whether it arrives", False)
            return
        self._seen.note("webhook-signature", "whether it arrives", True)
        is_signed = any(_is_signed(delivery.headers, delivery.body, key) for key in keys)
        self._seen.note("webhook-signature", "whether it is valid", is_signed)
        body = shape(json.loads(delivery.body), "/payload", "/payload_error")
        self._seen.note("webhook-body", "the body", body)


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return response.text[:100]


def _uuid_version(text: str) -> int | None:
    try:
        return uuid.UUID(text).version
    except ValueError:
        return None


def _is_signed(headers: Mapping[str, str], body: bytes, key: bytes) -> bool:
    names = ("request-id", "user-id", "timestamp")
    fields = [headers.get(f"x-fal-webhook-{name}", "") for name in names]
    message = "\n".join([*fields, hashlib.sha256(body).hexdigest()]).encode()
    try:
        signature = bytes.fromhex(headers.get("x-fal-webhook-signature", ""))
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
