"""All that an emulator remembers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fal_codegen.emulator.documents import Document, Endpoint
from fal_codegen.emulator.faults import Faults
from fal_codegen.emulator.jobs import Queue
from fal_codegen.emulator.journal import Journal
from fal_codegen.emulator.storage import Storage
from fal_codegen.emulator.webhooks import Webhooks
from fal_codegen.errors import DocumentError

__all__ = ["Fal"]


class Fal:
    """The endpoints that are served, and what has become of the requests so far."""

    def __init__(
        self,
        documents: Iterable[Document],
        *,
        faults: str = "",
        key: str | None = None,
        listing: Mapping[str, Mapping[str, Any]] | None = None,
        package: str = "fal_endpoints",
    ) -> None:
        """Serve these documents.

        Args:
            documents: Parsed OpenAPI documents, one per endpoint.
            faults: Directives for every request, in the language of `faults`.
            key: The only key accepted; by default any is, as long as there is one.
            listing: What the listing says about endpoints that their documents do not, by id:
                `display_name`, `status`, `tags`, … as in the listing's `metadata`.
            package: Import name of the Python client that the playground's programs use.

        Raises:
            DocumentError: A document is not one of a fal endpoint, or two are of the same.
            UsageError: `faults` cannot be read.
        """
        self.endpoints: dict[str, Endpoint] = {}
        for endpoint in map(Endpoint, documents):
            if endpoint.id in self.endpoints:
                raise DocumentError("there are two documents of it", endpoint=endpoint.id)
            self.endpoints[endpoint.id] = endpoint
        self.faults = Faults(faults)
        self.queue = Queue()
        self.storage = Storage()
        self.webhooks = Webhooks(self.queue)
        self.journal = Journal()
        self.key = key
        self.listing = listing or {}
        self.package = package

    def reset(self) -> None:
        """Return to the start: no jobs, no files, an empty journal, the initial faults."""
        self.queue.clear()
        self.storage.clear()
        self.journal.clear()
        self.faults.reset()
