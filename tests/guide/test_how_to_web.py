"""The how-to pages on web applications: webhooks, progress in a browser, its tokens and calls."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fal_codegen.emulator import Emulator
from targets.npm import installed, node
from websockets.sync.client import connect

from .examples import ROOT, Page
from .served_app import imported, listening, serving, url_of

pytestmark = [
    pytest.mark.guide,
    pytest.mark.skipif(find_spec("fastapi") is None, reason="needs `pip install fastapi`"),
]

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PATIENCE = 30.0  # seconds on a slow machine
FRAME = "https://example.com/first-frame.png"


def page(name: str) -> Page:
    return Page(ROOT / f"docs/how-to/{name}.md")


class Recorder:
    """ASGI middleware that keeps every request to a path of the application behind it."""

    def __init__(self, app: Any, path: str) -> None:
        self._app, self._path = app, path
        self.requests: list[httpx.Request] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(self._path):
            await self._app(scope, receive, send)
            return
        messages = [await receive()]
        while messages[-1].get("more_body"):
            messages.append(await receive())
        body = b"".join(message["body"] for message in messages)
        self.requests.append(
            httpx.Request("POST", scope["path"], headers=scope["headers"], content=body)
        )
        await self._app(scope, _replaying(messages, receive), send)


def _replaying(messages: list[Any], receive: Any) -> Any:
    """Return an ASGI `receive` that returns these messages first."""
    rest = iter(messages)

    async def again() -> Any:
        return next(rest, None) or await receive()

    return again


@pytest.fixture
def here(started: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Enter an empty folder, with the emulator in the environment."""
    started.reset()
    monkeypatch.setenv("FAL_BASE_URL", started.base_url)
    monkeypatch.setenv("FAL_KEY", "any")
    monkeypatch.chdir(tmp_path)


def saved(name: str, *titles: str) -> Path:
    """Save files of a page in the current folder; return the first."""
    for title in titles:
        Path(title).write_text(page(name).file(title).source, "utf-8")
    return Path(titles[0])


