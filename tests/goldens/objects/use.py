"""Objects that contain themselves, free-form ones, and ones without a schema."""

from objects import Fal

client = Fal(key="test")

from objects.acme.objects import Input, InputPoint, Leaf, Output

grow = client.acme.objects

request = grow(
    tree=Leaf(name="root", children=[Leaf(name="twig")]),
    anything={"a": [1, None]},
    free={"b": 2},
    point=InputPoint(x=1, y=2),
)
assert request.payload == {
    "tree": {"name": "root", "children": [{"name": "twig"}]},
    "anything": {"a": [1, None]},
    "free": {"b": 2},
    "point": {"x": 1, "y": 2},
}
plain = grow(
    tree={"name": "root", "children": [{"name": "twig"}, Leaf(name="leaf")]},
    point={"x": 1, "y": 2},
    loose={"known": "a", "more": 1},
)
assert plain.payload == {
    "tree": {"name": "root", "children": [{"name": "twig"}, {"name": "leaf"}]},
    "point": {"x": 1, "y": 2},
    "loose": {"known": "a", "more": 1},
}
assert Input.model_fields.keys() >= {"tree", "loose"}
output = Output.model_validate({"tree": {"name": "root"}, "surplus": {"kept": True}})
assert output.model_extra == {"surplus": {"kept": True}}
