"""Shapes and text that are hard to show on a page."""

from odd_pages import Fal
from odd_pages.acme.nested import Layer, Light, Scene, Size

acme = Fal(key="test").acme

request = acme.nested(
    scene=Scene(light=Light(angle=1), title="t"),
    layers=[Layer(x_y=1), Layer(image_url="https://example.com/a.png")],
    size=Size(width=64, height=1),
    weights={"a": 1},
    class_=True,
    model_config_=8,
    proto="abc",
)
assert request.payload["layers"] == [{"x-y": 1}, {"image_url": "https://example.com/a.png"}]
assert (request.payload["model-config"], request.payload["__proto__"]) == (8, "abc")

assert acme.choices(voice="voice 39", count=4, ratio="16:9", style="`").payload["style"] == "`"
assert acme.quoting().payload == {}
assert "$HOME" in (acme.quoting.index.__call__.__doc__ or "")
