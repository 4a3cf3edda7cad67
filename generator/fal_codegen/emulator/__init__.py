"""A local fal: a real HTTP server that answers as fal does, for any set of endpoint documents.

It needs no key, no network and no money. It fails on demand (see `faults`):

    from fal_codegen.emulator import Emulator

    with Emulator(documents) as emulator:
        client = Fal(key="any", base_url=emulator.base_url)
        ...
        assert emulator.journal.count("submit") == 1

The names below are imported when first used, so the pytest plugin loads quickly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fal_codegen.emulator.app import create_app
    from fal_codegen.emulator.emulation import Emulation
    from fal_codegen.emulator.emulator import Emulator
    from fal_codegen.emulator.endpoints.document_files import load_documents
    from fal_codegen.emulator.limits import Limits
    from fal_codegen.emulator.network.https_proxy import HttpsProxy
    from fal_codegen.emulator.recording.cassette import Cassette

__all__ = [
    "Cassette",
    "Emulation",
    "Emulator",
    "HttpsProxy",
    "Limits",
    "create_app",
    "load_documents",
]

_HOMES = {
    "Cassette": "recording.cassette",
    "Emulation": "emulation",
    "Emulator": "emulator",
    "HttpsProxy": "network.https_proxy",
    "Limits": "limits",
    "create_app": "app",
    "load_documents": "endpoints.document_files",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
