"""Values as source: JavaScript, JSON, and a word of the shell."""

from __future__ import annotations

import re
import shlex
from typing import Any

from fal_codegen.text.brackets import Bracketed, Fragment, Style, broken, flat
from fal_codegen.text.escaping import json_text

_STYLE = Style(width=88, step=2)


class Source(str):
    """An expression in the language of the snippet, in the place of a value."""

    __slots__ = ()


def spread(fragment: Fragment, style: Style, indent: int) -> str:
    """Return source whose outermost brackets are broken, even if they fit on one line."""
    if isinstance(fragment, Bracketed) and fragment.parts:
        return broken(fragment, style, indent)
    return flat(fragment)


def indented_json(value: Any) -> str:
    """Return a value as indented JSON, with invisible characters escaped."""
    return json_text(value, indent=2)


def shell(value: Any) -> str:
    """Return a value as JSON, quoted as one word of the shell."""
    return shlex.quote(indented_json(value))


def javascript(value: Any, indent: int) -> str:
    """Return a value as JavaScript, broken over lines if it is an object."""
    return spread(_javascript(value), _STYLE, indent)


def _javascript(value: Any) -> Fragment:
    if isinstance(value, list):
        return Bracketed("[", tuple(map(_javascript, value)), "]")
    if isinstance(value, dict):
        items = tuple((f"{_key(key)}: ", _javascript(item)) for key, item in value.items())
        return Bracketed("{ ", items, " }") if items else "{}"
    return str(value) if isinstance(value, Source) else json_text(value)


def _key(name: str) -> str:
    if name == "__proto__":  # as a plain key, it would set the prototype
        return '["__proto__"]'
    is_plain = re.fullmatch("[A-Za-z_$][A-Za-z0-9_$]*", name)
    return name if is_plain else json_text(name)
