"""Closed sets of values going in, open ones coming out."""

from enums import Fal, ValidationError

client = Fal(key="test")

from enums.acme.enums import Output

choose = client.acme.enums

assert choose(seconds=5, mode="", level=2).payload == {"seconds": 5, "mode": "", "level": 2}
for wrong in ({"seconds": 7}, {"seconds": "5"}, {"seconds": 5, "mode": "off"}):
    try:
        choose.bind(**wrong)
    except ValidationError:
        continue
    raise AssertionError(f"{wrong} was taken")

output = Output.model_validate({"state": "melted", "code": 7})
assert output.state == "melted"  # a value that the document does not know
