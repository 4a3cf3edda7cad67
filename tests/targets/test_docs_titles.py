"""Names of endpoints on the site: titles of the catalogue, with ids where they are needed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import yaml
from documents import document
from fal_codegen.document.metadata import Metadata
from fal_codegen.installation import packaged_templates
from fal_codegen.pipeline import build
from fal_codegen.project.declaration import Overrides, parse
from fal_codegen.project.inputs import Inputs

DOCS = '[targets.docs]\noutput = "out"\n'
BLENDER, MIXER = "acme/blender", "acme/mixer"
THUMBNAIL = "https://example.com/a.png"


def site(
    metadata: dict[str, Metadata],
    settings: str = "",
    **documents: dict[str, Any],
) -> dict[str, str]:
    """Generate a site of two endpoints, in memory."""
    contents = {BLENDER: document(BLENDER), MIXER: document(MIXER)}
    contents |= {f"acme/{name}": content for name, content in documents.items()}
    declaration = replace(
        parse(DOCS + settings), endpoints={endpoint_id: Overrides() for endpoint_id in contents}
    )
    data = {endpoint_id: json.dumps(content).encode() for endpoint_id, content in contents.items()}
    templates = {"docs": [packaged_templates() / "docs"]}
    made = build(Inputs(declaration, data, {}, templates, metadata))
    assert not made.errors
    (files,) = made.trees.values()
    return dict(files)


def page(files: dict[str, str], endpoint_id: str = BLENDER) -> str:
    return files[f"pages/endpoints/{endpoint_id}.md"]


def navigation(files: dict[str, str]) -> dict[str, list[str]]:
    """Return the labels of endpoints in the navigation, by category."""
    _, _, *sections = yaml.safe_load(files["mkdocs.yml"])["nav"]
    return {
        name: [label for entry in entries for label in entry]
        for section in sections
        for name, entries in section.items()
    }


def test_a_title_is_the_heading_and_the_id_is_below_it() -> None:
    files = site({BLENDER: Metadata(title="The *Blender*")})
    assert "\n# The &#42;Blender&#42;\n\n`acme/blender`\n" in page(files)
    assert 'title: "The *Blender*"\n' in page(files)
    assert "\n# acme/mixer\n\nBlends two things.\n" in page(files, MIXER)
    assert navigation(files) == {"Test": ["The *Blender*", "acme/mixer"]}
    line = (
        "[The &#42;Blender&#42;](endpoints/acme/blender.md)<br>`acme/blender`<br>Blends two things."
    )
    assert f"- {line}\n" in files["pages/index.md"]


def test_endpoints_with_the_same_title_are_told_apart_in_the_navigation() -> None:
    files = site({BLENDER: Metadata(title="Nano"), MIXER: Metadata(title="Nano")})
    assert navigation(files) == {"Test": ["Nano (acme/blender)", "Nano (acme/mixer)"]}


@pytest.mark.parametrize(
    ("category", "known", "heading"),
    [
        ("text-to-3d", "", "Text to 3D"),
        ("llm", "", "LLM"),
        ("", "image-to-json", "Image to JSON"),
        ("unknown", "", "Other"),
        ("Unknown", "vision", "Vision"),
        ("", "", "Other"),
        ("<b>", "", "B"),
    ],
)
def test_a_category_is_a_heading_in_words(category: str, known: str, heading: str) -> None:
    content = document(BLENDER)
    content["info"]["x-fal-metadata"]["category"] = category
    files = site({BLENDER: Metadata(category=known)}, blender=content)
    assert heading in navigation(files)
    assert f"\n## {heading}\n" in files["pages/index.md"]


@pytest.mark.parametrize(
    ("about", "shown"),
    [
        ("Run", "Blends fruit."),
        ("Ep Medium A2A", "Blends fruit."),
        ("", "Blends fruit."),
        ("Blends anything.", "Blends anything."),
    ],
)
def test_the_name_of_a_function_gives_way_to_the_catalogue(about: str, shown: str) -> None:
    known = Metadata(title="Blender", description="Blends fruit.")
    files = site({BLENDER: known}, blender=document(BLENDER, about=about))
    assert f"\n{shown}\n" in page(files)
    assert f"<br>{shown}\n" in files["pages/index.md"]


def test_a_title_is_not_repeated_as_the_summary() -> None:
    files = site({BLENDER: Metadata(title="Blender")}, blender=document(BLENDER, about=""))
    assert files["pages/index.md"].count("Blender") == 1


def test_a_deprecated_endpoint_says_so_and_links_to_its_replacement() -> None:
    facts = f"[targets.docs.facts.'{BLENDER}']\nReplacement = '{MIXER}'\n"
    files = site({BLENDER: Metadata(title="Blender", status="deprecated")}, facts)
    assert "fal has deprecated this endpoint, and may remove it." in page(files)
    assert "Replacement: [acme/mixer](../../endpoints/acme/mixer.md)." in page(files)
    assert "[Blender](endpoints/acme/blender.md) (deprecated)<br>" in files["pages/index.md"]
    assert "deprecated" not in page(files, MIXER)
    assert "fal has deprecated this endpoint" in files[f"pages/endpoints/{BLENDER}.txt"]
    assert f"[{BLENDER}](endpoints/{BLENDER}.txt) (deprecated)" in files["pages/llms.txt"]


def test_thumbnails_are_loaded_only_if_the_project_wants_that() -> None:
    content = document(BLENDER)
    content["info"]["x-fal-metadata"]["thumbnailUrl"] = THUMBNAIL
    linked, shown = site({}, blender=content), site({}, "thumbnails = true\n", blender=content)
    assert f"[an example on fal's servers]({THUMBNAIL})" in page(linked)
    assert "<img" not in page(linked) + linked["pages/index.md"]
    image = f'src="{THUMBNAIL}" alt="" loading="lazy">'
    assert image in page(shown)
    assert image in shown["pages/index.md"]
    assert "<img" not in page(shown, MIXER)
