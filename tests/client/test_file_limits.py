"""Limits of files: what is checked before anything is sent, and what is left to the server."""

from __future__ import annotations

import io
import os
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import Endpoint, Fal, FileInput, InputModel, LocalFile, ValidationError
from fal_endpoints._runtime._generated import FileLimits, ListInput, Omittable
from fal_endpoints._runtime.file_checks import limits_at
from fal_endpoints._runtime.local_file import Content
from fal_endpoints._runtime.media import Media, media_of
from fal_endpoints._runtime.text import short
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydantic import ConfigDict, Field

from .collage import Collage, Output
from .conftest import Call
from .media_files import atom, gif, jpeg, mp4, png, wav, webp
from .uploaded import URL

IMAGE = FileLimits(
    max_file_size=50_000,
    min_width=300,
    min_height=200,
    max_width=4000,
    max_height=3000,
    min_aspect_ratio=0.4,
    max_aspect_ratio=2.5,
)
CLIP = FileLimits(min_duration=3, max_duration=10.05, min_fps=24)


class Layer(InputModel):
    image_url: Annotated[FileInput, IMAGE]


class Input(InputModel):
    layers: ListInput[Layer]
    mask_urls: Omittable[ListInput[Annotated[FileInput, CLIP] | str]] = None
    aspect: Annotated[FileInput, FileLimits(max_pixels=100)] | None = Field(
        default=None, validation_alias="aspect-ratio", serialization_alias="extra"
    )


class Limited(Endpoint[Input, Output]):
    endpoint_id = Collage.endpoint_id


@pytest.fixture
def limited(client: Fal) -> Limited:
    return Limited(client)


def refused(limited: Limited, call: Call, **arguments: Any) -> list[tuple[str, str]]:
    """Return the field and the type of each problem of a request that is not sent."""
    with pytest.raises(ValidationError) as error:
        call(limited.bind(**{"layers": [], **arguments}).submit)
    return [(problem.field, problem.type) for problem in error.value.errors]


@pytest.mark.parametrize("image", [png, gif, webp, jpeg])
def test_the_size_of_an_image_is_checked_before_anything_is_sent(
    limited: Limited, call: Call, emulator: Emulator, image: Callable[[int, int], bytes]
) -> None:
    for width, height, type in (
        (299, 200, "image_too_small"),
        (300, 199, "image_too_small"),
        (4001, 2000, "image_too_large"),
        (4000, 3001, "image_too_large"),
        (300, 751, "aspect_ratio"),
        (1001, 400, "aspect_ratio"),
    ):
        found = refused(limited, call, layers=[{"image_url": image(width, height)}])
        assert found == [("layers[0].image_url", type)], (width, height)
    assert len(emulator.journal) == 0
    layers = [{"image_url": image(*size)} for size in ((300, 200), (4000, 3000), (300, 750))]
    call(limited.bind(layers=layers).submit)
    assert emulator.journal.count("submit") == 1


def test_a_problem_names_the_field_the_file_and_the_limit(
    limited: Limited, call: Call, tmp_path: Path
) -> None:
    path = tmp_path / "frame.png"
    path.write_bytes(png(200, 5000) + bytes(50_000))
    with pytest.raises(ValidationError) as error:
        call(limited.bind(layers=[{"image_url": path}]).submit)
    shown = short(path)
    assert str(error.value).splitlines() == [
        "acme/collage/v1/layers: the input is not valid",
        *(
            f"  layers[0].image_url: {message} (got {shown})"
            for message in (
                "is 200 x 5000 pixels, but should be at least 300 in width and 200 in height",
                "is 200 x 5000 pixels, but may be at most 4000 in width and 3000 in height",
                "is 200 x 5000 pixels, but its width divided by its height should be "
                "at least 0.4 and at most 2.5",
                f"has {path.stat().st_size} bytes, but may have at most 50000",
            )
        ),
    ]
    assert [problem.ctx for problem in error.value.errors] == [
        {"min_width": 300, "min_height": 200},
        {"max_width": 4000, "max_height": 3000},
        {"min_aspect_ratio": 0.4, "max_aspect_ratio": 2.5},
        {"max_size": 50_000},
    ]
    assert error.value.errors[0].loc == ("layers", 0, "image_url")


