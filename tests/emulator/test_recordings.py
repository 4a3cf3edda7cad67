"""What was recorded replays as it was: a client cannot tell the two apart."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from client.tuned import IMPATIENT, tuned_client
from fal_codegen.emulator import Cassette, Emulator
from fal_codegen.emulator.network.access import with_access
from fal_codegen.emulator.network.server import LocalServer
from fal_codegen.emulator.recording.cassette import replayer
from fal_codegen.errors import UsageError
from fal_endpoints import FalError, InfrastructureError
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from .conftest import PAINT

KEY = "f00d-identifier:0123456789abcdef-the-secret"
INPUT = {"prompt": "a red fox"}


def headers(**more: str) -> dict[str, str]:
    return {"Authorization": f"Key {KEY}", **{n.replace("_", "-"): v for n, v in more.items()}}


def call(base_url: str, faults: str = "", **input: Any) -> str:
    """Return everything that a caller sees of a job."""
    seen: list[object] = []
    with tuned_client(IMPATIENT, base_url=base_url) as client:
        paint = client.endpoint(PAINT)
        try:
            handle = paint(**INPUT, **input).submit(headers={"X-Emulate": faults})
            seen.append(handle.request_id)
            for status in handle.events(with_logs=True):
                seen.append(status)
            seen.append(handle.result())
        except FalError as error:
            seen += [type(error), str(error), error.request_id]
    return "\n".join(map(repr, seen)).replace(base_url, "")


CALLS = {
    "a result": "logs=3, running=0.05",
    "a model's error": "model-error=content_policy_violation",
    "an infrastructure error": "infrastructure-error=runner_disconnected",
    "a locked account": "balance",
    "a rejection": "refuse=runner_scheduling_failure",
    "a rate limit": "rate-limit=0; on=status; times=1",
    "a proxy's error page": "proxy-error=502; on=result; times=2",
    "a lost answer": "drop=after; on=result; times=1",
    "a lost submission": "drop=after; on=submit",
    "an answer that is cut": "truncate; on=result; times=1",
    "unknown values": "unknown-enum, unknown-field, running=0.02",
}


@dataclass(frozen=True)
class Made:
    """A folder of recordings, and what the caller saw while they were made."""

    folder: Path
    seen: dict[str, str]


@pytest.fixture(scope="module")
def made(server: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("recordings")
    server.reset()
    with Cassette(folder, "once", key=KEY, upstream=server.base_url) as cassette:
        url = cassette.base_url
        seen = {name: call(url, CALLS[name], seed=n) for n, name in enumerate(CALLS)}
    return Made(folder, seen)


@pytest.fixture(scope="module")
def replayed(made: Made) -> Iterator[Cassette]:
    with Cassette(made.folder) as cassette:
        yield cassette


@pytest.mark.parametrize("name", CALLS)
def test_a_caller_sees_what_was_recorded(made: Made, replayed: Cassette, name: str) -> None:
    seen = call(replayed.base_url, CALLS[name], seed=list(CALLS).index(name))
    assert seen == made.seen[name]
    assert list(replayed.misses) == []


SECRETS = {
    "a token": "tok-5f0c9a-in-a-field",
    "a user": "user-abc-1234567890",
    "a signature": "sig-9f9f9f9f9f9f9f",
    "a password": "pass-word-of-a-url",
    "a hook": "hook-secret-77",
}


def private_input() -> dict[str, Any]:
    """Return an input that holds a secret of every kind."""
    signed = f"https://files.example.com/a.png?X-Amz-Signature={SECRETS['a signature']}&v=2"
    return {
        "prompt": f"my key is {KEY}, and half of it {KEY.partition(':')[2]}",
        "hf_token": SECRETS["a token"],
        "image_url": signed,
        "other": [f"http://me:{SECRETS['a password']}@example.com/", {"userId": SECRETS["a user"]}],
        "again": f"{SECRETS['a user']} and {SECRETS['a token']}",
    }


@pytest.fixture(scope="module")
def private(server: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Recordings of requests with secrets, on every host of fal."""
    folder = tmp_path_factory.mktemp("private")
    server.reset()
    seen: dict[str, str] = {}
    with Cassette(folder, "all", key=KEY, upstream=server.base_url) as cassette:
        with httpx.Client(base_url=cassette.base_url, headers=headers()) as http:
            query = {"fal_webhook": f"http://127.0.0.1:9/?s={SECRETS['a hook']}"}
            http.post(f"/queue/{PAINT}", json=private_input(), params=query)
            seen["token"] = http.post(
                "/rest/tokens/realtime", json={"allowed_apps": ["paint"]}
            ).json()
            seen["cdn"] = http.post("/rest/storage/auth/token?storage_type=fal-cdn-v3").json()[
                "token"
            ]
        with tuned_client(IMPATIENT, key=KEY, base_url=cassette.base_url) as client:
            seen["file"] = client.upload(b"\x00\xffsome bytes", content_type="image/png")
            assert httpx.get(seen["file"]).content == b"\x00\xffsome bytes"
            seen["file"] = seen["file"].replace(cassette.base_url, "")
        assert server.journal[0].headers["authorization"] == f"Key {KEY}"
    return Made(folder, seen)


