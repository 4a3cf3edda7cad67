"""Arguments are checked, and nothing is sent, when an endpoint is called."""

from __future__ import annotations

import copy
import io
import pickle
import re
from pathlib import Path
from typing import Any

import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import UNSET, Fal, FalError, ValidationError

from .collage import Collage, Layer

URL = "https://example.test/a.png"


def problems(error: pytest.ExceptionInfo[ValidationError]) -> list[tuple[str, str]]:
    return [(problem.field, problem.type) for problem in error.value.errors]


def test_only_what_was_given_is_sent(client: Fal) -> None:
    request = client.fal_ai.pika.v2_2.image_to_video(image_url=URL, prompt="a cat", seed=UNSET)
    assert request.payload == {"image_url": URL, "prompt": "a cat"}


def test_names_on_the_wire_replace_python_names(collage: Collage) -> None:
    layers: list[dict[str, Any]] = [
        {"image_url": URL, "z_index": 1},
        {"image_url": URL, "z-index": 2},
    ]
    request = collage(layers=layers, aspect="4:3")
    assert request.payload == {
        "layers": [{"image_url": URL, "z-index": 1}, {"image_url": URL, "z-index": 2}],
        "aspect-ratio": "4:3",
    }


def test_nested_models_may_be_given_as_models(collage: Collage) -> None:
    assert collage(layers=[Layer(image_url=URL)]).payload == {"layers": [{"image_url": URL}]}


def test_a_nested_model_made_by_hand_says_what_is_wrong_as_a_call_does() -> None:
    with pytest.raises(ValidationError, match=r"^Layer: the input is not valid") as error:
        Layer(image_url=URL, opacity=2.0)
    assert problems(error) == [("opacity", "less_than_equal")]


def test_null_is_sent_where_the_endpoint_takes_it(collage: Collage) -> None:
    assert collage(layers=[], background=None).payload == {"layers": [], "background": None}


def test_null_is_refused_with_one_problem_where_it_means_left_out(client: Fal) -> None:
    with pytest.raises(ValidationError, match="may be left out, but must not be None") as error:
        client.fal_ai.pika.v2_2.image_to_video.bind(image_url=URL, prompt="a cat", seed=None)
    assert problems(error) == [("seed", "not_null")]


def test_every_mistake_is_named(client: Fal) -> None:
    with pytest.raises(ValidationError) as error:
        client.fal_ai.pika.v2_2.image_to_video.bind(
            image_url=3, promt="a cat", resolution="4k", seed="7", duration=True
        )
    assert sorted(problems(error)) == [
        ("duration", "int_type"),
        ("image_url", "file_input"),
        ("prompt", "missing"),
        ("promt", "extra_forbidden"),
        ("resolution", "literal_error"),
        ("seed", "int_type"),
    ]
    text = str(error.value)
    assert text.startswith("fal-ai/pika/v2.2/image-to-video: the input is not valid\n")
    assert "  resolution: Input should be '720p' or '1080p' (got '4k')" in text.splitlines()
    assert "  promt: there is no such argument; did you mean prompt?" in text
    assert isinstance(error.value, FalError)
    assert isinstance(error.value, ValueError)


def test_nested_mistakes_are_placed(collage: Collage) -> None:
    with pytest.raises(ValidationError) as error:
        collage(layers=[{"image_url": URL}, {"image_url": URL, "opacity": 2.0}])
    assert problems(error) == [("layers[1].opacity", "less_than_equal")]


def test_numbers_that_json_has_not_are_refused(collage: Collage) -> None:
    with pytest.raises(ValidationError) as error:
        collage(layers=[{"image_url": URL, "opacity": float("nan")}])
    assert problems(error)[0] == ("layers[0].opacity", "finite_number")


@pytest.mark.parametrize(
    "value", ["", "ftp://example.test/a.png", "s3://bucket/a.png", 3, None, io.StringIO("text")]
)
def test_what_cannot_be_a_file_is_refused(client: Fal, value: object) -> None:
    with pytest.raises(ValidationError) as error:
        client.fal_ai.pika.v2_2.image_to_video.bind(image_url=value, prompt="a cat")
    assert problems(error) == [("image_url", "file_input")]


def test_binding_does_no_io(client: Fal, emulator: Emulator) -> None:
    client.fal_ai.pika.v2_2.image_to_video(image_url=Path("no/such/file.png"), prompt="a cat")
    assert len(emulator.journal) == 0


def test_local_files_stay_in_the_payload_as_given(collage: Collage) -> None:
    file = io.BytesIO(b"1")
    request = collage(
        layers=[{"image_url": Path("a.png")}], mask_urls=[Path("b.png"), b"2", file, "data:,3"]
    )
    assert request.payload == {
        "layers": [{"image_url": Path("a.png")}],
        "mask_urls": [Path("b.png"), b"2", file, "data:,3"],
    }


def test_unset_is_one_falsy_value() -> None:
    assert repr(UNSET) == "UNSET"
    assert not UNSET
    assert copy.deepcopy(UNSET) is UNSET
    assert pickle.loads(pickle.dumps(UNSET)) is UNSET


def test_requests_and_handles_show_what_they_are(client: Fal) -> None:
    endpoint = client.fal_ai.pika.v2_2.image_to_video
    request = endpoint(image_url=URL, prompt="long " * 100)
    assert repr(request).startswith("Request('fal-ai/pika/v2.2/image-to-video', image_url=")
    assert len(repr(request)) < 250
    assert repr(endpoint.handle("abc")) == "Handle('fal-ai/pika/v2.2/image-to-video', 'abc')"


@pytest.mark.parametrize(
    ("method", "option", "said"),
    [
        ("subscribe", "timeout", "did you mean start_timeout or client_timeout?"),
        ("submit", "webhook", "did you mean webhook_url?"),
        ("run", "with_logs", "run() has no option 'with_logs'"),
        ("submit", "on_enqueue", "submit() has no option 'on_enqueue'"),
    ],
)
def test_an_option_that_a_method_has_not_is_named(
    client: Fal, method: str, option: str, said: str
) -> None:
    request = client.fal_ai.pika.v2_2.image_to_video(image_url=URL, prompt="a cat")
    with pytest.raises(TypeError, match=re.escape(said)):
        getattr(request, method)(**{option: None})
    assert "a cat" in str(request.payload)


def test_a_client_and_its_key_cannot_be_copied(client: Fal) -> None:
    with pytest.raises(TypeError):
        copy.deepcopy(client)
