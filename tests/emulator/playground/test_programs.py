"""The programs that the playground shows for an input."""

from __future__ import annotations

import base64
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from fal_codegen.emulator import Emulator
from targets.npm import App, node

from emulator.conftest import PAINT

from .documents import (
    PIKA,
    ROOT,
    documents,
)

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
    command: list[str | Path] = [
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
