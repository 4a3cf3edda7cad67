"""A key that a function of the caller returns, such as one that rotates or comes from a vault."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from typing import NoReturn, TypeAlias

import httpx

from ..errors import ConfigurationError, FalError
from .key import Key

KeyFunction: TypeAlias = Callable[[], str] | Callable[[], Awaitable[str]]


class CalledKey(httpx.Auth):
    """The key that a function returns. The function is called for each request, and never shown."""

    def __init__(self, function: KeyFunction) -> None:
        self._function = function

    def __repr__(self) -> str:
        return "CalledKey(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key cannot be pickled or copied")

    def sync_auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the key to the request (called by httpx)."""
        yield from self._called().auth_flow(request)

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Add the key to the request (called by httpx)."""
        for outgoing in (await self._called_async()).auth_flow(request):
            yield outgoing

    def _called(self) -> Key:
        try:
            key = _hidden(self._function())
        except FalError:
            raise
        except Exception as error:
            raise _failure(error) from error
        key.check()
        return key

    async def _called_async(self) -> Key:
        try:
            key = await _awaited(self._function())
        except FalError:
            raise
        except Exception as error:
            raise _failure(error) from error
        key.check()
        return key


def _hidden(returned: object) -> Key:
    if inspect.isawaitable(returned):
        if inspect.iscoroutine(returned):
            returned.close()  # or Python would warn that nobody awaited it
        raise ConfigurationError(
            "the key function returned an awaitable, which blocking methods do not await: return "
            "the key itself, or use the _async methods"
        )
    return Key(returned, "the key that the key function returned")


async def _awaited(returned: object) -> Key:
    return _hidden(await returned if inspect.isawaitable(returned) else returned)


def _failure(error: Exception) -> ConfigurationError:
    # Without the error's own message, which may hold a secret. It stays the cause.
    return ConfigurationError(f"the key function failed with {type(error).__name__}")
