"""Escaping of text from outside, for each context in messages, reports and data.

Markdown has its own module, `markdown`.
"""

from __future__ import annotations

import json
import re
from functools import cache

from fal_codegen.text.invisible import as_json, as_python, as_yaml, visible, without_hidden

_COMMAND = re.compile(r"#(?=#(?:vso|teamcity)?\[)")
"""The start of a command to the runner of GitHub, Azure or TeamCity, anywhere in a line."""

_FIRST_COMMAND = re.compile(r"^(\s*):(?=:)")
"""The start of a command to the runner of GitHub at the start of a line."""

_ANNOTATION = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_ANNOTATION, ":": "%3A", ",": "%2C"}


def line(text: str) -> str:
    r"""Return text as one line of a terminal or a log.

    Line ends, escape sequences and other invisible characters become escapes of Python (`\n`,
    `\x1b`). So does the start of a command that a CI runner would execute.
    """
    shown = visible(text.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t"), as_python)
    return _FIRST_COMMAND.sub(r"\1\\x3a", _disarmed(shown))


def annotation(text: str) -> str:
    """Return text as the message of a workflow command of GitHub; it can have several lines."""
    return _replaced(visible(text, as_python, keep="\r\n"), _ANNOTATION)


def annotation_property(text: str) -> str:
    """Return text as a property of a workflow command of GitHub, such as its title."""
    return _replaced(visible(text, as_python, keep="\r\n"), _PROPERTY)


def sarif(text: str) -> str:
    r"""Return text as a plain message of SARIF 2.1.0.

    Readers turn `[text](target)` into links (section 3.11.6) and replace `{0}` (3.11.5). The
    standard does not require `\(`, but it helps readers that do not know `\]`.
    """
    escaped = re.sub(r"[\\\[\]]", r"\\\g<0>", visible(text, as_python, keep="\n"))
    escaped = escaped.replace("\\](", "\\]\\(")
    return escaped.replace("{", "{{").replace("}", "}}")


def xml(text: str) -> str:
    """Return text for an XML 1.0 document, whose serialiser escapes markup.

    XML cannot represent most control characters, not even as references.
    """
    return _disarmed(visible(text, as_python, keep="\n\t"))


def html(text: str) -> str:
    """Return text for an HTML page, whose template escapes markup."""
    return _disarmed(visible(text, as_python, keep="\n\t"))


def json_report(value: object) -> str:
    """Return a value as indented JSON in ASCII that no CI runner executes."""
    return _COMMAND.sub(r"\\u0023", json.dumps(value, indent=2))


def json_text(value: object, *, indent: int | None = None, sort_keys: bool = False) -> str:
    """Return a value as JSON in which invisible characters are escaped."""
    if type(value) is int:  # as most constraints and many defaults
        return str(value)
    text = _encoder(indent, sort_keys).encode(value)
    return visible(text, as_json, keep="\n" if indent is not None else "")


@cache  # making one takes longer than encoding a number
def _encoder(indent: int | None, sort_keys: bool) -> json.JSONEncoder:
    return json.JSONEncoder(indent=indent, sort_keys=sort_keys, ensure_ascii=False)


def yaml_string(text: str) -> str:
    """Return text as a string of YAML on one line."""
    joined = " ".join(text.split())
    return visible(json.dumps(without_hidden(joined), ensure_ascii=False), as_yaml)


def python_source(source: str) -> str:
    """Return Python source with invisible characters escaped.

    Args:
        source: Source of a literal, a comment or a docstring, with its backslashes escaped.
    """
    return visible(source, as_python, keep="\n")


def javascript_source(source: str) -> str:
    """Return source of a JavaScript literal or comment with invisible characters escaped."""
    return visible(source, as_json, keep="\n")


def _disarmed(text: str) -> str:
    return _COMMAND.sub(r"\\x23", text)


def _replaced(text: str, escapes: dict[str, str]) -> str:
    return "".join(escapes.get(char, char) for char in text)
