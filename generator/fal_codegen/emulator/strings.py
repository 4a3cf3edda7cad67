"""Make up a string for a schema: of its format, its pattern, its length."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import chain, islice
from typing import Any

import jsonschema_rs

from fal_codegen.emulator.patterns import matching

__all__ = ["string"]

_LONGEST = 10_000
"""Characters of a made-up string, whatever is asked for."""

_PATIENCE = 1000
"""Strings to try before the plainest is taken although it is not valid."""

_EXTENSIONS = {"image": "png", "video": "mp4", "audio": "mp3"}
"""What a made-up file is, by a word in the name of the field that holds it."""

_URLS = frozenset({"uri", "url", "iri", "uri-reference", "iri-reference"})

_OF_STRINGS = ("format", "pattern", "minLength", "maxLength")

_FORMATS: dict[str, Callable[[int], str]] = {
    "uuid": lambda n: f"00000000-0000-4000-8000-{n:012x}",
    "date": lambda n: f"{_day(n)}",
    "date-time": lambda n: f"{_day(n)}T00:00:00Z",
    "time": lambda n: f"{n // 3600 % 24:02}:{n // 60 % 60:02}:{n % 60:02}Z",
    "duration": lambda n: f"PT{n + 1}S",
    "email": lambda n: f"user{n or ''}@example.com",
    "idn-email": lambda n: f"user{n or ''}@example.com",
    "hostname": lambda n: f"host{n or ''}.example.com",
    "idn-hostname": lambda n: f"host{n or ''}.example.com",
    "ipv4": lambda n: f"192.0.{2 + n // 250 % 250}.{1 + n % 250}",
    "ipv6": lambda n: f"2001:db8::{n + 1:x}",
    "uri-template": lambda n: f"https://example.com/{{name}}/{n}",
    "json-pointer": lambda n: f"/{n}",
    "relative-json-pointer": lambda n: f"{n}",
    "regex": lambda n: "a" * (n + 1),
    "byte": lambda n: "AAAA" * (n + 1),
}
"""The nth value of a format."""


def string(schema: dict[str, Any], names: tuple[str, ...], nth: int = 0) -> str:
    """Return a string, a different one for each `nth`, as far as there are several.

    Args:
        schema: Its schema; type, format, pattern and length count.
        names: Names of the fields on the way to it, which say what it is about.
        nth: Which of the strings to return.
    """
    form = schema.get("format")
    if form not in _FORMATS and "pattern" not in schema:
        return _fitted(_plain(schema, names, nth), schema, nth)
    validator = jsonschema_rs.Draft202012Validator(
        {keyword: schema[keyword] for keyword in _OF_STRINGS if keyword in schema},
        validate_formats=True,
    )
    tried = islice(_candidates(schema, names), _PATIENCE)
    valid = list(islice(dict.fromkeys(filter(validator.is_valid, tried)), nth + 1))
    return valid[-1] if valid else _fitted(_plain(schema, names, nth), schema, nth)


def _candidates(schema: dict[str, Any], names: tuple[str, ...]) -> Iterator[str]:
    numbers = range(_PATIENCE // 4)
    if schema.get("format") in _FORMATS:
        made = _FORMATS[schema["format"]]
        yield from (text for n in numbers for text in _lengthened(made(n), schema))
    plain = (_fitted(_plain(schema, names, n), schema, n) for n in numbers)
    if "pattern" not in schema:
        yield from plain
        return
    yield next(plain)
    made_of_it = matching(schema["pattern"])
    yield from chain.from_iterable(_lengthened(text, schema) for text in made_of_it)


def _lengthened(text: str, schema: dict[str, Any]) -> Iterator[str]:
    """Yield a string, and a longer one at either end where it is too short."""
    yield text
    missing = min(schema.get("minLength", 0), _LONGEST) - len(text)
    if missing > 0:
        yield text + "x" * missing
        yield "x" * missing + text


def _plain(schema: dict[str, Any], names: tuple[str, ...], nth: int) -> str:
    last = names[-1] if names else ""
    number = f"-{nth + 1}" if nth else ""
    if last == "url" or last.endswith(("_url", "_urls")) or schema.get("format") in _URLS:
        field = next((name for name in reversed(names) if name != "url"), "file")
        kind = next((ext for word, ext in _EXTENSIONS.items() if word in field), "bin")
        name = "".join(char if char.isalnum() and char.isascii() else "-" for char in field)
        return f"https://v3.fal.media/files/emulator/{name}{number}.{kind}"
    return f"{last or 'text'}{number}"


def _fitted(text: str, schema: dict[str, Any], nth: int) -> str:
    """Return a string of the length that a schema wants; what tells it from others stays."""
    text = text.ljust(min(schema.get("minLength", 0), _LONGEST), "x")
    most = schema.get("maxLength", len(text))
    if len(text) <= most:
        return text
    ending = str(nth + 1)[-most:] if nth and most else ""
    return text[: most - len(ending)] + ending


def _day(n: int) -> date:
    return date(2026, 1, 1) + timedelta(days=n)
