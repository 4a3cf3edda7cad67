"""The header `User-Agent`: what sends a request, with the versions that matter for a bug report."""

from __future__ import annotations

import sys
from functools import cache

import httpx


@cache
def user_agent() -> str:
    """Return the names and versions of this package, Python and the HTTP library."""
    package = __name__.partition("._runtime")[0]
    version = getattr(sys.modules.get(package), "__version__", None)
    product = package.replace("_", "-")
    return " ".join(
        (
            product if version is None else f"{product}/{version}",
            "python/{}.{}.{}".format(*sys.version_info),
            f"{httpx.__name__}/{httpx.__version__}",
        )
    )
