"""Properties that travel one way only: read-only ones come out, write-only ones go in."""

from one_way import Fal, ValidationError
from one_way.acme.one_way import InputNested, Login, Output

call = Fal(key="test").acme.one_way

request = call(prompt="a", login=Login(user="u", key="k"), nested=InputNested(name="n"))
assert request.payload == {
    "prompt": "a",
    "login": {"user": "u", "key": "k"},
    "nested": {"name": "n"},
}
try:
    call.bind(**{**request.payload, "job_id": "j"})
except ValidationError as error:
    assert "job_id" in str(error)
else:
    raise AssertionError("a read-only property was taken")

output = Output.model_validate({"seed": 1, "login": {"user": "u", "since": "s"}, "made": "m"})
assert (output.seed, output.login.since, output.made) == (1, "s", "m")
