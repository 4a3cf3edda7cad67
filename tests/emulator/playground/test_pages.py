"""The pages of the playground as they are served."""

from __future__ import annotations

import json

import httpx
import pytest
from fal_codegen.document.metadata import Metadata
from fal_codegen.emulator import Emulator

from emulator.conftest import PAINT
from emulator.documents import Schema, document

from .documents import (
    HOSTILE,
    PIKA,
    SHAPES,
    UNPLANNED,
    WORST,
    documents,
)
from .pages import Page, page


def test_the_index_leads_to_every_endpoint(served: httpx.Client) -> None:
    links = [link["href"] for link in page(served, "").all("a")]
    assert len(links) == len(documents())
    for link in links:
        assert Page(served.get(link).text).all("form")


def test_a_browser_is_sent_there_and_nobody_else(served: httpx.Client) -> None:
    sent = served.get("/", headers={"Accept": "text/html,*/*"}, follow_redirects=True)
    assert sent.url.path == "/playground/"
    assert served.get("/").status_code == 404
    assert served.get("/").json() == {"detail": "Not Found"}
    assert served.get("/playground", follow_redirects=True).url.path == "/playground/"


def test_an_endpoint_has_the_title_of_the_catalogue() -> None:
    listing = {PAINT: Metadata("Paint <i>& Draw</i>", category="ignored")}
    with Emulator([document(PAINT)], listing=listing) as emulator:
        for path in ("", PAINT):
            found = Page(httpx.get(f"{emulator.base_url}/playground/{path}").text)
            assert "Paint <i>& Draw</i> · text-to-image" in found.text


def test_the_catalogue_describes_an_endpoint_better_than_the_name_of_a_function() -> None:
    listing = {PAINT: Metadata(category="image-to-image", description="Paints what you say.")}
    nameless = document(PAINT, about="Ep Medium A2A", category="unknown")
    with Emulator([nameless], listing=listing) as emulator:
        for path in ("", PAINT):
            found = Page(httpx.get(f"{emulator.base_url}/playground/{path}").text)
            assert "Paints what you say." in found.text and "image-to-image" in found.text
            assert "Ep Medium A2A" not in found.text


def test_an_id_is_broken_at_its_slashes(served: httpx.Client) -> None:
    found = page(served, PIKA)
    assert len(found.all("wbr")) == PIKA.count("/")
    assert PIKA in found.text.split()


def test_an_endpoint_that_is_not_served(served: httpx.Client) -> None:
    answer = served.get("/playground/acme/%3Cscript%3Ealert(1)")
    assert answer.status_code == 404
    assert "acme/<script>alert(1)" in Page(answer.text).text
    assert len(Page(answer.text).all("script")) == 1


@pytest.mark.parametrize("path", ["", PAINT, SHAPES, HOSTILE, UNPLANNED, PIKA])
def test_pages_load_and_run_only_what_the_emulator_serves(served: httpx.Client, path: str) -> None:
    found = page(served, path)
    loaded = [tag["src"] for tag in found.all("script")]
    loaded += [tag["href"] for tag in found.all("link")]
    assert found.all("style") == found.all("iframe") == found.all("img") == []
    assert not [name for _, tag in found.elements for name in tag if name.startswith("on")]
    assert not [tag for _, tag in found.elements if "style" in tag]
    for asset in loaded:
        assert asset.startswith("/playground/assets/")
        assert served.get(asset).status_code == 200
    for served_at in (f"/playground/{path}", *loaded):
        policy = served.get(served_at).headers["content-security-policy"]
        directives = dict(part.split(" ", 1) for part in policy.split("; "))
        assert directives["default-src"] == "'none'"
        assert set(directives.values()) == {"'none'", "'self'"}


def test_hostile_text_is_shown_as_it_is(served: httpx.Client) -> None:
    found = page(served, HOSTILE)
    assert len(found.all("script")) == 1
    assert found.control(WORST)[0] == "textarea"
    assert found.text.count(WORST) >= 6
    assert {"value": json.dumps(WORST)} in found.all("option")
    (form,) = found.all("form")
    assert json.loads(form["data-example"])[WORST] == WORST
    assert WORST in page(served, "").text


def test_a_slider_has_the_exact_range_of_its_number() -> None:
    numbers: dict[str, Schema] = {
        "percent": {"type": "integer", "exclusiveMinimum": 0, "maximum": 100},
        "year": {"type": "integer", "minimum": 1234567, "maximum": 1234599},
        "even": {"type": "integer", "minimum": 0, "maximum": 64, "multipleOf": 16},
        "share": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
        "wide": {"type": "integer", "minimum": 0, "maximum": 4294967295},
        "open": {"type": "number", "minimum": 0},
    }
    schema = {"type": "object", "properties": numbers}
    with Emulator([document("acme/numbers", schema)]) as emulator:
        found = Page(httpx.get(f"{emulator.base_url}/playground/acme/numbers").text)
    sliders = [tag for tag in found.all("input") if tag.get("type") == "range"]
    assert [tuple(tag[name] for name in ("min", "max", "step")) for tag in sliders] == [
        ("0", "64", "16"),
        ("1", "100", "1"),
        ("0.01", "1", "0.01"),
        ("1234567", "1234599", "1"),
    ]


