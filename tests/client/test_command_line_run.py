"""`fal-endpoints run` and `submit`: options from the endpoint's types, results as JSON, files."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from fal_codegen.emulator import Emulator

from .shell import COLLAGE, ODD, PIKA, Shell

URL = "https://example.test/a.png"
CONTENT = b"\x89PNG\r\n a picture"
UPLOADED = f"data:image/png;base64,{base64.b64encode(CONTENT).decode()}"
"""How a small file is sent."""


@pytest.fixture
def shell(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    return Shell(emulator, monkeypatch, capsys)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "first.png"
    path.write_bytes(CONTENT)
    return path


def sent(emulator: Emulator) -> Any:
    (submitted,) = emulator.journal.select("submit")
    return submitted.json


def test_a_result_is_json_on_standard_output(shell: Shell, emulator: Emulator) -> None:
    ended = shell("run", PIKA, "--image-url", URL, "--prompt", "it waves", "--duration", "5")
    assert ended.code == 0, ended.err
    assert ended.json["video"]["url"].endswith(".mp4")
    assert sent(emulator) == {"image_url": URL, "prompt": "it waves", "duration": 5}
    assert "request " in ended.err
    assert "step 1/2" in ended.err  # a line of the model's logs


def test_a_local_file_is_uploaded_and_the_result_is_downloaded(
    shell: Shell, emulator: Emulator, picture: Path, tmp_path: Path
) -> None:
    target = tmp_path / "out.mp4"
    ended = shell("run", PIKA, "--image-url", f"@{picture}", "--prompt", "@waves", "-o", target)
    assert ended.code == 0, ended.err
    assert target.stat().st_size > 100
    assert f"wrote {target}" in ended.err
    body = sent(emulator)
    assert body["prompt"] == "@waves"  # only where a file is accepted
    assert body["image_url"] == UPLOADED


def test_a_file_is_read_from_standard_input(shell: Shell, emulator: Emulator) -> None:
    ended = shell("run", PIKA, "--image-url", "-", "--prompt", "x", stdin=CONTENT)
    assert ended.code == 0, ended.err
    assert sent(emulator)["image_url"] == UPLOADED


def test_nested_values_are_json(shell: Shell, emulator: Emulator, picture: Path) -> None:
    layers = [{"image_url": f"@{picture}", "z-index": 2}, {"image_url": URL}]
    ended = shell(
        *("run", COLLAGE, "--layers", json.dumps(layers), "--layers", json.dumps(layers[1])),
        *("--mask-urls", f"@{picture}", "--mask-urls", URL, "--aspect", "1:1"),
        *("--background", "white", "--extra", '{"a": "@not a file", "n": [1, null]}'),
    )
    assert ended.code == 0, ended.err
    body = sent(emulator)
    assert [layer["image_url"] for layer in body["layers"]] == [UPLOADED, URL, URL]
    assert body["layers"][0]["z-index"] == 2
    assert body["mask_urls"] == [UPLOADED, URL]
    assert body["aspect-ratio"] == "1:1"
    assert body["background"] == "white"
    assert body["extra"] == {"a": "@not a file", "n": [1, None]}


def test_arguments_come_from_a_file_and_options_replace_them(
    shell: Shell, emulator: Emulator, tmp_path: Path
) -> None:
    arguments = {"layers": [{"image_url": URL}], "aspect-ratio": "1:1", "background": "black"}
    file = tmp_path / "input.json"
    file.write_text(json.dumps(arguments))
    assert shell("run", COLLAGE, "--input", file, "--aspect", "2:1").code == 0
    assert sent(emulator) == {**arguments, "aspect-ratio": "2:1"}
    ended = shell("submit", COLLAGE, "--input", "-", stdin=json.dumps(arguments).encode())
    assert ended.code == 0
    assert ended.json["endpoint_id"] == COLLAGE


def test_a_string_of_a_file_is_never_a_local_file(
    shell: Shell, emulator: Emulator, picture: Path
) -> None:
    content = json.dumps({"image_url": f"@{picture}", "prompt": "x"}).encode()
    ended = shell("run", PIKA, "--input", "-", stdin=content)
    assert ended.code == 2
    assert "--image-url: should be an http(s) or data URL; for a local file, pass" in ended.err
    assert emulator.journal.count() == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", PIKA], "  --prompt: is required\n"),
        (["run", PIKA, "--duration", "long"], "--duration: Input should be a valid integer"),
        (["run", PIKA, "--resolution", "4k"], "--resolution: Input should be '720p' or '1080p'"),
        (["run", PIKA, "--promt", "x"], "--promt"),
        (["run", PIKA, "--prompt", "x", "--image-url", "@none.png"], "--image-url: "),
        (["run", PIKA, "--image-url", "first.png"], "for a local file, pass --image-url @PATH"),
        (["run", COLLAGE, "--layers", '[{"image_url": "a"}]'], "--layers[0].image_url: should"),
        (["run", COLLAGE, "--layers", "[{"], "--layers[0]: Input should be a JSON object"),
        (["run", PIKA, "--input", "none.json"], "--input none.json: No such file"),
        (["map", PIKA, "-", "--max-cost", "five"], "'five' is not a valid amount, such as 2.50."),
        (["map", PIKA, "-", "--concurrency", "x"], "'x' is not a valid number."),
        (["run", PIKA, "--prompt", "x", "--image-url", "-"], "standard input is empty"),
        (["run", PIKA, "--prompt", "x", "--image-url", "@/"], "--image-url: / cannot be read: "),
        (["run", PIKA, "--header", "secret"], "'--header': write 'NAME: VALUE'"),
        (["submit", PIKA, "--header", "X Y: secret"], "'--header': write 'NAME: VALUE'"),
        (["map", PIKA, "-", "--header", "X: a\nsecret"], "'--header': write 'NAME: VALUE'"),
        (["run", PIKA[:-1]], f"did you mean {PIKA}?"),
        (["ran"], "No such command 'ran'."),
    ],
)
def test_a_mistake_is_a_line_with_the_next_step(
    shell: Shell, emulator: Emulator, arguments: list[str], message: str
) -> None:
    ended = shell(*arguments)
    assert ended.code == 2
    assert message in ended.err
    first, *_, last = ended.err.splitlines()
    assert first.startswith("error: ")
    assert last.startswith("  ")
    assert "secret" not in ended.err
    assert not ended.out
    assert emulator.journal.count("submit") == 0


def test_headers_are_sent_with_each_request(
    shell: Shell, emulator: Emulator, tmp_path: Path
) -> None:
    headers = ("--header", "X-Fal-Store-IO: 0", "--header", "X-Team:a:b")
    arguments = ("--image-url", URL, "--prompt", "It waves")
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps({"image_url": URL, "prompt": "It waves"}))
    for command in (("run", PIKA, *arguments), ("submit", PIKA, *arguments), ("map", PIKA, rows)):
        ended = shell(*command, *headers)
        assert ended.code == 0, ended.err
    submitted = emulator.journal.select("submit")
    assert [each.headers["x-fal-store-io"] for each in submitted] == ["0"] * 3
    assert [each.headers["x-team"] for each in submitted] == ["a:b"] * 3


def test_help_reads_like_the_page_of_the_endpoint(shell: Shell) -> None:
    ended = shell("run", PIKA, "--help")
    assert ended.code == 0
    assert "Pika v2.2 creates videos from images with high quality output." in ended.out
    assert "--image-url FILE" in ended.out
    assert "URL of the image to use as the first frame.  [required]" in ended.out
    assert "--resolution [720p|1080p]" in ended.out
    assert "video  The generated video." in ended.out
    assert f"https://fal.ai/models/{PIKA}" in ended.out


def test_the_ids_are_listed(shell: Shell) -> None:
    assert shell("list").out.splitlines() == [PIKA, COLLAGE, ODD]
    assert COLLAGE in shell("run", "--help").out


def test_a_command_without_an_id_shows_the_ids(shell: Shell) -> None:
    ended = shell("run")
    assert ended.code == 2
    assert PIKA in ended.err
    assert not ended.out
