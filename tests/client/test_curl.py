"""`Request.curl` gives a command that does the same."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import ValidationError

from .collage import Collage

pytestmark = [
    pytest.mark.posix,
    pytest.mark.skipif(
        not (shutil.which("curl") and shutil.which("bash")), reason="needs bash and curl"
    ),
]

HOSTILE = 'it\'s "$HOME" `id` $(id) \\n \\ %s\nEND_OF_INPUT\n é'


def run_in_shell(command: str, folder: Path) -> None:
    subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={"FAL_KEY": "k", "PATH": "/usr/bin:/bin"},
        check=True,
    )


def test_the_command_submits_the_payload(
    collage: Collage, emulator: Emulator, tmp_path: Path
) -> None:
    request = collage(layers=[], extra={"text": HOSTILE})
    run_in_shell(request.curl(), tmp_path)
    (submitted,) = emulator.journal.select("submit")
    assert submitted.json == request.payload
    assert submitted.headers["authorization"] == "Key k"


@pytest.mark.parametrize("value", [10**4400, float("nan")], ids=["huge", "nan"])
def test_an_argument_that_is_not_json_is_rejected_as_in_submit(
    collage: Collage, emulator: Emulator, value: object
) -> None:
    request = collage(layers=[], extra={"value": value})
    messages = set[str]()
    for send in (request.curl, request.submit):
        with pytest.raises(ValidationError, match="cannot be written as JSON") as error:
            send()
        messages.add(str(error.value))
    assert len(messages) == 1
    assert emulator.journal.count("submit") == 0


def test_the_command_takes_local_files_along(
    collage: Collage, emulator: Emulator, tmp_path: Path
) -> None:
    name = "first 'frame' $HOME.png\nEND_OF_INPUT\ntouch taken\n.png"
    (tmp_path / name).write_bytes(b"\x89PNG\r\n" * 50_000)
    request = collage(
        layers=[{"image_url": Path(name)}], mask_urls=[b"GIF89a"], extra={"text": HOSTILE}
    )
    run_in_shell(request.curl(), tmp_path)
    (submitted,) = emulator.journal.select("submit")
    assert submitted.json["extra"] == {"text": HOSTILE}
    assert submitted.json["mask_urls"] == ["data:image/gif;base64,R0lGODlh"]
    assert submitted.json["layers"][0]["image_url"].startswith("data:image/png;base64,iVBORw0K")
    assert len(submitted.json["layers"][0]["image_url"]) > 200_000
    assert not (tmp_path / "taken").exists()
