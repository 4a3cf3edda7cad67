"""The header `User-Agent`: what sends a request, with the versions that matter for a bug report."""

from __future__ import annotations

import sys
from functools import cache

import httpx


def product() -> tuple[str, str | None]:
    """Return the name and the version of this package."""
    package = __name__.partition("._runtime")[0]
    return package.replace("_", "-"), getattr(sys.modules.get(package), "__version__", None)


@cache
def user_agent() -> str:
    """Return the names and versions of this package, Python and the HTTP library."""
    name, version = product()
    return " ".join(
        (
            name if version is None else f"{name}/{version}",
            "python/{}.{}.{}".format(*sys.version_info),
            f"{httpx.__name__}/{httpx.__version__}",
        )
    )
