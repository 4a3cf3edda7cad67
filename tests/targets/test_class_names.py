"""Reserved class names: no model has a name that a generated module needs for something else."""

from __future__ import annotations

import re

import pytest
from fal_codegen.installation import packaged_templates
from fal_codegen.plan import RESERVED_CLASS_NAMES

IMPORT = re.compile(r"^from \S+ import (?:\(([^)]*)\)|(.*))$", re.MULTILINE)


@pytest.mark.parametrize(
    "template", ["python/node.py.jinja", "fal-client-stubs/endpoint.pyi.jinja"]
)
def test_what_a_module_imports_is_reserved(template: str) -> None:
    text = (packaged_templates() / template).read_text("utf-8").partition("{% if")[0]
    imported = {
        name for names in IMPORT.findall(text) for name in re.findall(r"\w+", "".join(names))
    }
    assert {"Any", "Literal"} <= imported
    assert {name for name in imported if name[0].isupper()} <= RESERVED_CLASS_NAMES
