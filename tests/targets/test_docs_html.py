"""The HTML of a page: no element, attribute or scheme in it is one that a document's text brought.

The page is read as the site's own generator reads it, with the extensions that its configuration
names and the elements that templates put around text, and as CommonMark and GitHub read it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from typing import TypeAlias

import markdown
import pytest
import yaml
from documents import document, obj
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from .pages import ROOT, Tags, Text
from .test_docs_text import pages_of, with_text

EXTENSIONS = yaml.safe_load((ROOT / "generated/docs/mkdocs.yml").read_text("utf-8"))[
    "markdown_extensions"
]
PAGE = "pages/endpoints/acme/blender.md"

MARKUP = [
    "</div>", "</td>", "</table>", "</details>", "</summary>", "</code>", "</a>", "<script>",
    "</script>", "<style>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>",
    "<div markdown>", "<iframe src=//evil.example>", "<a href='javascript:alert(1)'>", "<textarea>",
    "<!--", "-->", "<![CDATA[", "]]>", "<?php", "<!DOCTYPE x>", "<x", "<", ">", "&", "&lt;",
    "&#60;", "&#x3c;", "&#60",
]  # fmt: skip
LINKS = [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "java\nscript:alert(1)",
    "java\x00script:alert(1)", "\x01javascript:alert(1)", "javascript&#58;alert(1)",
    "javascript&colon;alert(1)", "&#106;avascript:alert(1)", "data:text/html,x", "vbscript:x",
    "file:///etc/passwd", "//evil.example", "\\\\evil.example", "https:evil.example", "command:x",
]  # fmt: skip
WRAPPED = ["`{}`", "``{}``", "[x]({})", "[x](<{}>)", '[x]({} "t")', "<{}>", "![x]({})", "{}"]
WRAPPED += ["[x]: {}\n\n[x]", "[x][y]\n\n[y]: {}", "<a href={}>", "- {}\n- b", "```\n{}\n```"]
WRAPPED += [
    "1. {}\n2. b",
    "    {}",
    "a\n        {}",
    "| {} |",
    "~~~json\n{}\n~~~",
    "[{}](http://a.b/)",
]
PIECES = [form.format(piece) for piece in (*MARKUP, *LINKS) for form in WRAPPED]
PIECES += ["`", "\n", "\n\n", " ", "word"]
HOSTILE = st.lists(st.sampled_from(PIECES), max_size=5).map("".join)

FORMATTING = {"code", "br", "pre", "p", "span", "strong", "ul", "ol", "li"}
"""Elements that text may bring: code, bold text, lists, and the ends of lines and paragraphs."""
FIELD = re.compile("(Input|Output)-(-[0-9]+|[A-Za-z0-9][A-Za-z0-9_.-]*)")
"""Anchors of fields, which have the name of the field if it is plain."""
HIGHLIGHTED = re.compile("highlight|[a-z0-9]{0,3}|language-[a-z]+")
"""Classes of the site's own highlighting of code."""


Elements: TypeAlias = "Counter[tuple[str, tuple[tuple[str, str | None], ...]]]"


def as_the_site(page: str) -> str:
    html: str = markdown.markdown(
        page, extensions=[next(iter(one)) if isinstance(one, dict) else one for one in EXTENSIONS]
    )
    return html


def as_commonmark(page: str) -> str:
    html: str = MarkdownIt("commonmark").enable("table").render(page)
    return html


def as_github(page: str) -> str:
    html: str = MarkdownIt("gfm-like", {"linkify": False}).render(page)
    return html


READERS = (as_the_site, as_commonmark, as_github)


def body(text: str) -> str:
    return pages_of(with_text(text))[PAGE].split("---\n", 2)[2]


def elements(html: str) -> Elements:
    """Return the elements that are neither formatting nor links to the web."""
    found: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
    for tag, attributes in Tags(html).found:
        if tag == "a" and re.match("https?://[a-z]", attributes.get("href") or ""):
            assert set(attributes) == {"href"}
        elif tag == "a" and FIELD.fullmatch(attributes.get("id") or ""):
            assert attributes == {"id": attributes["id"], "href": f"#{attributes['id']}"}
            found.append(("field", ()))
        elif tag == "ol":
            assert re.fullmatch("[0-9]+", attributes.get("start") or "1")
        elif tag == "ul" and attributes:
            found.append((tag, tuple(sorted(attributes.items()))))
        elif tag in FORMATTING or (tag == "div" and attributes == {"class": "highlight"}):
            assert set(attributes) <= {"class"}
            assert HIGHLIGHTED.fullmatch(attributes.get("class") or "")
        else:
            found.append((tag, tuple(sorted(attributes.items()))))
    return Counter(found)


