"""Ids that are prefixes of others, start with digits, or come to one name."""

from prefixes import Fal

client = Fal(key="test")

flux = client.acme.flux

assert flux.dev.endpoint_id == "acme/flux/dev"
assert flux.dev.image_to_image.endpoint_id == "acme/flux/dev/image-to-image"
assert flux.n14b.stream.endpoint_id == "acme/flux/14b/stream"
assert flux.v1_1.endpoint_id == "acme/flux/v1-1"
assert flux.v1_1_eb7976.endpoint_id == "acme/flux/v1.1"
assert client.close_.up.endpoint_id == "close/up"
assert client.acme.flux.bind_.lambda_.endpoint_id == "acme/flux/bind/lambda"
assert client.acme.flux.input.endpoint_id == "acme/flux/input"
assert flux.dev is client.acme.flux.dev
