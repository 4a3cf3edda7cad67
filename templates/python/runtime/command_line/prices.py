"""What calls of an endpoint cost."""

from __future__ import annotations

from typing import Any

from ..costs import plain
from ..endpoint import Endpoint
from ..errors import Subject
from ..protocol.prices import average_cost
from .exit_codes import ExitCode
from .results import print_json
from .session import Session


def show(session: Session, endpoint: Endpoint[Any, Any]) -> ExitCode:
    """Print the price of a unit, and the average cost of past calls; null if it is not known."""
    endpoint_id, connection = endpoint.endpoint_id, session.client.connection
    price = session.client.prices(endpoint_id)[endpoint_id]
    cost = connection.execute(
        lambda io: average_cost(io, endpoint_id, connection, Subject(endpoint_id))
    )
    print_json(
        {
            "endpoint_id": endpoint_id,
            "price": price
            and {
                "amount": plain(price.unit_price),
                "currency": price.currency,
                "unit": price.unit,
            },
            "estimate": cost and {"amount": plain(cost.amount), "currency": cost.currency},
        }
    )
    return ExitCode.SUCCESS