@pytest.mark.parametrize("source", ["path", "bytes", "file object", "stream"])
def test_every_kind_of_local_file_is_checked(
    limited: Limited, call: Call, tmp_path: Path, source: str
) -> None:
    path = tmp_path / "frame"
    path.write_bytes(b"skipped" + png(1, 1))
    if source == "path":
        path.write_bytes(png(1, 1))
    with path.open("rb") as file:
        file.seek(7)
        value: Any = {
            "path": path,
            "bytes": LocalFile(png(1, 1)),
            "file object": file,
            "stream": OnlyRead(png(1, 1)),
        }[source]
        found = refused(limited, call, layers=[{"image_url": value}])
    assert found == [("layers[0].image_url", "image_too_small")]


def test_an_image_of_pillow_is_checked(limited: Limited, call: Call) -> None:
    image = Image.new("RGB", (1200, 300))
    assert refused(limited, call, layers=[{"image_url": image}]) == [
        ("layers[0].image_url", "aspect_ratio")
    ]


class OnlyRead:
    """A stream that can be read once, and in one direction only."""

    def __init__(self, data: bytes) -> None:
        self.read = io.BytesIO(data).read


def test_the_duration_is_checked(limited: Limited, call: Call, emulator: Emulator) -> None:
    files = [mp4(2.9), mp4(60), mp4(11, brand=b"qt  "), mp4(1, brand=b"M4A "), wav(1)]
    assert refused(limited, call, mask_urls=files) == [
        ("mask_urls[0]", "video_duration_too_short"),
        ("mask_urls[1]", "video_duration_too_long"),
        ("mask_urls[2]", "video_duration_too_long"),
        ("mask_urls[3]", "audio_duration_too_short"),
        ("mask_urls[4]", "audio_duration_too_short"),
    ]
    assert len(emulator.journal) == 0
    # The server may measure a shorter track than the longest one.
    accepted = [mp4(3), mp4(10.05), mp4(10.5), wav(4)]
    call(limited.bind(layers=[], mask_urls=accepted).submit)


def test_an_image_that_a_server_may_rotate_is_checked_both_ways(
    limited: Limited, call: Call
) -> None:
    tall = jpeg(3000, 3500, orientation=6)
    call(limited.bind(layers=[{"image_url": tall}]).submit)
    huge = jpeg(4500, 5000, orientation=6)
    found = refused(limited, call, layers=[{"image_url": huge}])
    assert found == [("layers[0].image_url", "image_too_large")]


def test_one_file_is_checked_by_the_limits_of_each_field(limited: Limited, call: Call) -> None:
    file = LocalFile(png(300, 200))
    assert refused(limited, call, layers=[{"image_url": file}], aspect=file) == [
        ("aspect", "image_too_large")
    ]


def test_urls_are_never_fetched_to_check_them(limited: Limited, emulator: Emulator) -> None:
    mine = f"{emulator.base_url}/files/a.png"
    limited.bind(layers=[{"image_url": URL}, {"image_url": mine}]).submit()
    assert [entry.operation for entry in emulator.journal.select()] == ["submit"]


def test_a_file_beyond_the_limits_ends_its_row_only(limited: Limited, ledger: Path) -> None:
    rows = [{"layers": [{"image_url": png(*size)}]} for size in ((1, 1), (300, 200))]
    for remembered in (None, ledger):
        outcomes = sorted(limited.map(rows, ledger=remembered), key=lambda each: each.index)
        assert isinstance(outcomes[0].error, ValidationError)
        assert outcomes[1].error is None


MILLISECONDS = struct.pack(">I", 1000)

