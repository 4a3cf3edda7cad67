"""Text from outside in each position of messages, reports and data that it may take.

Markdown has its own module, `markdown`.
"""

from __future__ import annotations

import json
import re

from fal_codegen.text.characters import as_json, as_python, as_yaml, visible, without_hidden

_COMMAND = re.compile(r"#(?=#(?:vso|teamcity)?\[)")
"""Where a command to GitHub's, Azure's or TeamCity's runner begins, anywhere in a line."""

_FIRST_COMMAND = re.compile(r"^(\s*):(?=:)")
"""Where one of GitHub's begins that is first in its line."""

_ANNOTATION = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_ANNOTATION, ":": "%3A", ",": "%2C"}


def line(text: str) -> str:
    r"""Return text as one line of a terminal or a log.

    Ends of lines, escape sequences and other characters that cannot be seen are written as Python
    would (`\n`, `\x1b`); the start of what a CI runner would carry out is written as a number.
    """
    shown = visible(text.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t"), as_python)
    return _FIRST_COMMAND.sub(r"\1\\x3a", _disarmed(shown))


def annotation(text: str) -> str:
    """Return text as the message of a workflow command of GitHub, which may have several lines."""
    return _replaced(visible(text, as_python, keep="\r\n"), _ANNOTATION)


def annotation_property(text: str) -> str:
    """Return text as a property of a workflow command of GitHub, such as its title."""
    return _replaced(visible(text, as_python, keep="\r\n"), _PROPERTY)


def sarif(text: str) -> str:
    r"""Return text as a plain message of SARIF 2.1.0.

    Readers make links of `[text](target)` (section 3.11.6) and put arguments for `{0}` (3.11.5).
    `\(` is not needed by the letter of it; it is for readers that do not know `\]`.
    """
    escaped = re.sub(r"[\\\[\]]", r"\\\g<0>", visible(text, as_python, keep="\n"))
    escaped = escaped.replace("\\](", "\\]\\(")
    return escaped.replace("{", "{{").replace("}", "}}")


def xml(text: str) -> str:
    """Return text as text of an XML 1.0 document, before its markup is escaped.

    XML has no way to write most control characters, not even as references.
    """
    return _disarmed(visible(text, as_python, keep="\n\t"))


def html(text: str) -> str:
    """Return text as text of an HTML page, before its markup is escaped."""
    return _disarmed(visible(text, as_python, keep="\n\t"))


def json_report(value: object) -> str:
    """Return a value as JSON in ASCII, which hides nothing, breaks nothing and commands nothing."""
    return _COMMAND.sub(r"\\u0023", json.dumps(value, indent=2))


def json_text(value: object, *, indent: int | None = None, sort_keys: bool = False) -> str:
    """Return a value as JSON in which every character can be seen."""
    text = json.dumps(value, indent=indent, sort_keys=sort_keys, ensure_ascii=False)
    return visible(text, as_json, keep="\n" if indent is not None else "")


def yaml_string(text: str) -> str:
    """Return text as a string of YAML, on one line."""
    joined = " ".join(text.split())
    return visible(json.dumps(without_hidden(joined), ensure_ascii=False), as_yaml)


def python_source(source: str) -> str:
    """Return source of Python's literals, comments or docstrings in which all can be seen.

    The backslashes of the text itself are escaped already.
    """
    return visible(source, as_python, keep="\n")


def javascript_source(source: str) -> str:
    """Return source of JavaScript's literals or comments in which all can be seen."""
    return visible(source, as_json, keep="\n")


def _disarmed(text: str) -> str:
    return _COMMAND.sub(r"\\x23", text)


def _replaced(text: str, escapes: dict[str, str]) -> str:
    return "".join(escapes.get(char, char) for char in text)
