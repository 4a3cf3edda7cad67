"""A result follows its input: the seed, and the number, size and type of files."""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_codegen.emulator.endpoints.served_endpoint import ServedEndpoint

from .documents import FILE, Schema, document

WHOLE: Schema = {"type": "integer"}
IMAGE: Schema = {
    "type": "object",
    "required": ["url"],
    "properties": {
        "url": {"type": "string"},
        "content_type": {"type": "string", "examples": ["image/png"]},
        "file_name": {"type": "string"},
        "file_size": WHOLE,
        "width": WHOLE,
        "height": WHOLE,
    },
}
IMAGES: Schema = {"type": "array", "items": {"$ref": "#/components/schemas/Image"}}

DRAW_INPUT: Schema = {
    "type": "object",
    "required": ["prompt"],
    "properties": {
        "prompt": {"type": "string", "examples": ["a red fox"]},
        "seed": {"anyOf": [WHOLE, {"type": "null"}]},
        "num_images": {"type": "integer", "minimum": 1, "maximum": 4, "default": 1},
        "image_size": {
            "anyOf": [
                {"$ref": "#/components/schemas/Size"},
                {"type": "string"},
            ]
        },
        "aspect_ratio": {"type": "string"},
        "output_format": {"type": "string", "enum": ["png", "jpeg", "webp", "gif"]},
    },
}
SIZE: Schema = {"type": "object", "properties": {"width": WHOLE, "height": WHOLE}}

DRAW_OUTPUT: Schema = {
    "type": "object",
    "required": ["images", "seed", "has_nsfw_concepts"],
    "properties": {
        "images": {
            **IMAGES,
            "examples": [
                [
                    {
                        "url": "https://example.com/out/fox.png",
                        "content_type": "image/png",
                        "file_size": 9,
                        "width": 1024,
                        "height": 1024,
                    }
                ]
            ],
        },
        "seed": WHOLE,
        "has_nsfw_concepts": {"type": "array", "items": {"type": "boolean"}},
        "prompt": {"type": "string"},
    },
}


def drawing(input: Schema = DRAW_INPUT, output: Schema = DRAW_OUTPUT) -> Schema:
    return document("acme/draw", input, output, components={"Image": IMAGE, "Size": SIZE})


@pytest.fixture(scope="module")
def served() -> Iterator[httpx.Client]:
    headers = {"Authorization": "Key any"}
    with (
        Emulator([drawing()]) as emulator,
        httpx.Client(base_url=emulator.base_url, headers=headers) as client,
    ):
        yield client


def draw(served: httpx.Client, **payload: Any) -> Any:
    response = served.post("/run/acme/draw", json={"prompt": "a red fox", **payload})
    assert response.status_code == 200
    assert ServedEndpoint(drawing()).is_valid_output(response.json())
    return response.json()


def result_of(output: Schema, **components: Schema) -> Any:
    """Return the result of an endpoint with this output, for the plainest input."""
    odd = document("acme/odd", {"type": "object"}, output, components=components)
    with Emulator([odd]) as emulator:
        headers = {"Authorization": "Key any"}
        answer = httpx.post(f"{emulator.base_url}/run/acme/odd", json={}, headers=headers)
    assert ServedEndpoint(odd).is_valid_output(answer.json())
    return answer.json()


def real_size(served: httpx.Client, image: Any) -> tuple[int, int]:
    """Return the width and height in the bytes of an image."""
    response = served.get(image["url"])
    content = response.content
    assert response.headers["content-type"] == image["content_type"]
    assert len(content) == image["file_size"]
    match image["content_type"]:
        case "image/png":
            assert content.startswith(b"\x89PNG\r\n\x1a\n")
            width, height = struct.unpack_from(">II", content, 16)
        case "image/gif":
            assert content.startswith(b"GIF89a")
            width, height = struct.unpack_from("<HH", content, 6)
        case "image/jpeg":
            assert content.startswith(b"\xff\xd8\xff")
            assert content.endswith(b"\xff\xd9")
            at = content.index(b"\xff\xc0")
            height, width = struct.unpack_from(">HH", content, at + 5)
        case "image/webp":
            assert (content[:4], content[8:16]) == (b"RIFF", b"WEBPVP8L")
            bits = int.from_bytes(content[21:25], "little")
            width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case other:
            raise AssertionError(other)
    return width, height


def test_the_seed_is_that_of_the_input_or_one_that_was_made(served: httpx.Client) -> None:
    assert draw(served, seed=7)["seed"] == 7
    assert draw(served, seed=0)["seed"] == 0
    made = draw(served)["seed"]
    assert isinstance(made, int)
    assert made == draw(served)["seed"]
    assert made != draw(served, prompt="a blue fox")["seed"]
    assert draw(served, seed=None)["seed"] > 0


