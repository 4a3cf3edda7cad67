"""Files going in by URL, path or bytes, and coming out as files."""

from pathlib import Path

from files import Fal, File
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

output = Output.model_validate(
    {"image": {"url": "u", "file_size": None}, "video": {"url": "v", "fps": 24, "new": 1}}
)
assert isinstance(output.image, File) and isinstance(output.video, Video)
assert output.video.url == "v" and output.video.fps == 24
