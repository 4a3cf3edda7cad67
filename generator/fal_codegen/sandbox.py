"""The sandbox that templates run in: they can render text, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import BytecodeCache, FunctionLoader, StrictUndefined
from jinja2.bccache import Bucket
from jinja2.exceptions import SecurityError
from jinja2.runtime import BlockReference, Context, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Cycler

TemplateSource = tuple[str, str, None]
"""The text of a template, and the path that messages name."""

_LONGEST = 1_000_000
"""Characters, items or bits of the largest result of an operation."""

_PLAIN = (str, dict, list, tuple, int, float)
_JINJA = (Macro, BlockReference, LoopContext)


class _Compiled(BytecodeCache):
    """The templates that this process compiled, so that it compiles each text once."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill a bucket, which checks that the code belongs to the template's text."""
        if code := self._code.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a bucket."""
        self._code[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, limited to calls of macros, filters and methods of plain values.

    Args:
        source: Returns a template by its name; None if there is none.
        filters: The filters that escape text of documents.
    """

    intercepted_binops = frozenset(("*", "**"))

    def __init__(
        self,
        source: Callable[[str], TemplateSource | None],
        filters: Mapping[str, Callable[..., str]],
    ) -> None:
        super().__init__(
            loader=FunctionLoader(source),
            bytecode_cache=_COMPILED,
            undefined=StrictUndefined,
            optimized=False,  # looking for constants takes longer than it saves
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        del self.globals["lipsum"]
        self.filters.update(filters)
        self._safe: dict[tuple[type, str], bool] = {}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return an attribute of an object, as Jinja does; known ones sooner."""
        if self._safe.get((type(obj), attribute)):
            value = getattr(obj, attribute, None)
            if value is not None and not callable(value):  # Jinja replaces some methods
                return value
        return super().getattr(obj, attribute)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Return whether a template may read an attribute, which depends on its owner's type."""
        known = (type(obj), attr)
        if known not in self._safe:
            self._safe[known] = super().is_safe_attribute(obj, attr, value)
        return self._safe[known]

    def is_safe_callable(self, obj: Any) -> bool:
        """Return whether a template may call an object."""
        owner = getattr(getattr(obj, "__wrapped__", obj), "__self__", None)
        return (
            isinstance(obj, _JINJA)
            or isinstance(owner, (*_PLAIN, LoopContext, Cycler))
            or any(obj is known for known in self.globals.values())
        )

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Return a product or a power of limited size."""
        if operator == "**":
            size = abs(right) * abs(left).bit_length() if isinstance(left, int) else 0
        else:
            sized = [value for value in (left, right) if hasattr(value, "__len__")]
            size = len(sized[0]) * (right if sized[0] is left else left) if sized else 0
        if size > _LONGEST:
            raise SecurityError(f"{operator} results in a value of size {size}")
        return super().call_binop(context, operator, left, right)
