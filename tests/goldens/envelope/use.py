"""A document without metadata of fal's, with references around its schemas and odd media types."""

from envelope import Fal
from envelope.acme.envelope import Output

assert Fal(key="test").acme.envelope(prompt="a").payload == {"prompt": "a"}
assert Output.model_validate({"text": "b"}).text == "b"
