"""The call that a form makes, as snippets to copy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from mimetypes import guess_type
from shlex import quote
from typing import Any
from urllib.parse import unquote

from fal_codegen.document.schema import Anything, Array, FileUrl, Ref, Schema, alternatives
from fal_codegen.emulator.endpoints.results import FILES
from fal_codegen.emulator.playground.templates import render
from fal_codegen.ir import Endpoint
from fal_codegen.snippets.literals import Source, javascript, shell
from fal_codegen.snippets.python_calls import PythonCall, python

_QUEUE = "https://queue.fal.run"

_SCHEMES = ("https://", "http://", "data:")


@dataclass(frozen=True)
class PythonClient:
    """How the generated Python client calls an endpoint.

    Attributes:
        package: Its import name.
        call: The attribute path from the client to the endpoint.
        endpoint: The planned endpoint.
    """

    package: str
    call: str
    endpoint: Endpoint


def snippets(
    endpoint_id: str,
    payload: Mapping[str, Any],
    client: PythonClient | None,
    base_url: str | None,
    uploads: str,
) -> dict[str, str]:
    """Return snippets that make one call, by language.

    Args:
        endpoint_id: The endpoint.
        payload: The input, as it is sent; whether it is valid does not matter.
        client: The typed client; if None, there is no snippet in Python.
        base_url: Origin of the emulator to call; fal itself if None.
        uploads: The start of the URLs of files that were uploaded from the page. In a snippet that
            calls fal, and in Python, they are local files again, and so is any string that is not a
            URL.
    """
    local = _LocalFiles(client.endpoint if client else None, uploads)
    value = local.marked(payload, Ref("Input"))
    is_fal = base_url is None
    has_files_for_fal = is_fal and local.are_there
    texts = {
        "typescript": render(
            "typescript.jinja",
            endpoint_id=javascript(endpoint_id, indent=0),
            input=javascript(_with_blobs(value) if is_fal else payload, indent=2),
            has_local_files=has_files_for_fal,
            proxy_url=base_url and javascript(f"{base_url}/", indent=0),
        ),
        "curl": render(
            "curl.jinja",
            url=quote(f"{f'{base_url}/queue' if base_url else _QUEUE}/{endpoint_id}"),
            input=shell(_with_names(value) if is_fal else payload),
            has_local_files=has_files_for_fal,
            is_fal=is_fal,
        ),
    }
    if client is None:
        return texts
    call = PythonCall(client.endpoint, value)
    typed = render(
        "python.jinja",
        client=client,
        classes=call.classes,
        has_local_files=local.are_there,
        arguments=call.arguments(indent=4),
        base_url=base_url and python(base_url, indent=0),
    )
    return {"python": typed, **texts}


class _LocalFile(str):
    """A local file of the person who runs the snippet.

    It is a string, as the form has it, and so valid as the value of a file. Its source is a path,
    because the client reads a plain string as a URL.
    """

    __slots__ = ()

    @property
    def path(self) -> str:
        """Its path on the person's disk; of an uploaded file, only the name is known."""
        return unquote(self.rpartition("/")[2]) if self.startswith(_SCHEMES) else str(self)

    def __repr__(self) -> str:
        return f"Path({python(self.path, indent=0)})"


def _with_blobs(value: Any) -> Any:
    """Return a value in which JavaScript reads each local file from the disk."""

    def blob(file: _LocalFile) -> Source:
        content_type = guess_type(file.path)[0] or "application/octet-stream"
        options = javascript({"type": content_type}, indent=0)
        return Source(f"await openAsBlob({javascript(file.path, indent=0)}, {options})")

    return _replaced(value, blob)


def _with_names(value: Any) -> Any:
    """Return a value in which each local file is its path."""
    return _replaced(value, lambda file: file.path)


def _replaced(value: Any, replacement: Callable[[_LocalFile], str]) -> Any:
    """Return a value with each local file in it replaced."""
    match value:
        case _LocalFile():
            return replacement(value)
        case list():
            return [_replaced(item, replacement) for item in value]
        case dict():
            return {name: _replaced(item, replacement) for name, item in value.items()}
        case _:
            return value


class _LocalFiles:
    """Finds the local files of an input."""

    def __init__(self, endpoint: Endpoint | None, uploads: str) -> None:
        self._models = {model.name: model for model in endpoint.models} if endpoint else {}
        self._uploads = uploads
        self._results = f"{uploads}{FILES}/"
        self.are_there = False

    def marked(self, value: Any, schema: Schema) -> Any:
        """Return a value with every local file in it as a `_LocalFile`."""
        kinds = alternatives(schema)
        if isinstance(value, str):
            is_file = any(isinstance(kind, FileUrl) for kind in kinds)
            return self._file(value) if is_file else value
        if isinstance(value, list):
            lists = (kind.items for kind in kinds if isinstance(kind, Array))
            items = next(lists, Anything())
            return [self.marked(item, items) for item in value]
        if isinstance(value, dict):
            fields = self._fields(kinds)
            return {
                name: self.marked(item, fields.get(name, Anything()))
                for name, item in value.items()
            }
        return value

    def _file(self, value: str) -> str:
        is_upload = value.startswith(self._uploads) and not value.startswith(self._results)
        if not value or (value.startswith(_SCHEMES) and not is_upload):
            return value
        self.are_there = True
        return _LocalFile(value)

    def _fields(self, kinds: Iterable[Schema]) -> Mapping[str, Schema]:
        """Return the schemas of the properties of all models among some schemas, by name."""
        models = (
            self._models[kind.name]
            for kind in kinds
            if isinstance(kind, Ref) and kind.name in self._models  # without a plan, there is none
        )
        return {prop.name: prop.schema for model in models for prop in model.properties}
