"""Values that JSON keeps apart and Python does not, and the other way round."""

from json_enums import Fal, ValidationError
from json_enums.acme.json_enums import Output

call = Fal(key="test").acme.json_enums

right: dict[str, tuple[object, ...]] = {
    "mixed": (1, True, "1", None),
    "switch": (0, False, "false"),
    "rate": (0.5, 1, 1.0, 2),
    "zero": (0,),
    "large": (9007199254740993, -9223372036854775807),
    "unique": ([1, True, "1", None, [1], [True], {"a": 1}, {"a": True}, [], {}, [[]]],),
}
wrong: dict[str, tuple[object, ...]] = {
    "mixed": (False, 0, 2, "true"),
    "switch": (True, 1, "0"),
    "rate": (True, 1.5, "1"),
    "zero": (False,),
    "large": (9007199254740992,),
    "only": (True,),
    "unique": (
        [1, 1.0],
        [[1, [2]], [1.0, [2.0]]],
        [{"a": 1, "b": [0]}, {"b": [-0.0], "a": 1}],
        [None, None],
    ),
}
for name, values in right.items():
    for value in values:
        sent = call.bind(**{name: value}).payload[name]
        assert sent == value and (sent is True) == (value is True), (name, value, sent)
# To JSON, 0.0 is 0; to Python, it is False as well.
assert call.bind(switch=0.0).payload["switch"] is not False
for name, values in wrong.items():
    for value in values:
        try:
            call.bind(**{name: value})
        except ValidationError:
            continue
        raise AssertionError(f"{name}={value!r} was taken")

for value in (1, True, "1", None):
    assert repr(Output.model_validate({"mixed": value}).mixed) == repr(value)
for value in (0, False):
    assert repr(Output.model_validate({"switch": value}).switch) == repr(value)
