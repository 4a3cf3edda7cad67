"""References, unions and defaults that are not scalars."""

from composition import Fal

client = Fal(key="test")

from composition.acme.composition import Size

compose = client.acme.composition

assert compose(size="square", style="oil").payload == {"size": "square", "style": "oil"}
request = compose(size=Size(width=640, height=480), style="oil", words=["a"])
assert request.payload == {
    "size": {"width": 640, "height": 480},
    "style": "oil",
    "words": ["a"],
}
