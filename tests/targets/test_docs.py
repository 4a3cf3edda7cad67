"""The documentation: its facts are complete, and its examples run.

Every program on every page is executed, against the emulator over HTTP: those for the shell by sh,
those in Python by python, and those in JavaScript by node.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import Ran
from documents import document, write
from fal_codegen.emulator import Emulator, load_documents
from fal_codegen.emulator.endpoints.served_endpoint import ServedEndpoint
from golden_cases import GOLDENS
from markdown_it import MarkdownIt

from .pages import (
    DECLARATION,
    ROOT,
    RUN_JAVASCRIPT,
    RUN_PYTHON,
    Site,
    Tags,
    examples,
    execute,
    fenced,
    sent_is_what_the_pages_show,
    written,
)
from .sites import built, searched

PIKA = "fal-ai/pika/v2.2/image-to-video"

HOSTS = {"queue.fal.run": "queue", "fal.run": "run", "rest.fal.ai": "rest"}


@pytest.fixture(scope="module")
def odd(goldens: Path) -> Site:
    documents = list(load_documents(sorted((GOLDENS / "odd_pages/documents").glob("*.json"))))
    project = goldens / "odd_pages"
    return Site(documents, project / "docs/pages", project / "python")


@pytest.fixture(scope="module")
def ours() -> Site:
    documents = list(load_documents([ROOT / "specs"]))
    return Site(documents, ROOT / "generated/docs/pages", ROOT / "generated/python")


@pytest.fixture(scope="module", params=["ours", "odd"])
def site(request: pytest.FixtureRequest) -> Site:
    found: Site = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def emulator(site: Site) -> Iterator[Emulator]:
    with Emulator(site.documents) as emulator:
        yield emulator


@pytest.mark.posix
@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_every_program_for_the_shell_does_what_it_says(
    site: Site, emulator: Emulator, tmp_path: Path
) -> None:
    programs = site.programs("sh")
    assert len(programs) >= len(site.documents) + 3
    for path in written(programs, tmp_path, "sh", emulator):
        source = Path(path).read_text("utf-8")
        for host, prefix in (
            ("queue.fal.run", "queue"),
            ("fal.run", "run"),
            ("rest.fal.ai", "rest"),
        ):
            source = source.replace(f"'https://{host}/", f"'{emulator.base_url}/{prefix}/")
        Path(path).write_text(source, "utf-8")
        assert execute(["sh", path], emulator, site, tmp_path)
    sent_is_what_the_pages_show(site, emulator, each=1)
    assert emulator.journal.count("result", status=200) == len(site.documents)


def test_every_program_in_python_does_what_it_says(
    site: Site, emulator: Emulator, tmp_path: Path
) -> None:
    programs = site.programs("python")
    assert len(programs) >= 3 * len(site.documents) + 5
    (tmp_path / "run.py").write_text(RUN_PYTHON, "utf-8")
    paths = written(programs, tmp_path, "py", emulator)
    execute([sys.executable, "run.py", emulator.base_url, *paths], emulator, site, tmp_path)
    sent_is_what_the_pages_show(site, emulator, each=3)


@pytest.mark.node
def test_every_program_in_javascript_does_what_it_says(
    site: Site, emulator: Emulator, tmp_path: Path
) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node (https://nodejs.org)")
    found = subprocess.run(
        [node, "-p", "require.resolve('@fal-ai/client')"], cwd=ROOT, capture_output=True, text=True
    )
    if found.returncode:
        pytest.skip("needs @fal-ai/client@1.10.1 of npm, and NODE_PATH naming its node_modules")
    (tmp_path / "node_modules").symlink_to(found.stdout.rpartition("@fal-ai")[0])
    (tmp_path / "run.mjs").write_text(RUN_JAVASCRIPT, "utf-8")
    programs = site.programs("javascript")
    assert len(programs) >= len(site.documents) + 2
    paths = written(programs, tmp_path, "mjs", emulator)
    execute([node, "run.mjs", *paths], emulator, site, tmp_path)
    sent_is_what_the_pages_show(site, emulator, each=1)


def test_the_examples_of_every_page_are_valid(site: Site) -> None:
    for content in site.documents:
        endpoint = ServedEndpoint(content)
        inputs, results = examples(site.page(endpoint.id))
        assert [endpoint.problems(given) for given in inputs] == [[]] * len(inputs)
        assert all(map(endpoint.is_valid_output, results))


def rows(page: str) -> dict[str, list[str]]:
    """Return the rows of all tables of a page by what their first cell says.

    A field has its name in the first cell, and whether it is required after that.
    """
    cells = [
        [cell.strip().replace("`", "") for cell in line.strip("|").split(" | ")]
        for line in page.splitlines()
        if line.startswith("| ")
    ]
    found = {}
    for first, *others in cells:
        name, _, presence = first.replace("</a>", "").strip("| ").partition("<br>")
        found[re.sub('^<a id="[^>]*>', "", name)] = [*others, presence]
    return found


def limits(about: str) -> list[str]:
    """Return what the last cell of a field lists below its description."""
    return re.findall("<li>(.*?)</li>", about.partition('<ul class="limits">')[2])


STORAGE = "https://storage.googleapis.com/falserverless/web-examples/pika/pika%202.2"
INPUTS: dict[str, dict[str, str]] = {
    "image_url": {
        "type": "string",
        "required": "yes",
        "default": "",
        "said": "URL of the image to use as the first frame",
        "example": f'"{STORAGE}/pika_input.png"',
    },
    "prompt": {
        "type": "string",
        "required": "yes",
        "default": "",
        "example": '"a woman looking into camera slowly smiling"',
    },
    "seed": {
        "type": "integer",
        "required": "no",
        "default": "",
        "said": "The seed for the random number generator",
    },
    "negative_prompt": {
        "type": "string",
        "required": "no",
        "default": '""',
        "said": "A negative prompt to guide the model",
    },
    "resolution": {
        "type": "string",
        "required": "no",
        "default": '"720p"',
        "options": '"720p", "1080p"',
        "said": "The resolution of the generated video",
    },
    "duration": {
        "type": "integer",
        "required": "no",
        "default": "5",
        "said": "The duration of the generated video in seconds",
    },
}
"""The inputs, as fal's page of the endpoint has them."""

