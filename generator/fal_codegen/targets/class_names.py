"""Class names that no model gets, because the language of a builtin target reserves them.

A model has the same name in every target, whichever targets a project declares, so the plan keeps
to the reserved names of all of them.
"""

from __future__ import annotations

from fal_codegen.targets.fal_client_stubs import names as stubs
from fal_codegen.targets.python import names as python
from fal_codegen.targets.typescript import names as typescript

RESERVED_CLASS_NAMES = (
    python.RESERVED_CLASS_NAMES | typescript.RESERVED_CLASS_NAMES | stubs.RESERVED_CLASS_NAMES
)
