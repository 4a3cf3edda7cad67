"""Documentation of endpoints that tests write themselves."""

from __future__ import annotations

from typing import Any

import pytest
from fal_endpoints._runtime.documentation import Documentation


def document(patch: pytest.MonkeyPatch, endpoint_id: str, **documentation: Any) -> None:
    """Let the package have the documentation of an endpoint, and no other."""
    found = {endpoint_id: Documentation(endpoint_id, **documentation)}
    patch.setattr("fal_endpoints._runtime.documentation._documented", lambda: found)