UNREADABLE = {
    "empty": b"",
    "unknown format": b"plain text",
    "truncated PNG": png(1, 1)[:20],
    "no size": png(0, 0),
    "negative size": b"GIF89a\xff\xff\xff\xff\0\0\0",
    "PNG without IHDR": b"\x89PNG\r\n\x1a\n" + bytes(40),
    "truncated JPEG": jpeg(1, 1)[:30],
    "JPEG with a segment beyond its end": b"\xff\xd8\xff\xe1\xff\xff\0",
    "JPEG with segments of no length": b"\xff\xd8" + b"\xff\xe1\0\0" * 9_000,
    "JPEG with segments of length 1": b"\xff\xd8" + b"\xff\xe1\0\1" * 9_000,
    "JPEG with many segments": jpeg(1, 1, padding=9_000),
    "truncated MP4": mp4(1)[:40],
    "MP4 with a huge atom": atom(b"ftyp", b"isom") + b"\xff\xff\xff\xffmoov",
    "MP4 with an atom of no length": atom(b"ftyp", b"isom") + bytes(4) + b"moov" * 99,
    "MP4 with many atoms": mp4(1, padding=5_000),
    "MP4 in fragments": mp4(0),
    "MP4 of unknown duration": mp4(1).replace(MILLISECONDS * 2, MILLISECONDS + b"\xff" * 4),
    "WAV of unknown duration": wav(1).replace(b"data\x40\x1f\0\0", b"data\xff\xff\xff\xff"),
    "MP4 in atoms of atoms": atom(b"ftyp", b"isom") + (b"\0\0\xff\xffmoov" * 5_000),
    "truncated WAV": wav(1)[:30],
    "WAV with many chunks": b"RIFF\0\0\0\0WAVE" + b"junk\0\0\0\0" * 5_000,
    "WebP of another kind": webp(1, 1).replace(b"VP8X", b"VP8?"),
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_whose_header_states_nothing_is_left_to_the_server(
    limited: Limited, emulator: Emulator, content: bytes
) -> None:
    limited.bind(layers=[{"image_url": content}], mask_urls=[content]).submit()
    assert emulator.journal.count("submit") == 1


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
def test_a_hostile_header_is_read_within_bounds(content: bytes) -> None:
    file = Counting(content + bytes(20 << 20))
    media_of(Content.of(LocalFile(file)))
    assert file.reads <= 2_010
    assert file.bytes_read <= 9 << 20


class Counting(io.BytesIO):
    """A file object that counts what is read."""

    reads = 0
    bytes_read = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.reads += 1
        self.bytes_read += len(data)
        return data


WELL_FORMED = [png(9, 9), gif(9, 9), webp(9, 9), jpeg(9, 9, orientation=8), mp4(9), wav(0.01)]


@given(st.data(), st.sampled_from(WELL_FORMED))
def test_no_damage_to_a_header_is_an_error(data: st.DataObject, content: bytes) -> None:
    at = data.draw(st.integers(0, len(content)))
    damaged = content[:at] + data.draw(st.binary(max_size=8)) + content[at + 1 :]
    found = media_of(Content.of(LocalFile(damaged)))
    assert all(width > 0 and height > 0 for width, height in found.sizes)
    assert found.duration is None or found.duration > 0


@pytest.mark.parametrize("package", ["imagesize", "tinytag"])
def test_without_the_extra_only_the_size_in_bytes_is_checked(
    limited: Limited, call: Call, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    is_of_image = package == "imagesize"
    layers = [{"image_url": png(1, 1)}] if is_of_image else []
    call(limited.bind(layers=layers, mask_urls=[] if is_of_image else [mp4(1)]).submit)
    found = refused(limited, call, layers=[{"image_url": png(1, 1) + bytes(50_000)}])
    assert ("layers[0].image_url", "file_too_large") in found


def test_a_file_that_changed_is_reported_by_the_upload(tmp_path: Path) -> None:
    path = tmp_path / "frame.png"
    path.write_bytes(png(1, 1))
    content = Content.of(LocalFile(path))
    os.utime(path, (1, 1))
    assert media_of(content) == Media()


SMALL, LARGE = FileLimits(max_width=9), FileLimits(max_width=99)


class One(InputModel):
    url: Annotated[FileInput, SMALL]


class Other(InputModel):
    url: Annotated[FileInput, LARGE]


class Open(InputModel):
    model_config = ConfigDict(extra="allow")


class Variants(InputModel):
    either: One | Other
    one_or_any: One | Open
    plain: FileInput
    anything: Any
    text: str | Annotated[FileInput, SMALL]
    by_name: dict[str, Annotated[FileInput, SMALL]]


@pytest.mark.parametrize(
    ("location", "limits"),
    [
        (("either", "url"), (SMALL, LARGE)),
        (("one_or_any", "url"), ()),
        (("plain",), ()),
        (("anything", 0, "url"), ()),
        (("text",), (SMALL,)),
        (("by_name", "a"), (SMALL,)),
        (("nowhere", "url"), ()),
    ],
)
def test_limits_of_every_type_that_a_value_may_have(
    location: tuple[str | int, ...], limits: tuple[FileLimits, ...]
) -> None:
    assert limits_at(location, Variants) == limits