def test_a_seed_that_is_not_required_is_there_too() -> None:
    output: Schema = {"type": "object", "properties": {"seed": WHOLE}}
    assert result_of(output)["seed"] > 0
    # Unless the document does not allow it.
    assert result_of({"type": "object", "properties": {"seed": {"const": 5}}}) == {"seed": 5} or (
        result_of({"type": "object", "properties": {"seed": {"const": 5}}}) == {}
    )


@pytest.mark.parametrize("count", [1, 2, 4])
def test_there_are_as_many_images_as_were_asked_for(served: httpx.Client, count: int) -> None:
    result = draw(served, num_images=count)
    assert len(result["images"]) == len(result["has_nsfw_concepts"]) == count
    urls = {image["url"] for image in result["images"]}
    assert len(urls) == count
    assert len({served.get(url).content for url in urls}) == count


def test_invalid_counts_are_rejected_and_others_bounded(served: httpx.Client) -> None:
    response = served.post("/run/acme/draw", json={"prompt": "a", "num_images": 5})
    assert response.status_code == 422
    free: Schema = {"type": "object", "properties": {"num_images": WHOLE}}
    endless = drawing(free)
    with Emulator([endless]) as emulator:
        url = f"{emulator.base_url}/run/acme/draw"
        answer = httpx.post(url, json={"num_images": 1 << 40}, headers={"Authorization": "Key a"})
    assert len(answer.json()["images"]) == 100


@pytest.mark.parametrize(
    ("asked", "size"),
    [
        ({}, (1024, 1024)),
        ({"image_size": {"width": 640, "height": 360}}, (640, 360)),
        ({"image_size": "square"}, (512, 512)),
        ({"image_size": "portrait_16_9"}, (576, 1024)),
        ({"image_size": "landscape_4_3"}, (1024, 768)),
        ({"image_size": "1536x1024"}, (1536, 1024)),
        ({"image_size": "auto"}, (1024, 1024)),
        ({"image_size": {"width": 1 << 40, "height": 0}}, (8192, 1)),
        ({"aspect_ratio": "16:9"}, (1024, 576)),
        ({"aspect_ratio": "3:4"}, (768, 1024)),
        ({"aspect_ratio": "0:0"}, (1024, 1024)),
    ],
)
@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "gif"])
def test_an_image_has_the_size_and_format_that_were_asked_for(
    served: httpx.Client, asked: Any, size: tuple[int, int], kind: str
) -> None:
    (image,) = draw(served, **asked, output_format=kind)["images"]
    assert image["content_type"] == f"image/{kind}"
    assert image["url"].endswith(f"/fox.{kind}")
    assert (image["width"], image["height"]) == real_size(served, image) == size


def test_the_document_says_what_the_size_is_if_the_input_does_not(served: httpx.Client) -> None:
    output = json.loads(json.dumps(DRAW_OUTPUT).replace("1024", "300"))
    by_default = json.loads(json.dumps(DRAW_INPUT))
    by_default["properties"]["image_size"]["default"] = "square"
    for input, output_, size in (
        (DRAW_INPUT, output, (300, 300)),
        (by_default, DRAW_OUTPUT, (512, 512)),
    ):
        with Emulator([drawing(input, output_)]) as emulator:
            headers = {"Authorization": "Key any"}
            url = f"{emulator.base_url}/run/acme/draw"
            (image,) = httpx.post(url, json={"prompt": "a"}, headers=headers).json()["images"]
            assert (image["width"], image["height"]) == size
            with httpx.Client() as client:
                assert real_size(client, image) == size


