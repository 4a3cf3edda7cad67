"""Endpoints by their ids: the declared ones with their types, any other without."""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import (
    UNSET,
    Fal,
    File,
    FileInput,
    InputModel,
    LocalFile,
    ModelError,
    NotFoundError,
    SubmissionUncertain,
    Succeeded,
    UnexpectedResponse,
    UntypedEndpoint,
    ValidationError,
    WorkflowOutput,
)
from fal_endpoints.fal_ai import FalAi
from fal_endpoints.fal_ai.pika.v2_2.image_to_video import ImageToVideo, Output
from pydantic import Field

from .conftest import KEY, Call
from .given import client_of
from .scripted import Answer, scripted
from .undeclared import PORTRAIT, POSTER
from .uploaded import LARGE, PNG, URL, sent, served

PIKA = "fal-ai/pika/v2.2/image-to-video"


class Floats:
    """An array that is not an image."""

    @property
    def __array_interface__(self) -> dict[str, object]:
        return {"shape": (2, 2), "typestr": "<f4"}


@pytest.fixture
def portrait(client: Fal) -> UntypedEndpoint:
    endpoint = client.endpoint(PORTRAIT)
    assert isinstance(endpoint, UntypedEndpoint)
    return endpoint


def test_a_declared_endpoint_is_the_generated_one(client: Fal, call: Call) -> None:
    endpoint = client.endpoint(PIKA)
    assert type(endpoint) is ImageToVideo
    output = call(endpoint(image_url=URL, prompt="a cat").subscribe)
    assert type(output) is Output
    assert type(client.endpoint("fal-ai/pika", path="/v2.2/image-to-video")) is ImageToVideo
    with pytest.raises(ValidationError):
        client.endpoint(PIKA)(image_url="cat.png", prompt="a cat")


def test_any_other_endpoint_returns_dictionaries(
    portrait: UntypedEndpoint, call: Call, emulator: Emulator
) -> None:
    request = portrait(prompt="a cat", strength=0.5)
    for method in (request.subscribe, request.run):
        output = call(method, hint="warm")
        assert type(output) is dict
        assert output["width"] == 640
        assert File(**output["image"]).url
    submitted, ran = emulator.journal.select("submit", "run")
    assert submitted.path == f"/queue/{PORTRAIT}"
    assert ran.path == f"/run/{PORTRAIT}"
    assert submitted.json == ran.json == {"prompt": "a cat", "strength": 0.5}


def test_a_path_leads_below_the_id(client: Fal, call: Call, emulator: Emulator) -> None:
    handle = call(client.endpoint(PORTRAIT, path="/edit")(prompt="a cat").submit)
    assert call(handle.result)["width"] == 640
    assert emulator.journal.select("submit")[0].path == f"/queue/{PORTRAIT}/edit"
    assert emulator.journal.select("result")[0].path.startswith(f"/queue/{PORTRAIT}/requests/")
    assert client.endpoint(PORTRAIT, path="edit").endpoint_id == f"{PORTRAIT}/edit"


def test_a_stored_job_is_found_by_both_ids(client: Fal, call: Call) -> None:
    for endpoint_id, arguments in (
        (PORTRAIT, {"prompt": "a cat"}),
        (POSTER, {"prompt": "a cat"}),
        (PIKA, {"prompt": "a cat", "image_url": URL}),
    ):
        handle = client.endpoint(endpoint_id).bind(**arguments).submit()
        row = (handle.endpoint_id, handle.request_id)
        assert row[0] == endpoint_id
        again = client.endpoint(row[0]).handle(row[1])
        assert again == handle
        assert call(again.result) == call(handle.result)


def test_files_anywhere_among_the_arguments_are_sent(
    portrait: UntypedEndpoint, call: Call, emulator: Emulator, tmp_path: Path
) -> None:
    path = tmp_path / "face.jpg"
    path.write_bytes(LARGE)
    photos: Sequence[object] = (path, LARGE, io.BytesIO(LARGE), bytearray(PNG), memoryview(PNG))
    nested: Mapping[str, object] = MappingProxyType({"mask": LocalFile(PNG), "seen": File(url=URL)})
    call(portrait(prompt="face.jpg", photos=photos, style=nested).submit)
    body = sent(emulator)
    assert body["prompt"] == "face.jpg"
    assert [served(url)[0] for url in body["photos"][:3]] == [LARGE, LARGE, LARGE]
    assert all(url.startswith("data:image/png;base64,") for url in body["photos"][3:])
    assert body["style"]["mask"] == body["photos"][3]
    assert body["style"]["seen"] == URL


