"""Diagnosis: what an installation, a project and a network look like, as a list of findings.

Nothing is written, and nothing is sent unless `online` is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fal_codegen.errors import CodegenError

Status = Literal["ok", "warning", "problem"]


@dataclass(frozen=True)
class Finding:
    """One finding of `doctor`.

    Attributes:
        subject: What it is about, such as `project`.
        status: `ok`, `warning` (something may not do what you expect) or `problem` (a command will
            fail).
        detail: What was found.
        next_step: What to do about a warning or a problem; null if there is nothing to do.
    """

    subject: str
    status: Status
    detail: str
    next_step: str | None = None


def problem(subject: str, error: CodegenError | OSError) -> Finding:
    """Return the finding for an error, also for a file that cannot be read."""
    if isinstance(error, OSError):
        detail = f"cannot be read: {error.filename or ''} {error.strerror or error}"
        return Finding(subject, "problem", detail, "check the permissions of the file")
    endpoint = f"{error.endpoint}: " if error.endpoint else ""
    return Finding(subject, "problem", f"{endpoint}{error.message}", error.hint)
