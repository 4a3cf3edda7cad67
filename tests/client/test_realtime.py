"""Realtime sessions, blocking and asynchronous."""

from __future__ import annotations

import asyncio
import json
import logging
import multiprocessing
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fal_endpoints
import httpx
import msgpack
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import (
    APIError,
    AuthenticationError,
    BalanceError,
    ClientTimeoutError,
    ConfigurationError,
    ConnectionFailed,
    Endpoint,
    Fal,
    InfrastructureError,
    InputModel,
    ModelError,
    NotFoundError,
    OutputModel,
    Request,
    SubmissionUncertain,
    UnexpectedResponse,
    ValidationError,
)
from fal_endpoints._runtime.protocol.connection import Connection
from fal_endpoints._runtime.protocol.key import Key
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection

from .collage import Collage
from .conftest import KEY
from .given import client_of
from .realtime import Connect, Session, connected, connected_on_a_loop, serving
from .scripted import Answer, scripted
from .tuned import IMPATIENT, tuned_client


class Input(InputModel):
    frame: bytes
    label: str | None = None


class Output(OutputModel):
    frame: bytes


class Mirror(Endpoint[Input, Output]):
    endpoint_id = "acme/mirror/realtime"

    def __call__(self, frame: bytes = b"\xff") -> Request[Output]:
        return self.bind(frame=frame)


@pytest.fixture(params=[connected, connected_on_a_loop], ids=["blocking", "async"])
def connect(request: pytest.FixtureRequest) -> Connect:
    chosen: Connect = request.param
    return chosen


@pytest.fixture
def impatient(emulator: Emulator) -> Iterator[Collage]:
    """An endpoint whose client hardly pauses."""
    with tuned_client(IMPATIENT, key=KEY, base_url=emulator.base_url) as client:
        yield Collage(client)


@pytest.fixture
def mirror(emulator: Emulator) -> Callable[[str], Mirror]:
    """Return an endpoint that a scripted server serves; the emulator creates its tokens."""

    def endpoint(run_url: str) -> Mirror:
        client = tuned_client(IMPATIENT, key=KEY, base_url=emulator.base_url)
        addresses = client.connection.addresses._replace(run=run_url)
        client.connection = Connection(addresses, Key(KEY), client.connection.pools)
        return Mirror(client)

    return endpoint


def request(collage: Collage, **arguments: Any) -> Request[Any]:
    return collage(layers=[{"image_url": "https://example.com/a.png"}], **arguments)


def exchanged(session: Session, request: Request[Any]) -> Any:
    session.send(request)
    return session.receive(client_timeout=30)


def test_outputs_are_typed(emulator: Emulator, collage: Collage, connect: Connect) -> None:
    with connect(collage) as session:
        assert exchanged(session, request(collage)).width == 640
        session.send(request(collage))
        session.send(request(collage))
        assert session.receive().image.url == session.receive().image.url
    assert emulator.journal.count("token") == emulator.journal.count("realtime") == 1
    assert emulator.journal.count("input") == 3


def test_an_input_is_messagepack_with_the_names_of_the_wire(
    emulator: Emulator, collage: Collage, connect: Connect
) -> None:
    with connect(collage, max_buffering=7) as session:
        exchanged(session, request(collage, aspect="4:3"))
    (received,) = emulator.journal.select("input")
    assert msgpack.unpackb(received.body) == {
        "layers": [{"image_url": "https://example.com/a.png"}],
        "aspect-ratio": "4:3",
    }
    assert "max_buffering=7" in received.query


def test_the_options_of_the_client_apply(emulator: Emulator, connect: Connect) -> None:
    client = Fal(KEY, base_url=emulator.base_url, store_io=False, tags={"team": "design"})
    with client, connect(Collage(client)):
        pass
    (handshake,) = emulator.journal.select("realtime")
    assert handshake.headers["x-fal-store-io"] == "0"
    assert handshake.headers["x-fal-tags"] == "team=design"


def test_a_local_file_is_part_of_the_message(
    emulator: Emulator, collage: Collage, connect: Connect, tmp_path: Path
) -> None:
    large = tmp_path / "large.png"
    large.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100_000))
    with connect(collage) as session:
        exchanged(session, collage(layers=[{"image_url": large}]))
        with pytest.raises(ValidationError, match="cannot be read"):
            session.send(collage(layers=[{"image_url": tmp_path / "missing.png"}]))
    assert emulator.journal.count("upload") == 0
    (received,) = emulator.journal.select("input")
    (layer,) = msgpack.unpackb(received.body)["layers"]
    assert layer["image_url"].startswith("data:image/png;base64,")


