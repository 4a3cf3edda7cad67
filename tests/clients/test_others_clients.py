"""Clients of others call fal's own addresses, and the emulator answers: a result and an error.

Each program prints what its library returned and raised, as one JSON object.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest
from fal_codegen.emulator import Emulator, HttpsProxy
from guide.examples import ROOT, Page

from .conftest import DOCUMENTS

pytestmark = pytest.mark.clients

PROGRAMS = Path(__file__).parent / "programs"
PAGE = Page(ROOT / "docs/how-to/other-clients.md")
USE_PROXY = PAGE.file("use_proxy.mjs")
"""What the page tells users of Node to load first."""

PAINT = "/fal-ai/flux/schnell"
VALIDATION_ERROR = "string_too_short"


class Run(Protocol):
    def __call__(self, program: str) -> Any: ...


@pytest.fixture(scope="module")
def installed() -> Path:
    """Return the folder with the libraries."""
    folder = os.environ.get("FAL_CLIENTS")
    if folder is None or not (Path(folder) / "python").is_dir():
        pytest.skip("needs others' clients: tests/clients/install.sh DIR, and FAL_CLIENTS=DIR")
    return Path(folder)


@pytest.fixture(scope="module")
def fal() -> Iterator[tuple[Emulator, HttpsProxy]]:
    with Emulator(DOCUMENTS) as emulator, emulator.https_proxy() as proxy:
        yield emulator, proxy


@pytest.fixture
def emulator(fal: tuple[Emulator, HttpsProxy]) -> Emulator:
    fal[0].reset()
    return fal[0]


@pytest.fixture(scope="module")
def modules(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which the programs for Node find their packages."""
    if shutil.which("node") is None or not (installed / "node_modules").is_dir():
        pytest.skip("needs node (https://nodejs.org) when tests/clients/install.sh runs")
    folder = tmp_path_factory.mktemp("node")
    shutil.copytree(PROGRAMS, folder, dirs_exist_ok=True)
    (folder / "use_proxy.mjs").write_text(USE_PROXY.source, "utf-8")
    (folder / "node_modules").symlink_to(installed / "node_modules", target_is_directory=True)
    return folder


@pytest.fixture
def python(installed: Path, fal: tuple[Emulator, HttpsProxy], tmp_path: Path) -> Run:
    interpreter = installed / "python/bin/python"
    return lambda program: run([interpreter, PROGRAMS / program], fal[1], tmp_path)


@pytest.fixture
def node(modules: Path, fal: tuple[Emulator, HttpsProxy]) -> Run:
    command = ["node", "--import", "./use_proxy.mjs"]
    return lambda program: run([*command, program], fal[1], modules)


def run(command: list[str | Path], proxy: HttpsProxy, folder: Path) -> Any:
    keys = dict.fromkeys(("FAL_KEY", "FAL_API_KEY", "FAL_AI_API_KEY"), "any")
    # Without it, litellm downloads a list of prices.
    local = {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    ran = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **keys, **local, **proxy.environment},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-4000:]
    return json.loads(ran.stdout.splitlines()[-1])


def content(emulator: Emulator, url: str) -> bytes:
    """Return the file of a result, whose URL is one of fal's."""
    address = httpx.URL(url)
    assert (address.scheme, address.host) == ("https", "v3.fal.media")
    return httpx.get(emulator.base_url + address.path).content


def test_fal_client(python: Run, emulator: Emulator) -> None:
    seen = python("with_fal_client.py")
    assert content(emulator, seen["url"]).startswith(b"\x89PNG")
    assert content(emulator, seen["uploaded"]) == b"hello"
    assert seen["error"] == {"type": "FalClientHTTPError", "status": 422}
    assert emulator.journal.count("submit", path=PAINT) == 2


def test_huggingface_hub(python: Run, emulator: Emulator) -> None:
    seen = python("with_huggingface_hub.py")
    assert seen["format"] == "PNG"
    [video] = emulator.journal.select("file", path=".mp4")
    assert len(content(emulator, f"https://v3.fal.media{video.path}")) == seen["video"]
    assert seen["error"] == {"type": "HfHubHTTPError", "status": 422}
    assert emulator.journal.count("submit", path="/fal-ai/hunyuan-video") == 1


def test_litellm(python: Run, emulator: Emulator) -> None:
    seen = python("with_litellm.py")
    assert content(emulator, seen["url"]).startswith(b"\x89PNG")
    assert seen["error"] == {"type": "BadRequestError", "status": 422}
    assert emulator.journal.select("run")[0].json["image_size"] == "square_hd"


def test_pipecat(python: Run, emulator: Emulator) -> None:
    seen = python("with_pipecat.py")
    assert seen["size"] == [1024, 1024]
    assert seen["text"] == "a red fox"
    assert seen["error"].startswith("Fal API error (422): ")
    assert VALIDATION_ERROR in seen["error"]
    assert emulator.journal.count("run", path="/fal-ai/wizper") == 1


def test_the_javascript_client(node: Run, emulator: Emulator) -> None:
    seen = node("with_fal_ai_client.mjs")
    assert content(emulator, seen["url"]).startswith(b"\x89PNG")
    assert content(emulator, seen["uploaded"]) == b"hello"
    assert seen["error"] == {"isOwn": True, "status": 422}
    assert emulator.journal.count("submit", path=PAINT) == 2


def test_the_ai_sdk(node: Run, emulator: Emulator) -> None:
    seen = node("with_ai_sdk.mjs")
    assert seen["mediaType"] == "image/png"
    [image] = emulator.journal.select("file")
    assert len(content(emulator, f"https://v3.fal.media{image.path}")) == seen["bytes"]
    assert seen["error"] == {"isOwn": True, "status": 422}
    sent = emulator.journal.select("run")[0].json
    assert sent["image_size"] == {"width": 1024, "height": 768}


def test_tanstack_ai(node: Run, emulator: Emulator) -> None:
    seen = node("with_tanstack.mjs")
    assert content(emulator, seen["url"]).startswith(b"\x89PNG")
    assert seen["error"] == {"isOwn": True, "status": 422}
    assert emulator.journal.select("submit")[0].json["image_size"] == "square_hd"


def test_the_page_names_the_versions_that_are_tested() -> None:
    lines = (PROGRAMS.parent / "requirements.txt").read_text("utf-8").splitlines()
    wanted = dict(line.split("==") for line in lines)
    wanted |= json.loads((PROGRAMS.parent / "package.json").read_text("utf-8"))["dependencies"]
    rows = re.findall(r"^\| ([\w@/.-]+)[^|]* \| ([\d.]+) \|", PAGE.path.read_text("utf-8"), re.M)
    assert {name: wanted[name] for name, _ in rows} == dict(rows)
    assert set(wanted) - {name for name, _ in rows} == {"@tanstack/ai", "ai", "undici"}
