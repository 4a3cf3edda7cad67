"""Read: from the bytes of an endpoint's OpenAPI document to a `Document`.

Input and Output are located through the document's own references, never by the names of its
components: 71 of 1,052 genuine documents have several components called `…Input`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from fal_codegen.digests import digest_of
from fal_codegen.document.json_values import mapping
from fal_codegen.document.metadata import Metadata
from fal_codegen.document.pointers import dereferenced, escape, follow
from fal_codegen.document.price import UnitPrice
from fal_codegen.document.strict_json import (
    may_have_lone_surrogates,
    parse_json,
    without_lone_surrogates,
)
from fal_codegen.endpoint_id import validate
from fal_codegen.errors import DocumentError, UsageError
from fal_codegen.text.escaping import json_text


@dataclass(frozen=True)
class Document:
    """An endpoint's OpenAPI document, with the endpoint's parts located in it.

    Attributes:
        endpoint_id: The id in `info.x-fal-metadata.endpointId`, or else in the paths (see
            `locate_by_paths`).
        input: Schema of the POST's request body: a `$ref` in every genuine document.
        output: Schema of the result: the 200 response of the result's GET.
        about: What the endpoint does, as its page describes it; may be empty.
        category: fal's category, such as `image-to-video`; may be empty.
        documentation_url: The endpoint's page; may be empty.
        thumbnail_url: A picture of what the endpoint does; may be empty.
        raw: The document as it was read.
        content: The document with its overlay applied.
        correction: The reason of its overlay; empty without one.
        url: Where it was fetched from; None if it was read from disk.
        metadata: Its entry in the catalogue; None if it was not fetched.
        price: Its price; None if it is not known.
    """

    endpoint_id: str
    input: Mapping[str, Any]
    input_pointer: str
    output: Mapping[str, Any]
    output_pointer: str
    about: str
    category: str
    documentation_url: str
    thumbnail_url: str
    raw: Mapping[str, Any]
    content: Mapping[str, Any]
    correction: str = ""
    url: str | None = None
    metadata: Metadata | None = None
    price: UnitPrice | None = None

    @cached_property
    def text(self) -> str:
        """The text in which it is vendored (see `serialised`)."""
        return serialised(self.raw)

    @property
    def digest(self) -> str:
        """SHA-256 of the vendored text, in hexadecimal."""
        return digest_of(self.text)

    def is_in(self, data: bytes) -> bool:
        """Return whether a vendored file holds this document, however it escapes characters."""
        if data == self.text.encode():
            return True
        try:
            parsed = parse_json(data)
        except DocumentError:
            return False
        return isinstance(parsed, dict) and serialised(parsed) == self.text


def serialised(raw: Mapping[str, Any]) -> str:
    """Return the text in which a document is vendored: sorted keys, two spaces, one last newline.

    fal serves the same document in different key orders from day to day. Characters that are
    invisible in a diff, or reorder it, are escaped (see `text.invisible`).
    """
    return json_text(raw, indent=2, sort_keys=True) + "\n"


def read(data: bytes, *, expect: str | None = None) -> Document:
    """Read one document.

    Args:
        data: The document as served or vendored: JSON in UTF-8.
        expect: The endpoint id that it must have.

    Raises:
        DocumentError: It is not JSON, is not the OpenAPI document of a fal endpoint, is of another
            endpoint than expected, or has no Input or Output.
    """
    parsed = _object(parse_json(data, expect), expect)
    content = without_lone_surrogates(parsed) if may_have_lone_surrogates(data) else parsed
    return _read(parsed, content, expect)


def read_parsed(parsed: object, *, expect: str | None = None) -> Document:
    """Read one document that `parse_json` parsed; see `read`.

    Raises:
        DocumentError: See `read`.
    """
    raw = _object(parsed, expect)
    return _read(raw, without_lone_surrogates(raw), expect)


def _read(raw: dict[str, Any], content: Mapping[str, Any], expect: str | None) -> Document:
    return replace(locate(content, _identify(content, expect)), raw=raw)


def _object(parsed: object, expect: str | None) -> dict[str, Any]:
    """Return the object that a document is.

    Raises:
        DocumentError: It is another value.
    """
    if not isinstance(parsed, dict):
        raise DocumentError(
            "this JSON is not an OpenAPI document: it is not an object",
            endpoint=expect,
            pointer="",
        )
    return parsed


def locate(raw: Mapping[str, Any], endpoint_id: str) -> Document:
    """Find the parts of an endpoint in a parsed document.

    Args:
        raw: The document. The id that it gives itself does not matter.
        endpoint_id: The endpoint, as the document's paths name it.

    Raises:
        DocumentError: It has no Input or no Output of that endpoint.
    """
    paths = mapping(raw.get("paths"))
    metadata = _metadata(raw)
    no_input = f"no Input found: the document has no POST /{endpoint_id} with a JSON body"
    body_at = (_path_pointer(endpoint_id), "post", "requestBody")
    input_at = _json_schema_at(raw, body_at, endpoint_id, no_input)
    result = _result_path(paths, endpoint_id)
    no_output = f"no Output found: GET {result} has no JSON response for 200"
    response_at = (f"/paths/{escape(result)}", "get", "responses", "200")
    output_at = _json_schema_at(raw, response_at, endpoint_id, no_output)
    return Document(
        endpoint_id=endpoint_id,
        input=follow(raw, input_at),
        input_pointer=input_at,
        output=follow(raw, output_at),
        output_pointer=output_at,
        about=_string(metadata.get("about")),
        category=_string(metadata.get("category")),
        documentation_url=_string(metadata.get("documentationUrl")),
        thumbnail_url=_string(metadata.get("thumbnailUrl")),
        raw=raw,
        content=raw,
    )


def locate_by_paths(raw: Mapping[str, Any]) -> Document:
    """Find the parts of the endpoint that a document's paths name; its own id need not match.

    If the paths name several endpoints, the document's own id decides, or else the first one.

    Raises:
        DocumentError: The paths name no endpoint, or it has no Input or no Output.
    """
    content = without_lone_surrogates(raw)
    own, ids = _metadata(content).get("endpointId"), _endpoints_of_paths(content)
    if not ids:
        raise DocumentError(
            "no path has both a POST and a result, at /requests/{request_id} below it",
            endpoint=_string(own) or None,
            pointer="/paths",
        )
    return replace(locate(content, own if own in ids else ids[0]), raw=raw)


def is_json(media_type: str) -> bool:
    """Return whether a media type is JSON, in any letter case, with parameters or `+json`."""
    essence = media_type.partition(";")[0].strip().lower()
    return essence == "application/json" or essence.endswith("+json")


def _metadata(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return fal's metadata of the endpoint; may be empty."""
    return mapping(mapping(raw.get("info")).get("x-fal-metadata"))