def test_no_secret_is_in_a_recording(private: Made) -> None:
    files = list(private.folder.iterdir())
    assert len(files) >= 6
    text = "\n".join(path.name + path.read_text("utf-8") for path in files)
    halves = {f"half {n} of the key": half for n, half in enumerate(KEY.split(":"))}
    tokens = {name: private.seen[name] for name in ("token", "cdn")}
    for name, secret in {**SECRETS, **halves, **tokens}.items():
        assert secret not in text, f"{name} is in a recording"
    assert "https://files.example.com/a.png?X-Amz-Signature=REDACTED&v=REDACTED" in text


def test_requests_with_secrets_and_files_are_replayed(private: Made) -> None:
    with Cassette(private.folder) as cassette:
        with httpx.Client(base_url=cassette.base_url, headers=headers()) as http:
            query = {"fal_webhook": "http://127.0.0.1:9/?s=another"}
            submitted = http.post(f"/queue/{PAINT}", json=private_input(), params=query)
        assert submitted.json()["status_url"].startswith(f"{cassette.base_url}/queue/acme/paint/")
        with tuned_client(IMPATIENT, base_url=cassette.base_url) as client:
            file = client.upload(b"\x00\xffsome bytes", content_type="image/png")
        assert file == cassette.base_url + private.seen["file"]
        assert httpx.get(file).content == b"\x00\xffsome bytes"


def submission(made: Made, seed: int) -> Path:
    """Return the recording of the submission with a seed."""
    files = made.folder.glob("*-submit.json")
    (file,) = (path for path in files if f'"seed": {seed}\n' in path.read_text("utf-8"))
    return file


def refused(response: httpx.Response) -> str:
    assert response.status_code == 400
    detail: str = response.json()["detail"]
    return detail


def test_a_request_that_is_not_recorded_names_the_nearest_recording(made: Made) -> None:
    with Cassette(made.folder) as cassette, httpx.Client(base_url=cassette.base_url) as http:
        url = f"/queue/{PAINT}"
        changed = refused(http.post(url, json={"prompt": "a blue fox", "seed": 3}))
        assert "queue.fal.run/acme/paint/v1.0/draft is not recorded" in changed
        nearest = submission(made, seed=3).name
        assert f"the nearest recording is {nearest}, which differs in /prompt" in changed
        other = refused(http.post("/queue/acme/other", json={**INPUT, "seed": 0}))
        assert "0001-submit.json, which differs in the path" in other
        assert http.post(url, json={"seed": 3, **INPUT}).status_code == 403
        again = refused(http.post(url, json={"seed": 3, **INPUT}))
        assert f"its recording is already replayed (the last is {nearest})" in again
        assert list(cassette.misses) == [changed, other, again]
        assert "no other cancel request" in refused(http.put(f"/queue/{PAINT}/requests/1/cancel"))
        missing = pytest.raises(FalError, match=r"the nearest recording is 0001-submit\.json")
        with tuned_client(IMPATIENT, base_url=cassette.base_url) as client, missing:
            client.endpoint(PAINT)(prompt="a blue fox").subscribe()


