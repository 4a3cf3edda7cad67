"""The names that `fal_codegen.emulator` exports, which are imported when first used."""

from __future__ import annotations

import ast
import inspect

from fal_codegen import emulator


def test_type_checkers_see_every_exported_name() -> None:
    imports = [
        alias.name
        for node in ast.walk(ast.parse(inspect.getsource(emulator)))
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith(emulator.__name__)
        for alias in node.names
    ]
    assert sorted(imports) == sorted(emulator.__all__)
    assert all(hasattr(emulator, name) for name in emulator.__all__)
