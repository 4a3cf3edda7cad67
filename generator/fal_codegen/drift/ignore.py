"""Changes that a project temporarily ignores (`specs/drift-ignore.toml`).

Each is a table `[[ignore]]` with the `fingerprint` of the change from a report, the `reason`, and
the date on which it `expires`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

from fal_codegen import toml
from fal_codegen.drift.changes import Change, Report
from fal_codegen.errors import ProjectError
from fal_codegen.merge_conflicts import reject_conflict
from fal_codegen.paths import DRIFT_IGNORE
from fal_codegen.suggestions import closest


@dataclass(frozen=True)
class Exemption:
    """One change that the project ignores.

    Attributes:
        fingerprint: The fingerprint of the change.
        reason: Why the project ignores it.
        expires: The last day on which it is ignored.
    """

    fingerprint: str
    reason: str
    expires: date


class Ignored(NamedTuple):
    """A change, and the exemption that ignores it."""

    change: Change
    exemption: Exemption


def parse(data: bytes, today: date) -> tuple[Exemption, ...]:
    """Read an ignore file.

    Args:
        data: The content of the file.
        today: The current date, for expiry.

    Raises:
        ProjectError: The file is malformed, or an entry has expired.
    """
    try:
        raw = toml.loads(data.decode("utf-8-sig"))
    except ValueError as error:
        reject_conflict(data, DRIFT_IGNORE)
        raise ProjectError(f"{DRIFT_IGNORE} is not TOML: {error}") from error
    entries = raw.get("ignore", [])
    if raw.keys() - {"ignore"} or not isinstance(entries, list):
        raise ProjectError(
            f"{DRIFT_IGNORE} may hold only tables named [[ignore]]", hint=_hint(raw, {"ignore"})
        )
    return tuple(_exemption(entry, number, today) for number, entry in enumerate(entries, 1))


def _hint(table: Mapping[str, object], known: Set[str]) -> str | None:
    """Return the hint about the first unknown key of a table; None if none is similar to a key."""
    for key in sorted(table.keys() - known):
        if suggestion := closest(key, known):
            return f"did you mean {suggestion} instead of {key}?"
    return None


_FINGERPRINT = re.compile("[0-9a-f]{16}")
_KEYS = {"fingerprint", "reason", "expires"}


def _exemption(entry: object, number: int, today: date) -> Exemption:
    where = f"{DRIFT_IGNORE}: entry {number}"
    if not isinstance(entry, dict) or entry.keys() != _KEYS:
        odd = sorted(_KEYS ^ entry.keys()) if isinstance(entry, dict) else []
        more = f" (check {', '.join(odd)})" if odd else ""
        raise ProjectError(
            f"{where} must have exactly fingerprint, reason and expires{more}",
            hint=_hint(entry, _KEYS) if isinstance(entry, dict) else None,
        )
    fingerprint, reason, expires = entry["fingerprint"], entry["reason"], entry["expires"]
    if not isinstance(fingerprint, str) or not _FINGERPRINT.fullmatch(fingerprint):
        raise ProjectError(
            f"{where}: fingerprint must have 16 hexadecimal digits",
            hint="copy it from the report of fal-codegen drift, which shows it in brackets",
        )
    if not isinstance(reason, str) or not reason.strip():
        raise ProjectError(f"{where} ({fingerprint}): reason must not be empty")
    if not isinstance(expires, date) or isinstance(expires, datetime):
        raise ProjectError(f"{where} ({fingerprint}): expires must be a date, such as 2027-01-31")
    if expires < today:
        raise ProjectError(
            f"{where} ({fingerprint}) expired on {expires}: {reason.strip()}",
            hint="remove the entry, or review the change and set a later date",
        )
    return Exemption(fingerprint, reason.strip(), expires)


def without_ignored(
    reports: Iterable[Report], exemptions: Collection[Exemption]
) -> tuple[list[Report], tuple[Ignored, ...], tuple[Exemption, ...]]:
    """Remove ignored changes from reports.

    Returns:
        The reports without them, the ignored changes, and the exemptions that no change matches.
    """
    by_fingerprint = {exemption.fingerprint: exemption for exemption in exemptions}
    kept: list[Report] = []
    ignored: list[Ignored] = []
    for report in reports:
        left = []
        for change in report.changes:
            exemption = by_fingerprint.get(change.fingerprint)
            if exemption is None:
                left.append(change)
            else:
                ignored.append(Ignored(change, exemption))
        kept.append(replace(report, changes=tuple(left)))
    used = {exemption for _, exemption in ignored}
    return kept, tuple(ignored), tuple(each for each in exemptions if each not in used)
