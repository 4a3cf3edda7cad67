"""The helper for vitest records and replays the official JavaScript client."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from fal_codegen.emulator import Emulator
from guide.examples import ROOT, Page
from targets.npm import App, node

from .conftest import PAINT

pytestmark = [pytest.mark.node, pytest.mark.posix]

USE = f"""
import {{ createFalClient }} from "@fal-ai/client";
import {{ cassette }} from "./cassette.mjs";

const tape = await cassette("tape");
try {{
  const fal = createFalClient(tape.config);
  const statuses = [];
  const {{ data, requestId }} = await fal.subscribe("{PAINT}", {{
    input: {{ prompt: "a fox" }},
    logs: true,
    onQueueUpdate: (update) => statuses.push(update.status),
  }});
  const file = await fal.storage.upload(new Blob(["content"], {{ type: "text/plain" }}));
  const path = (url) => new URL(url).pathname;
  console.log(JSON.stringify([data.mood, path(data.image.url), requestId, path(file)]));
}} finally {{
  tape.stop();
}}
"""


def test_a_client_sees_what_was_recorded(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    App.start(tmp_path)
    page = Page(ROOT / "docs/how-to/recordings.md")
    (tmp_path / "cassette.mjs").write_text(page.file("cassette.mjs").source, "utf-8")
    (tmp_path / "use.mjs").write_text(USE, "utf-8")
    scripts = Path(sys.executable).parent
    monkeypatch.setenv("PATH", f"{scripts}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("FAL_BASE_URL", emulator.base_url)
    monkeypatch.setenv("FAL_KEY", "an-identifier:a-secret-of-a-key")
    monkeypatch.setenv("FAL_RECORD", "1")
    recorded = node(tmp_path / "use.mjs", folder=tmp_path)
    count = emulator.journal.count()
    assert count > 3
    monkeypatch.delenv("FAL_RECORD")
    assert node(tmp_path / "use.mjs", folder=tmp_path) == recorded
    assert emulator.journal.count() == count
