"""The rules that repair documents, from the code that applies them."""

from __future__ import annotations

from fal_codegen.document.repairs import REPAIR_RULES

from .markdown import code, markdown_page, table

INTRODUCTION = """\
`generate` repairs faults that many documents share, and reports how often and why. The documents
in `specs/` stay as they are. `fal-codegen list --repairs` lists each place. A repair never makes an
input stricter than the document: what the generated types cannot check is left for the server to
check.
"""


def page() -> str:
    rules = [[code(name), effect] for name, effect in REPAIR_RULES.items()]
    return markdown_page("Repairs", INTRODUCTION, table(["rule", "what it does"], rules))
