"""Naming: which names the rules of `naming` give to ids, properties and schemas."""

from __future__ import annotations

import pytest
from fal_codegen.client_names import call_paths, field_names
from fal_codegen.naming import class_name, identifier, unique
from fal_codegen.targets.docs.views import page_paths
from fal_codegen.targets.typescript.names import module_paths


def same(what: str, actual: object, wanted: object) -> None:
    assert actual == wanted, f"{what} must be {wanted!r}, not {actual!r}"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("prompt", "prompt"),
        ("image-to-video", "image_to_video"),
        ("v2.2", "v2_2"),
        ("two words", "two_words"),
        ("a - b", "a_b"),
        ("_private_", "private"),
        ("__proto__", "proto"),
        ("14b", "n14b"),
        ("_14b", "n14b"),
        ("Größe", "Gr_e"),
        ("CamelCase", "CamelCase"),
        ("é", "unnamed"),
        ("", "unnamed"),
        ("\u202e'); import os", "import_os"),
    ],
)
def test_text_becomes_an_identifier(text: str, name: str) -> None:
    same(f"the identifier of {text!r}", identifier(text), name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("image-to-video", "ImageToVideo"),
        ("ImageSize", "ImageSize"),
        ("HTTPValidationError", "HTTPValidationError"),
        ("v2.2", "V2_2"),
        ("v22", "V22"),
        ("flux-2-14b", "Flux2_14b"),
        ("3d", "N3d"),
        ("List[Item]", "ListItem"),
        ("", "Unnamed"),
    ],
)
def test_the_name_of_a_class(text: str, name: str) -> None:
    same(f"the class name of {text!r}", class_name(text), name)


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        ({"a": "seed"}, {"a": "seed"}),
        ({"a": "taken"}, {"a": "taken_"}),
        # The text that is its own name keeps it, then one that differs in hyphens alone.
        ({"v1.1": "v1.1", "v1_1": "v1_1"}, {"v1_1": "v1_1", "v1.1": "v1_1_eb7976"}),
        ({"v1.1": "v1.1", "v1-1": "v1-1"}, {"v1-1": "v1_1", "v1.1": "v1_1_eb7976"}),
        # Otherwise the first key in order of the alphabet does.
        ({"x b": "x b", "x.b": "x.b"}, {"x b": "x_b", "x.b": "x_b_809891"}),
        # A name that is free only with an underscore counts as that name.
        ({"taken": "taken", "taken_": "taken."}, {"taken": "taken_", "taken_": "taken__5eeee8"}),
    ],
)
def test_names_become_unique_in_any_order(texts: dict[str, str], names: dict[str, str]) -> None:
    for order in (texts, dict(reversed(texts.items()))):
        found = unique(order, taken={"taken"}, form=identifier)
        same(f"names of {list(order.values())}", found, names)


def test_a_name_does_not_depend_on_names_that_differ() -> None:
    alone = unique({"v1.1": "v1.1", "v1_1": "v1_1"}, taken=(), form=identifier)
    among = {key: key for key in ("a", "v1.1", "b", "v1_1", "v1")}
    found = unique(among, taken=(), form=identifier)
    same("names beside others", {key: found[key] for key in alone}, alone)


@pytest.mark.parametrize(
    ("ids", "endpoint_id", "path"),
    [
        (["fal-ai/flux/dev"], "fal-ai/flux/dev", "fal_ai.flux.dev"),
        (["fal-ai/flux/dev", "fal-ai/flux"], "fal-ai/flux", "fal_ai.flux"),
        (["fal-ai/Kling/V2.1"], "fal-ai/Kling/V2.1", "fal_ai.kling.v2_1"),
        (["acme/14b"], "acme/14b", "acme.n14b"),
        (["acme/lambda"], "acme/lambda", "acme.lambda_"),
        (["acme/x/bind"], "acme/x/bind", "acme.x.bind_"),
        (["close/x"], "close/x", "close_.x"),
        (["acme/close"], "acme/close", "acme.close"),
        (["proxy/x"], "proxy/x", "proxy_.x"),
        # On Windows, con.py is a device.
        (["acme/con-"], "acme/con-", "acme.con_"),
        (["acme/LPT1-"], "acme/LPT1-", "acme.lpt1_"),
    ],
)
def test_an_endpoint_has_one_way_to_it_in_python(
    ids: list[str], endpoint_id: str, path: str
) -> None:
    same(f"the way to {endpoint_id}", ".".join(call_paths(ids)[endpoint_id]), path)


@pytest.mark.parametrize(
    ("wire", "name"),
    [
        ("prompt", "prompt"),
        ("class", "class_"),
        ("self", "self_"),
        ("list", "list_"),
        ("model_config", "model_config_"),
        ("copy", "copy_"),
        ("File", "File_"),
        ("Size", "Size_"),
        ("trailing_", "trailing_"),
        ("_private", "private"),
        ("2d", "n2d"),
        ("a-b", "a_b"),
        ("é", "unnamed"),
    ],
)
def test_the_name_of_a_field_in_python(wire: str, name: str) -> None:
    same(f"the field of {wire!r}", field_names([wire], classes=["Size"])[wire], name)


@pytest.mark.parametrize(
    ("endpoint_id", "path"),
    [
        ("fal-ai/flux/v1.1", "fal-ai/flux/v1.1"),
        ("zod/x", "zod_/x"),
        ("acme/zod", "acme/zod"),
        ("acme/index.js", "acme/index.js_"),
    ],
)
def test_an_endpoint_has_one_module_in_typescript(endpoint_id: str, path: str) -> None:
    same(f"the module of {endpoint_id}", module_paths([endpoint_id])[endpoint_id], path)


@pytest.mark.parametrize(
    ("endpoint_id", "path"),
    [
        ("acme/flux", "endpoints/acme/flux.md"),
        ("acme/flux/index", "endpoints/acme/flux/index_.md"),
    ],
)
def test_an_endpoint_has_one_page(endpoint_id: str, path: str) -> None:
    same(f"the page of {endpoint_id}", page_paths([endpoint_id])[endpoint_id], path)
