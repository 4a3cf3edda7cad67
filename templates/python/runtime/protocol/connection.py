"""The connection of a client to fal: its addresses, its key, and its HTTP clients."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from ..errors import ConfigurationError, Subject
from ..handling_options import HandlingOptions
from ..transport.pools import Pools
from ..transport.urls import same_origin
from .addresses import Addresses
from .unfinished_uploads import UnfinishedUploads

if TYPE_CHECKING:
    from ..transport.io import Io

T = TypeVar("T")


class Connection:
    """The addresses, the key and the HTTP clients of a client.

    Args:
        addresses: Where fal's services are.
        key: The API key; found in the environment at first use if left out.
        pools: The HTTP clients.
        defaults: How fal handles requests and files, unless a call sets it.
    """

    def __init__(
        self,
        addresses: Addresses,
        key: httpx.Auth | None = None,
        pools: Pools | None = None,
        defaults: HandlingOptions | None = None,
    ) -> None:
        self.addresses = addresses
        self.pools = Pools() if pools is None else pools
        self.defaults: HandlingOptions = {} if defaults is None else defaults
        self.unfinished_uploads = UnfinishedUploads()
        self._key = key

    def key_for(self, url: str, subject: Subject) -> httpx.Auth:
        """Return the key for a request to a URL.

        Raises:
            ConfigurationError: The URL does not belong to fal, or there is no key.
        """
        if not any(same_origin(url, address) for address in self.addresses.with_key):
            host = httpx.URL(url).host
            message = f"the key was not sent to {host}, which is not a configured host of fal"
            raise ConfigurationError(message, subject)
        if self._key is None:
            from .credentials import found_credentials

            self._key = found_credentials(self.addresses)
        return self._key

    def execute(self, flow: Callable[[Io], Coroutine[Any, Any, T]]) -> T:
        """Return the result of a flow."""
        from ..transport.blocking import execute

        return execute(self.pools, flow)

    async def execute_async(self, flow: Callable[[Io], Coroutine[Any, Any, T]]) -> T:
        """Return the result of a flow."""
        from ..transport.event_loop import execute

        return await execute(self.pools, flow)

    def iterate(self, flow: Callable[[Io], AsyncGenerator[T, None]]) -> Generator[T, None, None]:
        """Yield what a flow yields. Closing the iterator ends the flow."""
        from ..transport.blocking import iterate

        return iterate(self.pools, flow)

    def iterate_async(
        self, flow: Callable[[Io], AsyncGenerator[T, None]]
    ) -> AsyncGenerator[T, None]:
        """Yield what a flow yields. Closing the iterator ends the flow."""
        from ..transport.event_loop import iterate

        return iterate(self.pools, flow)


def default_connection(defaults: HandlingOptions | None = None) -> Connection:
    """Return this process's connection to the addresses that its environment names."""
    connection = _connection_to(Addresses.configured())
    if not defaults:
        return connection
    return Connection(connection.addresses, pools=connection.pools, defaults=defaults)


@cache
def _connection_to(addresses: Addresses) -> Connection:
    return Connection(addresses)
