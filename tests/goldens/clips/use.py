"""Files that are objects: an input takes a URL in place of one; results have one class of files."""

from pathlib import Path

from clips import Fal, File, ValidationError
from clips.acme.clips import Output, Video

cut = Fal(key="test").acme.clips

video = Video(url="https://example.com/a.mp4", content_type="video/mp4")
assert cut(video=video).payload["video"] == {
    "url": "https://example.com/a.mp4",
    "content_type": "video/mp4",
}
url = "https://example.com/b.mp4"
urls: list[str] = [url]
payload = cut(video=url, parts=urls, mask=Path("mask.png")).payload
assert (payload["video"], payload["parts"]) == (url, [url])
assert cut.bind(video={"url": url}).payload == {"video": {"url": url}}
try:
    cut.bind(video=url, page=url)
except ValidationError as error:
    assert "page" in str(error)
else:
    raise AssertionError("a page is no file")

output = Output.model_validate({"video": {"url": "u"}, "all": [{"url": "v"}], "maybe": None})
assert type(output.video) is File and output.maybe is None
