"""Where the key comes from: functions, the environment, Colab, and the login of fal's own tool."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
import traceback
from base64 import urlsafe_b64encode
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import ConfigurationError, Fal, ModelError

from .collage import Collage
from .conftest import Call
from .given import CONTENT
from .ledgers import mapped
from .scripted import Answer, Asked, scripted


@pytest.fixture(autouse=True)
def no_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("FAL_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("FAL_HOME_DIR", str(tmp_path))


def keys_sent(emulator: Emulator) -> list[str]:
    return [asked.headers["authorization"] for asked in emulator.journal]


class Rotating:
    """A key that is different each time."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        return f"key-{self.calls}"

    async def later(self) -> str:
        return self()


def test_a_key_function_is_called_for_each_request(emulator: Emulator, call: Call) -> None:
    rotating = Rotating()
    with Fal(rotating, base_url=emulator.base_url) as client:
        assert rotating.calls == 0
        call(Collage(client)(layers=[]).subscribe)
    assert len(emulator.journal) > 1
    assert keys_sent(emulator) == [f"Key key-{number + 1}" for number in range(rotating.calls)]


def test_a_key_function_is_called_for_uploads(emulator: Emulator, call: Call) -> None:
    with Fal(Rotating(), base_url=emulator.base_url) as client:
        call(client.upload, CONTENT)
    assert emulator.journal[0].headers["authorization"] == "Key key-1"
    assert "authorization" not in emulator.journal[1].headers  # its URL is signed


def test_an_asynchronous_key_function_is_awaited(emulator: Emulator) -> None:
    with Fal(Rotating().later, base_url=emulator.base_url) as client:
        asyncio.run(Collage(client)(layers=[]).submit_async())
    assert keys_sent(emulator) == ["Key key-1"]


def test_map_awaits_an_asynchronous_key_function(emulator: Emulator) -> None:
    with Fal(Rotating().later, base_url=emulator.base_url) as client:
        (outcome,) = Collage(client).map([{"layers": []}])
    assert outcome.result().width == 640


def test_a_blocking_method_rejects_an_asynchronous_key_function(emulator: Emulator) -> None:
    with Fal(Rotating().later, base_url=emulator.base_url) as client:
        request = Collage(client)(layers=[])
        with pytest.raises(ConfigurationError, match="use the _async methods"):
            request.submit()
    assert len(emulator.journal) == 0


@pytest.mark.parametrize("key", [None, "", "key-secret with blanks", 5, b"key-secret"])
def test_a_key_function_that_returns_no_key_sends_nothing_and_shows_nothing(
    emulator: Emulator, call: Call, key: Any
) -> None:
    with Fal(lambda: key, base_url=emulator.base_url) as client:
        with pytest.raises(ConfigurationError, match="the key that the key function ret") as error:
            call(Collage(client)(layers=[]).submit)
        assert "key-secret" not in f"{client!r} {vars(client.connection)}"
    assert len(emulator.journal) == 0
    shown = traceback.TracebackException.from_exception(error.value, capture_locals=True)
    own = [frame for frame in shown.stack if frame.filename != __file__]
    assert "key-secret" not in f"{[frame.locals for frame in own]} {error.value}"


@pytest.mark.parametrize("failure", [OSError, KeyError])
def test_a_key_function_that_fails_is_called_once(
    emulator: Emulator, call: Call, failure: type[Exception]
) -> None:
    calls: list[object] = []

    def fail() -> str:
        calls.append(None)
        raise failure("vault-secret")

    with Fal(fail, base_url=emulator.base_url) as client:
        expected = f"the key function failed with {failure.__name__}"
        with pytest.raises(ConfigurationError, match=expected) as error:
            call(Collage(client)(layers=[]).submit)
    assert isinstance(error.value.__cause__, failure)
    assert "vault-secret" not in str(error.value)
    assert len(calls) == 1


@pytest.mark.parametrize("quoted", ['"id:secret"', "'id:secret'", ' "id:secret"\n', "“id:secret”"])
@pytest.mark.parametrize("name", ["FAL_KEY", "FAL_KEY_SECRET"])
def test_quotes_of_an_env_file_are_named(
    call: Call, monkeypatch: pytest.MonkeyPatch, name: str, quoted: str
) -> None:
    monkeypatch.setenv("FAL_KEY_ID", "id")
    monkeypatch.setenv(name, quoted)
    with pytest.raises(ConfigurationError, match=rf"{name} has quotes .*: remove them") as error:
        call(Collage(Fal())(layers=[]).submit)
    assert "secret" not in str(error.value)


def test_quotes_of_a_given_key_are_named() -> None:
    with pytest.raises(ConfigurationError, match="key= has quotes around its value"):
        Fal('"id:secret"')


def test_an_unusable_key_names_where_it_comes_from(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigurationError, match=r"^key= is empty or has invalid characters"):
        Fal("")
    monkeypatch.setenv("FAL_KEY", "a key")
    with pytest.raises(ConfigurationError, match=r"^FAL_KEY is empty or has invalid characters"):
        call(Collage(Fal())(layers=[]).submit)


class Colab(ModuleType):
    """The module `google.colab.userdata` of a notebook."""

    def __init__(self, secret: str | Exception) -> None:
        super().__init__("google.colab.userdata")
        self.secret = secret
        self.asked: list[str] = []

    def get(self, name: str) -> str:
        self.asked.append(name)
        if isinstance(self.secret, Exception):
            raise self.secret
        return self.secret