def test_bytes_stay_bytes(mirror: Callable[[str], Mirror], connect: Connect) -> None:
    def echo(connection: ServerConnection) -> None:
        for message in connection:
            connection.send(message)

    with serving(echo) as url, connect(endpoint := mirror(url)) as session:
        assert exchanged(session, endpoint(b"\xff\x00")).frame == b"\xff\x00"


def test_json_and_notices_are_understood(mirror: Callable[[str], Mirror], connect: Connect) -> None:
    def server(connection: ServerConnection) -> None:
        assert connection.request is not None
        assert connection.request.path.startswith("/acme/mirror/realtime?fal_jwt_token=")
        connection.recv()
        connection.send('{"type":"x-fal-message","action":"timings","timing":1}')
        connection.send('{"frame":"text"}')
        connection.send(b"\xc1")
        connection.send("{")
        connection.send('{"unknown":1}')
        connection.send('{"frame":"more"}')

    with serving(server) as url, connect(endpoint := mirror(url)) as session:
        assert exchanged(session, endpoint()).frame == b"text"
        for payload in (b"\xc1", "{", {"unknown": 1}):
            with pytest.raises(UnexpectedResponse) as caught:
                session.receive()
            assert caught.value.payload == payload
        assert session.receive().frame == b"more"


def test_an_input_that_may_have_been_processed_is_not_sent_again(
    emulator: Emulator, collage: Collage, connect: Connect
) -> None:
    emulator.emulate("drop=after; on=input; times=1")
    with connect(collage) as session:
        session.send(request(collage))
        with pytest.raises(SubmissionUncertain, match="the output of 1 input;"):
            session.receive()
        assert emulator.journal.count("input") == 1
        assert exchanged(session, request(collage)).width == 640
    assert emulator.journal.count("token") == emulator.journal.count("realtime") == 2


def test_each_input_without_an_output_is_counted(
    mirror: Callable[[str], Mirror], connect: Connect
) -> None:
    def server(connection: ServerConnection) -> None:
        messages = [connection.recv() for _ in range(3)]
        connection.send(messages[0])
        connection.close(1011)

    with serving(server) as url, connect(endpoint := mirror(url)) as session:
        for _ in range(3):
            session.send(endpoint())
        session.receive()
        with pytest.raises(SubmissionUncertain, match="the output of 2 inputs;"):
            session.receive()


def test_an_idempotent_input_is_sent_again(
    emulator: Emulator, impatient: Collage, connect: Connect
) -> None:
    emulator.emulate("drop=before; on=input; times=2")
    with connect(impatient, idempotent=True) as session:
        assert exchanged(session, request(impatient)).width == 640
    inputs = emulator.journal.select("input")
    assert [entry.body for entry in inputs] == [inputs[0].body] * 3
    assert emulator.journal.count("realtime") == 3


def test_an_idempotent_input_is_not_sent_again_for_ever(
    emulator: Emulator, impatient: Collage, connect: Connect
) -> None:
    emulator.emulate("drop=after; on=input; times=5")
    with connect(impatient, idempotent=True) as session:
        session.send(request(impatient))
        with pytest.raises(ConnectionFailed, match="broke 5 times before the output"):
            session.receive()
        assert emulator.journal.count("input") == 5
        assert exchanged(session, request(impatient)).width == 640


def test_only_inputs_without_an_output_are_sent_again(
    mirror: Callable[[str], Mirror], connect: Connect
) -> None:
    again: list[Any] = []

    def breaks(connection: ServerConnection) -> None:
        messages = [connection.recv() for _ in range(3)]
        connection.send(messages[0])
        connection.close(1011)

    def works(connection: ServerConnection) -> None:
        for message in connection:
            again.append(message)
            connection.send(message)

    with (
        serving(breaks, works) as url,
        connect(endpoint := mirror(url), idempotent=True) as session,
    ):
        for frame in (b"1", b"2", b"3"):
            session.send(endpoint(frame))
        assert [session.receive().frame for _ in range(3)] == [b"1", b"2", b"3"]
    assert [msgpack.unpackb(message)["frame"] for message in again] == [b"2", b"3"]


def test_an_idle_connection_ends_and_the_next_input_opens_another(
    emulator: Emulator, collage: Collage, connect: Connect
) -> None:
    emulator.emulate("idle=0.05")
    with connect(collage) as session:
        for _ in range(2):
            session.send(request(collage))
            assert [output.width for output in session] == [640]
    assert emulator.journal.count("token") == emulator.journal.count("realtime") == 2


