"""Sample strings: of the format, pattern and length that a schema asks for, and file names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import chain, count, islice
from typing import Any

from fal_codegen.document.samples.budget import Budget
from fal_codegen.document.samples.matching import matching_strings

__all__ = ["extension_for", "file_name", "sample_strings"]

_LONGEST = 10_000
"""Characters of a sample, whatever the schema asks for."""

_PATIENCE = 1000
"""Strings to try for a format or pattern."""

_URLS = frozenset({"file", "uri", "url", "iri", "uri-reference", "iri-reference"})

_COMMON = ("a", "A", "0", "00:00:00", "#000000", "1:1", "1x1", "en-US", "http://example.com")
"""Strings to try first for a pattern: they read better than a string that is built from it."""

_CONSTRAINTS = ("format", "pattern", "minLength", "maxLength")

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

_EXTENSIONS = {"image": "png", "video": "mp4", "audio": "mp3", "mask": "png", "zip": "zip"}
"""Extension of a file, by a word in the name of its property."""


def sample_strings(
    schema: dict[str, Any],
    path: tuple[str, ...],
    budget: Budget,
    accepts: Callable[[Any, dict[str, Any]], bool],
) -> Iterator[str]:
    """Yield different strings for a schema, at least one.

    Args:
        schema: The schema; its format, pattern and lengths count.
        path: Names of the properties that lead to the string, which name it.
        budget: The work that may go into it.
        accepts: Returns whether a schema accepts a value.
    """
    constraints = {keyword: schema[keyword] for keyword in _CONSTRAINTS if keyword in schema}
    seen: set[str] = set()
    if schema.get("format") in _FORMATS or "pattern" in schema:
        for text in islice(_candidates(schema, path, budget), _PATIENCE):
            if text not in seen and accepts(text, constraints):
                seen.add(text)
                yield text
            if budget.is_spent:
                break
    if not seen:
        for nth in count():
            text = _plainest(schema, path, nth)
            yield text
            budget.spend(1 + len(text) // 10)
            if budget.is_spent:
                break


def _plainest(schema: dict[str, Any], path: tuple[str, ...], nth: int = 0) -> str:
    """Return a string of the length that a schema asks for, named after its property."""
    last = path[-1] if path else ""
    if last == "url" or last.endswith(("_url", "_urls")) or schema.get("format") in _URLS:
        field = next((name for name in reversed(path) if name not in ("", "url")), "file")
        return _fitted(_url(field, schema, nth), schema, nth)
    words = " ".join(re.findall("[A-Za-z0-9]+", last)) or "text"
    return _fitted(f"{words}-{nth + 1}" if nth else words, schema, nth)


def _candidates(schema: dict[str, Any], path: tuple[str, ...], budget: Budget) -> Iterator[str]:
    numbers = range(_PATIENCE // 4)
    if schema.get("format") in _FORMATS:
        of_format = _FORMATS[schema["format"]]
        yield from (text for n in numbers for text in _lengthened(of_format(n), schema, budget))
    if "pattern" not in schema:
        yield from (_plainest(schema, path, n) for n in numbers)
        return
    yield from (_plainest(schema, path), *_COMMON)
    built = matching_strings(schema["pattern"], budget)
    yield from chain.from_iterable(_lengthened(text, schema, budget) for text in built)


def _lengthened(text: str, schema: dict[str, Any], budget: Budget) -> Iterator[str]:
    """Yield a string, and a longer one at either end if it is too short."""
    yield text
    missing = min(schema.get("minLength", 0), _LONGEST) - len(text)
    if missing > 0:
        budget.spend(missing // 10)
        yield text + "x" * missing
        yield "x" * missing + text


def _url(field: str, schema: dict[str, Any], nth: int) -> str:
    """Return the URL of a file; a short one has its content in it."""
    start, name = "https://example.com/" + f"{nth + 1}/" * (nth > 0), file_name(field)
    missing = min(schema.get("minLength", 0), _LONGEST) - len(start + name)
    url = f"{start}{'x' * missing}{name}"
    return url if len(url) <= schema.get("maxLength", len(url)) else f"data:,{nth + 1}"


def _fitted(text: str, schema: dict[str, Any], nth: int) -> str:
    """Return a string of the length that a schema asks for; its number stays."""
    text = text.ljust(min(schema.get("minLength", 0), _LONGEST), "x")
    most = schema.get("maxLength", len(text))
    if len(text) <= most:
        return text
    ending = str(nth + 1)[-most:] if nth and most else ""
    return text[: most - len(ending)] + ending


def _day(n: int) -> date:
    return date(2026, 1, 1) + timedelta(days=n)


def extension_for(name: str) -> str | None:
    """Return the extension of a property's file; None if it is unknown."""
    return next((extension for word, extension in _EXTENSIONS.items() if word in name), None)


def file_name(name: str) -> str:
    """Return a name for a property's file: `image.png` for `image_url`."""
    words = re.sub("(?<!s)s$", "", name).removesuffix("_url") or "file"
    stem = re.sub("[^A-Za-z0-9]+", "-", words).strip("-") or "file"
    return f"{stem}.{extension_for(words) or 'bin'}"
