"""What a mistyped option, argument or attribute may mean."""

from __future__ import annotations

import copy
import inspect
import pickle
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fal_endpoints
import pytest
from fal_endpoints import Client, Endpoint, Fal, FalError, Request, ValidationError

from .collage import Collage

MOST_FRAMES = 3
PACKAGE = str(Path(fal_endpoints.__file__).parent)
URL = "https://example.test/a.png"

WITH_OPTIONS: list[Callable[..., Any]] = [
    Client,
    Client.map,
    Client.map_async,
    Client.upload,
    Client.upload_async,
    Endpoint.map,
    Endpoint.map_async,
    Request.outcome,
    Request.run,
    Request.run_async,
    Request.stream,
    Request.submit,
    Request.subscribe,
]


def frames_of_ours(error: BaseException) -> int:
    frames = traceback.extract_tb(error.__traceback__)
    return sum(frame.filename.startswith(PACKAGE) for frame in frames)


@pytest.fixture
def fal() -> Fal:
    return Fal("key", base_url="http://127.0.0.1:9")


def bound(method: Callable[..., Any], fal: Fal) -> Callable[..., Any]:
    """Return a method of one of the classes with the arguments that it cannot do without."""
    if method is Client:
        return Fal
    owner: Any = fal
    if method.__qualname__.startswith("Endpoint"):
        owner = Collage(fal)
    elif method.__qualname__.startswith("Request"):
        owner = Collage(fal)(layers=[])
    call: Callable[..., Any] = getattr(owner, method.__name__)
    needed = {"map": [], "map_async": [], "upload": b"", "upload_async": b""}
    if method.__name__ not in needed:
        return call
    return lambda **options: call(needed[method.__name__], **options)


UNCHECKED_FAL: Any = Fal


def unchecked_request(fal: Fal) -> Any:
    return Collage(fal)(layers=[])


def attempt(call: Callable[..., Any], **options: Any) -> None:
    answer = call(**options)
    if inspect.iscoroutine(answer):
        answer.send(None)


@pytest.mark.parametrize("method", WITH_OPTIONS, ids=lambda method: method.__qualname__)
def test_each_parameter_of_a_method_is_suggested(method: Callable[..., Any], fal: Fal) -> None:
    """Also those that the method names itself, besides the options that many methods share."""
    named = [
        each.name
        for each in inspect.signature(method).parameters.values()
        if each.kind is inspect.Parameter.KEYWORD_ONLY
    ]
    for name in (*named, "expires_in"):
        with pytest.raises(TypeError, match=rf"has no option '{name}z'; did you mean .*{name}\b"):
            attempt(bound(method, fal), **{f"{name}z": None})


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda fal: UNCHECKED_FAL(kye="key"), "Fal() has no option 'kye'; did you mean key?"),
        (
            lambda fal: UNCHECKED_FAL(api_key="key"),
            "Fal() has no option 'api_key'; did you mean key?",
        ),
        (
            lambda fal: fal.map([], max_costs=1),
            "map() has no option 'max_costs'; did you mean max_cost?",
        ),
        (
            lambda fal: unchecked_request(fal).subscribe(client_timout=1),
            "subscribe() has no option 'client_timout'; did you mean client_timeout?",
        ),
        (
            lambda fal: unchecked_request(fal).run(on_queue_update=print),
            "run() has no option 'on_queue_update'; see RunOptions",
        ),
    ],
)
def test_an_unknown_option(call: Callable[[Any], Any], expected: str, fal: Fal) -> None:
    with pytest.raises(TypeError) as error:
        call(fal)
    assert str(error.value) == expected
    assert 0 < frames_of_ours(error.value) <= MOST_FRAMES


def test_a_subclass_suggests_its_own_parameters() -> None:
    class Own(Fal):
        def __init__(self, *, region: str = "eu", **options: Any) -> None:
            super().__init__("key", **options)

    with pytest.raises(TypeError, match=r"Own\(\) has no option 'regoin'; did you mean region\?"):
        Own(regoin="us")


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        ({"image_url": URL, "opacty": 1}, "layers[0].opacty: there is no such argument; did you "),
        ({"image_url": URL, "z-indx": 1}, "layers[0].z-indx: there is no such argument; did you "),
    ],
)
def test_a_nested_argument(layer: dict[str, Any], expected: str, fal: Fal) -> None:
    with pytest.raises(ValidationError) as error:
        Collage(fal)(layers=[layer])
    assert f"{expected}mean {'opacity' if 'opacty' in layer else 'z_index'}?" in str(error.value)


NOT_DECLARED = "for an endpoint that is not declared, use client.endpoint(id), or run fal-codegen"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("falai", "'Fal' object has no attribute 'falai'; did you mean fal_ai?"),
        ("fal_ai.pikka", "'FalAi' object has no attribute 'pikka'; did you mean pika?"),
        ("fal_ai.pika.v2_2.image_to_vidoe", "did you mean image_to_video?"),
        ("fal_ai.pika.v2_2.image_to_video.mpa", "did you mean map?"),
    ],
)
def test_a_mistyped_attribute(path: str, expected: str, fal: Fal) -> None:
    *owners, name = path.split(".")
    owner: Any = fal
    for each in owners:
        owner = getattr(owner, each)
    with pytest.raises(AttributeError) as error:
        getattr(owner, name)
    text = "".join(traceback.format_exception_only(error.value))
    assert expected in text
    assert f"({NOT_DECLARED}" in text
    assert text.lower().count("did you mean") == 1  # Python 3.12 and later suggest too
    assert error.value.name == name
    assert 0 < frames_of_ours(error.value) <= MOST_FRAMES
    assert not hasattr(owner, name)
    assert getattr(owner, name, None) is None


def test_a_method_of_a_request_that_is_called_on_the_endpoint(fal: Fal) -> None:
    endpoint: Any = fal.fal_ai.pika.v2_2.image_to_video
    with pytest.raises(AttributeError, match=r"call the endpoint first: endpoint\(...\).subscribe"):
        endpoint.subscribe(prompt="It waves")
    assert not hasattr(endpoint, "_submission")


def test_an_attribute_of_a_result_that_is_read_from_the_request(fal: Fal) -> None:
    request = unchecked_request(fal)
    with pytest.raises(AttributeError) as error:
        _ = request.video
    assert str(error.value) == (
        "'Request' object has no attribute 'video': the result comes from request.subscribe()"
    )
    assert copy.copy(request) == pickle.loads(pickle.dumps(request)) == request


def test_a_probe_for_a_private_name_suggests_nothing(
    fal: Fal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Notebooks and pickle ask for many names, and a suggestion takes 0.1 ms."""
    monkeypatch.setitem(sys.modules, "difflib", None)
    for owner in (fal, fal.fal_ai, Collage(fal), unchecked_request(fal)):
        assert not hasattr(owner, "_repr_html_")


def test_python_itself_names_other_unknown_arguments(fal: Fal) -> None:
    """It suggests one from version 3.13 on."""
    endpoint: Any = fal.fal_ai.pika.v2_2.image_to_video
    calls: list[tuple[str, Callable[[], Any]]] = [
        ("promt", lambda: endpoint(image_url=URL, promt="It waves")),
        ("client_timout", lambda: endpoint.handle("1").result(client_timout=1)),
    ]
    for name, call in calls:
        with pytest.raises(TypeError, match=f"unexpected keyword argument '{name}'") as error:
            call()
        assert not isinstance(error.value, FalError)
        if sys.version_info >= (3, 13):
            assert "Did you mean" in str(error.value)
