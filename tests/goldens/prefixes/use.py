"""Ids that are prefixes of others, start with digits, or come to one name."""

from typing import Any

from prefixes import Endpoint, Fal, UntypedEndpoint
from prefixes.acme.flux.dev import Dev
from prefixes.acme.flux.v1_1_eb7976 import V1_1Eb7976
from typing_extensions import assert_type

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

# By its id, each is the same endpoint, with its own type.
assert assert_type(client.endpoint("acme/flux/dev"), Dev) is flux.dev
assert assert_type(client.endpoint("acme/flux/v1.1"), V1_1Eb7976) is flux.v1_1_eb7976

# An id that is known at run time only may be that of a declared endpoint.
by_path = assert_type(client.endpoint("acme/flux", path="/dev"), Endpoint[Any, Any])
assert by_path is flux.dev
other = client.endpoint("acme/flux")
assert isinstance(other, UntypedEndpoint)
assert_type(other(prompt="a cat").arguments, dict[str, Any])