def test_a_recorder_calls_no_host_but_fals(tmp_path: Path) -> None:
    with Cassette(tmp_path, "once", key=KEY) as cassette:
        for path in ("/host/example.com/", "/host/127.0.0.1:1/", "/host/a@example.com/x", "/host/"):
            answer = httpx.get(cassette.base_url + path, headers=headers())
            assert answer.status_code == 403
        page = httpx.get(cassette.base_url, headers=headers(Origin="https://example.com"))
        assert page.status_code == 403
    assert not list(tmp_path.iterdir())


def test_nothing_is_recorded_of_a_fal_that_cannot_be_reached(tmp_path: Path) -> None:
    with Cassette(tmp_path, "once", key=KEY, upstream="http://127.0.0.1:1") as cassette:
        answer = httpx.post(f"{cassette.base_url}/queue/{PAINT}", json=INPUT, headers=headers())
    assert answer.status_code == 502
    assert "nothing was recorded" in answer.json()["detail"]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("method", ["submit", "run"])
def test_a_submission_that_fal_never_got_names_the_host_and_the_cause(
    tmp_path: Path, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A 502 that could be a proxy's would leave the client uncertain, and without the cause."""
    unreachable = "https://no.such.host.invalid"
    with Emulator([]) as emulator, emulator.https_proxy() as proxy:
        for proxy_url in ("", proxy.url):  # a proxy reports the host and the cause too
            monkeypatch.setenv("HTTPS_PROXY", proxy_url)
            with (
                Cassette(tmp_path, "once", key=KEY, upstream=unreachable) as cassette,
                tuned_client(IMPATIENT, base_url=cassette.base_url) as client,
                pytest.raises(InfrastructureError) as error,
            ):
                getattr(client.endpoint(PAINT)(**INPUT), method)()
            expected = "no.such.host.invalid could not be reached, so nothing was recorded: "
            assert expected in str(error.value)
            assert len(str(error.value).partition(expected)[2]) > 10
            assert not error.value.retryable
    assert not list(tmp_path.iterdir())


def test_recordings_are_not_mixed_nor_made_without_a_key(made: Made, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="needs a key"):
        Cassette(made.folder, "all")
    assert len(list(made.folder.iterdir())) > 30
    with pytest.raises(UsageError, match="has no recordings"):
        Cassette(tmp_path)
    (tmp_path / "0001-submit.json").write_text('{"request": {}}')
    with pytest.raises(
        UsageError, match=r"0001-submit\.json is not a recording: it has no 'answer'"
    ):
        Cassette(tmp_path)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ({"status": 99999}, "99999 is not the status of an answer"),
        ({"status": True}, "True is not the status of an answer"),
        ({"after": -1}, "-1 is not a number of seconds"),
        ({"after": 1e300}, "1e\\+300 is not a number of seconds"),
        ({"headers": {"a\r\nb": "c"}}, "is not the name of a header"),
        ({"headers": {"Content-Length": "5"}}, "an answer cannot set the header Content-Length"),
        ({"headers": {"transfer-encoding": "chunked"}}, "cannot set the header transfer-encoding"),
        ({"headers": {"content-encoding": "gzip"}}, "cannot set the header content-encoding"),
        ({"status": 204}, "an answer with the status 204 has no body"),
        ({"status": 304}, "an answer with the status 304 has no body"),
    ],
)
def test_a_recording_that_http_could_not_carry_is_none(
    made: Made, tmp_path: Path, damage: dict[str, Any], message: str
) -> None:
    content = json.loads(next(made.folder.glob("*-submit.json")).read_bytes())
    content["answer"] |= damage
    (tmp_path / "0001-submit.json").write_text(json.dumps(content))
    with pytest.raises(UsageError, match=f"is not a recording: .*{message}"):
        Cassette(tmp_path)


