"""The client: its configuration, and what it does that no single endpoint does."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, AsyncIterable, Generator, Iterable, Mapping
from functools import partial
from typing import Any, NoReturn, TypeGuard

import httpx
from typing_extensions import Self, Unpack

from .errors import NOTHING, ValidationError
from .local_file import LocalFile, Source
from .options import JobOptions
from .problems import Problem
from .protocol.addresses import Addresses
from .protocol.batch import Batch, Retry
from .protocol.connection import Connection
from .protocol.key import Key
from .protocol.operation import Output
from .protocol.outcome import Outcome
from .protocol.uploads import upload
from .protocol.webhooks import WebhookKeys
from .request import Request
from .transport.pools import DEFAULT_TIMEOUT, Pools


class Client:
    """A connection to fal; the generated `Fal` adds the endpoints as attributes.

    Use it from any number of threads, event loops and forked processes. `with`, `async with`,
    `close` and `aclose` release its connections; used again after that, it opens new ones.

    Args:
        key: the API key; `FAL_KEY`, or `FAL_KEY_ID` and `FAL_KEY_SECRET`, if it is not given.
        base_url: the address of an emulator or a proxy that serves the queue at `/queue`,
            synchronous calls at `/run` and storage at `/rest`; `FAL_BASE_URL` if it is not given.
        queue_url: the queue's address alone, before `base_url`.
        run_url: the address of synchronous calls alone, before `base_url`.
        rest_url: the address of storage and webhook keys alone, before `base_url`.
        allow_http: whether addresses beyond loopback may be http://, which shows the key to the
            network; `FAL_ALLOW_HTTP=1` if it is not given.
        timeout: seconds that one network operation may take.
        http_client: carries the blocking calls, and downloads, instead of one of our own. It
            remains yours to close, and must not be used on both sides of a fork.
        async_http_client: the same for event loops; it must not be used from more than one.

    Raises:
        ConfigurationError: an address is neither https, nor http where that is allowed. A missing
            key, and settings of proxies or certificates that cannot be used, raise it only when a
            request needs them.
    """

    def __init__(
        self,
        key: str | None = None,
        *,
        base_url: str | None = None,
        queue_url: str | None = None,
        run_url: str | None = None,
        rest_url: str | None = None,
        allow_http: bool | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        http_client: httpx.Client | None = None,
        async_http_client: httpx.AsyncClient | None = None,
    ) -> None:
        hidden_key = None if key is None else Key(key)
        del key  # or an error report that shows local variables would show it
        if hidden_key is not None:
            hidden_key.check()
        self.connection = Connection(
            Addresses.configured(base_url, queue_url, run_url, rest_url, allow_http),
            hidden_key,
            Pools(timeout, http_client, async_http_client),
        )
        """What carries the requests; for the generated code."""
        self._webhook_keys = WebhookKeys()

    def __repr__(self) -> str:
        if not hasattr(self, "connection"):  # in an error report on making it
            return f"{type(self).__name__}(…)"
        return f"{type(self).__name__}(queue_url={self.connection.addresses.queue!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a client cannot be copied or sent to another process; its requests and handles can, "
            "and take the key and the addresses from that process's environment"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def close(self) -> None:
        """Close the connections of blocking calls."""
        self.connection.pools.close()

    async def aclose(self) -> None:
        """Close the connections of the running event loop, and those of blocking calls."""
        await self.connection.pools.aclose()

    def upload(
        self,
        source: Source,
        content_type: str | None = None,
        file_name: str | None = None,
    ) -> str:
        """Upload a local file, and return its URL.

        Endpoints take local files as they are; use this to send one upload in many requests.

        Args:
            source: The path (a `pathlib.Path`, not a string), bytes or binary file object to
                upload. A file object is read from its current position.
            content_type: The media type; found from the name or the first bytes if left out.
            file_name: The source's own name if left out.

        Raises:
            ValidationError: the source is a URL or another string, or it cannot be read.
        """
        file = LocalFile(source, content_type, file_name)
        flow = partial(upload, file=file, connection=self.connection)
        return self.connection.run(flow)

    async def upload_async(
        self,
        source: Source,
        content_type: str | None = None,
        file_name: str | None = None,
    ) -> str:
        """Do what `upload` does."""
        file = LocalFile(source, content_type, file_name)
        flow = partial(upload, file=file, connection=self.connection)
        return await self.connection.run_async(flow)

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> None:
        """Check that fal sent a webhook, and sent it in the last five minutes.

        It needs the package `cryptography`, which the extra `webhooks` installs.

        Args:
            headers: the HTTP headers that came with it.
            body: its raw body, as it was received.

        Raises:
            WebhookError: fal did not.
            ConfigurationError: `cryptography` is not installed.
            ConnectionFailed, APIError, UnexpectedResponse: fal's keys could not be fetched, so
                this is not known; fal delivers a webhook again that is not answered with success.
        """
        addresses = self.connection.addresses
        self.connection.run(lambda io: self._webhook_keys.verify(io, headers, body, addresses))

    async def verify_webhook_async(self, headers: Mapping[str, str], body: bytes) -> None:
        """Do what `verify_webhook` does."""
        addresses = self.connection.addresses
        await self.connection.run_async(
            lambda io: self._webhook_keys.verify(io, headers, body, addresses)
        )

    def map(
        self,
        requests: Iterable[Request[Output]],
        *,
        concurrency: int = 16,
        ledger: str | os.PathLike[str] | None = None,
        retry: Retry = "retryable",
        **options: Unpack[JobOptions],
    ) -> Generator[Outcome[Output], None, None]:
        """Subscribe to many requests, and yield how each ended as it ends, failures included.

        The requests are taken one by one as there is room, so there may be any number of them. If
        taking one fails, the error is raised after the outcomes of those that run. On a terminal,
        a line counts the outcomes. Closing the iterator ends the batch. It works on an event loop
        in a thread of its own, where a given `http_client` sends in further threads.

        With a ledger, a batch can be interrupted, also by a crash, and goes on when the same
        requests are mapped again: finished ones come from the ledger, and those that were
        submitted are not submitted again. A request is known by its endpoint and its arguments, a
        file by its content. Without a ledger, the jobs of an interrupted batch are cancelled.

        Args:
            requests: Requests of any endpoints. `map` of an endpoint takes mappings of arguments.
            concurrency: How many jobs are in fal's queue at a time.
            ledger: The path of the ledger, a file that `map` makes. One batch can use it at a time.
            retry: Which requests that failed in an earlier run of the ledger are sent again:
                those whose error is `retryable`, or all that `failed`. A request of which it is
                uncertain whether fal accepted it is never sent again; it ends as
                `SubmissionUncertain` until it is settled: see `Ledger`.
            options: See `Request.submit`.

        Raises:
            ConfigurationError: an argument cannot be used, or the file is not a ledger.
        """
        batch: Batch[Request[Output], Output] = Batch(
            self.connection,
            _as_request,
            concurrency=concurrency,
            ledger=ledger,
            retry=retry,
            options=options,
        )
        return batch.outcomes(requests)

    def map_async(
        self,
        requests: Iterable[Request[Output]] | AsyncIterable[Request[Output]],
        *,
        concurrency: int = 16,
        ledger: str | os.PathLike[str] | None = None,
        retry: Retry = "retryable",
        **options: Unpack[JobOptions],
    ) -> AsyncGenerator[Outcome[Output], None]:
        """Do what `map` does; the requests may be an asynchronous iterable too."""
        batch: Batch[Request[Output], Output] = Batch(
            self.connection,
            _as_request,
            concurrency=concurrency,
            ledger=ledger,
            retry=retry,
            options=options,
        )
        return batch.outcomes_async(requests)


def _as_request(row: object) -> Request[Any]:
    """Return a row that is a request. Raises ValidationError if it is not."""
    if _is_request(row):
        return row
    message = "should be a request; the map of an endpoint takes mappings of arguments"
    raise ValidationError([Problem("row", message, "request_type", row, has_input=True)], NOTHING)


def _is_request(row: object) -> TypeGuard[Request[Any]]:
    return isinstance(row, Request)
