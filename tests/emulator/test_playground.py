"""The pages of the playground as they are served."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from fal_codegen.document.price import UnitPrice
from fal_codegen.emulator import Emulator
from targets.npm import App, node

from .conftest import PAINT
from .documents import Schema, document

ROOT = Path(__file__).parents[2]
PIKA = "fal-ai/pika/v2.2/image-to-video"
SHAPES = "acme/shapes"
HOSTILE = "acme/hostile"
UNPLANNED = "acme/unplanned"
CHOICES = "acme/defaults"
FILES = "acme/mesh"
OPTIONAL = "acme/optional"
IMAGES = "acme/images"
FILM = "acme/film"

NULL: Schema = {"type": "null"}

SHAPES_INPUT: Schema = {
    "type": "object",
    "required": ["prompt", "picture_url", "corner", "note"],
    "properties": {
        "prompt": {"type": "string", "description": "What to draw.", "examples": ["a fox"]},
        "word": {"type": "string", "maxLength": 20},
        "count": {"type": "integer", "minimum": 1, "maximum": 9, "default": 2},
        "weight": {"type": "number", "maximum": 1.5},
        "exact": {"type": "boolean", "default": True},
        "level": {"enum": [1, 2, "1"]},
        "note": {"anyOf": [{"type": "string"}, NULL]},
        "picture_url": {
            "type": "string",
            "examples": ["https://example.com/a.png"],
            "x-fal": {"max_file_size": 10 << 20, "min_width": 8},
        },
        "corner": {"$ref": "#/components/schemas/Corner"},
        "other_corner": {"anyOf": [{"$ref": "#/components/schemas/Corner"}, NULL]},
        "words": {"type": "array", "items": {"type": "string"}},
        "corners": {"type": "array", "items": {"$ref": "#/components/schemas/Corner"}},
        "rows": {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}},
        "size": {
            "anyOf": [{"$ref": "#/components/schemas/Size"}, {"enum": ["square", "wide"]}, NULL]
        },
        "amount": {"anyOf": [{"type": "integer"}, {"$ref": "#/components/schemas/Corner"}]},
        "styles": {
            "type": "array",
            "items": {"enum": [f"styles {number}" for number in range(1, 278)]},
            "uniqueItems": True,
            "default": ["styles 277"],
        },
        "tags": {"type": "object", "additionalProperties": {"type": "string"}},
        "anything": {},
        "tree": {"$ref": "#/components/schemas/Tree"},
    },
}

SHAPES_OUTPUT: Schema = {
    "type": "object",
    "required": ["images", "video", "audio"],
    "properties": {
        "images": {
            "type": "array",
            "items": {"$ref": "#/components/schemas/File"},
            "examples": [[{"url": "https://example.com/a.png", "content_type": "image/png"}]],
        },
        "video": {"$ref": "#/components/schemas/File"},
        "audio": {"$ref": "#/components/schemas/File"},
    },
}

COMPONENTS: dict[str, Schema] = {
    "Corner": {
        "type": "object",
        "required": ["x"],
        "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}},
    },
    "Frame": {
        "type": "object",
        "required": ["is_closed", "colour"],
        "properties": {
            "is_closed": {"type": "boolean"},
            "colour": {"type": "string", "default": "black"},
        },
    },
    "Tree": {
        "type": "object",
        "properties": {
            "leaf": {"type": "string"},
            "branch": {"$ref": "#/components/schemas/Tree"},
        },
    },
}

WORST = "</textarea></option>\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7 * 7 }}"

HOSTILE_INPUT: Schema = {
    "type": "object",
    "required": [WORST],
    "properties": {
        WORST: {"type": "string", "description": WORST, "examples": [WORST], "pattern": WORST},
        "one_of": {"enum": [WORST, "plain"]},
        "default": {"type": "string", "default": WORST},
        "either": {"anyOf": [{"type": "integer"}, {"enum": [WORST]}]},
        "many": {"type": "array", "items": {"enum": [WORST]}, "description": WORST},
    },
}


CHOICES_INPUT: Schema = {
    "type": "object",
    "properties": {
        "mood": {"anyOf": [{"enum": ["calm", "wild"]}, NULL], "default": "calm"},
        "strength": {
            "type": "number",
            "minimum": 0,
            "maximum": 1,
            "default": 0.5,
            "description": "How much to change: `0` **keeps** all.\n"
            "See [Strength](https://example.com/strength).",
        },
        "checked": {"type": "boolean", "default": True},
        "negative": {"type": "string", "default": "blurry"},
        "size": {
            "anyOf": [{"$ref": "#/components/schemas/Size"}, {"enum": ["square", "wide"]}],
            "default": "square",
        },
        "side": {
            "type": "integer",
            "exclusiveMinimum": 0,
            "maximum": 14142,
            "description": "Pixels of a side.",
        },
        "seed": {"type": "integer"},
        "frame": {"$ref": "#/components/schemas/Frame"},
    },
}

FILES_OUTPUT: Schema = {
    "type": "object",
    "required": ["chair", "words"],
    "properties": {
        name: {"$ref": "#/components/schemas/File", "examples": [{"url": f"https://a.com/{file}"}]}
        for name, file in {"chair": "chair.glb", "words": "words.txt"}.items()
    },
}

OPTIONAL_OUTPUT: Schema = {"type": "object", "properties": {"score": {"type": "number"}}}


IMAGES_INPUT: Schema = {
    "type": "object",
    "properties": {"num_images": {"type": "integer", "default": 1}},
}

FILM_INPUT: Schema = {
    "type": "object",
    "properties": {"duration": {"enum": ["auto", "5s", "10s"], "default": "auto"}},
}


def prices() -> dict[str, UnitPrice]:
    """Return the price of one endpoint for each way of counting units, and of one without any."""
    listed = {
        IMAGES: ("0.035", "images"),
        FILM: ("0.04", "second"),
        PIKA: ("0.2", "videos"),
        SHAPES: ("0", "request"),
        PAINT: ("0.1", "requests"),
        CHOICES: ("0.01", "megapixel"),
    }
    return {
        id: UnitPrice(Decimal(amount), unit, "USD", "2026-06-05")
        for id, (amount, unit) in listed.items()
    }


def documents() -> list[Schema]:
    unplanned = document(UNPLANNED)
    unplanned["info"]["x-fal-metadata"]["endpointId"] = "acme/another"
    pika = json.loads((ROOT / f"specs/{PIKA}.json").read_text("utf-8"))
    return [
        document(PAINT),
        document(SHAPES, SHAPES_INPUT, SHAPES_OUTPUT, components=COMPONENTS),
        document(HOSTILE, HOSTILE_INPUT, about=WORST, category=WORST),
        document(CHOICES, CHOICES_INPUT, components=COMPONENTS),
        document(FILES, output=FILES_OUTPUT, category="image-to-3d"),
        document(OPTIONAL, output=OPTIONAL_OUTPUT),
        document(IMAGES, IMAGES_INPUT),
        document(FILM, FILM_INPUT),
        document("acme/count", output={"type": "object", "properties": {}}),
        unplanned,
        pika,
    ]


class Page(HTMLParser):
    """The elements of a page, as a browser parses it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.labels: dict[str, str] = {}
        self.text = ""
        self._label: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.elements.append((tag, attributes))
        if tag == "label" and "for" in attributes:
            self._label = attributes["for"]
            self.labels[self._label] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "label":
            self._label = None

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._label is not None:
            self.labels[self._label] += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def control(self, label: str) -> tuple[str, dict[str, str]]:
        """Return the control of a label."""
        (wanted,) = (id for id, text in self.labels.items() if text == label)
        (found,) = (one for one in self.elements if one[1].get("id") == wanted)
        return found


