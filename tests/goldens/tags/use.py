"""Unions whose members are told apart by a tag: a result is of the class that its tag names."""

from collections.abc import Sequence

from tags import Fal, ValidationError
from tags.acme.tags import (
    AudioItem,
    Blur,
    Cat,
    Cold,
    Dog,
    Glow,
    Half,
    Hint,
    ImageItem,
    Input,
    JpegPicture,
    Output,
    Paint,
    PngPicture,
    Sure,
    Text,
    VectorPicture,
    VideoItem,
    Warm,
    Warning,
    Whole,
)


def classes(values: Sequence[object] | None) -> list[type]:
    return [type(value) for value in values or ()]


kinds = ("audio", "image", "video", "hologram")
items = [{"kind": kind, "url": "u"} for kind in kinds]
raster = [{"kind": "raster", "format": format, "data": "d"} for format in ("jpeg", "png", "webp")]
output = Output.model_validate(
    {
        "items": items,
        "cover": {"kind": "video", "url": "u"},
        "by_name": {"a": items},
        "pictures": [*raster, {"kind": "vector", "format": "png", "data": "d"}],
        "notes": [{"level": "hint", "text": "t"}, {"level": "warning", "text": "t"}, "t"],
        "answer": {"animal": "Dog", "age": 3},
        "flags": [{"count": count, "text": "t"} for count in (2, 1, True)],
        "tones": [{"tone": tone, "text": "t"} for tone in ("blue", "red")],
    }
)
assert classes(output.items)[:3] == [AudioItem, ImageItem, VideoItem]
assert output.items[3].kind == "hologram"  # a tag that no variant knows loses no result
assert isinstance(output.cover, VideoItem)
assert output.by_name is not None
assert classes(output.by_name["a"])[:3] == [AudioItem, ImageItem, VideoItem]
assert output.pictures is not None
assert classes(output.pictures)[:2] == [JpegPicture, PngPicture]
assert isinstance(output.pictures[2], (JpegPicture, PngPicture))
assert isinstance(output.pictures[3], VectorPicture)
assert classes(output.notes) == [Hint, Warning, str]
assert isinstance(output.answer, Dog) and not isinstance(output.answer, Cat)
assert classes(output.flags) == [Half, Whole, Sure]
assert classes(output.tones) == [Cold, Warm]

# What the tag says is decisive, also where another variant would fit as well.
try:
    Output.model_validate({"items": [{"kind": "video"}]})
except ValueError as error:
    assert "url" in str(error)
else:
    raise AssertionError("a video without its url was taken for something else")

# Without a tag, any variant may be meant.
assert Output.model_validate({"items": [], "notes": [{"text": "t"}]}).notes is not None

arrange = Fal(key="test").acme.tags
request = arrange(
    layers=[Text(class_="text", words=["a"]), Paint(class_="paint", colour="red")],
    effect=Glow(name="bright", radius=1),
)
assert request.payload["layers"][0] == {"class": "text", "words": ["a"]}
taken = Input.model_validate(
    {
        "layers": [{"class": "text", "words": ["a"]}],
        "effect": {"name": "soft", "radius": 1},
        "shape": {"side": 2},
    }
)
assert isinstance(taken.layers[0], Text) and isinstance(taken.effect, Blur)
try:
    arrange.bind(layers=[], effect={"name": "soft", "colour": "red"})
except ValidationError as error:
    assert "colour" in str(error)
else:
    raise AssertionError("the discriminator says Blur, which has no colour")
