"""Text of documents on pages: it never leaves its position, and a reader sees what was written."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from typing import Any

import markdown
import pytest
import yaml
from documents import document, obj
from fal_codegen.document.read import read
from fal_codegen.installation import packaged_templates
from fal_codegen.pipeline import build
from fal_codegen.project.declaration import Overrides, parse
from fal_codegen.project.inputs import Inputs
from fal_codegen.text.markdown import fence
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from .pages import (
    ROOT,
    Tags,
    Text,
)

PIECES = [
    "\ufffe", "\ue000", "\x7f", "\x85",
    "|", "||", "\n", "\n\n", "\r", "\t", "`", "``", "```", "~~~", "<", ">", "<script>",
    "</details>", "<!--", "-->", "<div markdown>", "</td>", "<a@b.c>", "&", "&lt;", "&#60;", "*",
    "**", "_", "__", "# ", "## ", "===", "---", "***", "- ", "+ ", "1. ", "> ", "    ", "[a](b)",
    "[a]: /b", "![x](y)", "[x](https://e.test/)", '[x](https://e.test/ "t")',
    "[x](javascript:alert)", "https://e.test/<b>", "{{ x }}", "{% raw %}", "{: .x }", "{#x}",
    "\\", "\\|", "$x$", "!!! note", "??? x", ":::", "+++", "\x00", "\x02", "\x03",
    "\x02klzzwxh:0001\x03", "\u2028", "\u202e", "é", "😀", "a", "B", " ", '"', "'", "--8<--",
    "*[a]: b", "[^1]: c", ": d", '=== "t"', "www.e.test", "http://", "\\u0041", "</",
]  # fmt: skip
HOSTILE = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=8).map("".join),
    st.text(max_size=12),
    st.sampled_from(PIECES).map(lambda piece: piece * (200 // len(piece))),
)
INLINE = {"text", "softbreak", "code_inline", "html_inline", "link_open", "link_close"}
OURS = re.compile(
    r"""<br>|</?(?:code|strong|p|pre|ul|ol|li|details|summary)>|<ul[ ]class="limits">
    |<ol[ ]start="\d+">|<a[ ]id="model-[A-Za-z]+">|<a[ ]href="https?://[^"<>\s]+">|</a>
    |<a[ ]id="([A-Za-z]+-[A-Za-z0-9_.-]+)"[ ]href="\#\1">""",
    re.VERBOSE,
)
LIST = re.compile("<[uo]l")
EXTENSIONS = yaml.safe_load((ROOT / "generated/docs/mkdocs.yml").read_text("utf-8"))[
    "markdown_extensions"
]


def with_text(text: str) -> dict[str, Any]:
    """Return a document with a text in every position of a page."""
    many = [f"{number}{text}" for number in range(20)]
    content = document(
        about=f"x{text}",
        input=obj(
            {
                "prompt": {"type": "string", "description": f"x{text}", "default": f"x{text}"},
                "bare": {"type": "string", "description": text or "x"},
                "choice": {"type": "string", "enum": many, "examples": [f"x{text}"]},
                "short": {"type": "string", "enum": [f"x{text}", "y"], "pattern": text},
                f"x{text}": {"type": "string", "enum": many},
            },
            required=["prompt", f"x{text}"],
        ),
        output=obj({f"x{text}": {"$ref": "#/components/schemas/Thing", "description": f"x{text}"}}),
        components={"Thing": obj({"name": {"type": "string"}}, description=f"x{text}")},
    )
    metadata = content["info"]["x-fal-metadata"]
    metadata.update(category=f"x{text}", documentationUrl=f"https://e.test/{text}")
    return content


def pages_of(content: dict[str, Any]) -> dict[str, str]:
    """Generate the site of one document, in memory."""
    data = json.dumps(content).encode()
    declaration = replace(
        parse('[targets.docs]\noutput = "out"'), endpoints={read(data).endpoint_id: Overrides()}
    )
    templates = {"docs": [packaged_templates() / "docs"]}
    made = build(Inputs(declaration, dict.fromkeys(declaration.endpoints, data), {}, templates))
    assert not made.errors
    (files,) = made.trees.values()
    return dict(files)


@cache
def harmless() -> dict[str, str]:
    """Return the pages of the same document with a text in it that means nothing."""
    return pages_of(with_text("n"))


def blocks(page: str) -> list[tuple[str, str, str]]:
    """Return the blocks of a page as CommonMark reads it, paragraphs apart."""
    found = []
    for token in MarkdownIt("commonmark").enable("table").parse(page):
        if token.type == "inline":
            for child in token.children or []:
                assert child.type in INLINE, child
                if child.type == "html_inline":
                    assert OURS.fullmatch(child.content), child
                if child.type == "link_open":
                    assert re.match(
                        r"https?://|#|\.\./|[a-z/]+\.(md|txt)$", str(child.attrs["href"])
                    )
        elif token.type == "html_block" and LIST.match(token.content):
            for tag in re.findall("<[^>]*>", token.content):
                assert OURS.fullmatch(tag), tag
        elif not token.type.startswith("paragraph"):
            shown = token.content if token.type == "html_block" else ""
            found.append((token.type, token.info, re.sub("<code>.*</code>", "", shown)))
    return found


def elements(page: str) -> list[tuple[str, dict[str, str | None]]]:
    """Return the elements of a page as the site has it, but for those within a line."""
    html = markdown.markdown(
        page,
        extensions=[next(iter(e)) if isinstance(e, dict) else e for e in EXTENSIONS],
        extension_configs={"pymdownx.highlight": {"use_pygments": False}},
    )
    found = Tags(html).found
    for _, attributes in found:
        assert not any(name.startswith("on") for name in attributes)
    within = ("p", "br", "code", "a", "strong", "ul", "ol", "li", "pre")
    return [(tag, at) for tag, at in found if tag not in within]


many = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@pytest.mark.exhaustive
@many
@given(text=HOSTILE)
@example(text="".join(PIECES))
@example(text="\n".join(PIECES))
@example(text="\n\n".join(PIECES))
@example(text=" ".join(PIECES))
def test_text_of_a_document_never_leaves_its_position(text: str) -> None:
    hostile, neutral = pages_of(with_text(text)), harmless()
    assert sorted(hostile) == sorted(neutral)
    page = "pages/endpoints/acme/blender.md"
    _, front, body = hostile[page].split("---\n", 2)
    _, _, plain = neutral[page].split("---\n", 2)
    assert set(yaml.safe_load(front)) == {"title", "description"}
    assert not set('<>"') & set(yaml.safe_load(front)["description"])
    assert blocks(body) == blocks(plain)
    assert elements(body) == elements(plain)
    (section,) = yaml.safe_load(hostile["mkdocs.yml"])["nav"][2:]
    (category,) = section
    assert re.fullmatch("[A-Za-z0-9 ]+", category)
    assert section[category] == [{"acme/blender": "endpoints/acme/blender.md"}]


SHOWN = [
    "_emphasis_ *or* __not__ ** at all**, 2**3, snake_case and _this",
    "&lt;b&gt; &#60; &copy; R&D < > <laugh>",
    "a | b \\| c \\ ~~d~~ ~e~ ^f^ $g$ {h} [i] (j) !k #l",
    "1. one and - two",
    "# no heading",
    "<<<voice_1>>> and {{ x }} {% y %}",
]


@pytest.mark.parametrize("text", SHOWN)
def test_a_reader_sees_the_text_that_was_written(text: str) -> None:
    content = document(about=text, input=obj({"prompt": {"type": "string", "description": text}}))
    page = pages_of(content)["pages/endpoints/acme/blender.md"].split("---\n", 2)[2]
    for html in (
        MarkdownIt("commonmark").enable("table").render(page),
        markdown.markdown(page, extensions=["tables", "md_in_html"]),
    ):
        shown = " ".join(Text(html).found.split())
        assert shown.count(text) == 2, shown


def test_an_address_that_is_none_of_the_web_is_no_link() -> None:
    content = document()
    content["info"]["x-fal-metadata"]["documentationUrl"] = "javascript:alert(1)"
    page = pages_of(content)["pages/endpoints/acme/blender.md"]
    assert "javascript:" not in page
    assert "fal's documentation" not in page


def test_code_cannot_end_the_block_it_is_in() -> None:
    source = "a\n```\n# b\n````\nc\n"
    (block,) = MarkdownIt("commonmark").parse(fence(source, "sh"))
    assert (block.type, block.content) == ("fence", source)
