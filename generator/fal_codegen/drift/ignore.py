"""Changes that a project decided to live with for a while (`specs/drift-ignore.toml`).

Each is a table `[[ignore]]` with the `fingerprint` of the change, as reports show it, the `reason`,
and the day on which it `expires`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from fal_codegen import toml
from fal_codegen.drift.changes import Change, Report
from fal_codegen.errors import ProjectError
from fal_codegen.text.merge_conflicts import KEEP_BOTH, conflict_line

FILE = "specs/drift-ignore.toml"


@dataclass(frozen=True)
class Exemption:
    """What is said of one change.

    Attributes:
        fingerprint: The change's.
        reason: Why it is ignored.
        expires: The last day on which it is.
    """

    fingerprint: str
    reason: str
    expires: date


@dataclass(frozen=True)
class Ignored:
    """A change that is ignored, and why."""

    change: Change
    exemption: Exemption


def parse(data: bytes, today: date) -> tuple[Exemption, ...]:
    """Read an ignore file.

    Args:
        data: The file.
        today: The day on which none of it may have expired.

    Raises:
        ProjectError: It says something that it cannot say, or an entry has expired.
    """
    try:
        raw = toml.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        if line := conflict_line(data.decode(errors="replace")):
            raise ProjectError(
                f"{FILE}, line {line}: git left a merge conflict there", hint=KEEP_BOTH
            ) from error
        raise ProjectError(f"{FILE} is not TOML: {error}") from error
    entries = raw.get("ignore", [])
    if raw.keys() - {"ignore"} or not isinstance(entries, list):
        raise ProjectError(f"{FILE} may hold only tables called [[ignore]]")
    return tuple(_exemption(entry, number, today) for number, entry in enumerate(entries, 1))


_KEYS = {"fingerprint", "reason", "expires"}


def _exemption(entry: object, number: int, today: date) -> Exemption:
    where = f"{FILE}: entry {number}"
    if not isinstance(entry, dict) or entry.keys() != _KEYS:
        odd = sorted(_KEYS ^ entry.keys()) if isinstance(entry, dict) else []
        more = f" (look at {', '.join(odd)})" if odd else ""
        raise ProjectError(f"{where} must have just fingerprint, reason and expires{more}")
    fingerprint, reason, expires = entry["fingerprint"], entry["reason"], entry["expires"]
    if not isinstance(fingerprint, str) or not fingerprint:
        raise ProjectError(f"{where}: fingerprint must be that of a change, as reports show it")
    if not isinstance(reason, str) or not reason.strip():
        raise ProjectError(f"{where} ({fingerprint}): reason must say why, and is empty")
    if not isinstance(expires, date) or isinstance(expires, datetime):
        raise ProjectError(f"{where} ({fingerprint}): expires must be a day, such as 2027-01-31")
    if expires < today:
        raise ProjectError(
            f"{where} ({fingerprint}) expired on {expires}: {reason.strip()}",
            hint="take it out, or look at the change again and give it another day",
        )
    return Exemption(fingerprint, reason.strip(), expires)


def without_ignored(
    reports: Iterable[Report], exemptions: Collection[Exemption]
) -> tuple[list[Report], tuple[Ignored, ...], tuple[Exemption, ...]]:
    """Take ignored changes out of reports.

    Returns:
        The reports without them, the ignored changes, and the exemptions of nothing.
    """
    by_fingerprint = {one.fingerprint: one for one in exemptions}
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
    used = {one.exemption for one in ignored}
    return kept, tuple(ignored), tuple(one for one in exemptions if one not in used)
