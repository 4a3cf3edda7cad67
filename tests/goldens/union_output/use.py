"""An endpoint that returns one of several things."""

from union_output import Fal

client = Fal(key="test")

from union_output.acme.union import Failure, Output, Success


def tell(output: Output) -> str:
    return output.url if isinstance(output, Success) else output.reason


assert tell(Success(url="u")) == "u"
assert tell(Failure(reason="r")) == "r"

body = '{"request_id": "1", "status": "OK", "payload": {"reason": "r"}}'
assert client.acme.union.parse_webhook(body).output == Failure(reason="r")
