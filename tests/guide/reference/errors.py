"""The errors of the generated client, by what raises them, from its docstrings."""

from __future__ import annotations

from collections import defaultdict

import griffe

from .client import CLASSES
from .docstrings import docs, methods, runtime
from .markdown import code, markdown_page, table

INTRODUCTION = """\
Every error of a call is a `FalError`. It has `endpoint_id` and `request_id`, which is None if fal
gave none. Pass the id to `endpoint.handle(request_id)` to continue with the job. A request that fal
rejected has an id too, but no job.

A missing or unknown argument raises Python's own `TypeError`, and type checkers report it.
`file.download` raises Python's own `OSError` if the file cannot be written, for instance a
`FileNotFoundError` if its folder does not exist.
"""

RETRIES = """\
## What is retried

After a temporary failure, a request is sent again, up to five attempts with growing pauses: after
a lost connection, an error page of a proxy, or a rate limit, whose response may ask for a longer
pause. [`Retries`](client.md#retries) changes the number and the pauses. A submission is sent again
only if the server certainly did not accept it. If nothing shows whether it did, you get
[`SubmissionUncertain`](#submissionuncertain), and you decide.

`error.retryable` of an `APIError` is true if fal says that the same request may succeed later.
"""


def page() -> str:
    raised = defaultdict[str, dict[str, list[str]]](lambda: defaultdict(list))
    for path, name, variable in CLASSES:
        documented = runtime(path)
        for error, when in docs(documented).raises.items():
            raised[error][when].append(f"[`{name}()`](client.md#{name.lower()})")
        for method in methods(documented):
            call = f"{variable}.{method.name}"
            link = f"[`{call}`](client.md#{call.replace('.', '').lower()})"
            if call == "endpoint.bind":  # what a call of the endpoint runs
                link = f"[`endpoint(…)`](client.md#endpoint), {link}"
            for error, when in docs(method).raises.items():
                raised[error][when].append(link)
    blocks = [INTRODUCTION, RETRIES, "## The errors"]
    for class_ in _errors():
        found = docs(class_)
        bases = [code(str(base)) for base in class_.bases if str(base) != "Exception"]
        blocks += [f"### {class_.name}", found.text]
        if bases:
            blocks.append(f"A subclass of {' and '.join(bases)}.")
        if attributes := _attributes(class_):
            blocks.append(table(["attribute", "meaning"], attributes))
        if raised[class_.name]:
            rows = [[", ".join(calls), when] for when, calls in raised[class_.name].items()]
            blocks.append(table(["raised by", "when"], rows))
        if found.example:
            blocks.append(found.example)
    return markdown_page("Errors", *blocks)


def _errors() -> list[griffe.Class]:
    module = runtime("errors")
    found = [member for member in module.members.values() if isinstance(member, griffe.Class)]
    webhook = runtime("protocol.webhooks.WebhookError")
    assert isinstance(webhook, griffe.Class)
    return [*(each for each in found if each.name != "Subject"), webhook]


def _attributes(error: griffe.Class) -> list[list[str]]:
    return [
        [code(member.name), docs(member).text]
        for member in error.members.values()
        if isinstance(member, griffe.Attribute) and not member.name.startswith("_")
    ]