class WebhookApp:
    """The application of the page on webhooks, served."""

    def __init__(self, client: httpx.Client, received: Recorder) -> None:
        self.client = client
        self.webhooks = received.requests

    def create(self, prompt: str = "a slow wave") -> httpx.Response:
        return self.client.post("/videos", json={"image_url": FRAME, "prompt": prompt})

    def finished(self, id: str) -> dict[str, str | None]:
        """Return a video once its webhook has arrived."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            video: dict[str, str | None] = self.client.get(f"/videos/{id}").json()
            if any(video.values()):
                return video
            time.sleep(0.01)
        raise AssertionError("no webhook arrived")


@pytest.fixture
def webhook_app(here: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebhookApp]:
    listener = listening()
    monkeypatch.setenv("PUBLIC_URL", url_of(listener))
    module = imported(saved("fastapi-webhook", "webhook_app.py"))
    received = Recorder(module.app, "/webhooks/")
    with serving(received, listener) as url, module.fal, httpx.Client(base_url=url) as client:
        yield WebhookApp(client, received)


def test_a_webhook_completes_the_video(webhook_app: WebhookApp) -> None:
    created = webhook_app.create()
    assert created.status_code == 202
    video = webhook_app.finished(created.json()["id"])
    assert video["error"] is None
    assert str(video["url"]).endswith(".mp4")


def test_a_failed_job_is_recorded(webhook_app: WebhookApp, started: Emulator) -> None:
    started.emulate("model-error=content_policy_violation")
    video = webhook_app.finished(webhook_app.create().json()["id"])
    assert video["url"] is None
    assert "Content policy violation" in str(video["error"])


def test_a_second_delivery_changes_nothing_and_a_forged_one_is_rejected(
    webhook_app: WebhookApp,
) -> None:
    id = webhook_app.create().json()["id"]
    video = webhook_app.finished(id)
    [genuine] = webhook_app.webhooks
    path = genuine.url.path
    again = webhook_app.client.post(path, content=genuine.content, headers=genuine.headers)
    assert again.status_code == 200
    assert webhook_app.client.get(f"/videos/{id}").json() == video
    forged = json.dumps({**json.loads(genuine.content), "status": "ERROR"}).encode()
    headers = {name: value for name, value in genuine.headers.items() if name != "content-length"}
    rejected = webhook_app.client.post(path, content=forged, headers=headers)
    assert rejected.status_code == 400
    assert webhook_app.client.get(f"/videos/{id}").json() == video


def test_the_webhook_settles_a_submission_without_an_answer(
    webhook_app: WebhookApp, started: Emulator
) -> None:
    started.emulate("drop=after; on=submit; times=1")
    created = webhook_app.create()
    assert created.status_code == 202
    assert webhook_app.finished(created.json()["id"])["url"]


def test_errors_of_a_submission(webhook_app: WebhookApp, started: Emulator) -> None:
    invalid = webhook_app.client.post("/videos", json={"image_url": "cat.png", "prompt": "a wave"})
    assert invalid.status_code == 422
    assert "image_url" in invalid.json()["detail"]
    started.emulate("balance")
    assert webhook_app.create().status_code == 502
    assert webhook_app.client.get("/videos/unknown").status_code == 404


def test_keys_that_cannot_be_fetched_make_fal_deliver_again(
    webhook_app: WebhookApp, started: Emulator
) -> None:
    started.emulate("refuse=internal_error; on=jwks; times=1")
    assert webhook_app.finished(webhook_app.create().json()["id"])["url"]
    assert len(webhook_app.webhooks) == 2


@pytest.fixture
def progress_app(here: None) -> Iterator[str]:
    module = imported(saved("stream-progress", "progress_app.py", "page.html"))
    with serving(module.app, listening()) as url, module.fal:
        yield url


def events(url: str, prompt: str = "a slow wave") -> list[tuple[str, Any]]:
    """Return the events of a new video."""
    created = httpx.post(f"{url}/videos", params={"image_url": FRAME, "prompt": prompt})
    text = httpx.get(f"{url}/videos/{created.json()}/events", timeout=PATIENCE).text
    lines = [
        dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        for block in text.split("\n\n")
    ]
    return [(event["event"], json.loads(event["data"])) for event in lines if event]


def test_events_follow_the_job(progress_app: str, started: Emulator) -> None:
    started.emulate("queued=1, running=0.2, logs=3")
    names, data = zip(*events(progress_app), strict=True)
    assert names[0] == "queued"
    assert names[-1] == "done"
    assert data[-1].endswith(".mp4")
    logged = [
        line for name, lines in zip(names, data, strict=True) if name == "logs" for line in lines
    ]
    assert len(logged) == len(set(logged)) == 3


def test_a_failure_is_an_event(progress_app: str, started: Emulator) -> None:
    started.emulate("model-error=content_policy_violation")
    name, message = events(progress_app)[-1]
    assert name == "failed"
    assert "Content policy violation" in message


def test_an_invalid_input_has_no_events(progress_app: str) -> None:
    rejected = httpx.post(f"{progress_app}/videos", params={"image_url": "cat.png", "prompt": ""})
    assert rejected.status_code == 422


def test_a_token_of_the_application_opens_a_realtime_connection(
    here: None, started: Emulator
) -> None:
    module = imported(saved("realtime", "token_app.py"))
    with serving(module.app, listening()) as url, module.fal:
        token = httpx.post(f"{url}/token").json()
        started.emulate("balance; on=token")
        assert httpx.post(f"{url}/token").status_code == 502
    sockets = started.base_url.replace("http", "ws", 1)
    address = f"{sockets}/run/{module.ENDPOINT_ID}/realtime?fal_jwt_token={token}"
    with connect(address, proxy=None) as connection:
        connection.send(json.dumps({"image_url": FRAME, "prompt": "a slow wave"}))
        assert json.loads(connection.recv())["video"]["url"].endswith(".mp4")


@pytest.mark.browser
def test_the_page_shows_progress(browser: Browser, progress_app: str, started: Emulator) -> None:
    from playwright.sync_api import expect

    started.emulate("running=0.2, logs=3")
    tab = browser.new_page()
    tab.goto(progress_app)
    for _ in range(2):
        tab.get_by_role("button").click()
        expect(tab.locator("#state")).to_contain_text(".mp4", timeout=PATIENCE * 1000)
        assert len(tab.locator("#logs").inner_text().splitlines()) == 3
    tab.close()


@pytest.fixture
def proxy_app(here: None) -> Iterator[str]:
    module = imported(saved("browser-proxy", "proxy_app.py"))
    with serving(module.app, listening()) as url, module.fal:
        yield url


TARGET = {"x-fal-target-url": "https://queue.fal.run/fal-ai/pika/v2.2/image-to-video"}


def test_the_proxy_forwards_calls_of_users_only(proxy_app: str, started: Emulator) -> None:
    body = {"image_url": FRAME, "prompt": "a slow wave"}
    stranger = httpx.post(f"{proxy_app}/fal/", headers=TARGET, json=body)
    assert stranger.status_code == 403
    assert len(started.journal) == 0
    session = {"cookie": httpx.post(f"{proxy_app}/login").headers["set-cookie"]}
    user = httpx.post(f"{proxy_app}/fal/", headers=TARGET | session, json=body)
    assert user.json()["status"] == "IN_QUEUE"


@pytest.mark.node
def test_the_javascript_client_calls_through_the_proxy(
    proxy_app: str, started: Emulator, tmp_path: Path
) -> None:
    (tmp_path / "node_modules").symlink_to(installed()["@fal-ai/client"].parents[1])
    saved("browser-proxy", "page.mjs")
    cookie = httpx.post(f"{proxy_app}/login").headers["set-cookie"]
    started.emulate("drop=after; on=submit; times=1")
    program = Path(__file__).parent / "browser.mjs"
    (tmp_path / program.name).write_bytes(program.read_bytes())
    *printed, last = node(program.name, proxy_app, cookie, folder=tmp_path).splitlines()
    seen = json.loads(last)
    assert seen["uncertain"] == {
        "status": 500,
        "detail": "fal may have accepted the call without a response; do not send it again",
    }
    assert [line[-4:] for line in printed] == [".mp4"]
    assert seen["run"].endswith(".mp4")
    assert seen["streamed"]
    assert seen["followed"][-1] == "COMPLETED"
    assert seen["undeclared"] == 403
    assert httpx.get(seen["upload"]).text == "hello"
    counts = {name: started.journal.count(name) for name in ("run", "stream", "cancel", "upload")}
    assert counts == {"run": 1, "stream": 1, "cancel": 1, "upload": 2}
    # The uncertain one, the page's own, the followed one and the cancelled one: none twice.
    assert started.journal.count("submit") == 4
    assert started.journal.count("result") == 2
