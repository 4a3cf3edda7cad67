"""Plan: the names of an endpoint and its models, and their attributes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from documents import document, obj
from fal_codegen.document.metadata import Metadata
from fal_codegen.document.normalise import normalise
from fal_codegen.document.read import read_parsed
from fal_codegen.document.schema import Array, Ref, String
from fal_codegen.ir import Direction, Endpoint, Model
from fal_codegen.plan import plan

Json = Mapping[str, Any]


def planned(
    endpoint_id: str = "acme/blender",
    *,
    input: Json | None = None,
    output: Json | None = None,
    own_name: str | None = None,
    about: str = "",
    metadata: Metadata | None = None,
    **components: Json,
) -> Endpoint:
    parsed = document(endpoint_id, input=input, output=output, components=components, about=about)
    read = replace(read_parsed(parsed), metadata=metadata)
    return plan(read, normalise(read), own_name=own_name)


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def models_of(endpoint: Endpoint) -> dict[str, Model]:
    return {model.name: model for model in endpoint.models}


TEXT = {"type": "string"}


@pytest.mark.parametrize(
    ("endpoint_id", "name"),
    [
        ("acme/blender", "Blender"),
        ("acme/blender/v2.2/image-to-video", "ImageToVideo"),
        ("acme/v2.2", "V2_2"),
        ("acme/14b", "N14b"),
        ("acme/literal", "Literal_"),
    ],
)
def test_the_class_of_an_endpoint_has_its_name(endpoint_id: str, name: str) -> None:
    found = planned(endpoint_id).class_name
    assert found == name, f"the class of {endpoint_id} is called {name}, not {found}"


def test_a_declaration_may_name_the_class() -> None:
    assert planned(own_name="Mixer").class_name == "Mixer"


def test_roots_are_input_and_output_whatever_their_components_are_called() -> None:
    assert list(models_of(planned())) == ["Input", "Output"]


def test_other_models_have_the_names_of_their_components() -> None:
    components: dict[str, Any] = {"art-style": obj({"a": TEXT})}
    endpoint = planned(input=obj({"style": ref("art-style")}), **components)
    assert list(models_of(endpoint)) == ["ArtStyle", "Input", "Output"]
    style = models_of(endpoint)["Input"].properties[0]
    assert style.schema == Ref("ArtStyle"), "references have the names of models"


def test_an_object_without_a_component_is_named_after_where_it_is() -> None:
    endpoint = planned(input=obj({"frame": obj({"top": TEXT})}))
    assert list(models_of(endpoint)) == ["InputFrame", "Input", "Output"]


def test_where_both_directions_want_a_name_the_input_gets_it() -> None:
    both = obj({"file": ref("Clip")})
    endpoint = planned(input=both, output=both, Clip=obj({"length": TEXT}))
    directions = {name: model.direction for name, model in models_of(endpoint).items()}
    assert directions["Clip"] is Direction.INPUT
    assert directions["OutputClip"] is Direction.OUTPUT


def test_a_model_does_not_get_the_name_of_the_class() -> None:
    endpoint = planned(input=obj({"inner": ref("Blender")}), Blender=obj({"a": TEXT}))
    assert endpoint.class_name == "Blender"
    assert list(models_of(endpoint)) == ["InputBlender", "Input", "Output"]


def test_components_whose_names_result_in_one_keep_apart() -> None:
    components: dict[str, Any] = {"art-style": obj({"a": TEXT}), "art_style": obj({"b": TEXT})}
    endpoint = planned(input=obj({"a": ref("art-style"), "b": ref("art_style")}), **components)
    names = set(models_of(endpoint)) - {"Input", "Output"}
    assert len(names) == 2
    assert "ArtStyle" in names, "one of them has the plain name"


@pytest.mark.parametrize(
    ("about", "metadata", "expected"),
    [
        ("From the document.", Metadata(description="From the catalogue."), "From the document."),
        ("", Metadata(title="Title", description="From the catalogue."), "From the catalogue."),
        ("", Metadata(title="Title"), "Title"),
        ("", None, ""),
    ],
)
def test_what_an_endpoint_is_about(about: str, metadata: Metadata | None, expected: str) -> None:
    assert planned(about=about, metadata=metadata).about == expected


def test_a_result_that_is_no_object() -> None:
    endpoint = planned(output={"type": "array", "items": TEXT})
    assert endpoint.output == Array(String())
    assert list(models_of(endpoint)) == ["Input"]


def test_a_model_describes_a_file_if_it_has_a_url_and_more() -> None:
    clip = obj({"url": TEXT, "content_type": TEXT})
    link = obj({"url": TEXT, "title": TEXT})
    endpoint = planned(output=obj({"clip": ref("Clip"), "link": ref("Link")}), Clip=clip, Link=link)
    assert [name for name, model in models_of(endpoint).items() if model.is_file] == ["Clip"]


def test_enums_that_cannot_be_null_are_tags() -> None:
    pet = obj({"kind": {"const": "cat"}, "size": {"enum": ["s", None]}, "name": TEXT})
    endpoint = planned(input=obj({"pet": ref("Pet")}), Pet=pet)
    assert models_of(endpoint)["Pet"].tags == {"kind": ("cat",)}
