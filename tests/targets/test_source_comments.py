"""Descriptions in comments and docstrings: they keep their layout, and nothing in them is live."""

from __future__ import annotations

import ast
import inspect
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from documents import document, obj
from fal_codegen.document.read import read
from fal_codegen.installation import packaged_templates
from fal_codegen.pipeline import build
from fal_codegen.project.declaration import Overrides, parse
from fal_codegen.project.inputs import Inputs
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from property_tests import examples

from .test_docs_html import LINKS, MARKUP, WRAPPED

TARGETS = {
    "python": ('[targets.python]\npackage = "pkg"\noutput = "out"', "pkg/acme/blender.py"),
    "fal-client-stubs": (
        '[targets.fal-client-stubs]\noutput = "out"',
        "fal_client-stubs/_endpoints/acme/blender.pyi",
    ),
    "typescript": (
        '[targets.typescript]\npackage = "pkg"\noutput = "out"',
        "endpoints/acme/blender/index.d.ts",
    ),
}


def generated(target: str, content: dict[str, Any]) -> str:
    declaration, path = TARGETS[target]
    data = json.dumps(content).encode()
    endpoints = {read(data).endpoint_id: Overrides()}
    templates = {target: [packaged_templates() / target]}
    inputs = Inputs(
        replace(parse(declaration), endpoints=endpoints),
        dict.fromkeys(endpoints, data),
        {},
        templates,
    )
    (files,) = build(inputs).trees.values()
    return dict(files)[path]


def described(text: str) -> dict[str, Any]:
    properties = {"mode": {"type": "string", "description": text, "default": "fast"}}
    return document(about=text, input=obj(properties, description=text))


def docstrings(source: str) -> list[str]:
    """Return the docstrings of a module as readers of them see them."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found.append(inspect.cleandoc(str(node.value.value)))
    return found


def comments(source: str) -> list[str]:
    """Return the documentation comments of TypeScript as editors see them."""
    found = re.findall(r"/\*\*(.*?)\*/", source, re.DOTALL)
    return [re.sub(r"^ *\* ?", "", one, flags=re.MULTILINE).strip() for one in found]


LAID_OUT = f"""What it is for:
            - one item that is too long for a line, {"and goes on " * 10}to here
                1. below it
            - another

            ```json
            {{
                "a": "{"long " * 30}",

                "b": [1, 2]
            }}
            ```
            Then:
                deeper"""
KEPT = [
    f'```json\n{{\n    "a": "{"long " * 30}",\n\n    "b": [1, 2]\n}}\n```',
    "\n- one item that is too long for a line, ",
    "\n    1. below it\n- another\n",
    "\nThen:\n    deeper",
]


@pytest.mark.parametrize("target", TARGETS)
def test_code_lists_and_indentation_of_a_description_survive(target: str) -> None:
    source = generated(target, described(LAID_OUT))
    found = comments(source) if target == "typescript" else docstrings(source)
    for text in found:
        for part in KEPT:
            if "What it is for" in text and "Args:" not in text:
                assert part in text, text
    assert sum(KEPT[0] in text for text in found) >= 3
    goes_on = re.search(r"- one item .*\n( +)and goes|- one item .*\n( +)goes", "\n".join(found))
    assert goes_on and len(goes_on[1] or goes_on[2]) == 2
    # What is said besides stands by itself, after the code.
    if target != "typescript":
        assert any(re.search(r"deeper\.?\n\nDefault on the server: ", text) for text in found)


@pytest.mark.parametrize("target", ["python", "fal-client-stubs"])
def test_a_default_is_shown_whole(target: str) -> None:
    default = "a long default " * 40
    content = document(input=obj({"mode": {"type": "string", "default": default}}))
    (text,) = (one for one in docstrings(generated(target, content)) if one.startswith("Default"))
    assert " ".join(text.split()) == f'Default on the server: `"{" ".join(default.split())} "`.'


PIECES = [form.format(piece) for piece in (*MARKUP, *LINKS) for form in WRAPPED]
PIECES += ["`", "``", "```", "```\n", "\n```\n", "~~~\n", "\n", "\n\n", " ", "    ", "- "]
PIECES += ["> ", "x", "\\", "\\\\"]


class AnyLink(MarkdownIt):
    """A parser that accepts every address in a link; MarkdownIt itself rejects some."""

    def validateLink(self, url: str) -> bool:
        return True


@settings(
    max_examples=examples(100),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)
@given(text=st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
@example(text="`a\n` <img src=x> `")
@example(text="- a\n  ```\n<img src=x>\n  ```")
@example(text="a\n      ~~~\n<img src=x>\n      ~~~")
@example(text="```` x\n<img src=x>\n`````")
@example(text="> ```\n<img src=x>\n> ```")
@example(text="~~~ `\n```\n~~~\n<img src=x>\n```")
@example(text=f"{'a ' * 46}~~~ b\n```\n~~~\n<img src=x>\n```")
@example(text=f"`{'a ' * 46}# <img src=x>`")
@example(text=f"`{'a ' * 46}~~~ <b>`\n```\n~~~\n<img src=x>\n```")
@example(text=f"`{'a ' * 46}- b`\n`<img src=x>`")
@example(text="\\`<img src=x>`")
@example(text="\\<img src=x> \\\\<img src=x> \\\\\\<b>")
@example(text="[x\\\\](javascript:x) [x]\\\\(javascript:x) [x\\](javascript:x)")
@example(text="[x\\]: javascript:x\n\n[x\\\\]: javascript:x\n\n[x\\\\]")
@example(text="[a\nb]: javascript:x\n\n[a b]")
@example(text="[a](\njavascript:x)")
def test_a_comment_of_typescript_has_no_live_element_and_links_to_the_web_only(text: str) -> None:
    from fal_codegen.targets.typescript.quoting import tsdoc

    parser = AnyLink("commonmark")
    lines = tsdoc(text).split("\n")
    comment = "\n".join(line.removeprefix(" * ").removeprefix(" *") for line in lines)
    for token in parser.parse(comment):
        assert token.type != "html_block", comment
        for child in token.children or []:
            assert child.type not in ("html_inline", "image"), comment
            if child.type == "link_open":
                assert re.match("https?://[a-z]", str(child.attrs["href"])), comment
