"""Images of Pillow and arrays of numpy as inputs: how they are encoded, and when."""

from __future__ import annotations

import base64
import copy
import io
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import Fal, LocalFile, ValidationError, encode_image

from .collage import Collage
from .conftest import Call
from .uploaded import sent, served

np = pytest.importorskip("numpy", reason="needs `pip install numpy`")
Image = pytest.importorskip("PIL.Image", reason="needs `pip install pillow`")

RED, BLUE = (255, 0, 0), (0, 0, 255)


def red(mode: str = "RGB", size: tuple[int, int] = (8, 4)) -> Any:
    return Image.new("RGB", size, RED).convert(mode)


def noise() -> Any:
    """Return pixels that stay larger than an inline file."""
    return np.random.default_rng(0).integers(0, 256, (200, 150, 3), dtype=np.uint8)


def opened(url: str) -> Any:
    """Return the image that a URL holds."""
    if url.startswith("data:"):
        return Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))
    return Image.open(io.BytesIO(httpx.get(url).content))


def test_images_and_arrays_are_inputs_wherever_files_are(
    collage: Collage, call: Call, emulator: Emulator
) -> None:
    array = noise()
    request = collage(layers=[{"image_url": red()}], mask_urls=[array, red("RGBA"), array[:, :, 0]])
    call(request.subscribe)
    body = sent(emulator)
    layer, color, transparent, gray = (
        opened(url) for url in (body["layers"][0]["image_url"], *body["mask_urls"])
    )
    assert (layer.format, layer.size, layer.getpixel((0, 0))) == ("PNG", (8, 4), RED)
    assert (np.asarray(color) == array).all()
    assert transparent.mode == "RGBA"
    assert (np.asarray(gray) == array[:, :, 0]).all()


def test_upload_encodes_an_image_as_its_content_type(client: Fal, call: Call) -> None:
    url = call(client.upload, red(), "image/webp", "red.webp")
    content, content_type = served(url)
    assert (content[8:12], content_type) == (b"WEBP", "image/webp")
    assert url.endswith("red.webp")
    assert opened(call(client.upload, red(), file_name="red.jpg")).format == "JPEG"
    assert call(client.upload, red()).endswith("upload.png")


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        (np.zeros((4, 4)), r"is an array of '<f8'; an image has values of uint8"),
        (np.zeros((3, 4, 8), np.uint8), r"is an array of the shape \(3, 4, 8\)"),
        (np.zeros((0, 4), np.uint8), r"is an array of the shape \(0, 4\)"),
        (np.uint8(4), r"is an array of the shape \(\)"),
    ],
)
def test_an_array_that_is_no_image_is_rejected_by_the_call(
    collage: Collage, client: Fal, picture: Any, message: str
) -> None:
    with pytest.raises(ValidationError, match=rf"mask_urls\[0\]: {message}"):
        collage(layers=[], mask_urls=[picture])
    with pytest.raises(ValidationError, match=message):
        client.upload(picture)
    with pytest.raises(ValidationError, match=message):
        encode_image(picture)


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (
            LocalFile(red("RGBA"), "image/jpeg"),
            r"cannot write mode RGBA as JPEG; convert the image",
        ),
        (LocalFile(red(), "image/nonesuch"), "Pillow cannot write image/nonesuch"),
        (LocalFile(red(), "video/mp4"), "an image cannot become video/mp4"),
        (red("CMYK"), "cannot write mode CMYK as PNG"),
    ],
)
def test_an_image_that_cannot_be_encoded_is_an_error_of_its_field(
    collage: Collage, call: Call, emulator: Emulator, file: Any, message: str
) -> None:
    with pytest.raises(
        ValidationError, match=rf"layers\[0\]\.image_url: cannot be read: {message}"
    ):
        call(collage(layers=[{"image_url": file}]).submit)
    assert len(emulator.journal) == 0


def test_a_file_that_pillow_opened_late_and_cannot_read(
    collage: Collage, call: Call, emulator: Emulator, tmp_path: Path
) -> None:
    whole = io.BytesIO()
    Image.fromarray(noise()).save(whole, "PNG")
    (tmp_path / "cut.png").write_bytes(whole.getvalue()[:5000])
    unreadable = pytest.raises(ValidationError, match=r"cannot be read: .*truncated")
    with Image.open(tmp_path / "cut.png") as cut, unreadable:
        call(collage(layers=[{"image_url": cut}]).submit)
    assert len(emulator.journal) == 0


def test_an_image_that_is_drawn_anew_for_each_row_is_what_it_was(
    collage: Collage, call: Call, emulator: Emulator, ledger: Path
) -> None:
    def rows() -> Iterator[dict[str, Any]]:
        canvas = red()
        for color in (RED, BLUE):
            canvas.paste(color, (0, 0, 8, 4))
            yield {"layers": [{"image_url": canvas}], "extra": {"color": list(color)}}

    for options in ({}, {"ledger": ledger}, {"ledger": ledger}):
        for outcome in call(collage.map, rows(), **options):
            outcome.result()
    submitted = [entry.json for entry in emulator.journal.select("submit")]
    assert len(submitted) == 4  # the second run of the ledger submits nothing
    for body in submitted:
        pixel = opened(body["layers"][0]["image_url"]).getpixel((0, 0))
        assert list(pixel) == body["extra"]["color"]


def test_a_request_with_an_image_is_a_value(collage: Collage) -> None:
    request = collage(layers=[{"image_url": red()}])
    for twin in (pickle.loads(pickle.dumps(request)), copy.deepcopy(request)):
        picture = twin.payload["layers"][0]["image_url"]
        assert picture.getpixel((0, 0)) == RED
    assert "data:image/png;base64," in request.curl()
    assert len(repr(request)) < 400


def test_encode_image_returns_a_data_url() -> None:
    fal_client = pytest.importorskip("fal_client", reason="needs `pip install fal-client`")
    for format in ("jpeg", "png"):
        assert encode_image(red(), format) == fal_client.encode_image(red(), format)
    wrong: Any = b"\x89PNG"
    with pytest.raises(ValidationError, match="image: should be a Pillow image or a numpy array"):
        encode_image(wrong)
    with pytest.raises(ValidationError, match="image: cannot be encoded: Pillow cannot write"):
        encode_image(red(), "jpg2")


WITHOUT_PILLOW = """
import sys
sys.modules["PIL"] = None
import numpy
from fal_endpoints import ValidationError, encode_image
assert "PIL.Image" not in sys.modules
try:
    encode_image(numpy.zeros((2, 2), numpy.uint8))
except ValidationError as error:
    print(error)
"""


def test_an_array_without_pillow_names_the_package() -> None:
    command = [sys.executable, "-c", WITHOUT_PILLOW]
    path = {"PYTHONPATH": str(Path(__file__).parents[2] / "generated/python")}
    ran = subprocess.run(command, capture_output=True, text=True, check=True, env=path)
    assert "an array needs Pillow: pip install pillow" in ran.stdout
