"""Null in each spelling that documents use; it is sent only where it is a value."""

from nullable import Fal, ValidationError

client = Fal(key="test")

blender = client.acme.nullable

request = blender(by_any_of=None, by_flag=None, by_type_list=None, by_enum=None, never=1)
assert request.payload == {
    "by_any_of": None,
    "by_flag": None,
    "by_type_list": None,
    "by_enum": None,
    "never": 1,
}
assert blender(by_any_of=3, by_enum="low", never=1).payload == {
    "by_any_of": 3,
    "by_enum": "low",
    "never": 1,
}
try:
    blender.bind(never=1, left_out=None)
except ValidationError as error:
    assert "left_out" in str(error)
else:
    raise AssertionError("null was taken where the document does not allow it")
