"""The client: its configuration, and methods that belong to no single endpoint."""

from __future__ import annotations

import os
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    Callable,
    Coroutine,
    Generator,
    Iterable,
    Mapping,
)
from datetime import timedelta
from functools import cached_property, partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NoReturn, TypeGuard

import httpx
from typing_extensions import Self, Unpack

from .errors import NOTHING, ConfigurationError, ValidationError
from .handling_options import FileOptions, HandlingOptions
from .options import JobOptions, check_options, check_progress, check_values
from .protocol.addresses import Addresses
from .protocol.connection import Connection
from .protocol.key import Key
from .retries import Retries
from .transport.pools import Pools
from .tuning import BACKUP_CONNECT_TIMEOUT, DEFAULTS, Tuning

# Methods import what they alone need, so that it costs nothing until they are called.
if TYPE_CHECKING:
    from decimal import Decimal

    from .costs import Price
    from .endpoint import Endpoint
    from .file import File
    from .local_file import LocalFile, Source
    from .progress import OnProgress
    from .protocol.bound_endpoint import OutputT
    from .protocol.budget import Budget
    from .protocol.key_function import CalledKey, KeyFunction
    from .protocol.ledger_entry import Retry
    from .protocol.outcome import Outcome
    from .protocol.webhooks import WebhookKeys
    from .request import Request
    from .transport.io import Io


