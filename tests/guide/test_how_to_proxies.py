"""The how-to page on proxies: its program sends every request through its own HTTP client."""

from __future__ import annotations

import base64
from pathlib import Path

import certifi
import httpx
import pytest
from client.scripted import Answer, Asked, scripted
from fal_codegen.emulator import Emulator

from .examples import ROOT, Page
from .programs import run_python

pytestmark = pytest.mark.guide

PROGRAM = Page(ROOT / "docs/how-to/proxies.md").file("own_http_client.py").source
FAL = "http://fal.test"


def test_every_request_goes_through_the_proxy(started: Emulator, tmp_path: Path) -> None:
    started.reset()

    def forward(asked: Asked) -> Answer:
        assert asked.path.startswith(f"{FAL}/")
        headers = {name: value for name, value in asked.headers.items() if name != "host"}
        url = started.base_url + asked.path.removeprefix(FAL)
        answer = httpx.request(asked.method, url, headers=headers, content=asked.body)
        body = answer.content.replace(started.base_url.encode(), FAL.encode())
        wanted = ("content-type", "x-fal-request-id")
        return Answer(
            answer.status_code,
            body,
            {name: value for name, value in answer.headers.items() if name in wanted},
        )

    with scripted(forward) as proxy:
        program = PROGRAM.replace("http://proxy.example.com:3128", proxy.base_url)
        assert program != PROGRAM
        (tmp_path / "own_http_client.py").write_text(program, "utf-8")
        (tmp_path / "corporate-ca.pem").write_bytes(Path(certifi.where()).read_bytes())
        printed = run_python(
            "own_http_client.py",
            folder=tmp_path,
            emulator=started,
            FAL_BASE_URL=FAL,
            FAL_ALLOW_HTTP="1",
        )
    assert printed.startswith(f"{FAL}/files/")
    credentials = base64.b64encode(b"user:password").decode()
    assert {asked.headers["proxy-authorization"] for asked in proxy.asked} == {
        f"Basic {credentials}"
    }
    assert started.journal.count("submit") == 1
