"""Constraints, on optional and nullable properties too."""

from bounds import Fal, ValidationError

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
