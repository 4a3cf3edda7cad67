"""A ledger identifies a request by its endpoint and its arguments, and a file by its content."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

from fal_codegen.emulator import Emulator
from fal_endpoints import Fal, ValidationError

from .collage import Collage
from .conftest import Call
from .scripted import Answer, Asked, scripted
from .uploaded import PNG


def test_file_objects_are_known_by_what_they_hold(
    collage: Collage, call: Call, emulator: Emulator, ledger: Path
) -> None:
    def rows(*contents: bytes) -> list[dict[str, Any]]:
        return [{"layers": [], "mask_urls": [io.BytesIO(PNG + name)]} for name in contents]

    first = call(collage.map, rows(b"cat", b"dog"), ledger=ledger)
    again = call(collage.map, rows(b"cat", b"dog"), ledger=ledger)
    others = call(collage.map, rows(b"yak", b"dog"), ledger=ledger)
    assert all(outcome.error is None for outcome in [*first, *again, *others])
    assert emulator.journal.count("submit") == 3


def test_a_path_is_known_by_what_the_file_holds(
    collage: Collage, call: Call, emulator: Emulator, ledger: Path, tmp_path: Path
) -> None:
    path, copy = tmp_path / "frame.png", tmp_path / "copy.png"
    for content in (b"one", b"two"):
        path.write_bytes(PNG + content)
        copy.write_bytes(PNG + content)
        for file in (path, copy, PNG + content):
            call(collage.map, [{"layers": [], "mask_urls": [file]}], ledger=ledger)
    assert emulator.journal.count("submit") == 2


def test_a_file_object_counts_from_its_position(
    collage: Collage, call: Call, emulator: Emulator, ledger: Path
) -> None:
    file = io.BytesIO(b"skipped" + PNG)
    for position in (0, 7, 0, 7):
        file.seek(position)
        call(collage.map, [{"layers": [], "mask_urls": [file]}], ledger=ledger)
    assert emulator.journal.count("submit") == 2


def test_a_place_in_the_arguments_is_part_of_a_request(
    collage: Collage, call: Call, emulator: Emulator, ledger: Path
) -> None:
    """Free-form fields may hold whatever a file could be written as."""
    rows: list[dict[str, Any]] = [
        {"layers": [], "mask_urls": [PNG]},
        {"layers": [{"image_url": PNG}]},
        {"layers": [], "mask_urls": [PNG, PNG]},
        {"layers": [], "extra": {"mask_urls": [None]}},
        {"layers": [], "extra": {"1": 1}},
        {"layers": [], "extra": {"1": 1.0}},
        {"layers": [], "extra": {"1": True}},
        {"layers": [], "extra": {"1": "1"}},
    ]
    for _ in range(2):
        assert len(call(collage.map, rows, ledger=ledger)) == len(rows)
    assert emulator.journal.count("submit") == len(rows)


def test_a_file_that_cannot_be_read_twice_is_refused(
    collage: Collage, call: Call, emulator: Emulator, ledger: Path
) -> None:
    reader, writer = os.pipe()
    os.write(writer, PNG)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        (outcome,) = call(collage.map, [{"layers": [], "mask_urls": [pipe]}], ledger=ledger)
    assert isinstance(outcome.error, ValidationError)
    assert "a ledger needs a path or bytes" in str(outcome.error)
    assert emulator.journal.count("submit") == 0


def test_a_file_that_changes_after_it_was_counted_is_not_sent(
    call: Call, ledger: Path, tmp_path: Path
) -> None:
    path = tmp_path / "frame.png"
    path.write_bytes(os.urandom(100_000))

    def answer(asked: Asked) -> Answer:  # to the initiation of the upload
        path.write_bytes(os.urandom(100_001))
        return Answer(body={"upload_url": f"{server.base_url}/up", "file_url": "https://x.test/f"})

    with scripted(answer) as server, Fal("key", base_url=server.base_url) as client:
        row = {"layers": list[Any](), "mask_urls": [path]}
        (outcome,) = call(Collage(client).map, [row], ledger=ledger)
    assert "mask_urls[0]: cannot be read: it changed while it was read" in str(outcome.error)
    assert not any("/requests/" in asked.path for asked in server.asked)
    assert not any(asked.path.endswith(Collage.endpoint_id) for asked in server.asked)