@pytest.fixture(scope="module")
def served() -> Iterator[httpx.Client]:
    # Faults apply to fal's operations, never to the pages.
    with (
        Emulator(documents(), faults="rate-limit, delay=60", prices=prices()) as emulator,
        httpx.Client(base_url=emulator.base_url) as client,
    ):
        yield client


def page(served: httpx.Client, path: str) -> Page:
    answer = served.get(f"/playground/{path}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return Page(answer.text)


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
    listing = {PAINT: {"display_name": "Paint <i>& Draw</i>", "category": "ignored"}}
    with Emulator([document(PAINT)], listing=listing) as emulator:
        for path in ("", PAINT):
            found = Page(httpx.get(f"{emulator.base_url}/playground/{path}").text)
            assert "Paint <i>& Draw</i> · text-to-image" in found.text


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
    for said in ("What to draw.", "Default: 2", "1 to 9", "Default: true", "at most 1.5"):
        assert said in found.text


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


INPUT = {"prompt": 'it\'s a "smile"\n— $HOME', "image_url": "https://example.com/a.png", "seed": 7}


@pytest.mark.posix
def test_the_programs_make_the_call(tmp_path: Path) -> None:
    curl = shutil.which("curl")
    with Emulator(documents()) as emulator:
        url = f"{emulator.base_url}/playground/snippets/{PIKA}"
        programs = httpx.post(url, json=INPUT).json()
        (tmp_path / "call.py").write_text(programs["python"], "utf-8")
        runs = [[sys.executable, "call.py"]] + ([["sh", "-c", programs["curl"]]] if curl else [])
        for run in runs:
            done = subprocess.run(
                run,
                cwd=tmp_path,
                env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT / "generated/python")},
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
        submitted = emulator.journal.select("submit", status=200)
        assert [entry.json for entry in submitted] == [INPUT] * len(runs)
        assert f"{emulator.base_url}/" in programs["typescript"]


