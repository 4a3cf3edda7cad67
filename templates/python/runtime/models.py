"""The base classes and types that generated models are written in."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeAlias, TypeVar

import pydantic
from pydantic import BaseModel, BeforeValidator, ConfigDict, PrivateAttr, model_validator
from pydantic_core import PydanticCustomError

from . import blocking, event_loop
from .connection import Connection, default_connection
from .downloads import download
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


class _Origin:
    """The connection that a file came by, if it did: no part of the file's value."""

    def __init__(self, connection: Connection | None = None) -> None:
        self.connection = connection

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Origin)

    def __hash__(self) -> int:
        return 0

    def __deepcopy__(self, memo: object) -> _Origin:
        return self

    def __reduce__(self) -> tuple[type[_Origin], tuple[()]]:
        return _Origin, ()  # a connection belongs to its process, and holds a key


class File(OutputModel):
    """A file that an endpoint made."""

    url: str
    """Where it can be downloaded from."""
    content_type: str | None = None
    """Its media type, such as `image/png`."""
    file_name: str | None = None
    file_size: int | None = None
    """Bytes."""

    _origin: _Origin = PrivateAttr(default_factory=_Origin)

    @model_validator(mode="before")
    @classmethod
    def _of_url(cls, value: object) -> object:
        # Some documents promise a file, and give a bare URL as their example of a result.
        return {"url": value} if isinstance(value, str) else value

    def model_post_init(self, context: Any, /) -> None:
        """Remember the connection that the file came by (called by pydantic)."""
        if isinstance(context, Connection):
            self._origin = _Origin(context)

    def download(self, path: str | os.PathLike[str]) -> Path:
        """Download to `path`, or into it if it is a folder, and return where the file is.

        The file appears when it is complete; a download that was broken off goes on. At a `path`
        of its own it replaces what is there; in a folder it takes a free name: `out-1.mp4`. The
        folder has to exist.

        Raises:
            APIError: the server refused; results are not kept for ever.
            ConnectionFailed: the connection broke again and again.
            UnexpectedResponse: the URL is none that can be downloaded.
            OSError: the file cannot be written.
        """
        flow = partial(download, url=self.url, path=path)
        return blocking.run(self._connection(), flow)

    async def download_async(self, path: str | os.PathLike[str]) -> Path:
        """Do what `download` does."""
        flow = partial(download, url=self.url, path=path)
        return await event_loop.run(self._connection(), flow)

    def _connection(self) -> Connection:
        return self._origin.connection or default_connection()


def _not_null(value: object) -> object:
    if value is None:
        raise PydanticCustomError("not_null", "may be left out, but not be None")
    return value


T = TypeVar("T")

Omittable: TypeAlias = Annotated[T | None, BeforeValidator(_not_null)]
"""The type of a field that may be left out but not be null: its default, `None`, is never sent."""
