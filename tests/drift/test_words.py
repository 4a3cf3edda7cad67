"""Changed words of a text, in the formats for people."""

from __future__ import annotations

import re
from typing import Any

import pytest
from documents import document, obj
from fal_codegen.drift.formats import render
from fal_codegen.drift.report import DocumentPair, compare_all

LONG = " ".join(f"word{number}" for number in range(300))


def telling(form: str, old: str | None, new: str | None) -> str:
    def content(description: str | None) -> dict[str, Any]:
        about = {} if description is None else {"description": description}
        return document(input=obj({"prompt": {"type": "string", **about}}))

    return render(compare_all([DocumentPair("acme/blender", content(old), content(new))]), form)


def test_text_shows_the_words_that_changed_below_the_count() -> None:
    told = telling("text", "At most 500 characters.", "At most 800 characters.").splitlines()
    assert told[1].split() == "cosmetic 1 change of titles, descriptions and the like".split()
    assert re.fullmatch(r" +input `prompt`: the description changed  \[[0-9a-f]{16}\]", told[2])
    assert told[3].strip() == "At most [-500-] {+800+} characters."


def test_markdown_folds_changed_words() -> None:
    told = telling("markdown", "At most 500 characters.", "At most 800 characters.")
    folded = told[told.index("<details>") : told.index("</details>")]
    assert "At most <del>500</del> <ins>800</ins> characters." in folded


def test_a_page_marks_changed_words() -> None:
    told = telling("html", "At most 500.", "At most <b>800</b>.")
    assert "<del>500.</del>" in told
    assert "<ins>&lt;b&gt;800&lt;/b&gt;.</ins>" in told


def test_a_description_that_is_new_or_gone() -> None:
    assert "{+What to draw.+}" in telling("text", None, "What to draw.")
    assert "[-What to draw.-]" in telling("text", "What to draw.", None)


def test_white_space_alone_is_shown_as_it_is() -> None:
    assert "[-One.\\n\\nTwo.-] {+One. Two.+}" in telling("text", "One.\n\nTwo.", "One. Two.")


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_of_a_long_description_what_is_around_the_change_is_shown(form: str) -> None:
    told = telling(form, LONG, LONG.replace("word150", "other"))
    assert "word146 word147 word148 word149" in told
    assert "other" in told
    assert "word140" not in told
    assert "word160" not in told


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_the_length_of_changed_words_is_bounded(form: str) -> None:
    short = telling(form, "One.", "Two.")
    assert len(telling(form, "a " * 50_000, "b " * 50_000)) < len(short) + 3_000
