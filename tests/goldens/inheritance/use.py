"""Objects made of others by allOf and beside unions, and objects that may be null."""

from inheritance import Fal, ValidationError

client = Fal(key="test")

from inheritance.acme.inheritance import Child, InputBeside

inherit = client.acme.inheritance

request = inherit(
    child=Child(base=1, own=2),
    beside=InputBeside(base=1, extra="x"),
    by_alias=None,
    by_type_list=None,
    narrow=5,
    voice="low",
    bag={"any": 1},
)
assert request.payload == {
    "child": {"base": 1, "own": 2},
    "beside": {"base": 1, "extra": "x"},
    "by_alias": None,
    "by_type_list": None,
    "narrow": 5,
    "voice": "low",
    "bag": {"any": 1},
}
for wrong in ({"narrow": 11}, {"voice": "loud"}, {"child": {"base": 1}}):
    try:
        inherit.bind(**{"child": {"base": 1, "own": 2}, **wrong})
    except ValidationError:
        continue
    raise AssertionError(f"{wrong} was taken")