def _endpoints_of_paths(raw: Mapping[str, Any]) -> list[str]:
    """Return the ids of the endpoints that have both a POST and a result in the paths."""
    results = (
        re.fullmatch(r"/(.+)/requests/\{[^/{}]+\}", path) for path in mapping(raw.get("paths"))
    )
    ids = dict.fromkeys(result[1] for result in results if result)
    return [id_ for id_ in ids if "post" in mapping(dereferenced(raw, _path_pointer(id_))[0])]


def _identify(raw: Mapping[str, Any], expect: str | None) -> str:
    """Return the id of a document's endpoint: its own, or else that of its paths."""
    if not isinstance(raw.get("openapi"), str) or not isinstance(raw.get("paths"), dict):
        raise DocumentError(
            "this JSON is not an OpenAPI document: `openapi` or `paths` is missing",
            endpoint=expect,
            pointer="",
        )
    given = _metadata(raw).get("endpointId")
    if not isinstance(given, str):
        ids = _endpoints_of_paths(raw)
        given = expect if expect in ids else ids[0] if len(ids) == 1 else None
    if given is None:
        raise DocumentError(
            "the document does not name its endpoint",
            endpoint=expect,
            pointer="/info/x-fal-metadata/endpointId",
            hint='documents of fal have "info": {"x-fal-metadata": {"endpointId": "owner/name"}}',
        )
    try:
        endpoint_id = validate(given)
    except UsageError as error:
        raise DocumentError(
            error.message, endpoint=expect, pointer="/info/x-fal-metadata/endpointId"
        ) from error
    if expect is not None and endpoint_id != expect:
        raise DocumentError(
            f"the document is of another endpoint: {endpoint_id}",
            endpoint=expect,
            pointer="/info/x-fal-metadata/endpointId",
            hint="check the id, or the file it was read from",
        )
    return endpoint_id


def _path_pointer(endpoint_id: str) -> str:
    return f"/paths/{escape('/' + endpoint_id)}"


def _result_path(paths: Mapping[str, Any], endpoint_id: str) -> str:
    """Return the path of a result; the name of its parameter does not matter."""
    result = f"/{endpoint_id}/requests/"
    named = (path for path in paths if re.fullmatch(r"\{[^/{}]+\}", path.removeprefix(result)))
    return next(named, f"{result}{{request_id}}")


def _json_schema_at(
    raw: Mapping[str, Any], steps: tuple[str, ...], endpoint: str, otherwise: str
) -> str:
    """Return the pointer to the schema of a body's JSON.

    Args:
        raw: The document.
        steps: The pointer to a path, and the keys that lead from there to the body.
        endpoint: The endpoint's id, for the error.
        otherwise: The message of the error.

    Raises:
        DocumentError: There is no such schema.
    """
    path, *keys = steps
    body, at = dereferenced(raw, path)
    for key in keys:
        body, at = dereferenced(raw, f"{at}/{key}")
    content = mapping(mapping(body).get("content"))
    for media_type in sorted(filter(is_json, content), key=_preference):
        schema_at = f"{at}/content/{escape(media_type)}/schema"
        if isinstance(follow(raw, schema_at), dict):
            return schema_at
    raise DocumentError(
        otherwise,
        endpoint=endpoint,
        pointer="/".join(steps),
        hint="only endpoints of fal's queue can be generated",
    )


def _preference(media_type: str) -> tuple[bool, str]:
    return not media_type.lower().startswith("application/json"), media_type


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""