OVERVIEW = {
    "Endpoint id": PIKA,
    "Without the queue": f"https://fal.run/{PIKA}",
    "Category": "image-to-video",
    "Kind": "inference",
    "Tags": "editing, effects, animation",
    "Playground": f"https://fal.ai/models/{PIKA}",
    "fal's documentation": f"https://fal.ai/models/{PIKA}/api",
    "OpenAPI document": f"https://fal.ai/api/openapi/queue/openapi.json?endpoint_id={PIKA}",
}
IN_TEXT = [
    "Pika v2.2 creates videos from images with high quality output.",
    "Authorization: Key $FAL_KEY",
    "Content-Type: application/json",
    "pip install fal-client",
    "npm install @fal-ai/client",
    "fal_client.InProgress",
    'log["message"]',
    "with_logs=True",
    "logs: true",
    'update.status === "IN_PROGRESS"',
    "result.data",
    "result.requestId",
]
SHARED = [
    "https://queue.fal.run/{endpoint id}",
    "https://fal.run/{endpoint id}",
    "fal_webhook=",
    "https://rest.fal.ai/storage/upload/initiate",
    "IN_QUEUE",
    "IN_PROGRESS",
    "COMPLETED",
    "422",
    "https://docs.fal.ai",
    "https://docs.fal.ai/clients/python",
    "https://docs.fal.ai/clients/javascript",
]


