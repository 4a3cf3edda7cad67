"""Several endpoints, one of which is below another."""

from paint import Fal
from paint.acme.paint import Colour

acme = Fal(key="test").acme

request = acme.paint(prompt="a lake", colours=[Colour(name="ochre", class_="earth")], seed="random")
assert request.payload == {
    "prompt": "a lake",
    "colours": [{"name": "ochre", "class": "earth"}],
    "seed": "random",
}
assert acme.paint.stream(prompt="a lake").payload == {"prompt": "a lake"}
assert acme.wash(prompt="a hill").payload == {"prompt": "a hill"}
assert acme.verdict(prompt="a tree").payload == {"prompt": "a tree"}
