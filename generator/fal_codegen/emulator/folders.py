"""Temporary folders of emulators: for uploaded files, and for certificates."""

from __future__ import annotations

from functools import partial

from fal_codegen import temporary_folder

_PREFIX = "fal-emulator-"

create_folder = partial(temporary_folder.TemporaryFolder.create, _PREFIX)
remove_abandoned = partial(temporary_folder.sweep, _PREFIX)