def test_an_image_of_pillow_is_sent(
    portrait: UntypedEndpoint, call: Call, emulator: Emulator
) -> None:
    image = pytest.importorskip("PIL.Image").new("RGB", (2, 2))
    call(portrait(prompt="a cat", style={"mask": image}).submit)
    assert sent(emulator)["style"]["mask"].startswith("data:image/")


def test_a_string_is_never_a_path(
    portrait: UntypedEndpoint, call: Call, emulator: Emulator, tmp_path: Path
) -> None:
    path = tmp_path / "secret.txt"
    path.write_text("secret", "utf-8")
    texts = [str(path), path.as_uri(), "~/.ssh/id_rsa"]
    call(portrait(prompt=str(path), photos=texts).submit)
    assert sent(emulator) == {"prompt": str(path), "photos": texts}


def test_other_values_are_written_as_json(
    portrait: UntypedEndpoint, call: Call, emulator: Emulator
) -> None:
    class Style(InputModel):
        name: str = Field(serialization_alias="style-name")
        mask: FileInput
        size: int = 3

    request = portrait(
        prompt="a cat",
        seed=UNSET,
        photos=(url for url in [URL]),
        styles={1: Style(name="bold", mask=PNG)}.values(),
        when=datetime(2026, 1, 2, tzinfo=timezone.utc),
    )
    for _ in range(2):
        call(request.submit)
        body = sent(emulator)
        mask = body["styles"][0].pop("mask")
        assert mask.startswith("data:image/png;base64,")
        assert body == {
            "prompt": "a cat",
            "photos": [URL],
            "styles": [{"style-name": "bold"}],
            "when": "2026-01-02T00:00:00Z",
        }
        emulator.journal.clear()


def test_the_arguments_are_copied(portrait: UntypedEndpoint) -> None:
    photos = [URL]
    request = portrait(prompt="a cat", photos=photos)
    photos.clear()
    assert request.payload["photos"] == [URL]
    assert request == portrait(prompt="a cat", photos=[URL])


@pytest.mark.parametrize(
    ("value", "place", "message"),
    [
        (io.StringIO("text"), "photos[0].a", "opened as text"),
        (File(url="file:///etc/passwd"), "photos[0].a", "not an http(s) or data URL"),
        (Floats(), "photos[0].a", "an image has values of uint8"),
    ],
)
def test_a_file_that_cannot_be_sent_is_named(
    portrait: UntypedEndpoint, value: object, place: str, message: str
) -> None:
    with pytest.raises(ValidationError) as error:
        portrait(prompt="a cat", photos=[{"a": value}])
    [problem] = error.value.errors
    assert problem.field == place
    assert message in problem.message
    assert PORTRAIT in str(error.value)


def test_what_is_not_json_is_an_error(portrait: UntypedEndpoint, call: Call) -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(ValidationError, match="JSON"):
        portrait(prompt=endless)
    with pytest.raises(ValidationError, match="JSON"):
        call(portrait(prompt=object()).submit)
    with pytest.raises(ValidationError, match="cannot be read"):
        call(portrait(photos=[Path("missing.png")]).submit)


@pytest.mark.parametrize("fault", ["drop=after", "proxy-error=502"])
def test_it_is_never_submitted_twice(
    portrait: UntypedEndpoint, call: Call, emulator: Emulator, fault: str
) -> None:
    with pytest.raises(SubmissionUncertain):
        call(portrait(prompt="a cat").submit, headers={"X-Emulate": f"{fault}; on=submit"})
    assert emulator.journal.count("submit") == 1


def test_the_errors_of_fal_are_the_same(portrait: UntypedEndpoint, client: Fal, call: Call) -> None:
    with pytest.raises(ModelError) as error:
        call(portrait(photos=[]).subscribe)
    [problem] = error.value.errors
    assert (problem.field, error.value.endpoint_id) == ("prompt", PORTRAIT)
    assert error.value.request_id
    with pytest.raises(NotFoundError, match="acme/nothing"):
        call(client.endpoint("acme/nothing")().submit)


