"""The target `typescript`: what it generates, and that programs can use it."""

from __future__ import annotations

import importlib
import json
import random
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from conftest import tree
from documents import document, obj, write
from fal_codegen.cli import run
from fal_codegen.declaration import Overrides, parse
from fal_codegen.document.read import read
from fal_codegen.emulator import Emulator
from fal_codegen.inputs import Inputs
from fal_codegen.pipeline import build
from fal_codegen.project.state import packaged_templates
from projects import Cli, edit, problem
from test_hostile import PIECES, with_name, with_text

from .npm import HERE, App, Error, installed, node

ROOT = Path(__file__).parents[2]
GENERATED = ROOT / "generated" / "typescript"
GOLDENS = ROOT / "tests" / "goldens"
EXPECTED = ROOT / "tests" / "goldens_typescript"
CASES = sorted(path.name for path in EXPECTED.iterdir())
PIKA = "fal-ai/pika/v2.2/image-to-video"

TARGET = '[targets.typescript]\npackage = "fal-endpoints"\noutput = "package"\n'
WIDTH = 100


def start(folder: Path, declaration: str, *sources: Path) -> Path:
    """Start a project with a declaration, and add all documents of some folders."""
    (folder / "specs").mkdir(parents=True)
    (folder / "specs" / "endpoints.toml").write_text(declaration, "utf-8")
    for source in sources:
        assert run(["add", "--project", str(folder), "--from", str(source)]) == 0
    return folder