def test_all_that_fals_own_page_says_is_on_ours(ours: Site) -> None:
    text = ours.text()
    page, shared = text[f"endpoints/{PIKA}.md"], text["calling.md"]
    found = rows(page)
    for name, said in OVERVIEW.items():
        assert said in found[name][0], name
    for name, facts in INPUTS.items():
        kind, about, presence = found[name]
        assert kind.startswith(facts["type"]), name
        assert presence == {"yes": "required", "no": ""}[facts["required"]], name
        listed = limits(about)
        assert [it for it in listed if it.startswith("Default")] == (
            [f"Default: {facts['default']}"] if facts["default"] else []
        ), name
        assert [it for it in listed if it.startswith("One of")] == (
            [f"One of {facts['options']}"] if "options" in facts else []
        ), name
        assert facts.get("said", "") in about, name
        assert facts.get("example", "") in about, name
    kind, about, presence = found["video"]
    assert ("File" in kind, presence) == (True, "")
    assert found["content_type"][-1] == "can be missing"
    assert "The generated video" in about
    first, full, answer = map(json.loads, fenced(page, "json"))
    required = {
        "image_url": f"{STORAGE}/pika_input.png",
        "prompt": "a woman looking into camera slowly smiling",
    }
    assert first == required
    assert full.items() >= {**required, "resolution": "720p", "duration": 5}.items()
    assert answer == {"video": {"url": f"{STORAGE}/pika22_output.mp4"}}
    for fact in IN_TEXT:
        assert fact in page, fact
    for fact in SHARED:
        assert fact in shared, fact


def test_shapes_that_a_table_cannot_hold_have_sections_of_their_own(odd: Site) -> None:
    text = odd.text()
    nested, choices = text["endpoints/acme/nested.md"], text["endpoints/acme/choices.md"]
    assert "[Scene](#model-Scene)" in rows(nested)["scene"][0]
    assert limits(rows(nested)["layers"][1]) == ["2 to 9 items"]
    assert limits(rows(nested)["angle"][1]) == ["At least 0.5", "Less than 1.5"]
    assert limits(rows(nested)["model-config"][1]) == ["More than 0", "A multiple of 8"]
    assert rows(nested)["size"][0] == "[Size](#model-Size) or string"
    for model in ("Scene", "Light", "Layer", "Size", "Branch"):
        assert f'### {model} <a id="model-{model}"></a>\n' in nested
    assert "What is to be seen." in nested
    assert "<details><summary>One of 40 values</summary>" in choices
    assert choices.count('`"voice 39"`') == 1


def test_markup_of_descriptions_stays_where_it_is_safe(odd: Site) -> None:
    page = odd.text()["endpoints/acme/nested.md"]
    html = MarkdownIt("commonmark").render(page.split("---\n", 2)[2])
    assert '<a href="https://example.com/how">how</a>' in html
    assert "<li>one in <strong>another</strong></li><li>see" in html


def test_the_index_has_every_endpoint_below_its_category(odd: Site) -> None:
    index = odd.text()["index.md"]
    assert re.findall("^## (.*)$", index, re.MULTILINE) == [
        "B i", "Text", "Text to image", "Other"
    ]  # fmt: skip
    (line,) = (line for line in index.splitlines() if "[acme/nested]" in line)
    assert line == "- [acme/nested](endpoints/acme/nested.md)<br>Puts things into each other:"
    lines = [line for line in index.splitlines() if line.startswith("- ")]
    assert len(lines) == len(odd.documents)


