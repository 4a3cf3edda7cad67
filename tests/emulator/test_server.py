"""The server itself: its journal, its lifetime, in a thread and in the foreground."""

from __future__ import annotations

import errno
import json
import os
import re
import socket
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest
from fal_codegen.emulator import Emulator, load_documents
from fal_codegen.emulator.emulator import how_to_use
from fal_codegen.errors import DocumentError, UsageError
from fal_endpoints import Fal

from .conftest import PAINT
from .documents import Schema, document
from .test_queue import INPUT, submit, wait


def test_the_journal_records_every_request(emulator: Emulator, http: httpx.Client) -> None:
    job = submit(http)
    wait(http, job)
    http.get(job["response_url"])
    http.get("/nowhere?x=1")
    journal = emulator.journal
    first = journal[0]
    assert (first.method, first.path, first.operation, first.status) == (
        "POST",
        f"/queue/{PAINT}",
        "submit",
        200,
    )
    assert first.host == httpx.URL(emulator.base_url).netloc.decode()
    assert first.json == INPUT
    assert first.headers["authorization"] == "Key any"
    assert journal[1].query == "logs=1"
    last = journal[len(journal) - 1]
    assert (last.operation, last.status, last.query) == (None, 404, "x=1")
    assert journal.count("submit") == journal.count(method="POST") == 1
    assert journal.count("submit", "result") == 2
    assert journal.count(path="/requests/") == len(journal) - 2
    assert journal.count(status=404) == 1
    assert [entry.operation for entry in journal][-2] == "result"
    journal.clear()
    assert len(journal) == 0


def test_long_bodies_are_cut_in_the_journal(emulator: Emulator, http: httpx.Client) -> None:
    content = b"x" * (3 << 20)
    url = http.post("/files/upload", content=content).json()["access_url"]
    assert emulator.journal[0].body == content[: 1 << 20]
    assert len(httpx.get(url).content) == len(content)


