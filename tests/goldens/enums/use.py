"""Closed sets of values going in, open ones coming out."""

from enums import Fal, ValidationError

client = Fal(key="test")

from enums.acme.enums import Output

choose = client.acme.enums

assert choose(seconds=5, mode="", level=2).payload == {"seconds": 5, "mode": "", "level": 2}
assert choose(seconds=5, rate=1.5, whole=1, flag=True, level="auto").payload["rate"] == 1.5
invalid: tuple[dict[str, object], ...] = (
    {"seconds": 7},
    {"seconds": "5"},
    {"mode": "off"},
    {"rate": 0.75},
    {"rate": "0.5"},
    {"whole": True},  # in Python, True equals 1
    {"flag": 1},
    {"level": True},
)
for wrong in invalid:
    try:
        choose.bind(**{"seconds": 5, **wrong})
    except ValidationError:
        continue
    raise AssertionError(f"{wrong} was taken")

output = Output.model_validate({"state": "melted", "code": 7})
assert output.state == "melted"  # a value that the document does not know
