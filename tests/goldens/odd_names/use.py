"""Names that are empty, private, or mean something to Python, pydantic or JavaScript."""

from odd_names import Fal
from odd_names.acme.odd_names import Output

call = Fal(key="test").acme.odd_names

assert call(unnamed=[1], init=[2], model_config_=[3], bind=[4], self_=[5]).payload == {
    "": [1],
    "__init__": [2],
    "model_config": [3],
    "bind": [4],
    "self": [5],
}
output = Output.model_validate({"": 1, "toString": 2, "__class__": 3, "Config": 4, "copy": 5})
assert (output.unnamed, output.toString, output.class_, output.Config) == (1, 2, 3, 4)
assert output.copy_ == 5