@pytest.mark.posix
def test_a_recording_is_a_regular_file(tmp_path: Path) -> None:
    (tmp_path / "0001-submit.json").symlink_to("/dev/zero")
    with pytest.raises(UsageError, match="is not a recording: it is not a regular file"):
        Cassette(tmp_path)


def direct(base_url: str) -> str:
    """Return what a caller sees without the queue: a result, a stream, and their faults."""
    seen: list[object] = []
    with tuned_client(IMPATIENT, base_url=base_url) as client:
        request = client.endpoint(PAINT)(**INPUT)
        seen += [request.run(), *request.stream()]
        for faults in ("slow=0.05; on=run", "truncate; on=run", "truncate; on=stream"):
            try:
                seen += [request.run(headers={"X-Emulate": faults})]
                seen += [*request.stream(headers={"X-Emulate": faults})]
            except FalError as error:
                seen += [type(error), str(error)]
    return "\n".join(map(repr, seen)).replace(base_url, "")


def test_calls_without_the_queue_replay_in_order(emulator: Emulator, tmp_path: Path) -> None:
    with Cassette(tmp_path, "once", key=KEY, upstream=emulator.base_url) as cassette:
        recorded = direct(cassette.base_url)
    files = len(list(tmp_path.iterdir()))
    assert files == emulator.journal.count("run", "stream")
    assert direct_replayed(tmp_path) == recorded
    assert emulator.journal.count() == files


def direct_replayed(folder: Path) -> str:
    with Cassette(folder, "once") as cassette:
        return direct(cassette.base_url)


def test_a_token_that_was_cut_is_not_recorded(emulator: Emulator, tmp_path: Path) -> None:
    body = {"allowed_apps": ["paint"]}
    with Cassette(tmp_path, "once", key=KEY, upstream=emulator.base_url) as cassette:
        for path in ("/rest/tokens/realtime", "/rest/storage/auth/token"):
            with pytest.raises(httpx.RemoteProtocolError):
                url, cut = cassette.base_url + path, headers(X_Emulate="truncate")
                httpx.post(url, json=body, headers=cut)
        # The file is there as soon as the caller has the answer.
        assert len(list(tmp_path.iterdir())) == 2
    assert "emulated-" not in "".join(path.read_text() for path in tmp_path.iterdir())


