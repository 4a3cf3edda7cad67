"""The option `--header`: HTTP headers that are sent with each request of a command."""

from __future__ import annotations

from collections.abc import Sequence

import click

from ..errors import ConfigurationError


def header_option() -> click.Option:
    """Return the option. Its value is a dictionary."""
    return click.Option(
        ["headers", "--header"],
        multiple=True,
        callback=_headers,
        metavar="'NAME: VALUE'",
        help="Send an HTTP header with the request, such as 'X-Fal-Store-IO: 0'. Repeat the option "
        "for each header.",
    )


def _headers(ctx: click.Context, param: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    """Return headers that are written as in HTTP. A message does not repeat them: see `options`."""
    from ..options import check_values  # here, because completion is to be quick

    parts = [value.partition(":") for value in values]
    headers = {name.strip(): text.strip() for name, _, text in parts}
    try:
        check_values(headers=headers)
    except ConfigurationError:
        has_form = False
    else:
        has_form = all(colon for _, colon, _ in parts)
    if not has_form:
        raise click.BadParameter(
            "write 'NAME: VALUE', in quotes and in printable ASCII", ctx, param
        )
    return headers