def test_a_client_that_leaves_in_the_middle_is_no_error(
    emulator: Emulator, http: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    address = httpx.URL(emulator.base_url)
    with socket.create_connection((address.host, address.port or 80)) as connection:
        head = f"POST /queue/{PAINT} HTTP/1.1\r\nHost: x\r\nAuthorization: Key any\r\n"
        connection.sendall(f"{head}Content-Length: 100\r\n\r\nhalf".encode())
        while len(emulator.journal) == 0:
            http.get("/nowhere")
    wait(http, submit(http))
    assert len(emulator.queue) == 1
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_a_reset_forgets_jobs_and_files(emulator: Emulator, http: httpx.Client) -> None:
    job = submit(http, faults="queued=60")
    assert len(emulator.queue) == len(emulator.queue.unfinished()) == 1
    url = http.post("/files/upload", content=b"x").json()["access_url"]
    emulator.reset()
    assert (len(emulator.queue), len(emulator.journal)) == (0, 0)
    assert http.get(job["status_url"]).status_code == 404
    assert http.get(url).status_code == 404


def test_an_emulator_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    threads = set(threading.enumerate())
    with Emulator([document()]) as emulator:
        headers = {"Authorization": "Key any"}
        httpx.post(f"{emulator.base_url}/files/upload", content=b"x", headers=headers)
        job = httpx.post(
            f"{emulator.base_url}/queue/{PAINT}",
            json=INPUT,
            params={"fal_webhook": emulator.base_url},
            headers={**headers, "X-Emulate": "queued=60"},
        ).json()
        # A connection that is still in use must not hold up the end.
        stream = httpx.Client().stream("GET", f"{job['status_url']}/stream", headers=headers)
        response = stream.__enter__()
        next(response.iter_lines())
        assert list(tmp_path.iterdir())
    assert set(threading.enumerate()) <= threads
    assert not list(tmp_path.iterdir())
    with pytest.raises(httpx.ConnectError):
        httpx.get(emulator.base_url)


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_by_any_of_its_names_is_served(media_type: str) -> None:
    text = json.dumps(document()).replace('"application/json"', json.dumps(media_type))
    with Emulator([json.loads(text)]) as emulator:
        url = f"{emulator.base_url}/run/acme/paint/v1.0/draft"
        headers = {"Authorization": "Key any"}
        assert httpx.post(url, json={}, headers=headers).status_code == 422


def test_documents_that_cannot_be_served() -> None:
    whole = document()
    with pytest.raises(DocumentError, match="two documents"):
        Emulator([whole, whole])
    for key in ("paths", "info", "components"):
        broken = {name: value for name, value in whole.items() if name != key}
        if key == "paths":
            with pytest.raises(DocumentError, match="POST"):
                Emulator([broken])
        else:
            Emulator([broken])
    paths: Schema = {"/acme/x": {"post": {}}, "/acme/x/requests/{request_id}": {"get": {}}}
    with pytest.raises(DocumentError, match="no Input"):
        Emulator([{**whole, "paths": paths}])


def test_an_endpoint_is_located_by_its_paths() -> None:
    other_id = document("acme/sculpt")
    other_id["info"]["x-fal-metadata"]["endpointId"] = "acme/renamed"
    moved = document("acme/carve")
    body = moved["paths"]["/acme/carve"]["post"].pop("requestBody")
    moved["components"]["requestBodies"] = {"Body": body}
    moved["paths"]["/acme/carve"]["post"]["requestBody"] = {
        "$ref": "#/components/requestBodies/Body"
    }
    both = document("acme/first")
    both["paths"] |= document("acme/second")["paths"]
    both["info"]["x-fal-metadata"]["endpointId"] = "acme/second"
    with Emulator([other_id, moved, both]) as emulator:
        for endpoint_id in ("acme/sculpt", "acme/carve", "acme/second"):
            url, headers = f"{emulator.base_url}/run/{endpoint_id}", {"Authorization": "Key any"}
            assert httpx.post(url, json={}, headers=headers).status_code == 422
            assert httpx.post(url, json=INPUT, headers=headers).status_code == 200


def test_documents_are_read_from_files_and_folders(tmp_path: Path) -> None:
    (tmp_path / "acme").mkdir()
    (tmp_path / "overlays").mkdir()
    for name in ("acme/b.json", "acme/a.json", "overlays/a.json"):
        (tmp_path / name).write_text(json.dumps({"openapi": "3.0.4", "name": name}))
    (tmp_path / "other.json").write_text("[]")
    (tmp_path / "notes.txt").write_text("no JSON")
    names = [found["name"] for found in load_documents([tmp_path, tmp_path / "overlays/a.json"])]
    assert names == ["acme/a.json", "acme/b.json", "overlays/a.json"]
    with pytest.raises(DocumentError, match=r"other\.json"):
        list(load_documents([tmp_path / "other.json"]))
    with pytest.raises(DocumentError, match=r"notes\.txt"):
        list(load_documents([tmp_path / "notes.txt"]))


def test_serve_runs_until_it_is_interrupted() -> None:
    program = (
        "import json, sys; from fal_codegen.emulator import Emulator\n"
        "Emulator([json.loads(sys.argv[1])], port=0, faults='queued=0, running=0').serve()"
    )
    command = [sys.executable, "-u", "-c", program, json.dumps(document())]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        printed = ""
        while "X-Emulate" not in printed:  # the last line
            printed += process.stdout.readline()
        base_url = printed.split()[4]
        headers = {"Authorization": "Key any"}
        job = httpx.post(f"{base_url}/queue/{PAINT}", json=INPUT, headers=headers).json()
        assert httpx.get(job["response_url"], headers=headers).status_code == 200
        process.terminate()
        logged = process.stderr.read()
    for client in ("fal_endpoints", "@fal-ai/client", "fal-client", "curl"):
        assert client in printed
    assert f"POST /queue/{PAINT}" in logged
    assert "Traceback" not in logged


def test_the_lines_on_how_to_connect_are_code_that_connects(
    server: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    fal_client = pytest.importorskip("fal_client.client", reason="needs `pip install fal-client`")
    monkeypatch.setenv("FAL_KEY", "any")
    text = how_to_use(server.base_url, [PAINT])
    expression = re.search(r"^  fal_endpoints +(.+?), or ", text, re.MULTILINE)
    assert expression is not None
    with eval(expression[1], {"Fal": Fal}) as client:
        assert client.upload(b"data").startswith(server.base_url)
    for name, value in re.findall(r"fal_client\.client\.(\w+) = (.+)", text):
        monkeypatch.setattr(fal_client, name, eval(value))
    assert fal_client.SyncClient().submit(PAINT, {"prompt": "a fox"}).get()


def test_a_port_that_is_taken(server: Emulator) -> None:
    port = httpx.URL(server.base_url).port
    assert port is not None
    with pytest.raises(UsageError, match=f"port {port}") as error:
        Emulator([document()], port=port).serve()
    reason = os.strerror(errno.EADDRINUSE)
    assert str(error.value).count(reason) == str(error.value).count("127.0.0.1") == 1
    assert error.value.hint == "choose another port; --port 0 selects a free one"


@pytest.mark.parametrize("host", ["no.such.host.invalid", "a..b", "192.0.2.1", "x" * 300])
def test_an_address_that_cannot_be_listened_on(host: str) -> None:
    with pytest.raises(UsageError, match=r"^cannot listen on \S+ port 0: .+") as error:
        Emulator([document()], host=host, port=0).serve()
    assert "while attempting" not in str(error.value)
    assert error.value.hint == "choose an address of this machine, such as --host 127.0.0.1"


def test_nothing_heavy_is_imported_before_it_is_used() -> None:
    program = "import sys, fal_codegen.emulator.pytest_plugin; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", program], text=True).split()
    assert not {"starlette", "uvicorn", "httpx", "jsonschema_rs", "cryptography"} & set(loaded)
