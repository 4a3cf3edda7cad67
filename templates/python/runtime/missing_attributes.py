"""The error for an attribute that a client, a namespace or an endpoint does not have."""

from __future__ import annotations

from .text import did_you_mean

_NOT_DECLARED = (
    "for an endpoint that is not declared, use client.endpoint(id), or run fal-codegen add"
)


def missing_attribute(owner: object, name: str, next_step: str = _NOT_DECLARED) -> object:
    """Raise an AttributeError that suggests similar attributes and the next step."""
    if hasattr(type(owner), name):  # a property that failed, for instance to import its module
        return object.__getattribute__(owner, name)  # raises its error again
    message = f"{type(owner).__name__!r} object has no attribute {name!r}"
    if not name.startswith("_"):  # such names are looked up by pickle and notebooks, often in vain
        hint = did_you_mean(name, [each for each in dir(owner) if not each.startswith("_")])
        if hint:  # without `obj`, or Python would add its own suggestion
            raise AttributeError(f"{message}{hint} ({next_step})", name=name)
    raise AttributeError(f"{message}: {next_step}", name=name, obj=owner)
