"""What no generated type can express is left to the server, and the rest is checked."""

from unchecked import Fal, ValidationError

call = Fal(key="test").acme.unchecked

left: dict[str, object] = {
    "not_": 5,
    "cond": {"a": "x"},
    "dep": {"a": "x"},
    "size": {},
    "pattern": {"y": 1},
    "rest": {"a": 1, "z": 3},
    "patterned": {"a": "a", "x-b": "b"},
    "contain": [2],
    "one": 15,
    "names": {"b": 1},
    "beside": "abcdef",
    "union": "no",
    "day": "soon",
    "data": "?",
    "bare": "a",
}
assert call.bind(**left).payload == left
for name, wrong in {"one": 7, "apart": 4, "beside": "", "slow": "b", "sound": " "}.items():
    try:
        call.bind(**{name: wrong})
    except ValidationError as error:
        assert name in str(error)
    else:
        raise AssertionError(f"{name}={wrong!r} was taken")