def test_a_stream_of_outputs_is_iterated_to_its_end(
    mirror: Callable[[str], Mirror], connect: Connect
) -> None:
    def stream(connection: ServerConnection) -> None:
        connection.recv()
        for text in ("1", "2", "3"):
            connection.send(json.dumps({"frame": text}))
        connection.send('{"type":"x-fal-error","error":"TIMEOUT","reason":"no inputs"}')

    def breaks(connection: ServerConnection) -> None:
        connection.recv()
        connection.send('{"frame":"1"}')
        connection.close(1011)

    with serving(stream, breaks) as url, connect(endpoint := mirror(url)) as session:
        session.send(endpoint())
        assert [output.frame for output in session] == [b"1", b"2", b"3"]
        session.send(endpoint())
        outputs = iter(session)
        assert next(outputs).frame == b"1"
        with pytest.raises(ConnectionFailed, match="the connection broke"):
            next(outputs)


def test_one_output_may_answer_a_batch_of_inputs(
    mirror: Callable[[str], Mirror], connect: Connect
) -> None:
    def server(connection: ServerConnection) -> None:
        messages = [connection.recv() for _ in range(3)]
        connection.send(messages[-1])

    with serving(server) as url, connect(endpoint := mirror(url)) as session:
        for frame in (b"1", b"2", b"3"):
            session.send(endpoint(frame))
        assert [output.frame for output in session] == [b"3"]


def test_an_input_that_the_server_did_not_wait_for_is_uncertain(
    mirror: Callable[[str], Mirror], connect: Connect
) -> None:
    def server(connection: ServerConnection) -> None:
        connection.recv()

    with serving(server) as url, connect(endpoint := mirror(url)) as session:
        session.send(endpoint())
        with pytest.raises(SubmissionUncertain, match="1 input;"):
            list(session)


def test_a_connection_that_broke_is_read_before_the_next_one(
    mirror: Callable[[str], Mirror], connect: Connect
) -> None:
    is_broken = threading.Event()

    def breaks(connection: ServerConnection) -> None:
        connection.send(connection.recv())
        connection.send(json.dumps({"frame": "late"}))
        connection.close(1011)
        is_broken.set()

    def works(connection: ServerConnection) -> None:
        connection.send(connection.recv())

    with serving(breaks, works) as url, connect(endpoint := mirror(url)) as session:
        assert exchanged(session, endpoint(b"1")).frame == b"1"
        assert is_broken.wait(30)
        session.send(endpoint(b"2"))
        assert [session.receive().frame for _ in range(2)] == [b"late", b"2"]


def test_an_expired_token_is_replaced(
    emulator: Emulator, collage: Collage, connect: Connect
) -> None:
    with connect(collage) as session:
        exchanged(session, request(collage))
        emulator.emulate("expired-token; on=input; times=1")
        session.send(request(collage))
        with pytest.raises(SubmissionUncertain, match="its token has expired"):
            session.receive()
        assert exchanged(session, request(collage)).width == 640
    assert emulator.journal.count("token") == 2


def test_an_input_that_met_an_expired_token_is_sent_again_if_that_does_no_harm(
    emulator: Emulator, impatient: Collage, connect: Connect
) -> None:
    with connect(impatient, idempotent=True) as session:
        exchanged(session, request(impatient))
        emulator.emulate("expired-token; on=input; times=1")
        assert exchanged(session, request(impatient)).width == 640
    assert emulator.journal.count("token") == 2


def test_a_token_that_never_worked_is_an_error(
    emulator: Emulator, collage: Collage, connect: Connect
) -> None:
    emulator.emulate("expired-token; on=realtime; times=1")
    with connect(collage) as session:
        with pytest.raises(AuthenticationError, match="unauthorized"):
            session.receive()
        assert exchanged(session, request(collage)).width == 640


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("balance; on=realtime", BalanceError),
        ("balance; on=token", BalanceError),
        ("refuse=runner_scheduling_failure; on=realtime", InfrastructureError),
    ],
)
def test_a_connection_that_is_refused_is_an_error(
    emulator: Emulator, collage: Collage, connect: Connect, fault: str, error: type[Exception]
) -> None:
    emulator.emulate(fault)
    with pytest.raises(error), connect(collage):
        pass