class Client:
    """A client of fal. The generated class `Fal` has the declared endpoints as attributes.

    Use it from any number of threads, event loops and forked processes. `with`, `async with`,
    `close` and `aclose` release its connections; if you use it again, it opens new ones.

    Args:
        key: The API key, or a function that returns it. The function is called for each request,
            in any thread, so it should cache a key that takes long to fetch. It may be a coroutine
            function, which only `_async` methods, `map` and realtime sessions can await. If left
            out, the key is `FAL_KEY`, or `FAL_KEY_ID` and `FAL_KEY_SECRET`, or in Google Colab the
            secret `FAL_KEY`, or for fal's own hosts the login of `fal auth login`.
        base_url: The URL of an emulator or a gateway that serves the queue at `/queue`, `run`
            and `stream` at `/run`, storage at `/rest` and the platform API at `/api/v1`;
            `FAL_BASE_URL` if left out.
        queue_url: The URL of the queue; below `base_url` if left out.
        run_url: The URL of `run` and `stream`; below `base_url` if left out.
        rest_url: The URL of storage and webhook keys; below `base_url` if left out.
        api_url: The URL of fal's platform API; below `base_url` if left out.
        allow_http: Whether hosts other than loopback may be reached by http://, which shows the key
            to the network. If left out, `FAL_ALLOW_HTTP=1` allows it.
        timeout: Seconds that one network operation may take.
        retries: How often a request is sent again where that is safe: see `Retries`.
        backup_hosts: Whether a request that cannot connect to `fal.run` or `queue.fal.run` is sent
            again to fal's backup hosts, `falrun.com` and `queue.falrun.com`, and the key with it.
            Only fal's own addresses have backup hosts.
        http_client: Sends every blocking request, also uploads, downloads and webhook keys,
            instead of this client's own connections. You close it, and must not use it on both
            sides of a fork. Let idle connections expire within a few seconds, before the server
            closes them: a submission on one that is just being closed ends as uncertain. With it,
            `map` sends each HTTP request in a thread, as many at a time as its pool has
            connections, and an interrupted HTTP request continues in its thread until it ends.
            Realtime connections do not use it.
        async_http_client: The same for `_async` methods. It must stay on one event loop.
        options: The defaults of every call. See `HandlingOptions`. A call that passes None leaves
            the option to your account's settings.

    Raises:
        ConfigurationError: An argument is invalid. A missing key, and unusable settings of proxies
            or certificates, raise it only when a request needs them.

    Example:
        ```python
        from fal_endpoints import Fal

        with Fal() as client:  # the key is read from FAL_KEY
            endpoint = client.fal_ai.pika.v2_2.image_to_video
            output = endpoint(image_url="https://example.com/a.png", prompt="It waves").subscribe()
        ```
    """

    def __init__(
        self,
        key: str | KeyFunction | None = None,
        *,
        base_url: str | None = None,
        queue_url: str | None = None,
        run_url: str | None = None,
        rest_url: str | None = None,
        api_url: str | None = None,
        allow_http: bool | None = None,
        timeout: float = DEFAULTS.timeout,
        retries: Retries = DEFAULTS.retries,
        backup_hosts: bool = False,
        http_client: httpx.Client | None = None,
        async_http_client: httpx.AsyncClient | None = None,
        **options: Unpack[HandlingOptions],
    ) -> None:
        credentials: Key | CalledKey | None
        if callable(key):
            from .protocol.key_function import CalledKey

            credentials = CalledKey(key)
        else:
            credentials = None if key is None else Key(key)
        del key  # an error report that shows local variables would show it
        if isinstance(credentials, Key):
            credentials.check()
        check_values(timeout=timeout, retries=retries, backup_hosts=backup_hosts)
        check_options(type(self), options, HandlingOptions)
        addresses = Addresses.configured(
            base_url, queue_url, run_url, rest_url, api_url, allow_http
        )
        if backup_hosts and not addresses.are_of_fal:
            raise ConfigurationError(
                "backup_hosts is for fal's own addresses: leave it out, or call fal directly"
            )
        connect_timeout = BACKUP_CONNECT_TIMEOUT if backup_hosts else DEFAULTS.connect_timeout
        tuning = Tuning(timeout, connect_timeout, retries, backup_hosts)
        self.connection = Connection(
            addresses, credentials, Pools(tuning, http_client, async_http_client), options
        )
        """The addresses, the key and the HTTP connections, for generated code."""

    if not TYPE_CHECKING:  # or type checkers would accept any name

        def __getattr__(self, name: str) -> object:
            from .missing_attributes import missing_attribute

            return missing_attribute(self, name)

    def __repr__(self) -> str:
        if not hasattr(self, "connection"):  # in an error report of its own constructor
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
        """Close the connections of blocking requests."""
        self.connection.pools.close()

    async def aclose(self) -> None:
        """Close the connections of the running event loop, and those of blocking requests."""
        await self.connection.pools.aclose()

    @property
    def endpoint_ids(self) -> tuple[str, ...]:
        """The ids of the endpoints that this package declares."""
        return tuple(self._attributes())

    def endpoint(self, endpoint_id: str, *, path: str = "") -> Endpoint[Any, Any]:
        """Return an endpoint by its id. Nothing is sent.

        For an endpoint that this package declares, this is the same object as the attribute, with
        its types. For any other, it is an `UntypedEndpoint`.

        Args:
            endpoint_id: The id: `owner/app`, with a path below it if needed. The id of a workflow,
                a chain of endpoints that fal runs like one endpoint, starts with `workflows/`.
            path: A path to append to the id.

        Raises:
            ValidationError: The id, with the path, is not an endpoint id.

        Example:
            ```python
            output = client.endpoint("acme/portrait")(prompt="A sailor").subscribe()

            endpoint_id, request_id = "acme/portrait", "019f0d2c-6d2f-7b1a-9a44-0c3f2b6f2b7e"
            handle = client.endpoint(endpoint_id).handle(request_id)  # of a job that you stored
            ```
        """
        from .protocol.endpoint_id import full_endpoint_id
        from .untyped import UntypedEndpoint

        full_id = full_endpoint_id(endpoint_id, path)
        attribute = self._attributes().get(full_id)
        if attribute is None:
            return UntypedEndpoint(self, full_id)
        declared: Endpoint[Any, Any] = attrgetter(attribute)(self)
        return declared

    def _attributes(self) -> Mapping[str, str]:
        """Return the attributes of the declared endpoints, by id."""
        return {}

    def upload(
        self,
        source: Source,
        content_type: str | None = None,
        file_name: str | None = None,
        *,
        on_progress: OnProgress | None = None,
        **options: Unpack[FileOptions],
    ) -> str:
        """Upload a local file, and return its URL.

        Endpoints accept local files directly; use this to share one upload between many requests.
        A file over 90 MiB is sent in parts. If its upload is interrupted, upload it again with the
        same client: only the parts that are missing are sent.

        Args:
            source: The path (a `pathlib.Path`, not a string), bytes, binary file object, Pillow
                image or numpy array to upload. A file object is read from its current position.
            content_type: The media type; taken from the name or the first bytes if left out. An
                image is encoded as this type, or else as the type of `file_name`, or as PNG.
            file_name: The name; that of the source if left out.
            on_progress: Called with the `Progress` of the upload, after each MiB. It may be
                called in another thread; an exception that it raises ends the upload.
            options: See `FileOptions`.

        Raises:
            ValidationError: The source is a URL or another string, or it cannot be read.
            ConfigurationError: An option is invalid, or the key is missing.
            ConnectionFailed, APIError, UnexpectedResponse: The storage did not accept the file.

        Example:
            ```python
            from pathlib import Path

            url = client.upload(Path("cat.png"))
            requests = [endpoint(image_url=url, prompt=text) for text in ("It waves", "It jumps")]
            ```
        """
        check_progress("upload", on_progress)
        check_options(self.upload, options, FileOptions)
        from .local_file import LocalFile

        file = LocalFile(source, content_type, file_name)
        return self.connection.execute(self._upload(file, options, on_progress))

    async def upload_async(
        self,
        source: Source,
        content_type: str | None = None,
        file_name: str | None = None,
        *,
        on_progress: OnProgress | None = None,
        **options: Unpack[FileOptions],
    ) -> str:
        """The asynchronous twin of `upload`."""
        check_progress(None, on_progress)
        check_options(self.upload, options, FileOptions)
        from .local_file import LocalFile

        file = LocalFile(source, content_type, file_name)
        return await self.connection.execute_async(self._upload(file, options, on_progress))

    def _upload(
        self, file: LocalFile, options: FileOptions, on_progress: OnProgress | None
    ) -> Callable[[Io], Coroutine[Any, Any, str]]:
        from .protocol.uploads import upload

        return partial(
            upload,
            file=file,
            connection=self.connection,
            options=options,
            on_progress=on_progress,
        )

    def token(self, apps: str | Iterable[str], expires_in: int | timedelta = 120) -> str:
        """Create a temporary token, with which a browser opens realtime connections.

        Anyone with the token can call these apps at your expense. Give it only to users
        whom you have authenticated.

        Args:
            apps: The ids of the endpoints, or one of them. A token allows all endpoints of their
                apps: `owner/app` and everything below it.
            expires_in: How long the token is valid: seconds or a `timedelta`.

        Raises:
            ConfigurationError: An argument is invalid, or the key is missing.
            ConnectionFailed, APIError, UnexpectedResponse: fal did not create a token.

        Example:
            ```python
            token = client.token("fal-ai/fast-lcm-diffusion", expires_in=60)
            ```
        """
        return self.connection.execute(self._token(apps, expires_in))

    async def token_async(
        self, apps: str | Iterable[str], expires_in: int | timedelta = 120
    ) -> str:
        """The asynchronous twin of `token`."""
        return await self.connection.execute_async(self._token(apps, expires_in))

    def sign_url(self, file: File | str, expires_in: int | timedelta) -> str:
        """Return a URL that gives access to a private file for some time.

        Anyone with the URL can download the file, even if its `acl` forbids it.

        Args:
            file: A file of a result, or the URL of an upload.
            expires_in: How long the URL is valid: seconds or a `timedelta`, up to 7 days.

        Raises:
            ConfigurationError: `expires_in` is invalid, or the key is missing.
            ValidationError: The file is not on fal's storage.
            ConnectionFailed: The server could not be reached, or does not respond.
            AuthenticationError: The key is invalid, or lacks the permission `assets:read`.
            NotFoundError: The file does not exist, or has expired.
            UnexpectedResponse: The response, kept in `payload`, has no URL.

        Example:
            ```python
            url = client.upload(b"...", acl="forbid")
            print(client.sign_url(url, expires_in=3600))
            ```
        """
        return self.connection.execute(self._signature(file, expires_in))

    async def sign_url_async(self, file: File | str, expires_in: int | timedelta) -> str:
        """The asynchronous twin of `sign_url`."""
        return await self.connection.execute_async(self._signature(file, expires_in))

    def _signature(
        self, file: File | str, expires_in: int | timedelta
    ) -> Callable[[Io], Coroutine[Any, Any, str]]:
        from .file import File
        from .protocol.private_data import check_file, sign_url

        url = file.url if isinstance(file, File) else file
        check_file(url, expires_in, self.connection)
        return partial(sign_url, url=url, expires_in=expires_in, connection=self.connection)

    def prices(self, *endpoint_ids: str) -> dict[str, Price | None]:
        """Return the unit price of each endpoint: what your account pays now.

        The price of an endpoint is `None` if fal lists none.

        Args:
            endpoint_ids: The ids of any endpoints. The client sends a request for each 50 of them.

        Raises:
            ValidationError: An id is not an endpoint id.
            ConfigurationError: The key is missing.
            ConnectionFailed: The server could not be reached, or does not respond.
            AuthenticationError, RateLimitError: The server rejected the request.
            UnexpectedResponse: The response, kept in `payload`, does not list prices.

        Example:
            ```python
            for endpoint_id, price in client.prices("fal-ai/pika/v2.2/image-to-video").items():
                print(endpoint_id, price or "unknown")
            ```
        """
        return self.connection.execute(self._prices(endpoint_ids))

    async def prices_async(self, *endpoint_ids: str) -> dict[str, Price | None]:
        """The asynchronous twin of `prices`."""
        return await self.connection.execute_async(self._prices(endpoint_ids))

    def _prices(
        self, endpoint_ids: tuple[str, ...]
    ) -> Callable[[Io], Coroutine[Any, Any, dict[str, Price | None]]]:
        from .protocol.endpoint_id import full_endpoint_id
        from .protocol.prices import list_prices

        ids = [full_endpoint_id(endpoint_id) for endpoint_id in endpoint_ids]
        return partial(list_prices, endpoint_ids=ids, connection=self.connection)

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> None:
        """Verify that fal signed a webhook within the last five minutes.

        This needs the package `cryptography`, which the extra `webhooks` installs.

        Args:
            headers: The HTTP headers of the webhook.
            body: The raw body, as it was received.

        Raises:
            WebhookError: The webhook is not genuine, or too old.
            ConfigurationError: `cryptography` is not installed.
            ConnectionFailed, APIError, UnexpectedResponse: fal's keys could not be fetched. Respond
                with an error: fal delivers the webhook again.

        Example:
            ```python
            from fal_endpoints import WebhookError

            def receive(headers: dict[str, str], body: bytes) -> int:
                try:
                    client.verify_webhook(headers, body)
                except WebhookError:
                    return 400
                print(endpoint.parse_webhook(body).output)
                return 200

            receive({}, b"{}")
            ```
        """
        addresses = self.connection.addresses
        self.connection.execute(lambda io: self._webhook_keys.verify(io, headers, body, addresses))

    async def verify_webhook_async(self, headers: Mapping[str, str], body: bytes) -> None:
        """The asynchronous twin of `verify_webhook`."""
        addresses = self.connection.addresses
        await self.connection.execute_async(
            lambda io: self._webhook_keys.verify(io, headers, body, addresses)
        )

    @cached_property
    def _webhook_keys(self) -> WebhookKeys:
        from .protocol.webhooks import WebhookKeys

        return WebhookKeys()

    def map(
        self,
        requests: Iterable[Request[OutputT]],
        *,
        concurrency: int = 16,
        ledger: str | os.PathLike[str] | None = None,
        retry: Retry = "retryable",
        client_timeout: float | None = None,
        max_cost: Budget | Decimal | float | None = None,
        **options: Unpack[JobOptions],
    ) -> Generator[Outcome[OutputT], None, None]:
        """Subscribe to many requests, and yield the outcome of each as it ends, failed or not.

        The requests are consumed one by one as jobs end, so there may be any number of them. If
        the iterable raises, its error is raised after the outcomes of running jobs. On a terminal,
        a progress line counts the outcomes. Closing the iterator ends the batch. The batch runs on
        an event loop in its own thread; your own `http_client` sends in further threads.

        With a ledger, you can map the same requests again after an interruption or a crash:
        finished requests come from the ledger, and submitted ones are not submitted again. A
        request is identified by its endpoint and its arguments, a file by its content. Without a
        ledger, the jobs of an interrupted batch are cancelled.

        Args:
            requests: Requests of any endpoints. `map` of an endpoint accepts mappings of arguments.
            concurrency: The number of jobs in fal's queue at a time.
            ledger: The path of the ledger, a file that records each request, so that a later run
                continues the batch. It is created if needed. One batch can use it at a time.
            retry: Which failed requests of an earlier run of the ledger are sent again: those whose
                error is `retryable`, or all that `failed`. An uncertain request is never sent
                again; it ends as `SubmissionUncertain` until you settle it: see `Ledger`.
            client_timeout: Seconds to wait for each result, from the moment that `map` begins to
                send its request. After that time, the outcome's error is `ClientTimeoutError`, and
                the job is cancelled; with a ledger it keeps running, and the next run waits for it
                again. Without a ledger, it is also the default of `start_timeout`.
            max_cost: The most that the requests may cost together: an amount in US dollars, or a
                `Budget`, which other batches can share. A request whose estimate does not fit, or
                whose cost is not known, is not submitted; its error is a `BudgetError`. With a
                ledger, the jobs of earlier runs count too.
            options: See `JobOptions`.

        Raises:
            ConfigurationError: An argument is invalid, or the file is not a ledger.

        Example:
            ```python
            requests = [
                endpoint(image_url="https://example.com/a.png", prompt=text)
                for text in ("It waves", "It jumps")
            ]
            for outcome in client.map(requests, ledger="batch.jsonl"):
                print(outcome.index, outcome.output or outcome.error)
            ```
        """
        check_options(self.map, options, JobOptions)
        from .protocol.batch import Batch
        from .protocol.budget import budget_of

        batch = Batch(
            self.connection,
            _as_request,
            concurrency,
            ledger,
            retry,
            client_timeout,
            budget_of(max_cost),
            options,
        )
        return batch.outcomes(requests)

    def map_async(
        self,
        requests: Iterable[Request[OutputT]] | AsyncIterable[Request[OutputT]],
        *,
        concurrency: int = 16,
        ledger: str | os.PathLike[str] | None = None,
        retry: Retry = "retryable",
        client_timeout: float | None = None,
        max_cost: Budget | Decimal | float | None = None,
        **options: Unpack[JobOptions],
    ) -> AsyncGenerator[Outcome[OutputT], None]:
        """The asynchronous twin of `map`; the requests may be an asynchronous iterable too."""
        check_options(self.map, options, JobOptions)
        from .protocol.batch import Batch
        from .protocol.budget import budget_of

        batch = Batch(
            self.connection,
            _as_request,
            concurrency,
            ledger,
            retry,
            client_timeout,
            budget_of(max_cost),
            options,
        )
        return batch.outcomes_async(requests)

    def _token(
        self, apps: str | Iterable[str], expires_in: int | timedelta
    ) -> Callable[[Io], Coroutine[Any, Any, str]]:
        from .protocol.tokens import create_token

        endpoint_ids = [apps] if isinstance(apps, str) else list(apps)
        check_values(apps=endpoint_ids, expires_in=expires_in)
        return partial(
            create_token, apps=endpoint_ids, expires_in=expires_in, connection=self.connection
        )


def _as_request(row: object) -> Request[Any]:
    """Return a row if it is a request. Raises ValidationError if it is not."""
    if _is_request(row):
        return row
    from .problems import Problem

    message = "should be a request; `map` of an endpoint accepts mappings of arguments"
    raise ValidationError([Problem("row", message, "request_type", row, has_input=True)], NOTHING)


def _is_request(row: object) -> TypeGuard[Request[Any]]:
    from .request import Request

    return isinstance(row, Request)