def test_a_recording_that_cannot_be_written_is_logged(
    emulator: Emulator, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file/recordings"
    with Cassette(folder, "once", key=KEY, upstream=emulator.base_url) as cassette:
        url = f"{cassette.base_url}/run/{PAINT}"
        assert httpx.post(url, json=INPUT, headers=headers()).status_code == 200
    assert "0001-run.json was not written" in caplog.text


def test_answers_can_take_as_long_as_they_did(made: Made, tmp_path: Path) -> None:
    file = submission(made, seed=3)
    slow = json.loads(file.read_text("utf-8"))
    slow["answer"]["after"] = 0.2
    (tmp_path / file.name).write_text(json.dumps(slow), "utf-8")
    server = LocalServer(with_access(replayer(tmp_path, pace="recorded")))
    url, begun = server.start(), time.monotonic()
    try:
        assert httpx.post(f"{url}/queue/{PAINT}", json={**INPUT, "seed": 3}).status_code == 403
    finally:
        server.stop()
    assert time.monotonic() - begun >= 0.2


def test_realtime_connections_are_refused(made: Made, tmp_path: Path) -> None:
    for cassette in (Cassette(made.folder), Cassette(tmp_path, "once", key=KEY)):
        with cassette, pytest.raises(InvalidStatus) as raised:
            connect(f"{cassette.base_url.replace('http', 'ws')}/run/{PAINT}/realtime")
        assert b"Realtime connections are not recorded" in (raised.value.response.body or b"")


SIGNED = "signed-by-another-storage"
STORAGE = "/host/storage.googleapis.com"


def with_other_storage(app: ASGIApp) -> ASGIApp:
    """Let uploads go to a signed URL of a host that is not fal's."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith(STORAGE):
            assert SIGNED in scope["query_string"].decode()
            assert b"authorization" not in dict(scope["headers"])
            scope["path"] = scope["path"].removeprefix(STORAGE)

        async def signing(message: Message) -> None:
            if message["type"] == "http.response.body":
                urls = json.loads(message["body"])
                path = httpx.URL(urls["upload_url"]).path
                url = f"https://storage.googleapis.com{path}?X-Goog-Signature={SIGNED}"
                message["body"] = json.dumps({**urls, "upload_url": url}).encode()
            else:
                message["headers"] = [(b"content-type", b"application/json")]
            await send(message)

        is_initiation = scope["path"].endswith("/upload/initiate")
        await app(scope, receive, signing if is_initiation else send)

    return wrapped


def test_uploads_to_a_signed_url_elsewhere_replay(tmp_path: Path) -> None:
    body = {"file_name": "a.txt", "content_type": "text/plain"}

    def upload(base_url: str) -> int:
        with httpx.Client(base_url=base_url, headers=headers()) as http:
            url = http.post("/rest/storage/upload/initiate", json=body).json()["upload_url"]
            assert url.startswith(base_url + STORAGE)
            return http.put(url, content=b"abc", headers={"Content-Type": "text/plain"}).status_code

    with (
        Emulator([], replay=with_other_storage) as fal,
        Cassette(tmp_path, "once", key=KEY, upstream=fal.base_url) as cassette,
    ):
        early = httpx.put(f"{cassette.base_url}{STORAGE}/files/a", headers=headers())
        assert early.status_code == 403  # fal has not led there yet
        assert upload(cassette.base_url) == 200
    with Cassette(tmp_path) as cassette:
        assert upload(cassette.base_url) == 200
    recorded = "".join(path.read_text("utf-8") for path in tmp_path.iterdir())
    assert "https://storage.googleapis.com/files/" in recorded
    assert SIGNED not in recorded


LIES = {
    "an initiation that names another host": (
        "/rest/storage/upload/initiate",
        "storage.example.com",
    ),
    "an initiation that names a user": (
        "/rest/storage/upload/initiate",
        "storage.googleapis.com@example.com",
    ),
    "a model's result": ("/run/acme/liar", "storage.googleapis.com"),
    "a file": ("/files/a/initiate", "storage.googleapis.com"),
    "a file whose path looks like an initiation": (
        "/host/v3.fal.media/rest/storage/upload/initiate",
        "storage.googleapis.com",
    ),
}


@pytest.mark.parametrize("name", LIES)
def test_only_fals_answer_to_an_initiation_names_a_storage(tmp_path: Path, name: str) -> None:
    asked, host = LIES[name]
    lie = {"upload_url": f"https://{host}/a", "file_url": "https://v3.fal.media/a"}
    paths: list[str] = []

    def lying(app: ASGIApp) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            paths.append(scope["path"])
            await JSONResponse(lie)(scope, receive, send)

        return answer

    with (
        Emulator([], replay=lying) as fal,
        Cassette(tmp_path, "once", key=KEY, upstream=fal.base_url) as cassette,
        httpx.Client(base_url=cassette.base_url, headers=headers()) as http,
    ):
        assert http.post(asked, json={}).json()["upload_url"] == lie["upload_url"]
        assert http.put(f"/host/{host}/a", content=b"abc").status_code == 403
    assert paths == [asked]


def test_the_key_goes_to_no_storage(emulator: Emulator, tmp_path: Path) -> None:
    with Cassette(tmp_path, "once", key=KEY, upstream=emulator.base_url) as cassette:
        for path in ("/files/missing", "/api/v1/models"):
            httpx.get(cassette.base_url + path, headers=headers())
    sent = [entry.headers.get("authorization") for entry in emulator.journal]
    assert sent == [None, f"Key {KEY}"]
