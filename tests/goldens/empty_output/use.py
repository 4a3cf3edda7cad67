"""An endpoint whose document does not say what comes out."""

from empty_output import Fal

client = Fal(key="test")

from empty_output.acme.empty import Output

request = client.acme.empty()
assert request.payload == {}
output: Output = {"whatever": 1}
