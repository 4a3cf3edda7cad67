"""An emulator that runs for days or is killed fills neither memory nor disk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from fal_codegen.emulator import Emulator, Limits

from .conftest import PAINT
from .documents import document
from .test_files import initiate
from .test_queue import INPUT, submit

HEADERS = {"Authorization": "Key any"}


@contextmanager
def limited(**limits: int) -> Iterator[tuple[Emulator, httpx.Client]]:
    """Run an emulator that keeps little, and a client of it."""
    with (
        Emulator([document(PAINT)], limits=Limits(**limits)) as emulator,
        httpx.Client(base_url=emulator.base_url, headers=HEADERS) as http,
    ):
        yield emulator, http


def upload(http: httpx.Client, content: bytes) -> httpx.Response:
    return http.post("/files/upload", content=content)


# Journal ------------------------------------------------------------------------------------------


def test_the_oldest_requests_go_first() -> None:
    with limited(journal=100_000) as (emulator, http):
        for number in range(10):
            http.post(f"/run/{PAINT}", json={"prompt": f"{number}" * 20_000})
        kept = [entry.json["prompt"][0] for entry in emulator.journal.select("run")]
        assert kept == ["6", "7", "8", "9"]
        http.post(f"/run/{PAINT}", json={"prompt": "x" * 200_000})  # more than all together may be
        assert len(emulator.journal) == 0
        http.post(f"/run/{PAINT}", json=INPUT)
        assert [entry.json for entry in emulator.journal] == [INPUT]


def test_many_small_requests_have_a_limit_too() -> None:
    with limited(journal=50_000) as (emulator, http):
        for number in range(40):
            http.get("/nowhere", params={"n": number})
        assert 10 < len(emulator.journal) < 25
        assert emulator.journal[len(emulator.journal) - 1].query == "n=39"


# Results ------------------------------------------------------------------------------------------


def test_the_oldest_jobs_go_first() -> None:
    with limited(results=20_000) as (emulator, http):
        jobs = [submit(http, faults="queued=0, running=0") for _ in range(20)]
        assert 4 < len(emulator.queue) < 10
        assert http.get(jobs[0]["status_url"]).json() == {"status": "NOT_FOUND"}
        assert http.get(jobs[-1]["response_url"]).status_code == 200
        body = {"prompt": 5, "more": "x" * 15_000}  # which is in the result, an error
        http.post(f"/queue/{PAINT}", json={"prompt": {"a": body}})
        assert len(emulator.queue) < 4


# Uploads ------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def stored(folder: Path) -> list[int]:
    return sorted(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_the_oldest_files_go_first(folder: Path) -> None:
    with limited(files=50_000) as (_, http):
        urls = [upload(http, b"x" * 6_000).json()["access_url"] for _ in range(8)]
        statuses = [http.get(url).status_code for url in urls]
        assert statuses == [404] * 4 + [200] * 4
        assert stored(folder) == [6_000] * 4


def test_a_file_that_is_too_large_is_rejected_and_leaves_nothing_behind(folder: Path) -> None:
    with limited(files=50_000) as (_, http):
        urls = initiate(http)
        parts = initiate(http, "initiate-multipart")["upload_url"]
        large = b"x" * 50_000
        for content in (large, iter([large[:30_000], large[30_000:]])):
            for answer in (
                http.post("/files/upload", content=content),
                http.put(urls["upload_url"], content=large),
                http.put(f"{parts}/1", content=large),
            ):
                assert answer.status_code == 413
                assert "50000 bytes" in answer.json()["detail"]
        assert stored(folder) == []
        assert upload(http, b"x" * 1000).status_code == 200


def test_a_file_larger_than_its_parts_is_rejected(folder: Path) -> None:
    with limited(files=50_000) as (_, http):
        parts = initiate(http, "initiate-multipart")["upload_url"]
        for number in range(1, 20):  # parts count, as whole files do
            last = http.put(f"{parts}/{number}", content=b"x" * 6_000)
        assert last.status_code == 413
        assert sum(stored(folder)) <= 50_000
        numbers = [{"partNumber": 1}] * 1000
        done = http.post(f"{parts}/complete", json={"parts": numbers})
        assert done.status_code == 200
        assert stored(folder) == [6_000]


def test_a_get_writes_nothing(folder: Path, emulator: Emulator, http: httpx.Client) -> None:
    for number in range(20):
        assert http.get(f"/files/results/{number}/a.png").status_code == 200
        assert http.get(f"/files/{number}/a.png").status_code == 404
    assert list(folder.iterdir()) == []


def test_a_name_and_a_type_have_to_fit_into_headers(http: httpx.Client) -> None:
    for content_type in ("text/html\r\nX-Odd: 1", "tëxt/plain", "", "plain", "a/\x00"):
        body = {"file_name": "é\r\n" * 200, "content_type": content_type}
        urls = http.post("/rest/storage/upload/initiate", json=body).json()
        assert len(urls["file_url"]) < 4000
        assert http.put(urls["upload_url"], content=b"x").status_code == 200
        answer = http.get(urls["file_url"])
        assert answer.headers["content-type"] == "application/octet-stream"
        assert "x-odd" not in answer.headers


def test_an_uploaded_page_cannot_act_as_one_of_the_emulator(http: httpx.Client) -> None:
    headers = {"Content-Type": "text/html", "X-Fal-File-Name": "a.html"}
    page = http.post("/files/upload", content=b"<script>1</script>", headers=headers).json()
    for url in (page["access_url"], "/files/results/1/a.svg"):
        answer = http.get(url)
        assert answer.headers["content-security-policy"] == "sandbox"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_announcements_are_forgotten() -> None:
    with limited(announcements=3) as (_, http):
        urls = [initiate(http)["upload_url"] for _ in range(5)]
        assert [http.put(url).status_code for url in urls] == [403, 403, 200, 200, 200]


# Folders ------------------------------------------------------------------------------------------

PROGRAM = """
import json, sys, time
import httpx
from fal_codegen.emulator import Emulator
with Emulator([json.loads(sys.argv[1])]) as emulator:
    url = f"{emulator.base_url}/files/upload"
    headers = {"Authorization": "Key any"}
    print(httpx.post(url, content=b"x", headers=headers).status_code, flush=True)
    time.sleep(600)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="folders are not locked there")
def test_the_folder_of_a_killed_emulator_is_removed_by_the_next(folder: Path) -> None:
    (folder / "fal-emulator-of-nobody.tmp").mkdir()
    (folder / "fal-emulator-file.tmp").touch()
    (folder / "fal-emulator-link.tmp").symlink_to(folder)
    (folder / "fal-emulator-of-the-user").mkdir()
    command = [sys.executable, "-c", PROGRAM, json.dumps(document())]
    environment = {**os.environ, "TMPDIR": str(folder)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"200\n"
        folders = (path for path in folder.iterdir() if not path.is_symlink())
        (alive,) = (path for path in folders if path.is_dir() and any(path.iterdir()))
        with Emulator([document()]):
            assert stored(alive) == [1]  # nothing of a running one is removed
        assert not (folder / "fal-emulator-of-nobody.tmp").exists()
    finally:
        process.kill()
        process.communicate()
    assert stored(alive) == [1]
    with Emulator([document()]):
        left = {path.name for path in folder.iterdir()}
    assert left == {
        "fal-emulator-file.tmp",
        "fal-emulator-link.tmp",
        "fal-emulator-of-the-user",
    }