@cache
def harmless() -> tuple[Elements, ...]:
    return tuple(elements(reader(body("n"))) for reader in READERS)


@pytest.mark.exhaustive
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(text=HOSTILE)
@example(text="".join(f"`{piece}`" for piece in MARKUP))
@example(text=" ".join(LINKS))
@example(text="\n\n".join(MARKUP))
def test_text_brings_no_element_attribute_or_scheme(text: str) -> None:
    page = body(text)
    for reader, wanted in zip(READERS, harmless(), strict=True):
        assert elements(reader(page)) == wanted, reader.__name__


@pytest.mark.parametrize("text", [*MARKUP, *LINKS])
def test_text_comes_out_as_it_was(text: str) -> None:
    fields = {
        "prose": {"type": "string", "description": text},
        "quoted": {"type": "string", "description": f"`{text}`", "default": text},
    }
    page = pages_of(document(about=f"a `x` {text} b", input=obj(fields)))[PAGE]
    # What cannot be seen is left out of prose, and written out in code.
    plain = " ".join(re.sub("[\x00\x01]", "", text).split())
    escaped = " ".join(text.replace("\x00", "\\x00").replace("\x01", "\\x01").split())
    for reader in READERS:
        shown = " ".join(Text(reader(page.split("---\n", 2)[2])).found.split())
        assert f"a x {plain} b" in shown, reader.__name__
        assert plain in shown.replace(f"a x {plain} b", ""), reader.__name__
        assert escaped in shown, reader.__name__
        assert json.dumps(text) in shown, reader.__name__  # the default


@pytest.mark.parametrize(
    "address", [*LINKS, "https://", "http:", " https://e.test", "ftp://e.test"]
)
def test_only_addresses_of_the_web_become_links(address: str) -> None:
    content = document()
    content["info"]["x-fal-metadata"].update(
        documentationUrl=address, playgroundUrl=address, thumbnailUrl=address
    )
    assert "fal's documentation" not in pages_of(content)[PAGE]


def test_addresses_of_the_web_stay_what_they_are() -> None:
    address = "https://e.test/a_b_c/?x=1&lt=2&y=%3C_z_#f"
    content = document(about=f"See {address} and [the `guide`]({address}).")
    content["info"]["x-fal-metadata"]["documentationUrl"] = address
    page = pages_of(content)[PAGE].split("---\n", 2)[2]
    for reader in READERS:
        links = [at["href"] for tag, at in Tags(reader(page)).found if tag == "a" and "href" in at]
        assert links.count(address) == 3


LAID_OUT = """\
        Modes:

        - **fast**: at once
            - with `x` < 3
          or more
        - slow

        1. one
        2. two

        ```json
        {
          "a": "<b>",

          "c": 1
        }
        ```

        Then:
            deeper
        back"""


def test_lists_and_code_of_a_description_survive() -> None:
    content = document(
        about=f"What it does.\n{LAID_OUT}",
        input=obj({"prompt": {"type": "string", "description": f"What it does.\n{LAID_OUT}"}}),
    )
    page = pages_of(content)[PAGE].split("---\n", 2)[2]
    about, _, rest = page.partition("| | |")
    (row,) = (line for line in rest.splitlines() if ">`prompt`</a>" in line)
    for reader in READERS:
        for html in (reader(about), reader(f"| a | b | c |\n|---|---|---|\n{row}")):
            assert '{\n  "a": "<b>",\n\n  "c": 1\n}' in Text(html).found, reader.__name__
            assert [tag for tag, _ in Tags(html).found].count("pre") == 1
            lists = re.sub(r"\n|</?p>", "", html)
            assert LISTS in re.sub("&lt;|&#60;", "<", lists), reader.__name__
            lines = [Text(line).found for line in re.split("<br ?/?>|</?p>|\n", html)]
            for line in ("Then:", "\xa0\xa0\xa0\xa0deeper", "back"):
                assert any(text.startswith(line) for text in lines), (reader.__name__, line)


LISTS = (
    "<ul><li><strong>fast</strong>: at once<ul><li>with <code>x</code> < 3 or more</li></ul></li>"
    "<li>slow</li></ul><ol><li>one</li><li>two</li></ol>"
)