def in_colab(monkeypatch: pytest.MonkeyPatch, secret: str | Exception) -> Colab:
    userdata = Colab(secret)
    monkeypatch.setitem(sys.modules, "google", ModuleType("google"))
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    monkeypatch.setitem(sys.modules, "google.colab.userdata", userdata)
    return userdata


def test_the_key_is_the_secret_of_a_colab_notebook(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, call: Call
) -> None:
    userdata = in_colab(monkeypatch, "of-colab\n")
    monkeypatch.setenv("FAL_BASE_URL", emulator.base_url)
    call(Collage(Fal())(layers=[]).subscribe)
    assert set(keys_sent(emulator)) == {"Key of-colab"}
    assert userdata.asked == ["FAL_KEY"]
    monkeypatch.setenv("FAL_KEY", "of-environment")
    call(Collage(Fal())(layers=[]).submit)
    assert keys_sent(emulator)[-1] == "Key of-environment"
    assert userdata.asked == ["FAL_KEY"]


def test_a_colab_notebook_without_access_is_told_what_to_do(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, call: Call
) -> None:
    in_colab(monkeypatch, RuntimeError("NotebookAccessError"))
    with pytest.raises(ConfigurationError, match="give this notebook access to a secret FAL_KEY"):
        call(Collage(Fal(base_url=emulator.base_url))(layers=[]).submit)


def token(seconds: float) -> str:
    """Return an access token that expires in so many seconds."""
    claims = json.dumps({"exp": time.time() + seconds}).encode()
    return f"e30.{urlsafe_b64encode(claims).decode().rstrip('=')}.signature"


class Fals:
    """fal itself, as the caller's own HTTP clients reach it."""

    def __init__(self, **addresses: Any) -> None:
        self.keys: list[str] = []
        transport = httpx.MockTransport(self.answer)
        self.client = Fal(
            http_client=httpx.Client(transport=transport),
            async_http_client=httpx.AsyncClient(transport=transport),
            **addresses,
        )

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.keys.append(request.headers["authorization"])
        return httpx.Response(200, json={"request_id": "1"})


def log_in(folder: Path, *tokens: str) -> None:
    (folder / "auth0_token").write_text("\n".join(tokens), "utf-8")


def test_the_login_of_fal_is_used_if_there_is_no_key(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = token(3600), token(7200)
    log_in(tmp_path, "refresh-token", first)
    fal = Fals()
    call(Collage(fal.client)(layers=[]).submit)
    log_in(tmp_path, "refresh-token", second)  # as `fal` renews it
    call(Collage(fal.client)(layers=[]).submit)
    assert fal.keys == [f"Bearer {first}", f"Bearer {second}"]
    monkeypatch.setenv("FAL_KEY", "key")
    fal = Fals()
    call(Collage(fal.client)(layers=[]).submit)
    assert fal.keys == ["Key key"]


@pytest.mark.parametrize(
    "tokens", [["refresh"], ["refresh", token(30)], ["refresh", "opaque"], ["refresh", "a.é.c"]]
)
def test_a_login_that_has_expired_is_not_renewed_here(
    call: Call, tmp_path: Path, tokens: list[str]
) -> None:
    log_in(tmp_path, *tokens)
    fal = Fals()
    with pytest.raises(ConfigurationError, match="run `fal auth whoami`, which renews it"):
        call(Collage(fal.client)(layers=[]).submit)
    assert fal.keys == []
    assert (tmp_path / "auth0_token").read_text("utf-8") == "\n".join(tokens)


@pytest.mark.parametrize("service", ["rest_url", "api_url"])
def test_the_login_goes_to_hosts_of_fal_only(call: Call, tmp_path: Path, service: str) -> None:
    log_in(tmp_path, "refresh-token", token(3600))
    fal = Fals(**{service: "https://gateway.test"})
    with pytest.raises(ConfigurationError, match="no API key") as error:
        call(Collage(fal.client)(layers=[]).submit)
    assert "fal auth login" not in str(error.value)
    assert fal.keys == []


def test_without_a_key_the_message_names_each_way(call: Call) -> None:
    with pytest.raises(ConfigurationError) as error:
        call(Collage(Fals().client)(layers=[]).submit)
    assert str(error.value) == (
        "no API key: set FAL_KEY (or FAL_KEY_ID and FAL_KEY_SECRET), or run `fal auth login`, or "
        "in Python pass key=…; create one at https://fal.ai/dashboard/keys"
    )


def test_a_server_that_repeats_the_key_does_not_bring_it_into_errors(
    call: Call, ledger: Path
) -> None:
    """Some gateways show the headers of a request that they reject."""

    def answer(asked: Asked) -> Answer:
        if asked.method == "POST" and asked.path.endswith(Collage.endpoint_id):
            return Answer(body={"request_id": "r1"})
        if "/status" in asked.path:
            return Answer(body={"status": "COMPLETED"})
        secret = asked.headers["authorization"].partition(":")[2]
        assert secret == "secret-of-the-key"
        detail = f"{asked.headers['authorization']} may not do this: {secret}"
        return Answer(422, {"detail": detail}, {"X-Fal-Request-Id": "r1"})

    with scripted(answer) as server, Fal("a:secret-of-the-key", base_url=server.base_url) as client:
        errors = [mapped(call, Collage(client), ledger).error for _ in range(2)]
    for error in errors:
        assert isinstance(error, ModelError)
        assert "Key … may not do this: …" in str(error)
        assert error.body == {"detail": "Key … may not do this: …"}
    assert "secret" not in ledger.read_text()
