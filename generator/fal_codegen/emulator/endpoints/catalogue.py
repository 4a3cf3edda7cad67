"""The endpoints that an emulator serves, as one value: a change of documents replaces it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from fal_codegen.client_names import call_paths
from fal_codegen.document.metadata import Metadata
from fal_codegen.document.price import UnitPrice
from fal_codegen.emulator.endpoints.document_files import OpenApiDocument
from fal_codegen.emulator.endpoints.served_endpoint import ServedEndpoint
from fal_codegen.errors import DocumentError

__all__ = ["ServedCatalogue"]


@dataclass(frozen=True, eq=False)
class ServedCatalogue:
    """Endpoints with their metadata and prices.

    Each request keeps the catalogue that it began with, so that a change does not disturb it.

    Attributes:
        endpoints: The endpoints, by id.
        listing: Metadata of endpoints, by id. It replaces the emulator's placeholders.
        prices: The prices of endpoints, by id.
    """

    endpoints: Mapping[str, ServedEndpoint]
    listing: Mapping[str, Metadata] = field(default_factory=dict)
    prices: Mapping[str, UnitPrice] = field(default_factory=dict)

    @cached_property
    def calls(self) -> Mapping[str, tuple[str, ...]]:
        """The names that lead from the generated Python client to each endpoint, by its id."""
        return call_paths(self.endpoints)

    @classmethod
    def of(
        cls,
        documents: Iterable[OpenApiDocument],
        listing: Mapping[str, Metadata] | None = None,
        prices: Mapping[str, UnitPrice] | None = None,
    ) -> ServedCatalogue:
        """Return the catalogue of some documents.

        Raises:
            DocumentError: A document does not describe a fal endpoint, or two describe the same.
        """
        endpoints: dict[str, ServedEndpoint] = {}
        for endpoint in map(ServedEndpoint, documents):
            if endpoint.id in endpoints:
                raise DocumentError("two documents describe this endpoint", endpoint=endpoint.id)
            endpoints[endpoint.id] = endpoint
        return cls(endpoints, listing or {}, prices or {})

    def updated(
        self,
        documents: Mapping[str, OpenApiDocument],
        listing: Mapping[str, Metadata],
        prices: Mapping[str, UnitPrice],
        unusable: Collection[str] = (),
    ) -> tuple[ServedCatalogue, list[DocumentError]]:
        """Return the catalogue after a change, and an error for each document that is unusable.

        Args:
            documents: The documents, by endpoint id.
            listing: Metadata of endpoints, by id.
            prices: The prices of endpoints, by id.
            unusable: Ids of endpoints without a usable document. They stay as they are.
        """
        endpoints: dict[str, ServedEndpoint] = {}
        errors: list[DocumentError] = []
        for endpoint_id in (*documents, *unusable):
            served, document = self.endpoints.get(endpoint_id), documents.get(endpoint_id)
            if document is not None and (served is None or served.document != document):
                try:
                    served = ServedEndpoint(document)
                except DocumentError as error:
                    errors.append(error)
            if served is not None:
                endpoints[endpoint_id] = served
        return ServedCatalogue(endpoints, listing, prices), errors
