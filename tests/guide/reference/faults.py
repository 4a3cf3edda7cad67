"""The faults of the emulator, from the code that implements them."""

from __future__ import annotations

from dataclasses import fields

from fal_codegen.emulator import faults

from .markdown import code, markdown_page, table

INTRODUCTION = """\
The emulator can delay an answer, fail, or answer in an unusual way. You ask for that with
directives, separated by commas. A directive is a name, `=value` if it takes one, and parameters
after semicolons.

Give directives in one of three ways:

- for every request: `fal-codegen emulate --faults 'running=3, logs=5'`
- for every request from then on, in a test with the [pytest fixture](../how-to/pytest.md)
  `fal_emulator`: `fal_emulator.emulate("drop=after; on=result")`
- for one request, with the header `X-Emulate`
"""

PARAMETERS = """\
## Parameters

Without `on`, a directive in a header applies to its own request. With `on`, a directive in the
header of a submission also applies to later requests about the job, and `times` is counted for that
job. In all other cases, `times` is counted over all requests with the same directive: a client that
retries a request with the header `X-Emulate: rate-limit=1; times=2` gets two failures, and then an
answer.
"""

OPERATIONS = """\
`events` streams the status of a job, and `stream` the output of a model. `realtime` opens a
connection, and `input` is an input that is sent over it. `models` is the catalogue, `jwks` the keys
of webhooks, and `requests` the list of past requests.
"""


def page() -> str:
    return markdown_page(
        "Emulator faults",
        INTRODUCTION,
        "## Directives",
        table(
            ["directive", "effect", "values", "without the directive", "without `=value`"],
            [
                [
                    code(spec.name.replace("_", "-")),
                    spec.metadata["help"],
                    _values(spec.metadata["among"]),
                    _default(spec.default),
                    _bare(spec.metadata["bare"]),
                ]
                for spec in fields(faults.Behaviour)
            ],
        ),
        PARAMETERS,
        table(
            ["parameter", "the directive applies"],
            [[code(f"{name}={value}"), effect] for name, value, effect in faults.PARAMETERS],
        ),
        OPERATIONS,
        "## Infrastructure errors",
        "`infrastructure-error` and `refuse` take one of these:",
        table(
            ["error type", "HTTP status"],
            [[code(kind), str(status)] for kind, status in faults.INFRASTRUCTURE_ERRORS.items()],
        ),
    )


def _default(value: object) -> str:
    if not value:
        return ""
    return code(f"{value:g}" if isinstance(value, int | float) else str(value))


def _values(among: tuple[str, ...]) -> str:
    is_listed_below = set(among) == set(faults.INFRASTRUCTURE_ERRORS)
    return "[see below](#infrastructure-errors)" if is_listed_below else ", ".join(map(code, among))


def _bare(value: object) -> str:
    return "" if value is None or value is True else code(str(value))
