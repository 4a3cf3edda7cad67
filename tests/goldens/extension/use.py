"""Methods that the project adds to endpoints, with the types of the generated ones."""

import pickle
from collections.abc import Coroutine
from typing import Any

from extension import Fal, Request
from extension.acme import blender

client = Fal(key="test")

request: Request[blender.Output] = client.acme.blender.smoothie("apple", "kiwi")
assert request.payload == {"prompt": "apple, kiwi", "speed": 2}
assert request == client.acme.blender(prompt="apple, kiwi", speed=2)
assert pickle.loads(pickle.dumps(request)) == request
assert client.acme.blender.fast.shake("kiwi").payload == {"prompt": "kiwi", "speed": 10}

text: Coroutine[Any, Any, str] = client.acme.blender.smoothie_text("apple")
text.close()
