"""Input and Output are found by reference, whatever other components are called."""

from several_inputs import Fal

client = Fal(key="test")

request = client.acme.several(first=1)
assert request.payload == {"first": 1}
