"""Files going in by URL, path or bytes, and coming out as files."""

import io
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from files import Fal, File, LocalFile, ValidationError
from files.acme.files import Clip, Output, Video

client = Fal(key="test")
edit = client.acme.files

request = edit(
    image_url="https://example.com/a.png",
    mask=b"...",
    frame_urls=[Path("frame.png"), "https://example.com/b.png"],
    clip=Clip(video_url="https://example.com/c.mp4", start=1),
)
assert request.payload["image_url"] == "https://example.com/a.png"
assert request.payload["clip"] == {"video_url": "https://example.com/c.mp4", "start": 1}

# What the document asks of a URL is nothing to a file that will be uploaded.
edit(image_url=b"...", optional_url=Path("a/" * 2000 + "path.png"), logo_url=Path("logo.png"))
try:
    edit(image_url=b"...", optional_url="data:image/png;base64," + "A" * 2083)
except ValidationError as error:
    assert "at most 2083 characters" in str(error)
else:
    raise AssertionError("a URL that is too long was taken")
try:
    edit(image_url="logo.png")
except ValidationError as error:
    assert "image_url: should be an http(s) or data URL; pass pathlib.Path(...)" in str(error)
else:
    raise AssertionError("a string was taken for a path")

try:
    Clip(video_url=b"...", start="1")  # type: ignore[arg-type]  # pyright: ignore
except ValidationError as error:
    assert str(error).startswith("Clip: the input is not valid\n  start: ")
else:
    raise AssertionError("a model was made of a wrong value")

output = Output.model_validate(
    {
        "image": {"url": "https://example.com/i.png", "file_size": None},
        "video": {"url": "v", "fps": 24, "new": 1},
    }
)
assert isinstance(output.image, File) and isinstance(output.video, Video)
assert output.video.url == "v" and output.video.fps == 24

# Some documents promise a file, and give a bare URL as their example of a result.
assert Output.model_validate({"image": "u", "video": "v"}).video == Video(url="v")

# Lists of one kind of file fit where any are taken.
addresses: list[str] = ["https://example.com/a.png"]
paths = [Path("a.png"), Path("b.png")]
assert edit(image_url=b"...", frame_urls=addresses).payload["frame_urls"] == addresses
edit(image_url=b"...", frame_urls=paths, one_or_many_urls=addresses)

# Binary files of every kind, as type checkers see them.
with tempfile.NamedTemporaryFile() as named, tempfile.SpooledTemporaryFile() as spooled:
    edit(image_url=named, mask=spooled, optional_url=io.BufferedReader(io.BytesIO(b"...")))
archive = io.BytesIO()
with zipfile.ZipFile(archive, "w") as written:
    written.writestr("a.png", b"...")
with zipfile.ZipFile(archive) as packed, packed.open("a.png") as member:
    edit(image_url=member, mask=LocalFile(member, "image/png"))
edit(image_url=output.image, frame_urls=[Video(url="https://example.com/d.mp4")])


def urls() -> Iterator[str]:
    """Use the outcomes of a batch as type checkers see them."""
    for outcome in client.map([request], ledger=Path("batch.jsonl"), retry="failed"):
        yield outcome.result().image.url
        if outcome.error is None:
            yield outcome.output.image.url
        else:
            yield str(outcome.error.request_id)
    for row in edit.map([{"image_url": b"..."}]):
        yield row.output.image.url if row.error is None else f"{row.index}: {row.error}"

# A property whose own examples are no URLs takes any string.
assert edit(image_url=b"...", method_url="edges").payload["method_url"] == "edges"
