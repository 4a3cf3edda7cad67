"""References that lead into schemas, with escapes and in chains."""

from references import Fal, ValidationError
from references.acme.references import Circle, FooPropertiesInner, MyModel

follow = Fal(key="test").acme.references

inner = FooPropertiesInner(deep=True)
sound: dict[str, object] = {
    "bar": 1,
    "item": "abc",
    "first": "a",
    "inner": inner,
    "again": inner,
    "chain": 1,
    "spaced": MyModel(x=1),
    "slash": 0.5,
    "percent": True,
    "circle": Circle(again=Circle()),
    "in_result": 1,
    "nowhere": {},
    "index": 1,
    "tuple": "t",
    "map": 9,
}
assert set(follow.bind(**sound).payload) == set(sound)
for name, wrong in {
    "bar": 0,
    "item": "long",
    "first": "c",
    "chain": 0,
    "slash": "1",
    "percent": 1,
    "in_result": 0,
    "tuple": 1,
    "map": 10,
}.items():
    try:
        follow.bind(**{name: wrong})
    except ValidationError as error:
        assert name in str(error)
    else:
        raise AssertionError(f"{name}={wrong!r} was taken")
