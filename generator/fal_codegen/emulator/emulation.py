"""The state of an emulator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fal_codegen.document.metadata import Metadata
from fal_codegen.document.price import UnitPrice
from fal_codegen.emulator.endpoints.catalogue import ServedCatalogue
from fal_codegen.emulator.endpoints.document_files import OpenApiDocument
from fal_codegen.emulator.faults import Faults
from fal_codegen.emulator.journal import Journal
from fal_codegen.emulator.limits import Limits
from fal_codegen.emulator.queue.jobs import Queue
from fal_codegen.emulator.queue.webhook_delivery import WebhookDelivery
from fal_codegen.emulator.storage.file_store import FileStore
from fal_codegen.emulator.storage.lifecycles import Lifecycles
from fal_codegen.emulator.tokens import Tokens

__all__ = ["Emulation"]


class Emulation:
    """The endpoints that are served, and the jobs, files and requests so far."""

    def __init__(
        self,
        documents: Iterable[OpenApiDocument],
        *,
        faults: str = "",
        key: str | None = None,
        listing: Mapping[str, Metadata] | None = None,
        prices: Mapping[str, UnitPrice] | None = None,
        package: str = "fal_endpoints",
        limits: Limits | None = None,
    ) -> None:
        """Create the state of an emulator for these documents.

        Args:
            documents: Parsed OpenAPI documents, one per endpoint.
            faults: Directives for every request, as `faults` describes them.
            key: The only accepted key; by default, any key is accepted.
            listing: Metadata of endpoints for the catalogue, by id. It replaces the emulator's
                placeholders.
            prices: The prices of endpoints, by id; others cost 0.01 US dollars per image.
            package: Import name of the Python client in the playground's examples.
            limits: The most that is kept.

        Raises:
            DocumentError: A document does not describe a fal endpoint, or two describe the same.
            UsageError: `faults` is invalid.
        """
        self.catalogue = ServedCatalogue.of(documents, listing, prices)
        self.faults = Faults(faults)
        self.limits = limits or Limits()
        self.queue = Queue(budget=self.limits.results)
        self.files = FileStore(self.limits.files, announcements=self.limits.announcements)
        self.tokens = Tokens(self.limits.announcements)
        self.lifecycles = Lifecycles(lambda: self.queue.clock(), most=self.limits.announcements)
        self.deletions: dict[tuple[str, str], list[str]] = {}
        """The URLs of the files that were deleted, by idempotency key and request id."""
        self.webhooks = WebhookDelivery(self.queue)
        self.journal = Journal(self.limits.journal)
        self.key = key
        self.package = package

    def reset(self) -> None:
        """Return to the initial state: nothing kept, an empty journal, the initial faults."""
        self.queue.clear()
        self.files.clear()
        self.tokens.clear()
        self.lifecycles.clear()
        self.deletions.clear()
        self.journal.clear()
        self.faults.reset()
