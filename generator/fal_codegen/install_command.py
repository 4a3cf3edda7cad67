"""Shell commands that install this tool from where it was installed from."""

from __future__ import annotations

import json
import re
import shlex
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from urllib.request import url2pathname

_NAME = "fal-codegen"

_PLAIN_URL = re.compile(r"https://[A-Za-z0-9._~/:@%+=-]+")
"""URLs without characters that are special to a shell, to YAML or to a workflow."""

UNKNOWN = (
    "echo '::error::replace this line with the command that installs fal-codegen, such as "
    "pip install with the address of a repository, pinned to a commit. init could not write it, "
    "because fal-codegen was installed from a local folder.' && exit 1"
)
"""A command that fails and prints what to do."""


def install_command(extra: str = "") -> str:
    """Return a shell command that installs this version of the tool from the same address.

    With the name alone, pip would install any package that somebody publishes under it.

    Args:
        extra: An extra to install too.

    Returns:
        The command; `UNKNOWN` if no other machine can install from there.
    """
    address = _address()
    if address is None:
        return UNKNOWN
    name = f"{_NAME}[{extra}]" if extra else _NAME
    return f"pip install '{name} @ {address}'"


def install_extra(extra: str) -> str:
    """Return a shell command that adds an extra to this installation, from where it came from."""
    record = _record()
    if record is None:
        return f"pip install '{_NAME}[{extra}]'"
    folder = urlsplit(record["url"])
    if isinstance(info := record.get("dir_info"), dict) and folder.scheme == "file":
        editable = "-e " if info.get("editable") is True else ""
        return f"pip install {editable}{shlex.quote(f'{url2pathname(folder.path)}[{extra}]')}"
    command = install_command(extra)
    return f"install {_NAME} again with its extra {extra}" if command == UNKNOWN else command


def _record() -> dict[str, Any] | None:
    """Return what pip recorded when it installed this tool from an address or a folder (PEP 610).

    None if it came from a package index, or runs from its sources.
    """
    try:
        record = json.loads(distribution(_NAME).read_text("direct_url.json") or "null")
    except (PackageNotFoundError, ValueError, OSError):
        return None
    return record if isinstance(record, dict) and isinstance(record.get("url"), str) else None


def _address() -> str | None:
    """Return the pinned address that this tool was installed from, if others can use it."""
    record = _record()
    if record is None:
        return None
    url = _without_user(record["url"])
    fragments: list[str] = []
    if isinstance(vcs := record.get("vcs_info"), dict):
        commit = vcs.get("commit_id")
        if vcs.get("vcs") != "git" or not _is_hexadecimal(commit):
            return None
        url = f"git+{url}@{commit}"
    elif isinstance(archive := record.get("archive_info"), dict):
        sha256 = _sha256(archive)
        fragments += [f"sha256={sha256}"] if sha256 else []
    else:  # a folder
        return None
    subdirectory = record.get("subdirectory")
    if isinstance(subdirectory, str):
        fragments.append(f"subdirectory={subdirectory}")
    address = url + ("#" + "&".join(fragments) if fragments else "")
    is_plain = _PLAIN_URL.fullmatch(url.removeprefix("git+")) is not None
    return address if is_plain and re.fullmatch(r"[\w#&=./+:@%~-]+", address, re.ASCII) else None


def _without_user(url: str) -> str:
    """Return a URL without user name and password, which do not belong in a repository."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _sha256(archive: dict[str, Any]) -> str | None:
    hashes = archive.get("hashes")
    value = hashes.get("sha256") if isinstance(hashes, dict) else None
    if value is None and isinstance(legacy := archive.get("hash"), str):
        value = legacy.removeprefix("sha256=")
    return value if _is_hexadecimal(value) else None


def _is_hexadecimal(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9a-f]{40,64}", value) is not None
