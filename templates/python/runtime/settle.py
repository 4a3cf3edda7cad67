"""Settling uncertain requests of a batch, which fal may or may not have accepted."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from typing_extensions import Self

from .errors import ConfigurationError, FalError, Subject, ValidationError
from .problems import Problem
from .protocol.ledger import EntryKey, LedgerFile
from .protocol.request_id import check_request_id
from .text import line, short


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
        ConfigurationError: The file is not a ledger, or a batch is using it.

    Example:
        ```python
        from fal_endpoints import Ledger

        with Ledger("batch.jsonl") as ledger:
            for request in ledger.uncertain():
                print(request.sent_at, request.endpoint_id, request.arguments)

            listed, missing = ledger.uncertain()  # one is on fal's dashboard, the other is not
            ledger.accept(listed.id, "019f0d2c-6d2f-7b1a-9a44-0c3f2b6f2b7e")
            ledger.send_again(missing.id)
        ```
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        if not Path(path).exists():  # LedgerFile would create it
            raise ConfigurationError(f"the ledger {path} does not exist")
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command `settle`, and return its exit code."""
    import argparse

    package = __name__.partition(".")[0]
    parser = argparse.ArgumentParser(prog=f"python -m {package}")
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
    options = parser.parse_args(arguments)
    try:
        with Ledger(options.ledger) as ledger:
            for id, request_id in options.accepted:
                ledger.accept(id, request_id)
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
