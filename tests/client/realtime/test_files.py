"""Files and bytes in the inputs of a realtime session."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgpack
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import ValidationError
from websockets.sync.server import ServerConnection

from client.collage import Collage

from .sessions import Connect, Mirror, exchanged, serving


def test_a_local_file_is_part_of_the_message(
    emulator: Emulator, collage: Collage, connect: Connect, tmp_path: Path
) -> None:
    large = tmp_path / "large.png"
    large.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100_000))
    with connect(collage) as session:
        exchanged(session, collage(layers=[{"image_url": large}]))
        with pytest.raises(ValidationError, match="cannot be read"):
            session.send(collage(layers=[{"image_url": tmp_path / "missing.png"}]))
    assert emulator.journal.count("upload") == 0
    (received,) = emulator.journal.select("input")
    (layer,) = msgpack.unpackb(received.body)["layers"]
    assert layer["image_url"].startswith("data:image/png;base64,")


def test_bytes_stay_bytes(mirror: Callable[[str], Mirror], connect: Connect) -> None:
    def echo(connection: ServerConnection) -> None:
        for message in connection:
            connection.send(message)

    with serving(echo) as url, connect(endpoint := mirror(url)) as session:
        assert exchanged(session, endpoint(b"\xff\x00")).frame == b"\xff\x00"
