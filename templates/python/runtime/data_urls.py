"""Local files as data URLs."""

from __future__ import annotations

from .errors import Subject, ValidationError
from .images import Picture, is_picture
from .local_file import Content, LocalFile, Unreadable
from .problems import Problem


def encode_image(image: Picture, format: str = "jpeg") -> str:
    """Return a Pillow image or a numpy array as a data URL.

    Endpoints accept images directly, and upload large ones; use this where a string is needed.

    Args:
        image: The image, or an array of uint8 in the order RGB.
        format: A format that Pillow can write, such as `png`, `jpeg` or `webp`.

    Raises:
        ValidationError: Pillow cannot write the image in that format.

    Example:
        ```python
        from PIL import Image
        from fal_endpoints import encode_image

        url = encode_image(Image.new("RGB", (64, 64)), format="webp")
        ```
    """
    subject = Subject("encode_image")
    if not is_picture(image):
        message = "should be a Pillow image or a numpy array"
        problem = Problem("image", message, "file_input", image, has_input=True)
        raise ValidationError([problem], subject)
    try:
        return Content.of(LocalFile(image, f"image/{format}")).data_uri()
    except Unreadable as error:
        message = f"cannot be encoded: {error}"
        raise ValidationError([Problem("image", message, "file_input")], subject) from error
