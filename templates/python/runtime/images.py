"""Images of Pillow and arrays of numpy as files; neither is imported for callers without them."""

from __future__ import annotations

import io
import sys
from importlib import import_module
from typing import IO, Any, Protocol, TypeAlias, TypeGuard

from .text import short

PNG = "image/png"
"""The media type of an image whose caller names none: it loses nothing."""


class Image(Protocol):
    """An image of Pillow: `PIL.Image.Image`."""

    @property
    def mode(self) -> str:
        """The meaning of its values, such as RGB."""
        ...

    def save(self, fp: IO[bytes], /, format: str | None = None) -> object:
        """Write it to a binary file object."""
        ...


class Array(Protocol):
    """An array of numpy, or of another library with numpy's array interface."""

    @property
    def __array_interface__(self) -> dict[str, Any]:
        """The description of its memory."""
        ...


Picture: TypeAlias = Image | Array
"""What is encoded before it is uploaded."""


def is_picture(value: object) -> TypeGuard[Picture]:
    """Return whether a value is an image of Pillow or an array."""
    return _is_image(value) or hasattr(type(value), "__array_interface__")


def picture_problem(picture: Picture) -> str | None:
    """Return the reason why an array is not an image; None if it may be one."""
    if _is_image(picture):
        return None
    interface: dict[str, Any] = getattr(picture, "__array_interface__", {})
    shape, kind = interface.get("shape", ()), str(interface.get("typestr"))
    if kind[1:] != "u1":
        return f"is an array of {short(kind)}; an image has values of uint8, from 0 to 255"
    is_image = len(shape) == 2 or (len(shape) == 3 and shape[2] in (3, 4))
    if not is_image or 0 in shape:
        return (
            f"is an array of the shape {short(shape)}; an image has (height, width), or "
            "(height, width, 3) for RGB, or (height, width, 4) for RGBA"
        )
    return None


def encoded(picture: Picture, content_type: str) -> bytes:
    """Return an image as a file of a media type.

    Raises:
        ValueError: Pillow cannot write it in that format, or is not installed.
    """
    family, _, kind = content_type.partition(";")[0].strip().partition("/")
    if family != "image":
        raise ValueError(f"an image cannot become {content_type}; use a type such as {PNG}")
    image = picture if _is_image(picture) else _image_of(picture)
    buffer = io.BytesIO()
    try:
        image.save(buffer, format=kind)
    except KeyError as error:
        raise ValueError(f"Pillow cannot write {content_type}; use a type such as {PNG}") from error
    except OSError as error:
        is_mode = "cannot write mode" in str(error)
        next_step = "; convert the image first, as in image.convert('RGB')" if is_mode else ""
        raise ValueError(f"{error}{next_step}") from error
    return buffer.getvalue()


def _image_of(array: Picture) -> Image:
    try:
        pillow: Any = import_module("PIL.Image")
    except ImportError:
        raise ValueError("an array needs Pillow: pip install pillow") from None
    image: Image = pillow.fromarray(array)
    return image


def _is_image(value: object) -> TypeGuard[Image]:
    pillow = sys.modules.get("PIL.Image")
    return pillow is not None and isinstance(value, pillow.Image)