def documents_of(case: str) -> Path:
    """Return the folder with the documents of a golden case; most are those of Python's."""
    own = EXPECTED / case
    return own if any(own.glob("*.json")) else GOLDENS / case


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Generate every golden case, each as a package of its own name, all in one folder."""
    root = tmp_path_factory.mktemp("goldens")
    for case in CASES:
        declaration = TARGET.replace("fal-endpoints", case)
        project = start(root / "projects" / case, declaration, documents_of(case))
        shutil.copytree(project / "package", root / "packages" / case)
    return root / "packages"


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App.start(tmp_path / "app")


# What is generated


@pytest.mark.parametrize("case", CASES)
def test_a_document_generates_what_it_must(
    packages: Path, case: str, request: pytest.FixtureRequest
) -> None:
    everything = {path: text for path, text in tree(packages / case).items() if path[0] != "."}
    made = {path: text for path, text in everything.items() if path.startswith("endpoints/")}
    expected = EXPECTED / case / "expected"
    if request.config.getoption("--update-goldens"):
        shutil.rmtree(expected, ignore_errors=True)
        for path, content in made.items():
            (expected / path).parent.mkdir(parents=True, exist_ok=True)
            (expected / path).write_bytes(content)
    wanted = tree(expected)
    assert sorted(made) == sorted(wanted)
    for path, content in made.items():
        assert content.decode() == wanted[path].decode(), path


@pytest.mark.parametrize("case", CASES)
def test_no_line_is_longer_than_it_must_be(packages: Path, case: str) -> None:
    for path, content in tree(packages / case / "endpoints").items():
        for line in content.decode().splitlines():
            is_breakable = re.search(r"[ ,|]", line.strip()) and not re.match(
                r"(//|import| +(\* )?(\* )?@|export declare|\S+: \S+$)", line
            )
            assert len(line) <= WIDTH or not is_breakable, f"{path}: {line}"
            assert line == line.rstrip(), path


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('package = "Fal Endpoints"', "is not a name of an npm package"),
        ('package = "../fal"', "is not a name of an npm package"),
        ('package = "fal"\nversion = "1.0"', "is not a version"),
        ('package = "fal"\nversion = "1.0.0\\""', "is not a version"),
        ('package = "fal"\ncolour = 1', "targets.typescript.colour is not known"),
    ],
)
def test_settings_that_cannot_be_are_refused(
    project: Path, cli: Cli, settings: str, said: str
) -> None:
    text = f'[targets.typescript]\noutput = "out"\n{settings}\n'
    (project / "specs" / "endpoints.toml").write_text(text, "utf-8")
    problem(cli("generate", "--project", project), said)


def test_a_changed_document_rewrites_the_modules_of_its_endpoint(tmp_path: Path, cli: Cli) -> None:
    contents = (document("acme/a"), document("acme/b"))
    project = start(tmp_path / "project", TARGET, write(tmp_path / "documents", *contents))
    edit(project / "specs/acme/a.json", '"string"', '"integer"')
    ran = cli("generate", "--project", project)
    written = {line.removeprefix("wrote ") for line in ran.out.splitlines() if "wrote" in line}
    assert "package/endpoints/acme/a/index.d.ts" in written
    assert all(path.startswith("package/endpoints/acme/a/") for path in written)


def test_ids_that_are_names_of_other_files_have_modules_of_their_own(tmp_path: Path) -> None:
    ids = ["zod/acme", "zod_/acme", "acme/a", "acme/a/index.js", "acme/a/zod.d.ts/b", "index.js/x"]
    contents = write(tmp_path / "documents", *map(document, ids))
    project = start(tmp_path / "project", TARGET, contents)
    modules = {path for path in tree(project / "package/endpoints") if path.endswith("/index.js")}
    assert len(modules) == len(ids)
    assert "acme/a/index.js_/index.js" in modules
    assert not any(path.startswith("zod/") for path in modules)


# What compiles, and what runs


@dataclass(frozen=True)
class Compiled:
    """What the compiler said of all programs, each of which is compiled once.

    Attributes:
        app: Where they are: `right.mts` and `wrong.mts`, which use the package, the golden packages
            in `goldens`, and in `bare` the same without what is declared of their schemas.
    """

    app: App
    errors: tuple[Error, ...]
    said: str

    def of(self, start: str) -> list[Error]:
        """Return the errors in files whose paths start like this."""
        return [error for error in self.errors if error.file.startswith(start)]


@pytest.fixture(scope="module")
def compiled(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    app = App.start(tmp_path_factory.mktemp("compiled"))
    app.install(GENERATED)
    for name in ("right.mts", "wrong.mts"):
        shutil.copy(HERE / name, app.folder)
    shutil.copytree(packages, app.folder / "goldens")
    shutil.copytree(packages, app.folder / "bare")
    (app.folder / "schemas.mts").write_text(schemas_against_types(app.folder, "bare"), "utf-8")
    everything = ["*.mts", "goldens/**/*.d.ts", "node_modules/fal-endpoints/**/*.d.ts"]
    errors, said = app.compile(*everything, allowJs=True)
    return Compiled(app, tuple(errors), said)


def schemas_against_types(root: Path, folder: str) -> str:
    """Take away what is declared of schemas, and return a program that asks for it.

    The compiler then has to find out from the code alone of which types they are.
    """
    lines = ['import type { z } from "zod";']
    for declared in sorted((root / folder).rglob("zod.d.ts")):
        names = re.findall(r"export declare const (\w+)", declared.read_text("utf-8"))
        declared.unlink()
        at, alias = declared.parent.relative_to(root).as_posix(), f"m{len(lines)}"
        lines.append(f'import * as {alias} from "./{at}/zod.js";')
        lines.append(f'import type * as {alias}_types from "./{at}/index.js";')
        for name in names:
            declaration = f"export const {alias}_{name}: z.ZodType<{alias}_types.{name}>"
            lines.append(f"{declaration} = {alias}.{name};")
    for declared in (root / folder).rglob("runtime/schemas.d.ts"):
        declared.unlink()
    return "\n".join(lines)


@pytest.mark.node
def test_generated_packages_and_a_program_that_uses_one_are_clean_under_tsc_strict(
    compiled: Compiled,
) -> None:
    for start in ("node_modules/", "goldens/", "bare/", "right.mts"):
        assert not compiled.of(start), compiled.said


@pytest.mark.node
def test_every_mistake_of_a_program_is_found_and_nothing_else(compiled: Compiled) -> None:
    lines = (HERE / "wrong.mts").read_text("utf-8").splitlines()
    expected = [
        Error("wrong.mts", number, found[1])
        for number, line in enumerate(lines, start=1)
        if (found := re.search(r"// (TS\d+)", line))
    ]
    assert compiled.of("wrong.mts") == expected, compiled.said


@pytest.mark.node
def test_zod_schemas_are_of_the_types_that_are_declared(compiled: Compiled) -> None:
    assert not compiled.of("schemas.mts"), compiled.said


@pytest.mark.node
def test_bundlers_find_the_modules_too(app: App) -> None:
    app.install(GENERATED)
    shutil.copy(HERE / "right.mts", app.folder)
    errors, said = app.compile(
        "right.mts", module="esnext", moduleResolution="bundler", noUncheckedIndexedAccess=True
    )
    assert not errors, said


@pytest.mark.node
def test_a_program_runs_against_the_emulator(compiled: Compiled) -> None:
    content = json.loads((ROOT / "specs" / f"{PIKA}.json").read_text("utf-8"))
    with Emulator([content]) as emulator:
        program = ("out/right.mjs", emulator.base_url)
        seen = json.loads(node(*program, folder=compiled.app.folder))
        submitted = [entry.json for entry in emulator.journal.select("submit")]
        files = f"{emulator.base_url}/files/"
    video = seen["subscribe"]["url"]
    assert video.startswith(files) and video.endswith("pika22_output.mp4")
    assert seen["subscribe"]["requestId"]
    assert seen["last"] == "COMPLETED"
    for call in ("result", "run", "stream", "byId", "other", "given"):
        assert seen[call] == video
    assert submitted[0]["image_url"].startswith(files)  # the client uploaded what it was given
    assert submitted[0]["resolution"] == "1080p"
    assert submitted[1]["image_url"] == "https://example.com/a.png"
    assert (seen["parsed"], seen["form"], seen["file"]) == ("a", "b", True)
    assert seen["refused"] == ["invalid_value", "unrecognized_keys"]
    assert seen["open"] == {"video": {"url": "u", "fps": 24}, "more": 1}


LEAF = {"name": "a"}
INPUTS: list[tuple[str, dict[str, Any], bool]] = [
    ("bounds", {"steps": 1}, True),
    ("bounds", {"steps": 50, "scale": 0.5, "seed": None, "ratios": [0.1]}, True),
    ("bounds", {}, False),
    ("bounds", {"steps": 0}, False),
    ("bounds", {"steps": 51}, False),
    ("bounds", {"steps": 1.5}, False),
    ("bounds", {"steps": "1"}, False),
    ("bounds", {"steps": True}, False),
    ("bounds", {"steps": None}, False),
    ("bounds", {"steps": 1, "unknown": 1}, False),
    ("bounds", {"steps": 1, "scale": 0}, False),
    ("bounds", {"steps": 1, "scale": 20}, True),
    ("bounds", {"steps": 1, "scale": None}, False),
    ("bounds", {"steps": 1, "seed": -1}, False),
    ("bounds", {"steps": 1, "half": 1.5}, True),
    ("bounds", {"steps": 1, "half": 1.2}, False),
    ("bounds", {"steps": 1, "above": 0}, False),
    ("bounds", {"steps": 1, "above": 1}, False),
    ("bounds", {"steps": 1, "ratios": []}, False),
    ("bounds", {"steps": 1, "ratios": [2.0]}, False),
    ("bounds", {"steps": 1, "ratios": [0, 0, 0, 0]}, False),
    ("bounds", {"steps": 1, "tags": ["a", "b"]}, True),
    ("bounds", {"steps": 1, "tags": ["a", "b", "a"]}, False),
    ("bounds", {"steps": 1, "by_name": {"a": 1}}, True),
    ("bounds", {"steps": 1, "by_name": {"a": -1}}, False),
    ("bounds", {"steps": 1, "name": "😀😀😀😀😀"}, True),
    ("bounds", {"steps": 1, "name": "toolong"}, False),
    ("bounds", {"steps": 1, "name": ""}, False),
    ("bounds", {"steps": 1, "code": "abc"}, True),
    ("bounds", {"steps": 1, "code": "xyz"}, False),
    ("composition", {"style": "oil", "size": "square"}, True),
    ("composition", {"style": "oil", "size": {"width": 1, "height": 2}}, True),
    ("composition", {"style": "oil", "size": {"width": 5000, "height": 2}}, False),
    ("composition", {"style": "oil", "size": {"width": 1}}, False),
    ("composition", {"style": "oil", "size": "tall"}, False),
    ("composition", {"style": "chalk"}, False),
    ("composition", {"style": "ink", "pair": [1, 2], "extras": {"a": [None]}}, True),
    ("composition", {"style": "ink", "pair": [1]}, False),
    ("composition", {"style": "ink", "merged": {"width": 1, "height": 2, "depth": 3}}, True),
    ("composition", {"style": "ink", "merged": {"width": 1, "height": 2}}, False),
    ("composition", {"style": "ink", "mixed": 1}, True),
    ("composition", {"style": "ink", "mixed": 1.5}, False),
    ("enums", {"seconds": 5, "mode": "", "level": "auto", "only": "always", "flag": True}, True),
    ("enums", {"seconds": 7}, False),
    ("enums", {"seconds": "5"}, False),
    ("enums", {"seconds": 5, "level": 3}, False),
    ("enums", {"seconds": 5, "flag": False}, False),
    ("enums", {"seconds": 5, "many": ["a", "b"]}, True),
    ("enums", {"seconds": 5, "many": ["a", "c"]}, False),
    ("nullable", {"never": 1, "by_any_of": None, "by_flag": None, "by_enum": None}, True),
    ("nullable", {"never": 1, "by_ref": {"size": 1}, "items": ["a", None]}, True),
    ("nullable", {"never": 1, "by_enum": "none"}, False),
    ("nullable", {"never": 1, "left_out": None}, False),
    ("nullable", {"never": None}, False),
    ("objects", {"tree": LEAF}, True),
    ("objects", {"tree": {"name": "a", "children": [LEAF], "parent": {"leaf": LEAF}}}, True),
    ("objects", {"tree": {"name": "a", "children": [{"nam": "b"}]}}, False),
    ("objects", {"tree": {"name": "a", "parent": {"leaf": {"name": 1}}}}, False),
    ("objects", {"tree": LEAF, "anything": None, "any_list": [1, "a"], "free": {"a": 1}}, True),
    ("objects", {"tree": LEAF, "texts": {"a": 1}}, False),
    ("objects", {"tree": LEAF, "loose": {"known": "a", "other": 1}}, True),
    ("objects", {"tree": LEAF, "loose": {"known": 1}}, False),
    ("objects", {"tree": LEAF, "point": {"x": 1, "y": 2, "z": 3}}, False),
    ("files", {"image_url": "https://example.com/a.png", "optional_url": None}, True),
    ("files", {"image_url": 1}, False),
    ("files", {"image_url": "https://example.com/a.png", "frame_urls": []}, False),
    ("files", {"image_url": "a", "clip": {"video_url": "b", "start": 1}}, True),
    ("files", {"image_url": "a", "clip": {"start": 1}}, False),
]


@pytest.mark.node
def test_zod_takes_and_refuses_what_the_python_models_do(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = '[targets.python]\npackage = "beside_typescript"\noutput = "python"\n'
    sources = [GOLDENS / case for case in dict.fromkeys(case for case, _, _ in INPUTS)]
    project = start(tmp_path / "project", TARGET + python, *sources)
    monkeypatch.syspath_prepend(str(project / "python"))
    package = importlib.import_module("beside_typescript")
    app.install(project / "package")
    answers = app.accepts(
        [(f"fal-endpoints/zod/acme/{case}", "Input", value) for case, value, _ in INPUTS]
    )
    acme = package.Fal(key="test").acme
    for (case, value, is_right), answer in zip(INPUTS, answers, strict=True):
        try:
            getattr(acme, case).bind(**value)
            taken = True
        except package.ValidationError:
            taken = False
        assert (taken, answer) == (is_right, is_right), (case, value)


DISTINCT = [
    ([], True),
    ([1, True, 0, False, None, "1", "true", ""], True),
    ([1, 2, 1.0], False),
    ([None, None], False),
    ([[1], [True], ["1"], [1, 1], {}], True),
    ([[1, 2], [1.0, 2]], False),
    ([{"a": 1, "b": 2}, {"a": 1}, {"a": 1, "c": 2}, {"0": 1}, [1]], True),
    ([{"a": 1, "b": [{}]}, {"b": [{}], "a": 1}], False),
    ([{"__proto__": 1}, {"constructor": 1}, {"__proto__": 2}], True),
]


@pytest.mark.node
def test_items_are_compared_as_json_compares_them(app: App, tmp_path: Path) -> None:
    """1 equals 1.0 and is not true, and the order of keys does not count."""
    listed = {"type": "array", "items": {}, "uniqueItems": True}
    inner = {"inner": {"type": "array", "items": listed}, "plain": {"type": "array", "items": {}}}
    content = document(input=obj(inner, required=[]), output=obj({"open": listed}))
    app.install(
        start(tmp_path / "project", TARGET, write(tmp_path / "documents", content)) / "package"
    )
    module = "fal-endpoints/zod/acme/blender"
    taken = [(module, "Input", {"inner": [items, [1]], "plain": items}) for items, _ in DISTINCT]
    got = [(module, "Output", {"open": items}) for items, _ in DISTINCT]
    assert app.accepts(taken + got) == [is_right for _, is_right in DISTINCT] + [True] * len(got)


OUTPUTS: list[tuple[str, object, bool]] = [
    ("enums/zod/acme/enums", {"state": "melted", "code": 7, "new": 1}, True),
    ("enums/zod/acme/enums", {"state": 1, "code": 7}, False),
    ("enums/zod/acme/enums", {"code": 7}, False),
    ("union_output/zod/acme/union", {"url": "a", "new": 1}, True),
    ("union_output/zod/acme/union", {"reason": 1}, False),
]


@pytest.mark.node
def test_zod_schemas_of_results_are_open(app: App, packages: Path) -> None:
    """A server that adds a field or a value must not lose a caller what was paid for."""
    for case in ("enums", "union_output"):
        app.install(packages / case, case)
    answers = app.accepts([(module, "Output", value) for module, value, _ in OUTPUTS])
    assert answers == [expected for _, _, expected in OUTPUTS]


PATTERNS = {
    r"^\w+$": True, r"^[a-c]+$": True, r"(a|b)?c{2,3}": True, r"\d{4}-\d\d": True,
    r"[\w.\-]+@x": True, r"^https?://[^\s/]+/?": True, r"(?:ab)*?$": True,
    r"\x41\u0042": True, r"[a-zé😀]": True, r"(?i)abc": False, r"\Aabc\z": False,
    r"(?P<n>a)": False, r"[[:alpha:]]": False, r"a{2}{3}": False, r"^*a": False,
    r"\p{Greek}": False, r"a**": False, r"[]a]": False, r"\-a": False,
}  # fmt: skip


@pytest.mark.node
def test_patterns_that_javascript_does_not_read_are_left_out(app: App, tmp_path: Path) -> None:
    properties = {
        f"p{number}": {"type": "string", "pattern": pattern}
        for number, pattern in enumerate(PATTERNS)
    }
    content = document(input=obj(properties, required=[]))
    project = start(tmp_path / "project", TARGET, write(tmp_path / "documents", content))
    package = app.install(project / "package")
    text = (package / "endpoints/acme/blender/zod.js").read_text("utf-8")
    kept = [
        f"p{number}: z.string().regex(runtime.pattern(" in text for number in range(len(PATTERNS))
    ]
    assert kept == list(PATTERNS.values())
    matching = {
        "p0": "a_1",
        "p2": "bcc",
        "p3": "2026-01",
        "p4": "a.b-c@x",
        "p5": "http://x",
        "p7": "AB",
    }
    values = [matching, *({name: "\n"} for name in ("p0", "p2", "p3", "p4", "p5", "p7"))]
    answers = app.accepts([("fal-endpoints/zod/acme/blender", "Input", value) for value in values])
    assert answers == [True, *(False for _ in values[1:])]


# Text of documents

OURS = [
    *PIECES, "__proto__", "constructor", "*/ export const x = 1; /*", "@ts-ignore", "@deprecated",
    "a\n@deprecated b", "a\n * @param b", "`@x`", "`a\n@x`", "` @x", "{@link x}", "</script>",
    "<!--", "// @ts-nocheck", "/* @ts-expect-error */", "@jsx h", "\\u002a/", "*\\/", "**/",
    "\u2029", "\ufeff", "/// <reference path='x' />", "a " * 80 + "@deprecated " * 20,
]  # fmt: skip

BLANK = ["", " ", "\n\t"]


def texts() -> list[str]:
    """Return hostile texts: each piece, all of them, and some in an order of chance."""
    chance = random.Random(0)
    mixed = ["".join(chance.sample(OURS, 6)) for _ in range(60)]
    return [*BLANK, *OURS, "".join(OURS), " ".join(OURS), *mixed]


def generate(content: dict[str, Any]) -> dict[str, str]:
    """Generate a package from one document, and return what the document's text can reach."""
    data = json.dumps(content).encode()
    endpoints = {read(data).endpoint_id: Overrides()}
    declaration = replace(parse(TARGET), endpoints=endpoints)
    templates = {"typescript": [packaged_templates() / "typescript"]}
    made = build(Inputs(declaration, dict.fromkeys(endpoints, data), {}, templates, tool=""))
    assert not made.errors
    (files,) = made.trees.values()
    return {path: text for path, text in files.items() if path.startswith("endpoints/")}


