"""The generated client, from its docstrings."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator

import griffe

from .docstrings import docs, fields, methods, runtime, signature
from .markdown import code, markdown_page, table

CLASSES = {
    "Client": ("client.Client", "Fal", "client"),
    "Endpoint": ("endpoint.Endpoint", "Endpoint", "endpoint"),
    "Request": ("request.Request", "Request", "request"),
    "Handle": ("request.Handle", "Handle", "handle"),
    "File": ("file.File", "File", "file"),
    "LocalFile": ("local_file.LocalFile", "LocalFile", "local_file"),
    "ACL": ("protocol.handling.ACL", "ACL", "acl"),
    "Ledger": ("settle.Ledger", "Ledger", "ledger"),
}

VALUES = {
    "Status": "the state of a job, which `handle.status()` returns and `on_queue_update` gets",
    "Outcome": "the outcome of one request of a batch, which `map` yields",
    "Problem": "one problem of an input, in `errors` of `ValidationError` and `ModelError`",
    "Webhook": "the content of a webhook, which `endpoint.parse_webhook` returns",
    "UncertainRequest": "a request of a ledger that was sent and not answered",
}
MEMBERS = {
    "Status": ("Queued", "InProgress", "Completed", "UnknownStatus", "LogEntry"),
    "Outcome": ("Succeeded", "Failed"),
}

INTRODUCTION = """\
All names on this page can be imported from the generated package: `from fal_endpoints import Fal`.
[Options](options.md) lists the options that methods share, and [Errors](errors.md) describes the
errors. Methods that send have an `_async` twin, with the same arguments.
"""


def page() -> str:
    blocks = [INTRODUCTION]
    for path, name, variable in CLASSES.values():
        class_ = runtime(path)
        blocks.append(f"## {name}")
        blocks += _described(class_)
        for member in class_.members.values():
            is_property = isinstance(member, griffe.Attribute) and "property" in member.labels
            if is_property and not member.name.startswith("_") and member.docstring:
                blocks.append(f"### {variable}.{member.name}")
                blocks += _described(member)
        for method in methods(class_):
            blocks.append(f"### {variable}.{method.name}")
            blocks.append(code(signature(method, name=f"{variable}.{method.name}")))
            blocks += _described(method)
    blocks.append("## Values")
    blocks.append(
        table(["value", "what it is"], [[code(name), about] for name, about in VALUES.items()])
    )
    for name in VALUES:
        for member in MEMBERS.get(name, (name,)):
            class_ = runtime(member)
            blocks += [f"### {member}", docs(class_).text]
            if rows := fields(class_):
                blocks.append(table(["attribute", "type", "meaning"], rows))
    return markdown_page("Client", *blocks)


def _described(documented: griffe.Object) -> Iterator[str]:
    found = docs(documented)
    yield found.text
    if found.arguments:
        rows = [[code(name), _linked(about)] for name, about in found.arguments.items()]
        yield table(["argument", "meaning"], rows)
    if found.raises:
        rows = [[_error(name), about] for name, about in found.raises.items()]
        yield table(["raises", "when"], rows)
    if found.example:
        yield found.example


def _linked(text: str) -> str:
    """Return a description with a link to the options that it refers to."""
    return re.sub(r"See `\w+Options`", "See [Options](options.md)", text)


def _error(name: str) -> str:
    is_own = not hasattr(builtins, name)
    return f"[`{name}`](errors.md#{name.lower()})" if is_own else code(name)
