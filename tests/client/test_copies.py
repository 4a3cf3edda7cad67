"""Requests, handles, results and errors are values: compared, copied, sent to other processes."""

from __future__ import annotations

import copy
import importlib.util
import io
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cloudpickle
import fal_endpoints
import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import (
    APIError,
    ClientTimeoutError,
    Completed,
    ConfigurationError,
    ConnectionFailed,
    Fal,
    FalError,
    File,
    FileInput,
    InProgress,
    LocalFile,
    LogEntry,
    ModelError,
    Outcome,
    Queued,
    UnexpectedResponse,
    UnknownStatus,
    ValidationError,
    Webhook,
    WebhookError,
)

from .collage import Collage, Layer, Output
from .scripted import Answer, scripted_collage

URL = "https://example.test/a.png"


def pickled(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


def cloudpickled(value: Any) -> Any:
    """Return what arrives of a value in a worker of Ray, Dask or Spark."""
    return pickle.loads(cloudpickle.dumps(value))


COPIES = [pickled, cloudpickled, copy.copy, copy.deepcopy]
NAMES = ["pickled", "cloudpickled", "copy", "deepcopy"]
copied = pytest.mark.parametrize("copied", COPIES, ids=NAMES)

REFUSAL = {
    "detail": [
        {
            "loc": ["body", "layers"],
            "msg": "no",
            "type": "content_policy_violation",
            "ctx": {"categories": ["violence"]},
        }
    ]
}


def failing(answer: Answer) -> FalError:
    """Return the error that a submission ends in."""
    with scripted_collage(lambda asked: answer) as (collage, _), pytest.raises(FalError) as error:
        collage(layers=[]).submit()
    return error.value


def error_of(kind: str, collage: Collage) -> FalError:
    """Return an error as a caller gets it."""
    if kind == "ValidationError":
        with pytest.raises(ValidationError) as error:
            collage(layers=[{"image_url": URL, "opacity": 3}])
        return error.value
    if kind == "UnexpectedResponse":
        with scripted_collage(lambda asked: Answer(200, {"paid": "for"})) as (other, _):
            with pytest.raises(UnexpectedResponse) as unexpected:
                other(layers=[]).run()
            return unexpected.value
    if kind == "ConfigurationError":
        with pytest.raises(ConfigurationError) as configuration:
            Fal(base_url="ftp://example.test")
        return configuration.value
    if kind == "ClientTimeoutError":
        with pytest.raises(ClientTimeoutError) as timeout:
            collage(layers=[]).subscribe(client_timeout=1e-9)
        return timeout.value
    if kind == "BudgetError":
        with scripted_collage(lambda asked: Answer(200, {"total_cost": None})) as (other, _):
            (outcome,) = other.map([{"layers": []}], max_cost=0)
        assert outcome.error is not None
        return outcome.error
    if kind == "ConnectionFailed":
        transport = httpx.MockTransport(broken)
        with (
            Fal("key", http_client=httpx.Client(transport=transport)) as client,
            pytest.raises(ConnectionFailed) as failed,
        ):
            Collage(client).handle("id-1").status()
        return failed.value
    answers = {
        "ModelError": Answer(422, REFUSAL, {"x-fal-request-id": "id-1"}),
        "InfrastructureError": Answer(
            500, {"detail": "oh"}, {"x-fal-error-type": "internal_error"}
        ),
        "AuthenticationError": Answer(401, {"detail": "invalid key credentials"}),
        "BalanceError": Answer(403, {"detail": "User is locked. Reason: Exhausted balance."}),
        "NotFoundError": Answer(404, {"detail": "Application 'collage' not found"}),
        "RateLimitError": Answer(429, {"detail": "later"}, {"retry-after": "3600"}),
        "SubmissionUncertain": Answer(200, {"request_id": ""}),
    }
    return failing(answers[kind])


def broken(request: httpx.Request) -> httpx.Response:
    raise httpx.UnsupportedProtocol("no such protocol")


ERRORS = """
    ValidationError UnexpectedResponse ConfigurationError ClientTimeoutError ConnectionFailed
    ModelError InfrastructureError AuthenticationError BalanceError NotFoundError RateLimitError
    SubmissionUncertain BudgetError
""".split()


@copied
@pytest.mark.parametrize("kind", ERRORS)
def test_an_error_keeps_what_it_says(
    collage: Collage, kind: str, copied: Callable[[Any], Any]
) -> None:
    error = error_of(kind, collage)
    again = copied(error)
    assert type(again) is type(error)
    assert type(error).__name__ == kind
    assert str(again) == str(error) != ""
    assert vars(again) == vars(error)
    assert again.args == error.args
    if isinstance(error, APIError):
        assert isinstance(again, APIError)
        assert again.retryable == error.retryable
        assert again.headers["CONTENT-TYPE"] == "application/json"


@copied
def test_a_webhook_error_keeps_its_message(client: Fal, copied: Callable[[Any], Any]) -> None:
    with pytest.raises(WebhookError) as error:
        client.verify_webhook({}, b"")
    assert str(copied(error.value)) == str(error.value)


def test_these_are_all_errors() -> None:
    for name in fal_endpoints.__all__:
        getattr(fal_endpoints, name)  # imports the module that defines it
    classes = [FalError]
    for one in classes:
        classes += one.__subclasses__()
    abstract = {"FalError", "APIError", "WebhookError"}  # the last has a test of its own
    ours = {one.__name__ for one in classes if one.__module__.startswith("fal_endpoints")}
    assert ours - abstract == set(ERRORS)


def test_a_traceback_names_errors_as_programs_import_them() -> None:
    class OfTheCaller(FalError):
        pass

    for name in (*ERRORS, "FalError", "APIError", "WebhookError"):
        assert getattr(fal_endpoints, name).__module__ == "fal_endpoints"
    assert OfTheCaller.__module__ == __name__


def test_an_error_is_sent_even_if_the_wrong_value_cannot_be(collage: Collage) -> None:
    with pytest.raises(ValidationError) as error:
        collage.bind(layers=[], aspect=lambda: None)
    (problem,) = pickled(error.value).errors
    assert problem.field == "aspect"
    assert "<lambda>" in problem.input
    assert callable(copy.deepcopy(error.value).errors[0].input)


def test_problems_can_be_in_sets(collage: Collage) -> None:
    with pytest.raises(ValidationError) as error:
        collage.bind(layers=[], aspect=[1], extra=3)
    assert len({*error.value.errors, *pickled(error.value).errors}) == 2


@copied
def test_results_and_what_comes_before_them(collage: Collage, copied: Callable[[Any], Any]) -> None:
    logs = [LogEntry("hello")]
    output = Output(image=File(url=URL), width=3)
    for value in (
        output,
        output.image,
        Queued(3),
        InProgress(logs),
        Completed(logs, {"inference_time": 1.5}, "why", "internal_error"),
        UnknownStatus("PAUSED"),
        Layer(image_url=URL),
        LocalFile(b"1", "image/png"),
        collage(layers=[]),
        collage.handle("id-1"),
    ):
        assert copied(value) == value
    more = Output.model_validate({"image": {"url": URL}, "width": 1, "added_later": {"a": [1]}})
    assert copied(more) == more


@copied
def test_a_copied_outcome_is_equal(collage: Collage, copied: Callable[[Any], Any]) -> None:
    good, bad = outcomes(collage)
    assert copied(good) == good
    again = copied(bad)
    assert again.request == bad.request
    assert str(again.error) == str(bad.error)
    assert vars(again.error) == vars(bad.error)


def outcomes(collage: Collage) -> list[Outcome[Output]]:
    """Return an outcome with an output and one with an error."""
    requests = [collage(layers=[]), collage(layers=[], aspect="wide")]
    return sorted(collage._client.map(requests), key=lambda outcome: outcome.index)


@copied
def test_a_copied_webhook_is_equal(collage: Collage, copied: Callable[[Any], Any]) -> None:
    result = {"image": {"url": URL}, "width": 1}
    body: dict[str, Any] = {"request_id": "id-1", "status": "OK", "payload": result, "error": None}
    good = collage.parse_webhook(json.dumps(body))
    assert copied(good) == good
    body = {"request_id": "id-1", "status": "ERROR", "payload": REFUSAL, "error": "no"}
    bad: Webhook[Output] = copied(collage.parse_webhook(json.dumps(body)))
    assert isinstance(bad.error, ModelError)
    assert bad.error.errors[0].ctx == {"categories": ["violence"]}
    assert bad.error.request_id == bad.request_id == "id-1"


def test_requests_with_the_same_arguments_are_equal(collage: Collage, client: Fal) -> None:
    layers = [{"image_url": b"1", "z-index": 1}]
    request = collage(layers=layers, extra={"a": [1], "b": None}, aspect="4:3")
    same = Collage(Fal("other"))(aspect="4:3", extra={"b": None, "a": [1]}, layers=layers)
    assert request == same
    assert hash(request) == hash(same)
    assert len({request, same}) == 1
    for other in (
        collage(layers=layers, extra={"a": [1], "b": None}),
        collage(layers=layers, extra={"a": [True], "b": None}, aspect="4:3"),
        collage(layers=layers, extra={"a": [1.0], "b": None}, aspect="4:3"),
        collage(layers=[{"image_url": b"2", "z-index": 1}], extra={"a": [1]}, aspect="4:3"),
        client.fal_ai.pika.v2_2.image_to_video(image_url=URL, prompt="a"),
        "request",
    ):
        assert request != other


def test_handles_of_one_request_are_equal(collage: Collage) -> None:
    handle = collage(layers=[]).submit()
    assert handle == collage.handle(handle.request_id) == pickled(handle)
    assert len({handle, collage.handle(handle.request_id)}) == 1
    assert handle != collage.handle("another")
    assert handle != handle.request_id


def test_a_copy_of_a_request_goes_where_the_request_goes(
    collage: Collage, emulator: Emulator
) -> None:
    for way in (copy.copy, copy.deepcopy):
        request = way(collage(layers=[{"image_url": b"1"}]))
        assert way(request.submit()).result().width
    assert emulator.journal.count("submit") == 2


def test_what_arrives_elsewhere_takes_key_and_addresses_from_there(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    collage = Collage(Fal("secret", base_url="http://127.0.0.1:9"))
    request = pickle.dumps(collage(layers=[{"image_url": b"1"}]))
    handle = pickle.dumps(collage.handle("id-1"))
    for sent in (request, handle):
        assert b"secret" not in sent
        assert b"127.0.0.1" not in sent
    monkeypatch.delenv("FAL_KEY", raising=False)
    # A name of its own, because a process keeps its connection to an address, and the key of it.
    monkeypatch.setenv("FAL_BASE_URL", emulator.base_url.replace("127.0.0.1", "localhost"))
    with pytest.raises(ConfigurationError, match="no API key"):
        pickle.loads(request).submit()
    monkeypatch.setenv("FAL_KEY", "key-id:key-secret")
    assert pickle.loads(pickle.dumps(pickle.loads(request).submit())).result().width
    with pytest.raises(FalError, match="id-1"):
        pickle.loads(handle).status()


def test_a_file_that_is_open_stays_here(collage: Collage, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"1")
    sent: list[FileInput] = [path, b"2", io.BytesIO(b"3"), LocalFile(path, "image/png")]
    request = pickled(collage(layers=[], mask_urls=sent))
    given = request.payload["mask_urls"]
    assert [given[0], given[1], given[2].read(), given[3]] == [path, b"2", b"3", path]
    with path.open("rb") as file:
        request = collage(layers=[], mask_urls=[file])
        for way in (pickled, copy.deepcopy):
            with pytest.raises(TypeError, match="pass its path or its bytes"):
                way(request)
        assert copy.copy(request) == request


def test_a_client_cannot_be_copied(client: Fal) -> None:
    for way in COPIES:
        with pytest.raises(TypeError, match="its requests and handles can"):
            way(client)


@pytest.mark.parametrize(
    "way", ["fork", "spawn", "executor", pytest.param("dask", marks=pytest.mark.dask)]
)
def test_requests_and_handles_work_in_other_processes(emulator: Emulator, way: str) -> None:
    if way == "fork" and not hasattr(os, "fork"):
        pytest.skip("needs an operating system that forks")
    if way == "dask" and importlib.util.find_spec("distributed") is None:
        pytest.skip("needs `pip install distributed`")
    environment = {"FAL_BASE_URL": emulator.base_url, "FAL_KEY": "id:secret"}
    program = Path(__file__).with_name("processes.py")
    package = Path(__file__).parents[2] / "generated/python"
    ran = subprocess.run(
        [sys.executable, program, way],
        env={**os.environ, **environment, "PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    assert len(said["urls"]) == 4
    assert all(url.startswith(emulator.base_url) for url in said["urls"])
    assert said["failure"] == [422, "content_policy_violation", True]
    assert said["handle"]
    assert emulator.journal.count("submit") == 5
