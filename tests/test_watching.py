"""`--watch` of `emulate` and `generate`: changed files count without a restart."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from projects import DECLARATION, FAST, MODULE, Cli, edit, problem

CHANGES = """\
import json, os, pathlib, time

import httpx

http = httpx.Client(
    base_url=os.environ["FAL_BASE_URL"], headers={"Authorization": "Key any"}, timeout=30
)
FAST, BLENDER = "acme/blender/fast", "acme/blender"
specs = pathlib.Path("specs")


def served(endpoint_id):
    query = {"endpoint_id": endpoint_id}
    answer = http.get("/api/openapi/queue/openapi.json", params=query)
    return answer.json()["info"]["title"] if answer.status_code == 200 else None


def until(is_served):
    end = time.monotonic() + 30
    while not is_served():
        assert time.monotonic() < end, "the change was not served"
        time.sleep(0.02)


def replace(file, old, new):
    text = (specs / file).read_text()
    assert old in text
    (specs / file).write_text(text.replace(old, new))


job = http.post(
    f"/queue/{FAST}", json={"prompt": "a"}, headers={"X-Emulate": "running=60"}
).json()
with http.stream("GET", job["status_url"] + "/stream") as events:
    statuses = (json.loads(line[6:])["status"] for line in events.iter_lines() if line[6:])
    assert "IN_PROGRESS" in statuses
    before = served(BLENDER)
    assert http.get(f"/playground/{BLENDER}").status_code == 200
    (specs / "acme/blender.json").write_text("{")
    replace("acme/blender/fast.json", "Queue OpenAPI for", "Changed:")
    until(lambda: served(FAST) == f"Changed: {FAST}")
    assert served(BLENDER) == before, "the last usable document was not kept"
    replace("endpoints.toml", f'[endpoints."{FAST}"]', "")
    until(lambda: served(FAST) is None)
    mended = (specs / "acme/blender/fast.json").read_text().replace('"text"', '"words"')
    mended = mended.replace(f"/{FAST}", f"/{BLENDER}").replace(f'"{FAST}"', f'"{BLENDER}"')
    (specs / "acme/blender.json").write_text(mended)
    until(lambda: served(BLENDER) == f"Changed: {FAST}")
    assert "words" in http.post(f"/run/{BLENDER}", json={"prompt": "a"}).json()
    http.put(job["cancel_url"])
    assert "COMPLETED" in statuses, "a request was disturbed"
"""


def test_the_emulator_serves_changed_documents(
    filled: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(filled)
    ran = cli("emulate", "--watch", "--", sys.executable, "-c", CHANGES)
    assert ran.code == 0
    error, *changes = ran.err.splitlines()
    assert error.startswith("error: acme/blender: ")
    assert "specs/ has changed; serving 2 endpoints (1 as before)" in changes
    assert "specs/ has changed; serving 1 endpoint" in changes


def test_watching_needs_documents_that_change(filled: Path, cli: Cli) -> None:
    for mode in ("--record", "--replay"):
        ran = cli("emulate", "--project", filled, mode, filled / "tape", "--watch")
        problem(ran, "--watch has no effect on recordings")
    problem(cli("generate", "--project", filled, "--watch", "--json"), "leave one out")


@pytest.mark.posix
def test_generate_follows_specs_and_templates(filled: Path) -> None:
    command = [sys.executable, "-m", "fal_codegen", "generate", "--watch"]
    document = filled / f"specs/{FAST}.json"
    with subprocess.Popen(
        command, cwd=filled, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None

        def wait_for(start: str) -> None:
            for line in process.stdout or ():
                if line.startswith(start):
                    return
            raise AssertionError(f"there was no line that starts with {start!r}")

        wait_for("watching specs/ and templates/")
        content = json.loads(document.read_text())
        document.write_text("{")
        wait_for("error: acme/blender/fast: ")
        content["info"]["x-fal-metadata"]["about"] = "Blends three things."
        document.write_text(json.dumps(content))
        wait_for("generated/python: ")
        assert "Blends three things." in (filled / MODULE).read_text()
        edit(filled / DECLARATION, 'version = "0.1.0"', 'version = "0.2.0"')
        wait_for("wrote generated/python/pyproject.toml")
        process.send_signal(signal.SIGINT)
        assert process.wait() == 0
