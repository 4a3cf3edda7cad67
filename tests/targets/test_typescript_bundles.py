"""The target `typescript` in browsers: what a bundle of one endpoint has, and its calls."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fal_codegen.emulator import Emulator

from .npm import App

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parents[2]
PIKA = "fal-ai/pika/v2.2/image-to-video"
BUNDLE = ("--bundle", "--minify", "--platform=browser")
CLIENT = 'import { fal } from "@fal-ai/client"; fal.subscribe("a/b", {});'
CALL = f'import {{ subscribe }} from "fal-endpoints/{PIKA}"; subscribe({{}});'
PARSE = f'import {{ Input }} from "fal-endpoints/zod/{PIKA}"; Input.parse({{}});'


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> App:
    app = App.start(tmp_path_factory.mktemp("bundles"))
    app.install(ROOT / "generated" / "typescript")
    return app


def bundle(app: App, program: str, *options: str) -> bytes:
    """Return what a browser gets of a program."""
    bundled = subprocess.run(
        [app.modules["esbuild"] / "bin" / "esbuild", *BUNDLE, *options],
        cwd=app.folder,
        input=program.encode(),
        capture_output=True,
        check=False,
    )
    assert bundled.returncode == 0, bundled.stderr
    return bundled.stdout


def size(app: App, program: str) -> int:
    return len(bundle(app, program, "--format=esm"))


@pytest.mark.node
def test_an_endpoint_adds_little_to_the_clients_bundle(app: App) -> None:
    assert size(app, CALL) - size(app, CLIENT) < 16_000


@pytest.mark.node
def test_a_bundle_has_only_the_parts_of_zod_that_an_endpoint_uses(app: App) -> None:
    assert size(app, PARSE) < 100_000


PROXIED = """
import {{ fal }} from "fal-endpoints";
import * as pika from "fal-endpoints/{PIKA}";
export {{ fal, pika }};
"""

IN_A_PAGE = """
async (proxyUrl) => {
  const { fal, pika } = program;
  // A proxy adds the key; the emulator stands for both.
  fal.config({ proxyUrl, credentials: "any", suppressLocalCredentialsWarning: true });
  const input = { image_url: "https://example.com/a.png", prompt: "lost" };
  const uncertain = await pika
    .subscribe(input, { headers: { "X-Emulate": "proxy-error=502" } })
    .catch((error) => error.name);
  const image_url = new File(["not really a picture"], "a.png", { type: "image/png" });
  const result = await pika.subscribe({ image_url, prompt: "kept" }, { mode: "streaming" });
  return { uncertain, ...result };
}
"""


@pytest.mark.node
@pytest.mark.browser
def test_a_browser_calls_through_its_proxy(app: App, browser: Browser) -> None:
    content = json.loads((ROOT / "specs" / f"{PIKA}.json").read_text("utf-8"))
    program = bundle(app, PROXIED.format(PIKA=PIKA), "--format=iife", "--global-name=program")
    with Emulator([content]) as emulator:
        page = browser.new_page()
        page.goto(f"{emulator.base_url}/playground/")
        page.evaluate(f"{program.decode()}; globalThis.program = program;")
        seen = page.evaluate(IN_A_PAGE, f"{emulator.base_url}/")
        page.close()
        first, second = emulator.journal.select("submit")
    assert seen["uncertain"] == "SubmissionUncertain"
    assert (first.status, second.json["prompt"]) == (502, "kept")
    assert second.json["image_url"].startswith(f"{emulator.base_url}/files/")
    assert seen["data"]["video"]["url"]
    assert (seen["billableUnits"], bool(seen["requestId"])) == (1, True)