@pytest.mark.node
def test_the_program_in_typescript_makes_the_call(served: httpx.Client, tmp_path: Path) -> None:
    app = App.start(tmp_path)
    with Emulator(documents()) as emulator:
        url = f"{emulator.base_url}/playground/snippets/{PIKA}"
        (tmp_path / "call.mts").write_text(
            httpx.post(url, json=INPUT).json()["typescript"], "utf-8"
        )
        errors, output = app.compile("call.mts")
        assert errors == [], output
        assert "video" in node("out/call.mjs", folder=tmp_path)  # without a key in the environment
        assert emulator.journal.select("submit")[-1].json == INPUT

    # A program for fal reads local files, which fal cannot fetch from the emulator.
    upload = f"{served.base_url}/files/abc/first%20frame.png"
    payload = {**INPUT, "image_url": upload}
    program = served.post(f"/playground/snippets/{PIKA}?to=fal", json=payload).json()["typescript"]
    (tmp_path / "first frame.png").write_bytes(b"pixels")
    reads = program.replace("fal.subscribe", "((_, { input }) => ({ data: input }))")
    (tmp_path / "read.mjs").write_text(reads, "utf-8")
    printed = node("read.mjs", folder=tmp_path)
    assert "image_url: Blob { size: 6, type: 'image/png' }" in printed


@pytest.mark.parametrize("to", ["emulator", "fal"])
def test_the_python_program_takes_local_files_from_the_disk(to: str, tmp_path: Path) -> None:
    with Emulator(documents()) as emulator:
        headers = {"X-Fal-File-Name": "first frame.png", "Authorization": "Key any"}
        upload = httpx.post(f"{emulator.base_url}/files/upload", content=b"x", headers=headers)
        result = httpx.post(
            f"{emulator.base_url}/run/{PAINT}", json={"prompt": "a red fox"}, headers=headers
        ).json()["image"]["url"]

        def program(image_url: str) -> str:
            payload = {"prompt": "https is fine.png", "image_url": image_url}
            url = f"{emulator.base_url}/playground/snippets/{PIKA}?to={to}"
            python: str = httpx.post(url, json=payload).json()["python"]
            compile(python, "program", "exec")
            return python

        for local, name in (
            (upload.json()["access_url"], "first frame.png"),
            ("first-frame.png", "first-frame.png"),
            ("photos/a.png", "photos/a.png"),
            ("javascript:alert(1)", "javascript:alert(1)"),
        ):
            assert program(local).startswith("from pathlib import Path\n\nfrom fal_endpoints")
            assert f'image_url=Path("{name}"),' in program(local)
            assert 'prompt="https is fine.png"' in program(local)
        assert r"""Path('a\n"b.png')""" in program('a\n"b.png')
        for url in (result, "https://example.com/a.png", "data:image/png;base64,AA=="):
            assert f'image_url="{url}"' in program(url)
            assert "Path" not in program(url)

        (tmp_path / "first frame.png").write_bytes(b"pixels")
        (tmp_path / "call.py").write_text(program(upload.json()["access_url"]), "utf-8")
        if to == "emulator":
            done = subprocess.run(
                [sys.executable, "call.py"],
                cwd=tmp_path,
                env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT / "generated/python")},
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            sent = emulator.journal.select("submit")[-1].json["image_url"]
            pixels = base64.b64encode(b"pixels").decode()
            assert sent == f"data:image/png;base64,{pixels}"


