"""Null is taken where an example of the document is null, and the property may be left out."""

from null_examples import Fal, ValidationError

call = Fal(key="test").acme.null_examples

request = call(prompt="a", must="b", seed=None, style=None, size=None, mask=None)
assert request.payload == {
    "prompt": "a",
    "must": "b",
    "seed": None,
    "style": None,
    "size": None,
    "mask": None,
}
for name in ("tone", "must"):
    try:
        call.bind(**{"prompt": "a", "must": "b", name: None})
    except ValidationError as error:
        assert name in str(error)
    else:
        raise AssertionError(f"{name}=None was taken")