@pytest.mark.parametrize("fault", ["rate-limit=0", "proxy-error", "drop=before"])
def test_a_connection_is_tried_again(
    emulator: Emulator, impatient: Collage, connect: Connect, fault: str
) -> None:
    emulator.emulate(f"{fault}; on=realtime; times=2")
    with connect(impatient) as session:
        assert exchanged(session, request(impatient)).width == 640
    assert emulator.journal.count("realtime") == 3


def test_an_endpoint_that_is_not_there_is_an_error(client: Fal, connect: Connect) -> None:
    with (
        pytest.raises(NotFoundError, match=r"acme/mirror/realtime.*not found"),
        connect(Mirror(client)),
    ):
        pass


def test_a_server_without_websockets_is_an_error(
    mirror: Callable[[str], Mirror], connect: Connect
) -> None:
    with (
        scripted(lambda asked: Answer(200, {"hello": 1})) as server,
        pytest.raises(UnexpectedResponse) as caught,
        connect(mirror(server.base_url)),
    ):
        pass
    assert caught.value.payload == {"hello": 1}


def test_a_redirect_is_not_followed(mirror: Callable[[str], Mirror], connect: Connect) -> None:
    def elsewhere(connection: ServerConnection) -> None:
        raise AssertionError("an input could have gone there")

    with serving(elsewhere) as url:
        redirect = Answer(302, headers={"Location": url.replace("http", "ws", 1)})
        with (
            scripted(lambda asked: redirect) as server,
            pytest.raises(APIError, match="HTTP 302"),
            connect(mirror(server.base_url)),
        ):
            pass


def test_a_server_that_is_not_there_is_an_error(
    mirror: Callable[[str], Mirror], connect: Connect
) -> None:
    with serving() as url:
        pass
    failed = r"GET ws://127\.0\.0\.1:\d+/acme/mirror/realtime failed 5 times"
    with pytest.raises(ConnectionFailed, match=failed), connect(mirror(url)):
        pass


@pytest.mark.parametrize(
    ("fault", "error", "error_type"),
    [
        ("model-error", InfrastructureError, "internal_error"),
        ("infrastructure-error=runner_disconnected", InfrastructureError, "runner_disconnected"),
    ],
)
def test_an_error_of_the_server_is_raised_and_the_session_goes_on(
    emulator: Emulator, collage: Collage, connect: Connect, fault: str, error: Any, error_type: str
) -> None:
    emulator.emulate(f"{fault}; on=input; times=1")
    with connect(collage) as session:
        session.send(request(collage))
        with pytest.raises(error) as caught:
            session.receive()
        assert caught.value.error_type == error_type
        assert caught.value.body["type"] == "x-fal-error"
        assert list(session) == []
        assert exchanged(session, request(collage)).width == 640


def test_other_errors_are_those_of_the_model(
    mirror: Callable[[str], Mirror], connect: Connect
) -> None:
    problems = [{"loc": ["frame"], "msg": "too dark", "type": "frame"}]

    def server(connection: ServerConnection) -> None:
        connection.recv()
        for reason in (problems, "too dark", {"code": 7}, None):
            error = {"type": "x-fal-error", "error": "BAD_FRAME", "reason": reason}
            connection.send(json.dumps(error))

    with serving(server) as url, connect(endpoint := mirror(url)) as session:
        session.send(endpoint())
        messages = []
        for _ in range(4):
            with pytest.raises(ModelError) as caught:
                session.receive()
            messages.append(str(caught.value))
            if "\n" in messages[-1]:
                assert caught.value.errors[0].field == "frame"
    assert [message.count("too dark") for message in messages] == [1, 1, 0, 0]
    assert "{'code': 7}" in messages[2]


def test_waiting_is_limited(emulator: Emulator, collage: Collage, connect: Connect) -> None:
    emulator.emulate("running=0.2; on=input; times=1")
    with connect(collage) as session:
        session.send(request(collage))
        with pytest.raises(ClientTimeoutError, match=r"no output within 0\.01 seconds"):
            session.receive(client_timeout=0.01)
        assert session.receive().width == 640
        with pytest.raises(ConfigurationError, match="client_timeout should be"):
            session.receive(client_timeout="long")  # type: ignore[arg-type]


def test_who_receives_waits_for_an_input_that_another_thread_sends(
    emulator: Emulator, collage: Collage
) -> None:
    emulator.emulate("idle=0.05; on=realtime; times=1")
    with collage.connect() as session:
        assert list(session) == []  # the server has ended the connection
        outputs: list[Any] = []
        receiver = threading.Thread(target=lambda: outputs.append(session.receive()))
        receiver.start()
        session.send(request(collage))
        receiver.join(30)
        assert outputs[0].width == 640


