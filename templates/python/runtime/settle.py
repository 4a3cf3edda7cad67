"""Settling uncertain requests of a batch, which fal may or may not have accepted."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from typing_extensions import Self

from .errors import FalError, Subject, ValidationError
from .problems import Problem
from .protocol.ledger import EntryKey, LedgerFile
from .protocol.request_id import check_request_id
from .text import line, short
from .transport.io import Io

if TYPE_CHECKING:
    from .client import Client


@dataclass(frozen=True)
class UncertainRequest:
    """A request that was sent and not answered."""

    id: str
    """The id for `Ledger.send_again` and `Ledger.accept`."""
    endpoint_id: str
    arguments: str
    """The beginning of its arguments."""
    sent_at: str
    """The time of sending, ISO 8601."""


class Ledger:
    """The ledger of a batch, opened to settle its uncertain requests.

    A request that was sent and not answered may or may not have been accepted. It ends as
    `SubmissionUncertain` each time the batch is mapped, until you settle it here, or from a shell
    with `python -m fal_endpoints settle batch.jsonl`. fal's dashboard lists the requests that fal
    accepted. No batch can use the ledger while it is open.

    Args:
        path: The file that was passed to `map`.

    Raises:
        ConfigurationError: The file does not exist, is not a ledger, or is in use by a batch.

    Example:
        ```python
        from fal_endpoints import Fal, Ledger

        with Ledger("batch.jsonl") as ledger:
            for request in ledger.uncertain():
                print(request.sent_at, request.endpoint_id, request.arguments)

            listed, missing = ledger.uncertain()  # one is on fal's dashboard, the other is not
            ledger.accept(listed.id, "019f0d2c-6d2f-7b1a-9a44-0c3f2b6f2b7e")
            ledger.send_again(missing.id)

            print(ledger.accept_listed(Fal()))  # or accept those that fal lists
        ```
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._file = LedgerFile(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the ledger for batches."""
        self._file.close()

    def uncertain(self) -> list[UncertainRequest]:
        """Return the requests that were sent and not answered."""
        return list(self._uncertain().values())

    def send_again(self, id: str) -> None:
        """Record that fal did not accept a request. The next batch sends it again.

        Args:
            id: The `id` of an uncertain request.

        Raises:
            ValidationError: No uncertain request has that id.
        """
        self._file.record(self._key(id), "refused")

    def accept(self, id: str, request_id: str) -> None:
        """Record that fal accepted a request. The next batch fetches its result.

        Args:
            id: The `id` of an uncertain request.
            request_id: The id of the request at fal.

        Raises:
            ValidationError: No uncertain request has that id, or `request_id` cannot be an id.
        """
        key = self._key(id)
        check_request_id(request_id, _SUBJECT)
        self._file.record(key, "accepted", request_id=request_id)

    def accept_listed(self, client: Client) -> dict[str, str]:
        """Accept each uncertain request if fal lists one with the same arguments for your account.

        Return the ids that fal gave them, by their ids in the ledger.

        The others stay uncertain: a request that fal does not list may still run, or fal may not
        have stored its input. A request with local files is never found, because
        fal's list has the URLs of their uploads.

        Args:
            client: Asks fal's platform API, with its key.

        Raises:
            ConfigurationError: The client uses another server than the batch, or has no key.
            ConnectionFailed: The server could not be reached, or does not respond.
            AuthenticationError, RateLimitError: The server rejected the request.
            UnexpectedResponse: The response, kept in `payload`, does not list requests.
        """
        self._file.require_server(client.connection.addresses.server)
        return client.connection.execute(partial(self._accept_listed, client=client))

    async def accept_listed_async(self, client: Client) -> dict[str, str]:
        """The asynchronous twin of `accept_listed`."""
        self._file.require_server(client.connection.addresses.server)
        return await client.connection.execute_async(partial(self._accept_listed, client=client))

    async def _accept_listed(self, io: Io, client: Client) -> dict[str, str]:
        from .protocol.past_requests import list_requests, matching, moment
        from .protocol.responses import interpreted

        uncertain = self._uncertain()
        times = {key: moment(request.sent_at) for key, request in uncertain.items()}
        sent = {key: time - _CLOCKS_DIFFER for key, time in times.items() if time is not None}
        if not sent:
            return {}
        endpoint_ids = {request.endpoint_id for request in uncertain.values()}
        listed = await list_requests(io, endpoint_ids, min(sent.values()), client.connection)
        known = {job.request_id for job in self._file.jobs()}
        new = [request for request in listed if request.request_id not in known]
        found = interpreted(partial(matching, sent), new, _SUBJECT)
        for key, request_id in found.items():
            self._file.record(key, "accepted", request_id=request_id)
        return {str(key): request_id for key, request_id in found.items()}

    def _uncertain(self) -> dict[EntryKey, UncertainRequest]:
        requests: dict[EntryKey, UncertainRequest] = {}
        for key, event in self._file:
            if event["event"] == "sending":
                fields = (str(event[name]) for name in ("endpoint", "arguments", "at"))
                requests[key] = UncertainRequest(str(key), *fields)
        return requests

    def _key(self, id: str) -> EntryKey:
        for key in self._uncertain():
            if str(key) == id:
                return key
        reason = f"{short(id)} is not the id of an uncertain request"
        raise ValidationError([Problem("id", reason, "uncertain", id)], _SUBJECT)


_SUBJECT = Subject("Ledger")
_CLOCKS_DIFFER = timedelta(minutes=5)
"""How much this machine's clock may be ahead of fal's."""


def main(program: str, arguments: Sequence[str]) -> int:
    """Run the command `settle`, and return its exit code.

    Args:
        program: The name of the program in messages.
        arguments: The command with its options.
    """
    import argparse

    parser = argparse.ArgumentParser(prog=program)
    settle = parser.add_subparsers(required=True, metavar="settle").add_parser(
        "settle",
        help="list and settle the uncertain requests of a batch",
        description="List and settle the requests of a batch that were sent and not answered. "
        "fal's dashboard lists the requests that fal accepted.",
    )
    settle.add_argument("ledger", type=Path, help="the file that was passed to map(ledger=…)")
    settle.add_argument(
        "--send-again",
        nargs="+",
        default=[],
        metavar="ID",
        help="fal did not accept these requests: the next batch sends them; "
        "`all` selects every uncertain request",
    )
    settle.add_argument(
        "--accepted",
        nargs=2,
        action="append",
        default=[],
        metavar=("ID", "REQUEST_ID"),
        help="fal accepted this request under this id: the next batch fetches its result",
    )
    settle.add_argument(
        "--ask-fal",
        action="store_true",
        help="ask fal, with your key, for its list of finished requests, and accept those with the "
        "same arguments",
    )
    options = parser.parse_args(arguments)
    try:
        with Ledger(options.ledger) as ledger:
            for id, request_id in options.accepted:
                ledger.accept(id, request_id)
            if options.ask_fal:
                _ask_fal(ledger)
            uncertain = [request.id for request in ledger.uncertain()]
            for id in uncertain if options.send_again == ["all"] else options.send_again:
                ledger.send_again(id)
            _report(ledger.uncertain())
    except FalError as error:
        print(f"error: {error}", file=sys.stderr)
        if isinstance(error, ValidationError):
            print(
                f"  list the uncertain requests: {settle.prog} {line(str(options.ledger))}",
                file=sys.stderr,
            )
        return 2
    return 0


def _ask_fal(ledger: Ledger) -> None:
    """Accept the requests that fal lists, and print their ids."""
    from .client import Client

    with Client() as client:
        accepted = ledger.accept_listed(client)
    for id, request_id in accepted.items():
        print(f"{id}  accepted: fal lists it as {request_id}")
    if ledger.uncertain():
        print(
            "fal may not list requests that still run, so it may have accepted the others too",
            file=sys.stderr,
        )


def _report(requests: Sequence[UncertainRequest]) -> None:
    """Print the requests, one on each line, with control characters escaped."""
    for request in requests:
        description = f"{request.sent_at}  {request.endpoint_id}  {request.arguments}"
        print(request.id, ascii(description)[1:-1], sep="  ")
    count = len(requests)
    print(f"{count or 'no'} uncertain request{'' if count == 1 else 's'}")
    if requests:
        print(
            "If fal's dashboard lists the request, use --accepted ID REQUEST_ID; "
            "otherwise use --send-again ID",
            file=sys.stderr,
        )
