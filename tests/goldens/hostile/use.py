"""Document text that tries to be code: it only ever appears as text."""

from hostile import Fal

client = Fal(key="test")

attack = client.acme.hostile
import hostile.acme.hostile as module

quotes = "\'\"\\\n{{ x }}${y}*/"
request = attack.bind(choice=quotes)
assert request.payload == {"choice": quotes}
assert module.Input.model_fields["choice"].default == quotes
assert "os.abort()" in (attack.__call__.__doc__ or "")
