"""The base classes and types of generated models."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeAlias, TypeVar

import pydantic
from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError

from .errors import Subject, ValidationError
from .problems import problems_of


class Unset:
    """The type of `UNSET`, the default of arguments that are sent only if you set them."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> Literal[False]:
        return False

    def __reduce__(self) -> str:
        return "UNSET"  # copies and pickles are the same instance, so `is UNSET` works


UNSET: Final = Unset()
"""Leaves an argument out: the server's own default applies."""


class InputModel(BaseModel):
    """The base class of inputs. It is strict: a mistake fails here, not in a paid request.

    Set fields by their Python names, or in a nested dictionary by their names on the wire.

    Example:
        ```python
        from fal_endpoints import ValidationError
        from fal_endpoints.fal_ai.pika.v2_2.image_to_video import Input

        try:
            Input(image_url="https://example.com/a.png", promt="It waves")
        except ValidationError as error:
            print(error)  # it names the wrong and the missing field
        ```
    """

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        populate_by_name=True,
        allow_inf_nan=False,
        protected_namespaces=(),
    )

    def __init__(self, /, **values: Any) -> None:
        """Validate the values.

        Raises:
            ValidationError: A value is not valid input.
        """
        try:
            super().__init__(**values)
        except pydantic.ValidationError as error:
            subject = Subject(type(self).__name__)
            raise ValidationError(problems_of(error, type(self)), subject) from None

    # Otherwise pydantic would call it for a nested model, and not see its own errors.
    __init__.__dict__["__pydantic_base_init__"] = True


class OutputModel(BaseModel):
    """The base class of outputs. It is open: fields that the server adds later are kept.

    Example:
        ```python
        from fal_endpoints import Fal

        endpoint = Fal().fal_ai.pika.v2_2.image_to_video
        output = endpoint(image_url="https://example.com/a.png", prompt="It waves").subscribe()
        print(output.model_dump())
        print(output.model_extra)  # the fields that this package does not know
        ```
    """

    model_config = ConfigDict(extra="allow", protected_namespaces=())


def not_null(value: object) -> object:
    """Return a value. Raises PydanticCustomError for None."""
    if value is None:
        raise PydanticCustomError("not_null", "may be left out, but must not be None")
    return value


T = TypeVar("T")

Omittable: TypeAlias = Annotated[T | None, BeforeValidator(not_null)]
"""The type of a field that may be left out but not null: its default, `None`, is never sent."""
