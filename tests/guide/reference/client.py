"""The generated client, from its docstrings."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator, Mapping

import griffe

from .docstrings import docs, fields, methods, runtime, signature
from .markdown import code, markdown_page, table

CLASSES = (
    ("client.Client", "Fal", "client"),
    ("endpoint.Endpoint", "Endpoint", "endpoint"),
    ("untyped.UntypedEndpoint", "UntypedEndpoint", "endpoint"),
    ("request.Request", "Request", "request"),
    ("handle.Handle", "Handle", "handle"),
    ("realtime.RealtimeSession", "RealtimeSession", "session"),
    ("file.File", "File", "file"),
    ("local_file.LocalFile", "LocalFile", "local_file"),
    ("acl.ACL", "ACL", "acl"),
    ("retries.Retries", "Retries", "retries"),
    ("protocol.budget.Budget", "Budget", "budget"),
    ("settle.Ledger", "Ledger", "ledger"),
    ("proxy.Proxy", "Proxy", "proxy"),
)
"""The classes that users call: where each is, its name in the generated package, and what the page
calls an instance."""

FUNCTIONS = (
    ("data_urls.encode_image", "encode_image"),
    ("progress.show_progress", "show_progress"),
)
"""Where each function is, and its name."""

VALUES = {
    "Status": "the state of a job, which `handle.status()` returns and `on_queue_update` gets",
    "WorkflowEvent": "an event of a workflow's stream, which `request.stream()` yields",
    "Outcome": "how one request ended, which `outcome` returns and `map` yields",
    "ResponseDetails": "the request id, the cost and the times of a response, in `response` of "
    "outcomes and errors",
    "Price": "what a unit of an endpoint's output costs, which `client.prices(…)` returns",
    "Cost": "an amount of money, which `request.estimate()` and `price.cost(…)` return",
    "Problem": "one problem of an input, in `errors` of `ValidationError` and `ModelError`",
    "Progress": "how far the upload or download of a file has come, which `on_progress` gets",
    "Webhook": "the content of a webhook, which `endpoint.parse_webhook` returns",
    "ProxyCall": "a call of a browser, which `authorize` of a `Proxy` gets",
    "DeletedFile": "a file that `handle.delete_payloads()` deleted, or could not delete",
    "UncertainRequest": "a request of a ledger that was sent and not answered",
}
MEMBERS = {
    "Status": ("Queued", "InProgress", "Completed", "UnknownStatus", "LogEntry"),
    "WorkflowEvent": (
        "StepSubmitted",
        "StepCompleted",
        "StepFailed",
        "WorkflowOutput",
        "UnknownEvent",
    ),
    "Outcome": ("Succeeded", "Failed"),
    "ProxyCall": ("proxy.ProxyCall",),
}
TYPES = {
    "UNSET": "as an argument, the same as leaving the argument out; its type is `Unset`",
    "FileInput": "what an argument for a file accepts: a URL, a path, bytes, an open file, a "
    "Pillow image, a numpy array, a `File` or a `LocalFile`",
    "InputModel": "the base class of the objects in inputs",
    "OutputModel": "the base class of results and the objects in them",
}

INTRODUCTION = """\
All names on this page can be imported from the generated package: `from fal_endpoints import Fal`.
`Proxy` and `ProxyCall` are in a module of their own, `fal_endpoints.proxy`.
[Options](options.md) lists the options that methods share, and [Errors](errors.md) describes the
errors. Methods that send have an `_async` twin, with the same arguments. `endpoint.connect_async`
returns an `AsyncRealtimeSession`, whose methods are coroutines.
"""


def page() -> str:
    blocks = [INTRODUCTION]
    for path, name, variable in CLASSES:
        class_ = runtime(path)
        blocks.append(f"## {name}")
        blocks += _described(class_)
        for member in class_.members.values():
            if not (isinstance(member, griffe.Attribute) and "property" in member.labels):
                continue
            if not member.name.startswith("_") and member.docstring:
                blocks.append(f"### {variable}.{member.name}")
                blocks += _described(member)
        for method in methods(class_):
            blocks.append(f"### {variable}.{method.name}")
            blocks.append(code(signature(method, name=f"{variable}.{method.name}")))
            blocks += _described(method)
    blocks.append("## Functions")
    for path, name in FUNCTIONS:
        function = runtime(path)
        assert isinstance(function, griffe.Function)
        blocks += [f"### {name}", code(signature(function, name=name)), *_described(function)]
    blocks += ["## Values", _glossary(VALUES)]
    for name in VALUES:
        for path in MEMBERS.get(name, (name,)):
            class_ = runtime(path)
            blocks += [f"### {class_.name}", docs(class_).text]
            if rows := fields(class_):
                blocks.append(table(["attribute", "type", "meaning"], rows))
    blocks += ["## Types", _glossary(TYPES)]
    return markdown_page("Client", *blocks)


def _glossary(names: Mapping[str, str]) -> str:
    return table(["name", "what it is"], [[code(name), about] for name, about in names.items()])


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
