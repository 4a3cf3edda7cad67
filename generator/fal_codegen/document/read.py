"""Read: from the bytes of an endpoint's OpenAPI document to a `Document`.

Input and Output are located through the document's own references, never by the names of its
components: 71 of 1,052 genuine documents have several components called `…Input`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from fal_codegen.digests import digest_of
from fal_codegen.document import strict_json
from fal_codegen.document.json_values import mapping
from fal_codegen.document.metadata import Metadata
from fal_codegen.document.pointers import dereferenced, escape, follow
from fal_codegen.endpoint_id import validate
from fal_codegen.errors import DocumentError, UsageError
from fal_codegen.text.merge_conflicts import conflict_line
from fal_codegen.text.positions import json_text

Schema = Mapping[str, Any]

MAX_DEPTH = 100
"""Levels of objects and arrays in a document; the deepest genuine one has about 20."""


@dataclass(frozen=True)
class Document:
    """An endpoint's OpenAPI document, and where in it the endpoint's parts are.

    Attributes:
        endpoint_id: The id that the document gives itself (`info.x-fal-metadata.endpointId`), or
            that its paths have.
        input: Schema of the POST's request body: a `$ref` in every genuine document.
        output: Schema of the result: the 200 response of the result's GET.
        about: What the endpoint does, in the words of its page; may be empty.
        category: fal's category, such as `image-to-video`; may be empty.
        documentation_url: The endpoint's page; may be empty.
        raw: The document as it was read.
        content: The document as it is used: `raw`, corrected.
        correction: Why it was corrected (see `overlay`); empty if it was not.
        url: Where it was fetched, if it was just now.
        metadata: What the catalogue says beside it, if it was asked.
    """

    endpoint_id: str
    input: Schema
    input_pointer: str
    output: Schema
    output_pointer: str
    about: str
    category: str
    documentation_url: str
    raw: Mapping[str, Any]
    content: Mapping[str, Any]
    correction: str = ""
    url: str | None = None
    metadata: Metadata | None = None

    @cached_property
    def text(self) -> str:
        """The document as it is vendored (see `canonical`)."""
        return canonical(self.raw)

    @property
    def digest(self) -> str:
        """SHA-256 of the vendored text, in hexadecimal."""
        return digest_of(self.text)

    def is_in(self, data: bytes) -> bool:
        """Return whether a vendored file has this document, whichever characters it escapes."""
        if data == self.text.encode():
            return True
        try:
            parsed = parse_json(data)
        except DocumentError:
            return False
        return isinstance(parsed, dict) and canonical(parsed) == self.text


def canonical(raw: Mapping[str, Any]) -> str:
    """Return the text in which a document is vendored: sorted keys, two spaces, one last newline.

    fal serves the same document in different key orders from day to day. Characters that cannot be
    seen in a diff, or reorder it, are written as escapes (see `text.characters`).
    """
    return json_text(raw, indent=2, sort_keys=True) + "\n"


def read(data: bytes, *, expect: str | None = None) -> Document:
    """Read one document.

    Args:
        data: The document as served or vendored: JSON in UTF-8.
        expect: The id of the endpoint that it must be of.

    Raises:
        DocumentError: It is not JSON, not an OpenAPI document of a fal endpoint, of another
            endpoint than expected, or has no Input or Output to be found.
    """
    return read_parsed(parse_json(data, expect), expect=expect)


def read_parsed(parsed: object, *, expect: str | None = None) -> Document:
    """Read one document from what `parse_json` made of it; see `read`.

    Raises:
        DocumentError: As of `read`.
    """
    if not isinstance(parsed, dict):
        raise DocumentError(
            "this JSON is not an OpenAPI document: it is not an object",
            endpoint=expect,
            pointer="",
            hint="check where it came from",
        )
    raw: dict[str, Any] = parsed
    return replace(locate(without_lone_surrogates(raw), expect=expect), raw=raw)


def locate(raw: Mapping[str, Any], *, expect: str | None = None) -> Document:
    """Find an endpoint's parts in a decoded document.

    Args:
        raw: The document.
        expect: The id of the endpoint that it must be of.

    Raises:
        DocumentError: As of `read`.
    """
    paths, info = raw.get("paths"), raw.get("info")
    if not isinstance(raw.get("openapi"), str) or not isinstance(paths, dict):
        raise DocumentError(
            "this JSON is not an OpenAPI document: `openapi` or `paths` is missing",
            endpoint=expect,
            pointer="",
            hint="check where it came from",
        )
    metadata = mapping(mapping(info).get("x-fal-metadata"))
    endpoint_id = _identify(metadata, paths, expect)

    no_input = f"no Input to be found: the document has no POST /{endpoint_id} with a JSON body"
    body_at = (f"/paths/{escape('/' + endpoint_id)}", "post", "requestBody")
    input_at = _json_schema_at(raw, body_at, endpoint_id, no_input)
    result = _result_path(paths, endpoint_id)
    no_output = f"no Output to be found: GET {result} has no JSON answer for 200"
    answer_at = (f"/paths/{escape(result)}", "get", "responses", "200")
    output_at = _json_schema_at(raw, answer_at, endpoint_id, no_output)
    return Document(
        endpoint_id=endpoint_id,
        input=follow(raw, input_at),
        input_pointer=input_at,
        output=follow(raw, output_at),
        output_pointer=output_at,
        about=_string(metadata.get("about")),
        category=_string(metadata.get("category")),
        documentation_url=_string(metadata.get("documentationUrl")),
        raw=raw,
        content=raw,
    )


def is_json(media_type: str) -> bool:
    """Return whether a media type is JSON: in any case, with parameters or a suffix (`+json`)."""
    essence = media_type.partition(";")[0].strip().lower()
    return essence == "application/json" or essence.endswith("+json")


def parse_json(data: bytes, endpoint: str | None = None) -> object:
    """Parse JSON as JSON is meant: in UTF-8, numbers finite, and not nested without end.

    Raises:
        DocumentError: It is something else, and what.
    """
    try:
        text = data.decode("utf-8-sig")
        raw = strict_json.loads(text)
    except UnicodeDecodeError as error:
        raise DocumentError(
            f"the document is not UTF-8: byte {error.start} cannot be read", endpoint=endpoint
        ) from error
    except RecursionError as error:
        raise _too_deep(endpoint) from error
    except json.JSONDecodeError as error:
        if line := conflict_line(text):
            raise DocumentError(
                f"git left a merge conflict in the document, in line {line}",
                endpoint=endpoint,
                hint="take one side of it, with git checkout --ours or --theirs; "
                "then run: fal-codegen generate",
            ) from error
        raise DocumentError(
            _what_instead_of_json(text, error),
            endpoint=endpoint,
            hint="get it again; if it stays so, it is not what fal serves",
        ) from error
    except ValueError as error:
        raise DocumentError(
            f"the document has a number that cannot be used: {error}", endpoint=endpoint
        ) from error
    if any(depth > MAX_DEPTH for depth in _depths(raw)):
        raise _too_deep(endpoint)
    return raw


def without_lone_surrogates(raw: dict[str, Any]) -> dict[str, Any]:
    """Put `?` for each: no UTF-8 can carry one, so a value with one can be neither sent nor got."""
    text = json.dumps(raw, ensure_ascii=False)
    if not re.search("[\ud800-\udfff]", text):
        return raw
    cleaned: dict[str, Any] = json.loads(text.encode("utf-8", "replace"))
    return cleaned


def _what_instead_of_json(text: str, error: json.JSONDecodeError) -> str:
    start = text.lstrip()[:200].lower()
    if not start:
        return "the document is empty"
    if start.startswith(("<!doctype", "<html", "<?xml", "<")):
        return "this is HTML, not JSON"
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        return f"the JSON is truncated: it ends in line {error.lineno}, before it is complete"
    return f"this is not JSON: {error.msg} in line {error.lineno}, column {error.colno}"


def _too_deep(endpoint: str | None) -> DocumentError:
    return DocumentError(
        f"the document is nested more than {MAX_DEPTH} levels deep",
        endpoint=endpoint,
        hint="no genuine document is; check where it came from",
    )


def _depths(root: object) -> Iterator[int]:
    """Yield the depth of every object and array, without recursion."""
    stack: list[tuple[object, int]] = [(root, 1)]
    while stack:
        node, depth = stack.pop()
        if isinstance(node, (dict, list)):
            yield depth
            children = node.values() if isinstance(node, dict) else node
            stack.extend((child, depth + 1) for child in children)


def _identify(metadata: Mapping[str, Any], paths: Mapping[str, Any], expect: str | None) -> str:
    given = metadata.get("endpointId")
    if not isinstance(given, str):
        given = _id_of_paths(paths, expect)
    if given is None:
        raise DocumentError(
            "the document does not say which endpoint it is of",
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


def _id_of_paths(paths: Mapping[str, Any], expect: str | None) -> str | None:
    """Return the id of the endpoint whose submission and result the paths have.

    None if there is no such endpoint, or several and none of them is the expected one.
    """
    results = (re.fullmatch(r"/(.+)/requests/\{[^/{}]+\}", path) for path in paths)
    found = {
        result[1] for result in results if result and "post" in mapping(paths.get(f"/{result[1]}"))
    }
    if expect in found:
        return expect
    return found.pop() if len(found) == 1 else None


def _result_path(paths: Mapping[str, Any], endpoint_id: str) -> str:
    """Return the path of a result; what its parameter is called does not matter."""
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
        otherwise: What to report if there is no such schema.

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
        hint="the document is not that of a queue endpoint, or fal changed its form",
    )


def _preference(media_type: str) -> tuple[bool, str]:
    return not media_type.lower().startswith("application/json"), media_type


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""