SIGNATURES = {
    "a.png": ("image/png", rb"\x89PNG\r\n"),
    "a.jpg": ("image/jpeg", rb"\xff\xd8\xff"),
    "a.JPEG": ("image/jpeg", rb"\xff\xd8\xff"),
    "a.webp": ("image/webp", rb"RIFF....WEBP"),
    "a.gif": ("image/gif", rb"GIF89a"),
    "a.svg": ("image/svg+xml", rb"<svg "),
    "a.mp4": ("video/mp4", rb"....ftyp"),
    "a.mov": ("video/quicktime", rb"....ftyp"),
    "a.webm": ("video/webm", rb"\x1aE\xdf\xa3"),
    "a.wav": ("audio/wav", rb"RIFF....WAVE"),
    "a.mp3": ("audio/mpeg", rb"ID3"),
    "a.ogg": ("audio/ogg", rb"OggS"),
    "a.flac": ("audio/flac", rb"fLaC"),
    "a.m4a": ("audio/mp4", rb"....ftyp"),
    "a.glb": ("model/gltf-binary", rb"glTF"),
    "a.stl": ("model/stl", rb"a\.stl"),
    "a.ply": ("application/ply", rb"ply\n"),
    "a.zip": ("application/zip", rb"PK"),
    "a.json": ("application/json", rb"\{"),
    "a.txt": ("text/plain; charset=utf-8", rb"a\.txt"),
    "a.safetensors": ("application/octet-stream", rb".{8}\{"),
    "a.unheard-of": ("application/octet-stream", rb"a\."),
    "no extension": ("application/octet-stream", rb"no"),
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_file_is_what_its_name_says(served: httpx.Client, name: str) -> None:
    content_type, signature = SIGNATURES[name]
    response = served.get(f"/files/results/1/{name}")
    assert response.status_code == 200
    assert response.headers["content-type"] == content_type
    assert re.match(signature, response.content, re.DOTALL)
    if name == "a.zip":
        assert zipfile.ZipFile(io.BytesIO(response.content)).testzip() is None
    if name == "a.json":
        assert response.json() == {"name": "a.json"}


def test_a_file_matches_its_description(served: httpx.Client) -> None:
    file: Schema = {
        **FILE,
        "properties": {**FILE["properties"], "file_name": {"type": "string"}},
        "examples": [
            {
                "url": "https://example.com/clip?x=1",
                "content_type": "video/mp4",
                "file_name": "clip.mov",
                "file_size": 1,
                "width": 9,
            }
        ],
    }
    output: Schema = {"type": "object", "required": ["video"], "properties": {"video": file}}
    video = result_of(output)["video"]
    assert video["url"].endswith("/clip.mp4")
    assert (video["content_type"], video["file_name"]) == ("video/mp4", "clip.mp4")
    assert video["width"] == 320
    path = httpx.URL(video["url"]).path
    assert video["file_size"] == len(served.get(path).content)


def test_an_address_that_the_document_demands_is_left_alone() -> None:
    demanded: Schema = {"type": "string", "pattern": r"^https://example\.com/.*\.png$"}
    fixed: Schema = {"const": "https://example.com/b.png"}
    output: Schema = {
        "type": "object",
        "required": ["a_url", "b", "c"],
        "properties": {
            "a_url": {**demanded, "examples": ["https://example.com/a.png"]},
            "b": {"type": "object", "properties": {"url": fixed}, "required": ["url"]},
            "c": {"type": "string", "examples": ["https://example.com/c.png"]},
        },
    }
    result = result_of(output)
    assert result["a_url"] == "https://example.com/a.png"
    assert result["b"] == {"url": "https://example.com/b.png"}
    assert "/files/results/" in result["c"]


def test_a_name_that_an_address_cannot_have_is_changed() -> None:
    url = "https://example.com/" + "a" * 5000 + "b%0A%2F..%00%5Cc.png?x#y"
    output: Schema = {"type": "object", "required": ["x"], "properties": {"x": {"default": url}}}
    odd = document("acme/odd", {"type": "object"}, output)
    with Emulator([odd]) as emulator:
        headers = {"Authorization": "Key any"}
        answer = httpx.post(f"{emulator.base_url}/run/acme/odd", json={}, headers=headers)
        where = answer.json()["x"]
        assert where.endswith("ab__..__c.png")
        assert len(where) < 200
        assert httpx.get(where).headers["content-type"] == "image/png"


def test_a_text_with_an_address_in_it_is_no_file() -> None:
    text = "https://example.com has more"
    output: Schema = {"type": "object", "properties": {"text": {"type": "string", "default": text}}}
    output["required"] = ["text"]
    assert result_of(output) == {"text": text}


@pytest.mark.corpus
def test_every_result_of_a_genuine_document_is_valid(genuine: tuple[Any, ...]) -> None:
    failures = []
    documents = [json.loads(path.read_text("utf-8")) for path in genuine]
    endpoints = list(map(ServedEndpoint, documents))
    with Emulator(documents) as emulator, httpx.Client(base_url=emulator.base_url) as client:
        for endpoint in endpoints:
            headers = {"Authorization": "Key any"}
            url = f"/run/{endpoint.id}"
            answer = client.post(url, json=endpoint.example_input, headers=headers)
            if answer.status_code != 200 or not endpoint.is_valid_output(answer.json()):
                failures.append(f"{endpoint.id}: {answer.status_code} {answer.text[:200]}")
    assert not failures, "\n".join(failures)
