"""What an editor shows of the Python client and of the stubs: completions and hovers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .installed import install
from .language_server import LanguageServer, language_server

pytest.importorskip("fal_client", reason="needs `pip install fal-client`")

pytestmark = pytest.mark.types


@pytest.fixture(scope="module")
def editor(goldens: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    python = install(goldens / "paint/fal-client-stubs", tmp_path_factory.mktemp("installed"))
    folder = tmp_path_factory.mktemp("program")
    with language_server(folder, python, goldens / "paint/python") as server:
        yield server


def test_an_endpoint_shows_what_it_does_its_arguments_and_its_page(editor: LanguageServer) -> None:
    (shown,) = editor.shown(
        "hover.py",
        "from paint import Fal\n\nFal(key='any').acme.pai¦nt\n",
    )
    assert shown.completions == ["paint"]
    about, required, optional, page = shown.hover.partition("---")[2].strip().split("\n\n")
    assert about == "Paints a picture."
    assert required == "Required arguments: `prompt`."
    assert optional.startswith("Optional arguments: `image_url`, `size`, `steps`,")
    assert page == "https://fal.ai/models/acme/paint/api"


def test_go_to_type_definition_opens_the_class_of_an_endpoint(
    editor: LanguageServer, goldens: Path
) -> None:
    """The definition of the attribute is a property, which imports the class when it is used.

    An import of the class in the body of the namespace would make the class the definition. But
    mypy would then take the attribute for the class: it ignores the decorators of a class, and a
    `__get__` of its metaclass.
    """
    (shown,) = editor.shown(
        "definition.py",
        "from paint import Fal\n\nFal(key='any').acme.ver¦dict(prompt='')\n",
    )
    acme = goldens / "paint/python/paint/acme"
    line = line_of(acme / "__init__.py", "def verdict(")
    assert shown.definitions == [f"__init__.py:{line}"]
    line = line_of(acme / "verdict.py", "class Verdict(")
    assert shown.type_definitions == [f"verdict.py:{line}"]


def test_the_attribute_of_an_endpoint_leads_to_its_class(
    editor: LanguageServer, goldens: Path
) -> None:
    acme = goldens / "paint/python/paint/acme"
    namespace = (acme / "__init__.py").read_text("utf-8")
    attribute = "def verdict(self) -> "
    assert attribute in namespace
    (shown,) = editor.shown("namespace.py", namespace.replace(attribute, f"{attribute}¦"))
    line = line_of(acme / "verdict.py", "class Verdict(")
    assert shown.definitions == [f"verdict.py:{line}"]


def line_of(path: Path, start: str) -> int:
    """Return the number of the line of a file that starts like this."""
    lines = path.read_text("utf-8").splitlines()
    return next(n for n, line in enumerate(lines, start=1) if line.strip().startswith(start))


STUBS = """
import fal_client

fal_client.run("¦")
fal_client.run("acme/paint", {"¦": "", "size": "¦"})
result = fal_client.run("acme/paint", {"prompt": ""})
result["¦"]
result["images"][0]["¦"]
"""


def test_the_stubs_complete_ids_keys_and_values(editor: LanguageServer) -> None:
    ids, keys, values, results, pictures = (
        [text.strip('"') for text in shown.completions] for shown in editor.shown("stubs.py", STUBS)
    )
    assert ids == ["acme/paint", "acme/paint/stream", "acme/verdict", "acme/wash"]
    assert keys == ["prompt", "image_url", "steps", "strength", "colours", "weights", "seed"]
    assert values == ["small", "large"]
    assert results == ["images", "mood", "seed", "notes"]
    assert pictures == ["url", "width", "file_name"]