def test_closing_a_session_ends_an_iteration(mirror: Callable[[str], Mirror]) -> None:
    is_waiting = threading.Event()
    codes: list[int | None] = []
    ended: list[Any] = []

    def server(connection: ServerConnection) -> None:
        connection.send(connection.recv())
        is_waiting.set()
        with pytest.raises(ConnectionClosed) as caught:
            connection.recv()
        codes.append(caught.value.rcvd and caught.value.rcvd.code)

    with serving(server) as url:
        endpoint = mirror(url)
        with endpoint.connect() as session:
            session.send(endpoint())
            outputs = iter(session)
            next(outputs)
            waits = threading.Thread(target=lambda: ended.append(list(outputs)))
            waits.start()
            assert is_waiting.wait(30)
        waits.join(30)
    assert ended == [[]]
    assert codes == [1000]


def test_receiving_ends_when_another_thread_closes_the_session(
    mirror: Callable[[str], Mirror],
) -> None:
    is_waiting = threading.Event()
    ended: list[str] = []

    def server(connection: ServerConnection) -> None:
        is_waiting.set()
        for _ in connection:
            pass

    def receive() -> None:
        with pytest.raises(ConfigurationError, match=r"session is (closed|not open)") as caught:
            session.receive()
        ended.append(str(caught.value))

    with serving(server) as url:
        with mirror(url).connect() as session:
            waits = threading.Thread(target=receive)
            waits.start()
            assert is_waiting.wait(30)
        waits.join(30)
    assert len(ended) == 1


@pytest.mark.posix
def test_ctrl_c_closes_the_connection(mirror: Callable[[str], Mirror]) -> None:
    codes: list[int | None] = []

    def server(connection: ServerConnection) -> None:
        connection.recv()
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        with pytest.raises(ConnectionClosed) as caught:
            connection.recv()
        codes.append(caught.value.rcvd and caught.value.rcvd.code)

    with serving(server) as url:
        endpoint = mirror(url)
        with pytest.raises(KeyboardInterrupt), endpoint.connect() as session:
            session.send(endpoint())
            session.receive()
    assert codes == [1000]


