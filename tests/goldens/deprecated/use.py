"""Endpoints that the catalogue lists as deprecated."""

import warnings

from deprecated import Fal

client = Fal(key="test")

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("default")
    for endpoint_id in ("acme/blender", "acme/mixer"):
        client.endpoint(endpoint_id)(prompt="stir")

assert {warning.filename for warning in caught} == {__file__}
assert [str(warning.message) for warning in caught] == [
    "fal has deprecated acme/blender, and may remove it",
    "fal has deprecated acme/mixer, and may remove it",
]
