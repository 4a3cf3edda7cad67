"""Docstrings of the generated package, read by griffe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import griffe

from guide.examples import CLIENT, ROOT

from .markdown import code


@dataclass(frozen=True)
class Docs:
    """The sections of a docstring.

    Attributes:
        text: What stands before the sections.
        arguments: The description of each argument.
        attributes: The description of each attribute.
        raises: The condition of each error.
        example: The fenced example; empty without one.
    """

    text: str
    arguments: Mapping[str, str]
    attributes: Mapping[str, str]
    raises: Mapping[str, str]
    example: str


@cache
def _package(name: str, folder: Path) -> griffe.Module:
    found = griffe.load(name, search_paths=[str(folder)], docstring_parser="google")
    assert isinstance(found, griffe.Module)
    return found


def runtime(path: str) -> griffe.Object:
    """Return an object of the client's runtime, such as `request.Request`."""
    return _found(_package("fal_endpoints", CLIENT), f"_runtime.{path}")


def tool(path: str) -> griffe.Object:
    """Return an object of fal-codegen, such as `ir.Endpoint`."""
    return _found(_package("fal_codegen", ROOT / "generator"), path)


def _found(package: griffe.Module, path: str) -> griffe.Object:
    found = package[path]
    target = found.final_target if isinstance(found, griffe.Alias) else found
    assert isinstance(target, griffe.Object)
    return target


def fields(class_: griffe.Object) -> list[list[str]]:
    """Return the name, the type and the meaning of each field of a class."""
    listed = docs(class_).attributes
    return [
        [
            code(member.name),
            code(str(member.annotation)),
            listed.get(member.name, docs(member).text),
        ]
        for member in class_.members.values()
        if isinstance(member, griffe.Attribute) and member.annotation
        if not member.name.startswith("_")
    ]


def docs(documented: griffe.Object) -> Docs:
    text, example = "", ""
    arguments, attributes, raises = dict[str, str](), dict[str, str](), dict[str, str]()
    for section in documented.docstring.parsed if documented.docstring else ():
        match section:
            case griffe.DocstringSectionText():
                text = section.value
            case griffe.DocstringSectionParameters():
                arguments = {each.name: each.description for each in section.value}
            case griffe.DocstringSectionAttributes():
                attributes = {each.name: each.description for each in section.value}
            case griffe.DocstringSectionRaises():
                for each in section.value:
                    for error in str(each.annotation).strip("()").split(", "):
                        raises[error] = each.description
            case griffe.DocstringSectionAdmonition():
                example = section.value.description
            case _:
                raise AssertionError(section.kind)
    return Docs(text, arguments, attributes, raises, example)


def methods(class_: griffe.Object) -> list[griffe.Function]:
    """Return the methods of a class that users call, without their asynchronous twins."""
    return [
        member
        for name, member in class_.members.items()
        if isinstance(member, griffe.Function) and member.docstring
        if not name.startswith("_") and not name.endswith("_async")
        if name != "model_post_init"  # pydantic calls it
    ]


def signature(function: griffe.Function, *, name: str) -> str:
    """Return how a function or a method is called: `result(*, client_timeout=None)`."""
    kinds = griffe.ParameterKind
    parts, is_keyword_only = list[str](), False
    for parameter in function.parameters:
        if parameter.name in ("self", "cls"):
            continue
        if parameter.kind is kinds.var_positional:
            parts.append(f"*{parameter.name}")
            is_keyword_only = True
            continue
        if parameter.kind is kinds.var_keyword:
            parts.append(f"**{parameter.name}")
            continue
        if parameter.kind is kinds.keyword_only and not is_keyword_only:
            parts.append("*")
            is_keyword_only = True
        default = "" if parameter.default is None else f"={parameter.default}"
        parts.append(f"{parameter.name}{default}")
    return f"{name}({', '.join(parts)})"
