"""Names that Python, pydantic or the client use themselves, and names that collide."""

from names import Fal

client = Fal(key="test")

name = client.acme.names

request = name(
    class_=1,
    model_config_=2,
    copy_=3,
    schema_=4,
    json_=5,
    self_=6,
    str_="s",
    n2d=8,
    a_b=9,
    private=10,
    model_fields_=11,
    dunder=12,
    unnamed=13,
    list_=["x"],
    File_=14,
)
assert request.payload == {
    "class": 1,
    "model_config": 2,
    "copy": 3,
    "schema": 4,
    "json": 5,
    "self": 6,
    "str": "s",
    "2d": 8,
    "a-b": 9,
    "_private": 10,
    "model_fields": 11,
    "__dunder__": 12,
    "é": 13,
    "list": ["x"],
    "File": 14,
}
