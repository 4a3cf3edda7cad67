"""Limits of files: local files are checked before anything is sent."""

import struct

from limits import Fal, ValidationError
from limits.acme.limits import Element

animate = Fal(key="test").acme.limits


def png(width: int, height: int) -> bytes:
    """Return the header of a PNG image."""
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII9x", 13, b"IHDR", width, height)


request = animate(image_url=png(200, 5000), elements=[Element(frontal_image_url=png(300, 299))])
try:
    request.submit()
except ValidationError as error:
    found = {(problem.field, problem.type) for problem in error.errors}
    assert found == {
        ("image_url", "image_too_small"),
        ("image_url", "image_too_large"),
        ("image_url", "aspect_ratio"),
        ("elements[0].frontal_image_url", "image_too_small"),
    }
else:
    raise AssertionError("images beyond the limits were sent")
