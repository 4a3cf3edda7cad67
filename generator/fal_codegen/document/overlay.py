"""Correct: fix an endpoint's document with an overlay, on the record.

`specs/overlays/<endpoint id>.json` holds the reason, the evidence, and the fix as JSON Patch
(RFC 6902):

    {
      "reason": "`seed` is sent as a string",
      "evidence": "https://example.com/evidence",
      "patch": [
        {"op": "test", "path": "/components/schemas/In/properties/seed/type", "value": "string"},
        {"op": "replace", "path": "/components/schemas/In/properties/seed/type", "value": "integer"}
      ]
    }

Its `test` operations state what is wrong, so an overlay that is no longer needed fails. The
document itself stays in `specs/` as fal serves it.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from fal_codegen.document.read import Document, read
from fal_codegen.endpoint_id import document_path
from fal_codegen.errors import OverlayError
from fal_codegen.paths import OVERLAYS
from fal_codegen.text import cut

_LARGEST = 10_000_000
"""Characters of JSON that a corrected document may have: as many as may be fetched."""


_OPERATIONS = ("add", "remove", "replace", "move", "copy", "test")
"""Operations of JSON Patch."""


class Overlay(NamedTuple):
    """A correction of one endpoint's document.

    Attributes:
        reason: What is wrong with the document.
        evidence: A source for it, such as an address or a response of the server.
        patch: JSON Patch operations, at least one of them a `test`.
    """

    endpoint_id: str
    reason: str
    evidence: str
    patch: tuple[Mapping[str, Any], ...]

    @property
    def path(self) -> str:
        """Its file, relative to the project."""
        return str(OVERLAYS / document_path(self.endpoint_id))


def parse(data: bytes, endpoint_id: str) -> Overlay:
    """Read an overlay file.

    Raises:
        OverlayError: The file is not an overlay.
    """
    try:
        raw = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise _wrong(endpoint_id, f"it is not JSON: {error}") from error
    names = {"reason", "evidence", "patch"}
    if not isinstance(raw, dict) or raw.keys() != names:
        raise _wrong(endpoint_id, f"it must be an object with exactly {', '.join(sorted(names))}")
    for name in ("reason", "evidence"):
        if not isinstance(raw[name], str) or not raw[name].strip():
            raise _wrong(endpoint_id, f"{name} must be a non-empty string")
    patch = raw["patch"]
    if not isinstance(patch, list) or not all(isinstance(step, dict) for step in patch):
        raise _wrong(endpoint_id, "patch must be a list of JSON Patch operations (RFC 6902)")
    for number, step in enumerate(patch, 1):
        if step.get("op") not in _OPERATIONS:
            op = cut(str(step.get("op")), 60)
            problem = f"operation {number}, {op}: the operations are {', '.join(_OPERATIONS)}"
            raise _wrong(endpoint_id, problem)
    if not any(step.get("op") == "test" for step in patch):
        raise _wrong(
            endpoint_id,
            "patch has no test operation, which fails once the overlay is no longer needed",
        )
    return Overlay(endpoint_id, raw["reason"].strip(), raw["evidence"].strip(), tuple(patch))


def correct(document: Document, data: bytes | None) -> Document:
    """Return a document with its correction applied; its vendored text stays the same.

    Args:
        document: The document.
        data: Its overlay file, if it has one.

    Raises:
        OverlayError: The file is not an overlay, or the document is not as it expects.
        DocumentError: The result is not a usable document.
    """
    if data is None:
        return document
    overlay = parse(data, document.endpoint_id)
    from jsonpatch import JsonPatch, JsonPatchException, JsonPatchTestFailed, JsonPointerException

    content = copy.deepcopy(document.content)
    for number, step in enumerate(overlay.patch, 1):
        where = f"operation {number}, {step.get('op')} {step.get('path')}"
        try:
            content = JsonPatch([step]).apply(content, in_place=True)
            text = json.dumps(content) if step.get("op") == "copy" else ""  # each may double it
        except JsonPatchTestFailed as error:
            wanted = json.dumps(step.get("value"), ensure_ascii=False)
            raise OverlayError(
                f"{overlay.path} no longer fits the document ({where}): "
                f"the value at that path is not {cut(wanted, 200)}",
                endpoint=document.endpoint_id,
                hint="if fal has fixed the document, delete the overlay; if not, update it",
            ) from error
        except JsonPointerException as error:
            raise _wrong(overlay.endpoint_id, f"{where}: the path does not exist") from error
        except (JsonPatchException, TypeError, ValueError) as error:
            raise _wrong(overlay.endpoint_id, f"{where}: {cut(str(error), 200)}") from error
        except RecursionError as error:
            raise _wrong(overlay.endpoint_id, f"{where}: nested too deep") from error
        if len(text) > _LARGEST:
            problem = f"{where}: the result is larger than a document may be"
            raise _wrong(overlay.endpoint_id, problem)
    try:
        # Checked as a fetched document is.
        text = json.dumps(content)
    except RecursionError as error:
        raise _wrong(overlay.endpoint_id, "the result is nested too deep") from error
    corrected = read(text.encode(), expect=document.endpoint_id)
    return replace(
        corrected,
        raw=document.raw,
        correction=overlay.reason,
        url=document.url,
        metadata=document.metadata,
        price=document.price,
    )


def _wrong(endpoint_id: str, problem: str) -> OverlayError:
    return OverlayError(
        f"{OVERLAYS / document_path(endpoint_id)} cannot be used: {problem}",
        endpoint=endpoint_id,
        hint="fix it, or delete it",
    )
