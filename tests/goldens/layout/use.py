"""Types and text that do not fit on one line."""

from typing import Final

from layout import Fal
from layout.acme.layout import Output, Part

lay_out = Fal(key="test").acme.layout

long: Final = "a rather long value 5"
request = lay_out(
    short="a", wide=long, wide_list=[long], wide_map={"x": long}, either=[Part(name="p")], proto="p"
)
assert request.payload == {
    "short": "a",
    "wide": long,
    "wide_list": [long],
    "wide_map": {"x": long},
    "either": [{"name": "p"}],
    "__proto__": "p",
}
assert "@all for all" in (lay_out.__call__.__doc__ or "")

output = Output.model_validate({"state": "done", "root": {"left": {}, "right": None}, "codes": [1]})
assert output.root.left is not None and output.root.left.right is None
