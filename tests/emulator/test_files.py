"""Files are uploaded in every way the official clients do, and downloaded."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator

from .conftest import PAINT

CONTENT = bytes(range(256)) * 40


def initiate(http: httpx.Client, path: str = "initiate", name: str = "my photo.png") -> Any:
    response = http.post(
        f"/rest/storage/upload/{path}",
        params={"storage_type": "fal-cdn-v3"},
        json={"file_name": name, "content_type": "image/png"},
    )
    assert response.status_code == 200
    return response.json()


def test_a_file_is_uploaded_and_served_back(emulator: Emulator, http: httpx.Client) -> None:
    urls = initiate(http)
    assert urls["file_url"].startswith(f"{emulator.base_url}/files/")
    assert urls["file_url"].endswith("/my%20photo.png")
    assert httpx.get(urls["file_url"]).status_code == 404
    put = httpx.put(urls["upload_url"], content=CONTENT, headers={"Content-Type": "image/png"})
    assert put.status_code == 200
    response = httpx.get(urls["file_url"])
    assert response.content == CONTENT
    assert response.headers["content-type"] == "image/png"
    assert httpx.head(urls["file_url"]).headers["content-length"] == str(len(CONTENT))


def test_a_range_of_a_file_is_served(http: httpx.Client) -> None:
    urls = initiate(http)
    httpx.put(urls["upload_url"], content=CONTENT)
    whole = httpx.get(urls["file_url"])
    response = httpx.get(urls["file_url"], headers={"Range": "bytes=100-199"})
    assert response.status_code == 206
    assert response.content == CONTENT[100:200]
    assert response.headers["content-range"] == f"bytes 100-199/{len(CONTENT)}"
    unchanged = {"Range": "bytes=10000-", "If-Range": whole.headers["etag"]}
    assert httpx.get(urls["file_url"], headers=unchanged).content == CONTENT[10000:]
    changed = {"Range": "bytes=10000-", "If-Range": '"another"'}
    assert httpx.get(urls["file_url"], headers=changed).status_code == 200
    beyond = httpx.get(urls["file_url"], headers={"Range": "bytes=99999-"})
    assert beyond.status_code == 416


@pytest.mark.parametrize("client", ["javascript", "python"])
def test_a_file_in_parts_is_put_together(http: httpx.Client, client: str) -> None:
    if client == "javascript":
        urls = initiate(http, "initiate-multipart")
        file_url, parts_url = urls["file_url"], urls["upload_url"]
    else:
        headers = {"Content-Type": "image/png", "X-Fal-File-Name": "photo.png"}
        created = http.post("/files/upload/multipart", headers=headers).json()
        file_url = created["access_url"]
        parts_url = f"{file_url}/multipart/{created['uploadId']}"
    parts = []
    for number, content in [(2, CONTENT[5000:]), (1, CONTENT[:5000])]:
        response = httpx.put(f"{parts_url}/{number}", content=content)
        assert response.json() == {"partNumber": number, "etag": response.headers["etag"]}
        parts.append(response.json())
    assert httpx.get(file_url).status_code == 404
    incomplete = httpx.post(f"{parts_url}/complete", json={"parts": [*parts, {"partNumber": 3}]})
    assert incomplete.status_code == 404
    done = httpx.post(f"{parts_url}/complete", json={"parts": parts[::-1]})
    assert done.status_code == 200
    assert httpx.get(file_url).content == CONTENT
    assert httpx.put(f"{parts_url}/1", content=b"").status_code == 404


def test_a_file_is_posted_to_the_cdn_with_a_token(emulator: Emulator, http: httpx.Client) -> None:
    token = http.post("/rest/storage/auth/token", json={}).json()
    assert token["base_url"] == emulator.base_url
    headers = {
        "Authorization": f"{token['token_type']} {token['token']}",
        "Content-Type": "text/plain",
        "X-Fal-File-Name": "a/b.txt",
    }
    url = f"{token['base_url']}/files/upload"
    response = httpx.post(url, content=b"hello", headers=headers)
    assert httpx.get(response.json()["access_url"]).text == "hello"
    assert response.json()["access_url"].endswith("/a_b.txt")


def test_uploads_that_are_not_understood(http: httpx.Client) -> None:
    assert http.put("/files/made/up.png", content=b"x").status_code == 403
    assert http.post("/rest/storage/upload/initiate", json={"file_name": 1}).status_code == 422
    assert http.post("/rest/storage/upload/initiate", content=b"[").status_code == 422
    urls = initiate(http, "initiate-multipart")
    assert httpx.post(f"{urls['upload_url']}/complete", json={"parts": [1]}).status_code == 422


def test_the_files_of_a_result_can_be_downloaded(emulator: Emulator, http: httpx.Client) -> None:
    image = http.post(f"/run/{PAINT}", json={"prompt": "a red fox"}).json()["image"]
    assert image["url"].startswith(f"{emulator.base_url}/files/results/")
    assert image["url"].endswith("/fox.png")
    response = httpx.get(image["url"])
    assert response.headers["content-type"] == "image/png"
    assert len(response.content) == image["file_size"]
    assert httpx.get(image["url"]).content == response.content