def test_a_page_survives_any_bounds_of_a_number() -> None:
    bounds = [0, 1, -0.5, 1e-320, 1e308, 10**400, -(10**400), -1e308]
    fields: Schema = {
        f"{kind} {low} {high} {step}": {
            "type": kind,
            "minimum": low,
            "exclusiveMaximum": high,
            "multipleOf": step,
        }
        for kind in ("integer", "number")
        for low in bounds
        for high in bounds
        for step in (1e-320, 0.1, 10**400)
    } | {
        f"exclusive {kind} {bound}": {"type": kind, "exclusiveMinimum": bound}
        for kind in ("integer", "number")
        for bound in bounds
    }
    schema = {"type": "object", "properties": fields}
    with Emulator([document("acme/bounds", schema)]) as emulator:
        assert httpx.get(f"{emulator.base_url}/playground/acme/bounds").status_code == 200


def test_characters_that_cannot_be_seen_are_shown() -> None:
    name = "pro\u200bmpt\u202e"
    schema = {
        "type": "object",
        "properties": {name: {"enum": ["a\u2060", "b"], "description": name}},
    }
    with Emulator([document("acme/hidden", schema, about=name)]) as emulator:
        answer = httpx.get(f"{emulator.base_url}/playground/acme/hidden")
    found = Page(answer.text)
    assert not {"\u200b", "\u202e", "\u2060"} & set(found.text)
    assert found.text.count("pro\\u200bmpt\\u202e") >= 3
    assert "a\\u2060" in found.text
    assert name in [tag.get("data-name") for _, tag in found.elements]  # what is sent stays


def test_every_property_has_a_labelled_control(served: httpx.Client) -> None:
    found = page(served, SHAPES)
    described = {tag["id"] for tag in found.all("p") if "id" in tag}
    controls = [
        (tag, attributes)
        for tag, attributes in found.elements
        if tag in ("input", "select", "textarea") and attributes.get("type") != "radio"
        if attributes.get("aria-hidden") != "true"  # a slider, beside its number
    ]
    for _, attributes in controls:
        assert found.labels[attributes["id"]].strip()
        assert set(attributes.get("aria-describedby", "").split()) <= described
    ids = [attributes["id"] for _, attributes in found.elements if "id" in attributes]
    assert len(ids) == len(set(ids))

    assert found.control("prompt")[0] == "textarea"
    assert found.control("prompt")[1]["aria-required"] == "true"
    assert found.control("word")[1].keys() == {"id", "aria-describedby", "autocomplete"}
    count = found.control("count")[1]
    assert (count["type"], count["min"], count["max"], count["step"]) == ("number", "1", "9", "1")
    assert (found.control("weight")[1]["step"], found.control("weight")[1]["max"]) == ("any", "1.5")
    assert found.control("exact")[1]["role"] == "switch"
    for choice in ("level", "size", "Type of amount"):
        assert found.control(choice)[0] == "select"
    assert found.control("styles 1")[1]["type"] == "checkbox"
    assert found.control("Choose a file for picture_url")[1]["type"] == "file"
    for group in ("corner", "other_corner", "words", "corners", "rows", "amount", "styles", "tree"):
        assert any(
            tag["data-name"] == group
            and tag["data-control"] in ("object", "list", "options", "union")
            for tag in found.all("fieldset")
            if "data-name" in tag
        )
    assert found.control("tags")[0] == found.control("anything")[0] == "textarea"
    assert found.control("branch")[0] == "textarea"  # a tree could be rendered without end
    values = {option["value"] for option in found.all("option")}
    assert {"", "1", "2", '"1"', '"square"', '"wide"', "custom"} <= values
    for text in ("What to draw.", "Default: 2", "1 to 9", "Default: true", "at most 1.5"):
        assert text in found.text


def test_a_string_has_as_many_lines_as_its_schema_lets_expect() -> None:
    strings: dict[str, Schema] = {
        "long": {"maxLength": 500},
        "short": {"maxLength": 60},
        "code": {"pattern": "^[a-z]+$"},
        "word": {"examples": ["en"]},
        "prose": {"examples": ["a red fox"]},
        "lines": {"examples": ["Verse\nChorus"]},
        "unknown": {},
        "text_of_a_button": {"default": "OK"},
    }
    schema = {
        "type": "object",
        "required": ["prose"],
        "properties": {name: {"type": "string", **facts} for name, facts in strings.items()},
    }
    with Emulator([document("acme/strings", schema)]) as emulator:
        found = Page(httpx.get(f"{emulator.base_url}/playground/acme/strings").text)
    rows = {name: found.control(name)[1].get("rows") for name in strings}
    assert rows == {
        "long": "4",
        "short": None,
        "code": None,
        "word": None,
        "prose": "4",
        "lines": "4",
        "unknown": "1",
        "text_of_a_button": None,
    }


def test_limits_of_files_are_shown(served: httpx.Client) -> None:
    assert "a file of at most 10 MiB, at least 8 pixels in width" in page(served, SHAPES).text


def test_a_document_that_the_generator_cannot_use(served: httpx.Client) -> None:
    found = page(served, UNPLANNED)
    assert found.control("Input")[0] == "textarea"
    programs = served.post(f"/playground/snippets/{UNPLANNED}", json={}).json()
    assert programs.keys() == {"typescript", "curl"}
    languages = {tag["value"] for tag in found.all("input") if tag.get("name") == "language"}
    assert languages == programs.keys()
