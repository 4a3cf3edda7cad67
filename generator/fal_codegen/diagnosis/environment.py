"""Findings about the installation: Python, packages, optional tools, the key and the cache."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec

from fal_codegen import __version__, cache
from fal_codegen.diagnosis import Finding, problem
from fal_codegen.errors import UsageError
from fal_codegen.fetch.catalogue import usable
from fal_codegen.install_command import install_extra
from fal_codegen.text import counted

_SHOWN_PACKAGES = ("datamodel-code-generator", "ruff", "httpx", "pydantic")

_EXTRAS = {
    "drift": ("jsonschema_rs", "inputs that a change breaks"),
    "emulator": ("starlette", "emulate, and the pytest fixture"),
    "docs": ("mkdocs", "building the site of the target docs"),
}
"""For each extra, a module that it installs, and what needs it."""

_OPTIONAL_TOOLS = {
    "git": (("git",), "diff --rev needs it"),
    "node": (("node",), "the target typescript needs it to run"),
    "chromium": (
        ("chromium", "chromium-browser", "google-chrome"),
        "only tests in a browser need it",
    ),
}
"""For each program that some uses need, its commands, and what needs it."""

_OWN_CACHE = "set XDG_CACHE_HOME to a folder of your own"


def environment() -> Iterator[Finding]:
    """Yield the findings about the installation."""
    yield Finding("python", "ok", f"{platform.python_version()} ({sys.executable})")
    yield Finding("fal-codegen", "ok", __version__)
    for name in _SHOWN_PACKAGES:
        yield _package(name)
    for extra, (module, use) in _EXTRAS.items():
        is_installed = find_spec(module) is not None
        install = f"not installed; for {use}: {install_extra(extra)}"
        yield Finding(f"extra {extra}", "ok", "installed" if is_installed else install)
    for name, (commands, use) in _OPTIONAL_TOOLS.items():
        paths = filter(None, map(shutil.which, commands))
        yield Finding(name, "ok", next(paths, f"not found; {use}"))
    yield _key()
    yield _cache()


def _package(name: str) -> Finding:
    """Return the finding about a package that the tool needs, with its pinned version if any."""
    try:
        installed = version(name)
    except PackageNotFoundError:
        return Finding(name, "problem", "not installed", "install fal-codegen again")
    pin = _pin(name)
    if pin in (None, installed):
        return Finding(name, "ok", installed)
    return Finding(
        name,
        "problem",
        f"{installed} is installed, but fal-codegen generates the same files only with {pin}",
        f"pip install '{name}=={pin}'",
    )


def _pin(name: str) -> str | None:
    """Return the only version of a package that the tool accepts; None if it accepts several."""
    try:
        requirements = requires("fal-codegen") or []
    except PackageNotFoundError:  # it runs from its sources
        return None
    found = (re.fullmatch(rf"{re.escape(name)}==([\w.]+)", text) for text in requirements)
    return next((match[1] for match in found if match), None)


def _key() -> Finding:
    """Return the finding about the key, of which nothing is shown."""
    key = os.environ.get("FAL_KEY", "").strip()
    if key:
        try:
            usable(key)
        except UsageError as error:
            return problem("key", error)
        return Finding("key", "ok", "FAL_KEY is set")
    if os.environ.get("FAL_KEY_ID") and os.environ.get("FAL_KEY_SECRET"):
        return Finding("key", "ok", "FAL_KEY_ID and FAL_KEY_SECRET are set")
    return Finding("key", "ok", "not set; generating needs none, calling fal does: set FAL_KEY")


def _cache() -> Finding:
    folder = cache.trusted_folder()
    if folder is None:
        return Finding(
            "cache",
            "warning",
            "no cache is kept: its folder is in a repository, or other users can write to it",
            _OWN_CACHE,
        )
    try:
        files = [path for path in folder.glob("*") if path.is_file()] if folder.is_dir() else []
        size = sum(path.stat().st_size for path in files)
    except OSError as error:  # another run removes old entries, or nobody may look
        return Finding("cache", "warning", f"{folder} cannot be read: {error.strerror}", _OWN_CACHE)
    return Finding("cache", "ok", f"{folder}: {counted(len(files), 'file')}, {size / 1e6:.1f} MB")
