"""Where and how documents are fetched."""

from __future__ import annotations

from dataclasses import dataclass

DOCUMENT_URL = "https://fal.ai/api/openapi/queue/openapi.json"
CATALOGUE_URL = "https://api.fal.ai/v1/models"


@dataclass(frozen=True)
class FetchSettings:
    """Where and how documents are fetched.

    Attributes:
        url: Address of the documents; `endpoint_id` is added as a query parameter.
        catalogue: Address of the catalogue.
        concurrency: Requests under way at the same time.
        attempts: Attempts for each request, including the first.
        timeout: Seconds for a complete response, including retries.
        max_bytes: Size above which a response is rejected.
        prices: Whether `fetch`, `update` and `drift` look up prices, which needs a key.
        allow_http: Whether http:// to hosts other than loopback is allowed.
        many: Documents from which on they are fetched from the catalogue; cannot be declared.
    """

    url: str = DOCUMENT_URL
    catalogue: str = CATALOGUE_URL
    concurrency: int = 8
    attempts: int = 4
    timeout: float = 60.0
    max_bytes: int = 10_000_000
    prices: bool = False
    allow_http: bool = False
    many: int = 5

    @property
    def are_in_catalogue(self) -> bool:
        """Whether the catalogue has the documents that are at `url`.

        It does not if only `url` differs from fal's own addresses.
        """
        return self.url == DOCUMENT_URL or self.catalogue != CATALOGUE_URL
