"""What a client and its namespaces answer for an attribute that they do not have."""

from __future__ import annotations


def missing_attribute(owner: object, name: str) -> object:
    """Raise an AttributeError that names the next step: the endpoint may not be declared."""
    if hasattr(type(owner), name):  # a property that failed, for instance to import its module
        return object.__getattribute__(owner, name)  # raises its error again
    raise AttributeError(
        f"{type(owner).__name__!r} object has no attribute {name!r}: for an endpoint that is not "
        "declared, use client.endpoint(id), or run fal-codegen add",
        name=name,
        obj=owner,
    )