def test_a_cancelled_task_closes_the_connection(mirror: Callable[[str], Mirror]) -> None:
    codes: list[int | None] = []
    has_input = threading.Event()

    def server(connection: ServerConnection) -> None:
        connection.recv()
        has_input.set()
        with pytest.raises(ConnectionClosed) as caught:
            connection.recv()
        codes.append(caught.value.rcvd and caught.value.rcvd.code)

    async def use(endpoint: Mirror) -> None:
        async with endpoint.connect_async() as session:
            await session.send(endpoint())
            await session.receive()

    async def program(endpoint: Mirror) -> None:
        task = asyncio.ensure_future(use(endpoint))
        await asyncio.to_thread(has_input.wait, 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with serving(server) as url:
        asyncio.run(program(mirror(url)))
    assert codes == [1000]


def test_a_session_that_could_not_be_opened_can_be_opened_again(
    emulator: Emulator, collage: Collage
) -> None:
    emulator.emulate("balance; on=realtime; times=1")
    session = collage.connect()
    with pytest.raises(BalanceError), session:
        pass
    with session:
        assert exchanged(session, request(collage)).width == 640
    with session:  # and once more after it was closed
        assert exchanged(session, request(collage)).width == 640


def test_tasks_send_and_receive_at_the_same_time(emulator: Emulator, collage: Collage) -> None:
    async def program() -> list[Any]:
        async with collage.connect_async() as session:
            receiving = asyncio.ensure_future(session.receive())
            also_receiving = asyncio.ensure_future(session.receive())
            await asyncio.gather(*(session.send(request(collage)) for _ in range(2)))
            return [await receiving, await also_receiving]

    assert [output.width for output in asyncio.run(program())] == [640, 640]


def test_a_session_is_used_inside_a_with_block(collage: Collage, connect: Connect) -> None:
    for session in (collage.connect(), collage.connect_async()):
        with pytest.raises(ConfigurationError, match=r"not open: use it as `.*with endpoint\."):
            session.send(request(collage)) if isinstance(
                session, fal_endpoints.RealtimeSession
            ) else asyncio.run(session.send(request(collage)))
    with connect(collage) as opened:
        exchanged(opened, request(collage))
    with (
        collage.connect() as session,
        pytest.raises(ConfigurationError, match="open already"),
        session,
    ):
        pass


def test_a_session_accepts_requests_of_its_endpoint_only(
    client: Fal, collage: Collage, connect: Connect
) -> None:
    other = client.fal_ai.pika.v2_2.image_to_video
    with connect(collage) as session, pytest.raises(ConfigurationError, match="another endpoint"):
        session.send(other(image_url="https://example.com/a.png", prompt="It waves"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_buffering": 0}, "an integer from 1 to 60"),
        ({"max_buffering": 61}, "an integer from 1 to 60"),
        ({"max_buffering": True}, "an integer from 1 to 60"),
        ({"idempotent": 1}, "True or False"),
    ],
)
def test_options_are_checked(
    collage: Collage, connect: Connect, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        connect(collage, **options)


def test_what_messagepack_lacks_is_invalid_input(collage: Collage, connect: Connect) -> None:
    with connect(collage) as session, pytest.raises(ValidationError, match="as MessagePack"):
        session.send(request(collage, extra={"large": 1 << 70}))


@pytest.mark.parametrize("package", ["msgpack", "websockets"])
def test_without_a_package_the_error_says_what_to_install(
    collage: Collage, connect: Connect, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    for name in list(sys.modules):
        is_of_extra = name.partition(".")[0] == package
        if is_of_extra or re.fullmatch(r"fal_endpoints\..*(conversation|messages|websocket)", name):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ConfigurationError, match="pip install 'websockets>=15' msgpack"):
        connect(collage)


def test_the_token_is_not_shown(
    emulator: Emulator, impatient: Collage, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), impatient.connect() as session:
        exchanged(session, request(impatient))
    emulator.emulate("proxy-error=503; on=realtime")
    with pytest.raises(InfrastructureError) as caught, impatient.connect():
        pass
    shown = caplog.text + str(caught.value) + str(caught.getrepr(showlocals=True))
    emulator.emulate("drop=before; on=realtime")
    with pytest.raises(ConnectionFailed) as failed, impatient.connect():
        pass
    shown += str(failed.value) + str(failed.getrepr(showlocals=True))
    tokens = [entry.query.partition("=")[2] for entry in emulator.journal.select("realtime")]
    assert len(set(tokens)) == 3
    assert not [token for token in tokens if token in shown]


@pytest.mark.posix
def test_a_session_belongs_to_the_process_that_opened_it(collage: Collage) -> None:
    context = multiprocessing.get_context("fork")
    messages = context.SimpleQueue()

    def use() -> None:
        try:
            session.receive()
        except ConfigurationError as error:
            messages.put(str(error))

    with collage.connect() as session:
        child = context.Process(target=use)
        child.start()
        child.join(30)
        assert "belongs to the process that opened it" in messages.get()
        assert exchanged(session, request(collage)).width == 640


# Tokens -------------------------------------------------------------------------------------------


def test_a_token_is_created(emulator: Emulator, client: Fal, call: Callable[..., Any]) -> None:
    assert call(client.token, Collage.endpoint_id).startswith("emulated-")
    call(client.token, ["workflows/acme/chain/last", "acme/collage", "paint"], expires_in=60)
    first, second = (entry.json for entry in emulator.journal.select("token"))
    assert first == {"allowed_apps": ["collage"], "token_expiration": 120}
    assert second == {"allowed_apps": ["chain", "collage", "paint"], "token_expiration": 60}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([],), "apps should be ids of endpoints"),
        (("",), "apps should be ids of endpoints"),
        (([1],), "apps should be ids of endpoints"),
        (("acme/collage", 0), "expires_in should be a whole number of seconds"),
        (("acme/collage", 1.5), "expires_in should be a whole number of seconds"),
    ],
)
def test_the_arguments_of_a_token_are_checked(
    client: Fal, call: Callable[..., Any], arguments: Any, message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        call(client.token, *arguments)


@pytest.mark.parametrize("answer", ["a", {"token": "a"}, {"detail": "a"}])
def test_a_token_may_be_wrapped(call: Callable[..., Any], answer: Any) -> None:
    client = client_of(lambda request: httpx.Response(200, json=answer))
    assert call(client.token, "acme/collage") == "a"


@pytest.mark.parametrize("answer", ["", 7, {"token": None}, ["a"]])
def test_a_response_without_a_token_is_an_error(call: Callable[..., Any], answer: Any) -> None:
    client = client_of(lambda request: httpx.Response(200, json=answer))
    with pytest.raises(UnexpectedResponse, match="returned no token") as caught:
        call(client.token, "acme/collage")
    assert caught.value.payload == answer
