"""Values as JSON, and as one word of the shell."""

from __future__ import annotations

import shlex
from typing import Any

from fal_codegen.text.escaping import json_text


def as_json(value: Any) -> str:
    """Return a value as indented JSON, with invisible characters escaped."""
    return json_text(value, indent=2)


def shell(value: Any) -> str:
    """Return a value as JSON, quoted as one word of the shell."""
    return shlex.quote(as_json(value))