def test_an_output_that_is_no_object_is_kept(call: Call) -> None:
    with scripted(lambda asked: Answer(body=[1, 2])) as server:
        endpoint = Fal("key", base_url=server.base_url).endpoint(PORTRAIT)
        with pytest.raises(UnexpectedResponse) as error:
            call(endpoint().run)
    assert error.value.payload == [1, 2]


def test_a_batch_can_be_run_again(
    portrait: UntypedEndpoint, call: Call, emulator: Emulator, ledger: Path
) -> None:
    rows: list[Mapping[str, Any]] = [{"prompt": name, "photos": [PNG]} for name in "ab"]
    rows.append({"prompt": "c", "photos": [io.StringIO()]})
    for _ in range(2):
        outcomes = sorted(call(portrait.map, rows, ledger=ledger), key=lambda each: each.index)
        assert [isinstance(outcome, Succeeded) for outcome in outcomes] == [True, True, False]
        assert outcomes[0].result()["width"] == 640
    assert emulator.journal.count("submit") == 2


def test_a_request_can_be_pickled(
    portrait: UntypedEndpoint, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAL_KEY", KEY)
    # A process keeps the key of an address; other tests use the emulator's own.
    monkeypatch.setenv("FAL_BASE_URL", emulator.base_url.replace("127.0.0.1", "LOCALHOST"))
    request = pickle.loads(pickle.dumps(portrait(prompt="a cat")))
    handle = pickle.loads(pickle.dumps(request.submit()))
    assert handle.result()["width"] == 640
    workflow = pickle.loads(pickle.dumps(portrait._client.endpoint(POSTER)(prompt="a cat")))
    assert isinstance([*workflow.stream()][-1], WorkflowOutput)


@pytest.mark.parametrize(
    "endpoint_id",
    [
        "", "portrait", "acme/", "/acme/portrait", "acme//portrait", "acme/..", "../acme", "acme/.",
        "acme/portrait/../../other", "acme/%2e%2e/other", "acme/a?fal_webhook=x", "acme/a#b",
        "acme/a b", "acme/a\n", "acme\\a", "@evil.test/a", "https://evil.test/a", "acme/é",
        "workflows/acme", "comfy/acme", "acme/" + "a" * 300, None, 1,
    ],
)  # fmt: skip
def test_an_id_leads_nowhere_else(endpoint_id: Any) -> None:
    def unreachable(asked: object) -> Any:
        raise AssertionError(asked)

    with pytest.raises(ValidationError, match="owner/app") as error:
        client_of(unreachable).endpoint(endpoint_id)
    assert error.value.errors[0].field == "endpoint_id"


@pytest.mark.parametrize(
    "path", ["/", "//edit", "/..", "/a/../b", "/a?b=c", "/a#b", "/%2e%2e", "/a/", None]
)
def test_a_path_leads_nowhere_else(client: Fal, path: Any) -> None:
    with pytest.raises(ValidationError, match="below the endpoint id") as error:
        client.endpoint(PORTRAIT, path=path)
    assert error.value.errors[0].field == "path"


def test_an_endpoint_that_is_not_declared_is_an_error_with_the_next_step() -> None:
    client = Fal(key="any")
    for owner, name in [(client, "acme"), (client.fal_ai, "flux")]:
        with pytest.raises(AttributeError) as error:
            getattr(owner, name)
        assert str(error.value) == (
            f"{type(owner).__name__!r} object has no attribute {name!r}: for an endpoint that is "
            "not declared, use client.endpoint(id), or run fal-codegen add"
        )
        assert (error.value.name, error.value.obj) == (name, owner)  # Python suggests a name
        assert not hasattr(owner, name)


def test_a_module_that_fails_to_import_shows_its_own_error() -> None:
    class Broken(FalAi):
        @property
        def flux(self) -> None:
            raise AttributeError("from the module")

    with pytest.raises(AttributeError, match=r"^from the module$"):
        _ = Broken(Fal(key="any")).flux


def test_an_endpoint_shows_its_id() -> None:
    client = Fal(key="any")
    shown = "ImageToVideo('fal-ai/pika/v2.2/image-to-video')"
    assert repr(client.fal_ai.pika.v2_2.image_to_video) == shown
    assert repr(client.endpoint("acme/other")) == "UntypedEndpoint('acme/other')"