@pytest.mark.parametrize(("name", "builder"), [("odd", "zensical"), ("ours", "mkdocs")])
def test_a_site_is_built_in_one_command_and_loads_nothing_from_elsewhere(
    name: str, builder: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    site: Site = request.getfixturevalue(name)
    folder = built(Path(shutil.copytree(site.pages.parent, tmp_path / "docs")), builder)
    pages = sorted(folder.rglob("*.html"))
    assert len(pages) == len(site.documents) + 3  # index, calling, 404
    scripts = set()
    for path in pages:
        for tag, attributes in Tags(path.read_text("utf-8")).found:
            loaded = attributes.get("src") or (attributes.get("href") if tag == "link" else None)
            assert not (loaded or "").startswith(("http:", "https:", "//")), loaded
            assert not any(name.startswith("on") for name in attributes)
            scripts |= {loaded} if tag == "script" and loaded else set()
    assert all("assets/javascripts/" in loaded for loaded in scripts)
    entries = searched(folder)
    assert any(PIKA in entry["location"] or "acme" in entry["location"] for entry in entries)
    # Programs have the words of all other pages.
    assert not any(
        "--fail-with-body" in e["text"] for e in entries if "calling" not in e["location"]
    )


def test_a_built_site_is_no_difference_to_check(filled: Path, cli: Callable[..., Ran]) -> None:
    with (filled / "specs/endpoints.toml").open("a", encoding="utf-8") as declaration:
        declaration.write(DECLARATION)
    assert cli("generate", "--project", filled).code == 0
    build = filled / "generated/docs/build"
    build.mkdir()
    (build / "index.html").write_text("built", "utf-8")
    assert cli("check", "--project", filled).code == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("titel = 'x'", "targets.docs.titel is not known"),
        ("package = 'a b'", "cannot be imported"),
        ("facts = 'x'", "targets.docs.facts must be a table"),
        ("facts.'acme/blender' = 'x'", "targets.docs.facts.acme/blender must be a table"),
        (
            "facts.'acme/blender'.Kind = 1",
            "targets.docs.facts.acme/blender.Kind must be a non-empty string",
        ),
    ],
)
def test_a_setting_that_means_nothing_is_refused(
    line: str, said: str, filled: Path, cli: Callable[..., Ran]
) -> None:
    with (filled / "specs/endpoints.toml").open("a", encoding="utf-8") as declaration:
        declaration.write(DECLARATION + line)
    ran = cli("generate", "--project", filled)
    assert ran.code == 2
    assert said in ran.err


def test_examples_import_the_packages_of_the_project(
    project: Path, cli: Callable[..., Ran]
) -> None:
    write(project / "documents", document("acme/blender"))
    (project / "specs/endpoints.toml").write_text(
        '[targets.python]\npackage = "acme_clients"\noutput = "python"\n'
        '[targets.typescript]\npackage = "@acme/clients"\noutput = "typescript"\n' + DECLARATION,
        "utf-8",
    )
    assert cli("add", "--project", project, "--from", project / "documents").code == 0
    page = (project / "generated/docs/pages/endpoints/acme/blender.md").read_text("utf-8")
    assert "from acme_clients import Fal" in page
    assert 'from "@acme/clients/acme/blender"' in page
    declaration = project / "specs/endpoints.toml"
    declaration.write_text(declaration.read_text("utf-8").replace("acme_clients", "a b"), "utf-8")
    assert "targets.python.package 'a b'" in cli("generate", "--project", project).err


def test_only_the_pages_of_what_changed_are_written_again(
    filled: Path, cli: Callable[..., Ran]
) -> None:
    with (filled / "specs/endpoints.toml").open("a", encoding="utf-8") as declaration:
        declaration.write(DECLARATION)
    assert cli("generate", "--project", filled).code == 0
    path = filled / "specs/acme/blender/fast.json"
    path.write_text(path.read_text("utf-8").replace("Blends two", "Mixes two"), "utf-8")
    ran = cli("generate", "--project", filled)
    docs = [line for line in ran.out.splitlines() if line.startswith("wrote generated/docs")]
    assert docs == [
        "wrote generated/docs/pages/endpoints/acme/blender/fast.md",
        "wrote generated/docs/pages/endpoints/acme/blender/fast.txt",
        "wrote generated/docs/pages/index.md",
        "wrote generated/docs/pages/llms.txt",
        "wrote generated/docs/pages/schemas/acme/blender/fast.json",
    ]


def test_a_project_without_endpoints_has_an_index(project: Path, cli: Callable[..., Ran]) -> None:
    with (project / "specs/endpoints.toml").open("a", encoding="utf-8") as declaration:
        declaration.write(DECLARATION)
    assert cli("generate", "--project", project).code == 0
    pages = project / "generated/docs/pages"
    assert sorted(path.name for path in pages.iterdir()) == ["index.md", "llms.txt", "site.css"]
    assert "No endpoints are declared yet." in (pages / "index.md").read_text("utf-8")
