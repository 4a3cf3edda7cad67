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
# `voice` has null in its type and not among its values, so it is not one.
invalid: tuple[dict[str, object], ...] = (
    {"narrow": 11},
    {"voice": "loud"},
    {"voice": None},
    {"child": {"base": 1}},
)
for wrong in invalid:
    try:
        inherit.bind(**{"child": {"base": 1, "own": 2}, **wrong})
    except ValidationError:
        continue
    raise AssertionError(f"{wrong} was taken")