def skeletons(contents: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the skeletons of what documents come to, by the documents' names and by path."""
    made = {name: generate(content) for name, content in contents.items()}
    sources = {
        f"{number}/{path}": text
        for number, files in enumerate(made.values())
        for path, text in files.items()
    }
    found = json.loads(node("skeletons.cjs", given=sources))
    return {
        name: {path: found[f"{number}/{path}"] for path in files}
        for number, (name, files) in enumerate(made.items())
    }


@pytest.mark.node
def test_text_of_a_document_only_ever_appears_as_text() -> None:
    installed()
    found = skeletons({text: with_text(text) for text in ("n", *texts())})
    assert len(found["n"]) == 4
    for text in texts():
        # A neutral text with as much in it, so that both have the same optional parts.
        assert found[text] == found["n" if text.strip() else ""], text


@pytest.mark.node
def test_names_of_a_document_become_names_of_properties() -> None:
    installed()
    names = ["plain", *texts()]
    found = skeletons({name: with_name(name) for name in names})
    for name in names:
        assert found[name] == found["plain"], name
        assert all(skeleton[1] == 0 for skeleton in found[name].values())


@pytest.mark.node
def test_hostile_text_can_be_imported_and_is_what_it_was(app: App, tmp_path: Path) -> None:
    text = " ".join(OURS)
    contents = write(tmp_path / "documents", with_text(text))
    project = start(tmp_path / "project", TARGET, contents)
    app.install(project / "package")
    wire = text.replace("\ud800", "?").replace("\udfff", "?")  # no UTF-8 can carry these
    module = "fal-endpoints/zod/acme/blender"
    values = [{"sized": 1, "choice": f"x{wire}"}, {"sized": 1, "choice": f"x{wire} "}]
    assert app.accepts([(module, "Input", value) for value in values]) == [True, False]
