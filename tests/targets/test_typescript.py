"""The target `typescript`: what it generates, and that programs can use it."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from documents import document, write
from fal_codegen.emulator import Emulator
from folders import tree
from golden_cases import CASES, GOLDENS
from projects import Cli, edit, problem

from .npm import HERE, STRICTEST, App, Error, node
from .pages import fenced
from .typescript_packages import TARGET, start

ROOT = Path(__file__).parents[2]
GENERATED = ROOT / "generated" / "typescript"
PIKA = "fal-ai/pika/v2.2/image-to-video"
WIDTH = 100


# What is generated


@pytest.mark.parametrize("case", CASES)
def test_no_line_is_longer_than_it_must_be(goldens: Path, case: str) -> None:
    for path, content in tree(goldens / case / "typescript/endpoints").items():
        for line in content.decode().splitlines():
            is_breakable = re.search(r"[ ,|]", line.strip()) and not re.match(
                r"""(//|import| +(\* )?(\* )?@|export declare|\S+: \S+$| *"(\\.|[^"\\])*": \S+$)""",
                line,
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
    edit(project / "specs/acme/b.json", '"string"', '"integer"')
    ran = cli("generate", "--project", project)
    written = {line.removeprefix("wrote ") for line in ran.out.splitlines() if "wrote" in line}
    assert "package/endpoints/acme/b/index.d.ts" in written
    assert all(path.startswith("package/endpoints/acme/b/") for path in written)


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
        app: Where they are: `right.mts`, `idioms.mts` and `wrong.mts`, which use this repository's
            package, the golden packages in `goldens` and the programs that use them, and in `bare`
            the same packages without the declarations of their schemas.
    """

    app: App
    errors: tuple[Error, ...]
    said: str

    def of(self, start: str) -> list[Error]:
        """Return the errors in files whose paths start like this."""
        return [error for error in self.errors if error.file.startswith(start)]


@pytest.fixture(scope="module")
def compiled(goldens: Path, tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    app = App.start(tmp_path_factory.mktemp("compiled"))
    app.install(GENERATED)
    for name in ("right.mts", "idioms.mts", "wrong.mts"):
        shutil.copy(HERE / name, app.folder)
    for case in CASES:
        for folder in ("goldens", "bare"):
            shutil.copytree(goldens / case / "typescript", app.folder / folder / case)
        (app.folder / "node_modules" / case).symlink_to(app.folder / "goldens" / case)
        if (program := GOLDENS / case / "use.mts").exists():
            shutil.copy(program, app.folder / f"use_{case}.mts")
        write_programs(app.folder, f"docs_{case}", goldens / case / "docs")
    write_programs(app.folder, "docs_ours", ROOT / "generated/docs")
    (app.folder / "schemas.mts").write_text(schemas_against_types(app.folder, "bare"), "utf-8")
    everything = ["*.mts", "goldens/**/*.d.ts", "node_modules/fal-endpoints/**/*.d.ts"]
    errors, said = app.compile(*everything, allowJs=True)
    return Compiled(app, tuple(errors), said)


def write_programs(folder: Path, name: str, site: Path) -> None:
    """Write the programs in TypeScript of a documentation site into files of a folder."""
    for path, content in tree(site / "pages").items():
        for program in fenced(content.decode(), "typescript") if path.endswith(".md") else ():
            page = re.sub(r"\W", "_", path.removesuffix(".md"))
            (folder / f"{name}_{page}.mts").write_text(program, "utf-8")


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
def test_generated_packages_and_programs_that_use_them_are_clean_under_tsc_strict(
    compiled: Compiled,
) -> None:
    for place in ("node_modules/", "goldens/", "bare/", "use_", "docs_", "right.mts", "idioms.mts"):
        assert not compiled.of(place), compiled.said


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
def test_programs_compile_under_the_strictest_settings_and_as_bundlers_find_modules(
    app: App,
) -> None:
    app.install(GENERATED)
    shutil.copy(HERE / "right.mts", app.folder)
    programs = fenced((GENERATED / "README.md").read_text("utf-8"), "ts")
    for number, program in enumerate(programs):
        (app.folder / f"readme_{number}.mts").write_text(program, "utf-8")
    errors, said = app.compile(
        "*.mts", module="esnext", moduleResolution="bundler", noEmit=True, **STRICTEST
    )
    assert len(programs) > 2
    assert not errors, said


@pytest.mark.node
def test_a_program_of_the_documentation_runs(compiled: Compiled) -> None:
    (program,) = compiled.app.folder.glob("out/docs_ours_*.mjs")
    blocks = fenced((GENERATED / "README.md").read_text("utf-8"), "ts")
    (settings,) = (block for block in blocks if "fal.config(" in block)
    settings = settings.replace('"http://127.0.0.1:8321/"', "`${process.argv[2]}/`")
    (program.parent / "run.mjs").write_text(
        f'{settings}\nawait import("./{program.name}");\n', "utf-8"
    )
    content = json.loads((ROOT / "specs" / f"{PIKA}.json").read_text("utf-8"))
    with Emulator([content]) as emulator:
        said = node("out/run.mjs", emulator.base_url, folder=compiled.app.folder)
        (submitted,) = (entry.json for entry in emulator.journal.select("submit"))
    assert "pika22_output.mp4" in said
    page = (ROOT / "generated/docs/pages/endpoints" / f"{PIKA}.md").read_text("utf-8")
    assert submitted == json.loads(fenced(page, "json")[0])


@pytest.mark.node
def test_an_editor_shows_what_a_call_does(compiled: Compiled) -> None:
    app = compiled.app
    shutil.copy(HERE / "hover.cjs", app.folder)
    names = ["fal.subscribe", "pika.subscribe", "pika.run", "handle.events"]
    shown = json.loads(node("hover.cjs", "right.mts", folder=app.folder, given=names))
    starts = ("Puts a request", "Pika v2.2 creates videos", "Calls the model", "Yields each new")
    for text, start_of_text in zip(shown, starts, strict=True):
        assert text.startswith(start_of_text)


@pytest.mark.node
def test_a_program_runs_against_the_emulator(compiled: Compiled) -> None:
    content = json.loads((ROOT / "specs" / f"{PIKA}.json").read_text("utf-8"))
    with Emulator([content]) as emulator:
        program = ("out/right.mjs", emulator.base_url)
        seen = json.loads(node(*program, folder=compiled.app.folder))
        submitted = [entry.json for entry in emulator.journal.select("submit")]
        files = f"{emulator.base_url}/files/"
    assert seen["subscribe"]["requestId"]
    assert seen["last"] == "COMPLETED"
    assert seen["resolutions"] == ["720p", "1080p"]
    assert (seen["units"], len(seen["logs"])) == (1, 2)
    assert seen["error"] is True
    calls = ("result", "run", "stream", "byId", "other", "given")
    for video in (seen["subscribe"]["url"], *map(seen.get, calls)):
        assert video.startswith(files) and video.endswith("pika22_output.mp4")
    assert submitted[0]["image_url"].startswith(files)  # the client uploaded what it was given
    assert submitted[0]["resolution"] == "1080p"
    assert submitted[1]["image_url"] == "https://example.com/a.png"
    assert (seen["parsed"], seen["form"], seen["file"]) == ("a", "b", True)
    assert seen["refused"] == ["invalid_value", "unrecognized_keys"]
    assert seen["open"] == {"video": {"url": "u", "fps": 24}, "more": 1}
