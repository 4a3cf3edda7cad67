"""Constraints, on optional and nullable properties too."""

from bounds import Fal, ValidationError
from bounds.acme.bounds import Input

client = Fal(key="test")

count = client.acme.bounds

assert count(steps=1, scale=0.5, seed=None, ratios=[0.1], tags=["a", "b"]).payload == {
    "steps": 1,
    "scale": 0.5,
    "seed": None,
    "ratios": [0.1],
    "tags": ["a", "b"],
}
# `min`, `le` and `step` are no keywords of JSON Schema: nothing is made of them.
assert count(steps=1, loose=2.05).payload == {"steps": 1, "loose": 2.05}

invalid: tuple[dict[str, object], ...] = ({"steps": 0}, {"steps": 51}, {"steps": 1, "scale": 0}, {"steps": 1, "seed": -1},
              {"steps": 1, "ratios": [2.0]}, {"steps": 1, "ratios": []}, {"steps": True},
              {"steps": 1, "tags": ["a", "b", "a"]},
              {"steps": 1, "name": "toolong"}, {"steps": 1, "code": "xyz"})
for wrong in invalid:
    try:
        count.bind(**wrong)
    except ValidationError:
        continue
    raise AssertionError(f"{wrong} was taken")

# A list of a narrower type fits, and so does any other sequence or mapping, apart from text.
whole: list[int] = [1]
by_name: dict[str, int] = {"a": 1}
covariant = count(steps=1, ratios=whole, tags=("a", "b"), by_name=by_name).payload
assert covariant == {"steps": 1, "ratios": [1], "tags": ["a", "b"], "by_name": {"a": 1}}
assert Input(steps=1, ratios=whole, by_name=by_name).ratios == [1]
for text in ("ab", b"ab"):
    try:
        count.bind(steps=1, tags=text)
    except ValidationError as error:
        assert "tags" in str(error)
    else:
        raise AssertionError(f"{text!r} was taken for a list")