def test_programs_for_fal_do_not_name_the_emulator(served: httpx.Client) -> None:
    upload = f"{served.base_url}/files/abc/first%20frame.png"
    uploaded = {**INPUT, "image_url": upload}
    programs = served.post(f"/playground/snippets/{PIKA}?to=fal", json=uploaded).json()
    assert '"image_url": "first frame.png"' in programs["curl"]
    assert programs["curl"].startswith("# Upload the files first")
    for program in programs.values():
        assert str(served.base_url) not in program
    programs = served.post(f"/playground/snippets/{PIKA}?to=fal", json=INPUT).json()
    assert not programs["curl"].startswith("# Upload the files first")
    assert "openAsBlob" not in programs["typescript"]
    assert "with Fal() as client:" in programs["python"]
    assert f"https://queue.fal.run/{PIKA}" in programs["curl"]
    assert "$FAL_KEY" in programs["curl"]
    for program in programs.values():
        assert str(served.base_url) not in program


def test_without_an_input_or_an_endpoint_no_program_is_made(served: httpx.Client) -> None:
    for body in (b"[1]", b"{", b'{"n": NaN}', b"[" * 100_000, rb'{"s": "\ud800"}', b"\xff"):
        answer = served.post(f"/playground/snippets/{PIKA}", content=body)
        assert (answer.status_code, answer.json()["detail"]) == (422, "A JSON object is required")
    assert served.post("/playground/snippets/acme/nothing", json={}).status_code == 404


def test_the_programs_use_the_package_of_the_project(filled: Path) -> None:
    declaration = filled / "specs/endpoints.toml"
    declared = declaration.read_text("utf-8")
    declaration.write_text(declared.replace("fal_endpoints", "my_clients"), "utf-8")
    command = [
        sys.executable,
        "-u",
        "-m",
        "fal_codegen",
        "emulate",
        "--port=0",
        "--project",
        filled,
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        where = next(line.split()[-1] for line in process.stdout if "/playground/" in line)
        url = f"{where}snippets/acme/blender"
        assert "from my_clients import Fal" in httpx.post(url, json={}).json()["python"]
        process.terminate()


@pytest.mark.parametrize(
    ("endpoint_id", "input", "price"),
    [
        (IMAGES, {}, "0.035 USD"),
        (IMAGES, {"num_images": 4}, "0.14 USD"),
        (IMAGES, {"num_images": 0}, "unknown"),
        (IMAGES, {"num_images": "4"}, "unknown"),
        (IMAGES, {"num_images": 1.5}, "unknown"),
        (FILM, {}, "unknown"),
        (FILM, {"duration": "10s"}, "0.4 USD"),
        (FILM, {"duration": 2.5}, "0.1 USD"),
        (FILM, {"duration": "1e9"}, "unknown"),
        (FILM, {"duration": 0}, "unknown"),
        (PIKA, {}, "0.2 USD"),  # its output is one video
        (PAINT, {}, "0.1 USD"),
        (SHAPES, {}, "unknown"),  # a price of 0 is not what a call costs
        (CHOICES, {}, "unknown"),
        (OPTIONAL, {}, "unknown"),
        (UNPLANNED, {}, "unknown"),
    ],
)
def test_a_price_is_estimated_where_its_units_are_known(
    served: httpx.Client, endpoint_id: str, input: Schema, price: str
) -> None:
    assert served.post(f"/playground/estimate/{endpoint_id}", json=input).json() == price


def test_without_an_input_or_an_endpoint_no_price_is_estimated(served: httpx.Client) -> None:
    assert served.post("/playground/estimate/acme/none", json={}).status_code == 404
    assert served.post(f"/playground/estimate/{PAINT}", content=b"[").status_code == 422
