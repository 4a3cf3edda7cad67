"""Endpoints that the catalogue lists as deprecated."""

import warnings

from deprecated import Fal

client = Fal(key="test")

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("default")
    for endpoint_id in ("acme/whisk", "acme/mixer"):
        client.endpoint(endpoint_id)(prompt="stir")

assert {warning.filename for warning in caught} == {__file__}
assert [str(warning.message) for warning in caught] == [
    "fal has deprecated acme/whisk, and may remove it",
    "fal has deprecated acme/mixer, and may remove it",
]
