"""The size of a browser's bundle with one endpoint of the target `typescript`."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from .npm import App

ROOT = Path(__file__).parents[2]
PIKA = "fal-ai/pika/v2.2/image-to-video"
BUNDLE = ("--bundle", "--minify", "--format=esm", "--platform=browser")
CLIENT = 'import { fal } from "@fal-ai/client"; fal.subscribe("a/b", {});'
CALL = f'import {{ subscribe }} from "fal-endpoints/{PIKA}"; subscribe({{}});'
PARSE = f'import {{ Input }} from "fal-endpoints/zod/{PIKA}"; Input.parse({{}});'


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> App:
    app = App.start(tmp_path_factory.mktemp("bundles"))
    app.install(ROOT / "generated" / "typescript")
    return app


def size(app: App, program: str) -> int:
    """Return the bytes that a browser gets of a program."""
    bundled = subprocess.run(
        [app.modules["esbuild"] / "bin" / "esbuild", *BUNDLE],
        cwd=app.folder,
        input=program.encode(),
        capture_output=True,
        check=False,
    )
    assert bundled.returncode == 0, bundled.stderr
    return len(bundled.stdout)


@pytest.mark.node
def test_an_endpoint_adds_little_to_the_clients_bundle(app: App) -> None:
    assert size(app, CALL) - size(app, CLIENT) < 16_000


@pytest.mark.node
def test_a_bundle_has_only_the_parts_of_zod_that_an_endpoint_uses(app: App) -> None:
    assert size(app, PARSE) < 100_000
