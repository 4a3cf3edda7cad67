"""Broken schemas, each repaired under a named rule."""

from repairs import Fal

client = Fal(key="test")

mend = client.acme.repairs
assert mend(dangling={"any": 1}, pair=[0.5, "x"], odd=1).payload == {
    "dangling": {"any": 1},
    "pair": [0.5, "x"],
    "odd": 1,
}
