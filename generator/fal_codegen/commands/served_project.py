"""What the emulator serves of a project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fal_codegen.document.metadata import Metadata
from fal_codegen.document.price import UnitPrice
from fal_codegen.errors import CodegenError
from fal_codegen.pipeline import corrected
from fal_codegen.project import declaration as declare
from fal_codegen.project.inputs import gather


@dataclass(frozen=True)
class ServedProject:
    """The declared endpoints of a project, as an emulator needs them.

    Attributes:
        documents: The corrected documents, by endpoint id.
        listing: Metadata of endpoints for the catalogue, by id.
        prices: The prices of endpoints, by id.
        package: Import name of the generated Python client.
        errors: Why documents cannot be used, by endpoint id.
    """

    documents: Mapping[str, dict[str, Any]]
    listing: Mapping[str, Metadata]
    prices: Mapping[str, UnitPrice]
    package: str
    errors: Mapping[str, CodegenError]


def read_served(project: Path) -> ServedProject:
    """Read what a project serves. Raises CodegenError if its declaration or lock is unusable."""
    inputs = gather(project, declare.load(project))
    packages = (declared.python_package for declared in inputs.declaration.targets)
    documents: dict[str, dict[str, Any]] = {}
    errors: dict[str, CodegenError] = {}
    for endpoint_id in inputs.declaration.endpoints:
        try:
            documents[endpoint_id] = dict(corrected(inputs, endpoint_id).content)
        except CodegenError as error:
            errors[endpoint_id] = error
    package = next(filter(None, packages), "fal_endpoints")
    return ServedProject(documents, inputs.metadata, inputs.prices, package, errors)
