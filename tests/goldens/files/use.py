"""Files going in by URL, path or bytes, and coming out as files."""

from pathlib import Path

from files import Fal, File, ValidationError
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
edit(image_url=b"...", optional_url="a/" * 2000 + "path.png", logo_url="logo.png")
try:
    edit(image_url=b"...", optional_url="data:image/png;base64," + "A" * 2083)
except ValidationError as error:
    assert "at most 2083 characters" in str(error)
else:
    raise AssertionError("a URL that is too long was taken")

try:
    Clip(video_url=b"...", start="1")  # type: ignore[arg-type]  # pyright: ignore
except ValidationError as error:
    assert str(error).startswith("Clip: the input is not valid\n  start: ")
else:
    raise AssertionError("a model was made of a wrong value")

output = Output.model_validate(
    {"image": {"url": "u", "file_size": None}, "video": {"url": "v", "fps": 24, "new": 1}}
)
assert isinstance(output.image, File) and isinstance(output.video, Video)
assert output.video.url == "v" and output.video.fps == 24

# Some documents promise a file, and give a bare URL as their example of a result.
assert Output.model_validate({"image": "u", "video": "v"}).video == Video(url="v")

# Lists of one kind of file fit where any are taken.
urls: list[str] = ["https://example.com/a.png"]
paths = [Path("a.png"), Path("b.png")]
assert edit(image_url=b"...", frame_urls=urls).payload["frame_urls"] == urls
edit(image_url=b"...", frame_urls=paths, one_or_many_urls=urls)
