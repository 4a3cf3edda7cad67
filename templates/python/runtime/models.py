"""The base classes and types that generated models are written in."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeAlias, TypeVar

import pydantic
from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError

from .errors import Subject, ValidationError
from .problems import problems_of


class Unset:
    """The type of `UNSET`, the default of an argument that is sent only when it is given."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> Literal[False]:
        return False

    def __reduce__(self) -> str:
        return "UNSET"  # copies and pickles are the one instance, so `is UNSET` holds for them


UNSET: Final = Unset()
"""Stands for an argument that was not given: the server's own default applies."""


class InputModel(BaseModel):
    """What an endpoint takes. Strict: a mistake fails here rather than at a paid request.

    Fields are set by their Python names, or in a nested dictionary by their names on the wire.
    """

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        populate_by_name=True,
        allow_inf_nan=False,
        protected_namespaces=(),
    )

    def __init__(self, /, **values: Any) -> None:
        """Check the values.

        Raises:
            ValidationError: one is not what the endpoint takes.
        """
        try:
            super().__init__(**values)
        except pydantic.ValidationError as error:
            about = Subject(type(self).__name__)
            raise ValidationError(problems_of(error, type(self)), about) from None

    # Or pydantic would call it, and not see its own errors, where a model is inside another.
    __init__.__dict__["__pydantic_base_init__"] = True


class OutputModel(BaseModel):
    """What an endpoint returns. Open: fields the server adds later are kept and readable."""

    model_config = ConfigDict(extra="allow", protected_namespaces=())


def _not_null(value: object) -> object:
    if value is None:
        raise PydanticCustomError("not_null", "may be left out, but not be None")
    return value


T = TypeVar("T")

Omittable: TypeAlias = Annotated[T | None, BeforeValidator(_not_null)]
"""The type of a field that may be left out but not be null: its default, `None`, is never sent."""
